//! `sigv4 demo`: signed requests to an endpoint on loopback that verifies them, then tampered ones that it refuses.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sigv4_kit::Credentials;
use sigv4_kit::provider::{Clock, Environment};
use sigv4_kit::send::Client;
use sigv4_kit::serve::{Answer, Gate, Index, Received, Server};

use super::exit::{Exit, Failure};
use super::options::Id;
use super::output::{Paint, print};
use super::parse::Arguments;
use super::setup;

/// The key of AWS's documentation.
const ACCESS_KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET_ACCESS_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const REGION: &str = "eu-west-1";
const SERVICE: &str = "es";

/// What is sent: the purpose, method, path, body.
const CALLS: [(&str, &str, &str, &str); 4] = [
    (
        "Create an index",
        "PUT",
        "/movies",
        r#"{"settings": {"index": {"number_of_shards": 1}}}"#,
    ),
    (
        "Index a document",
        "POST",
        "/movies/_doc",
        r#"{"title": "Metropolis", "director": "Fritz Lang", "year": 1927}"#,
    ),
    (
        "Index three at once",
        "POST",
        "/_bulk",
        r#"{"index": {"_index": "movies", "_id": "1"}}
{"title": "Nosferatu", "director": "F. W. Murnau", "year": 1922}
{"index": {"_index": "movies", "_id": "2"}}
{"title": "The Cabinet of Dr. Caligari", "director": "Robert Wiene", "year": 1920}
{"index": {"_index": "movies", "_id": "3"}}
{"title": "M", "director": "Fritz Lang", "year": 1931}
"#,
    ),
    (
        "Search",
        "GET",
        "/movies/_search",
        r#"{"query": {"match": {"director": "Lang"}}}"#,
    ),
];

pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let credentials = Credentials::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY)
        .map_err(|error| Failure::usage(error.to_string()))?;
    let wire = Wire::default();
    let server = endpoint(&credentials, &wire)
        .map_err(|error| Failure::new(Exit::Network, format!("no port on loopback: {error}")))?;
    let client = Client::builder()
        .credentials(credentials)
        .region(REGION)
        .service(SERVICE)
        // No proxy, no certificates: the demo works the same wherever it is run.
        .environment(Environment::empty())
        .connect_to(&server.address().to_string())
        .build()
        .map_err(setup::of_send)?;
    print(format!(
        "An endpoint that verifies signatures listens at {} (service {SERVICE}, region {REGION}).\n\
         Requests are signed with the example key of AWS's documentation. Nothing leaves this machine.\n",
        server.url()
    ))?;

    send_signed(&client, &server, &wire)?;
    send_tampered(&server, wire.all().swap_remove(1))?;
    print("\nAccepted as signed, refused as changed. sigv4 --help tells what else there is.\n")?;
    if arguments.has(Id::Serve) {
        return stay(&server);
    }
    Ok(Exit::Done)
}

/// The calls, each accepted.
fn send_signed(client: &Client, server: &Server, wire: &Wire) -> Result<(), Failure> {
    let paint = Paint::of_stdout();
    for (number, (purpose, method, path, body)) in CALLS.into_iter().enumerate() {
        print(paint.bold(&format!("\n{}. {purpose}\n", number + 1)))?;
        let sent = client
            .request(method, &format!("{}{path}", server.url()))
            .body(body)
            .send()
            .and_then(|answer| answer.error_for_status())
            .map_err(setup::of_send)?;
        let status = sent.status();
        let text = sent.text().map_err(setup::of_send)?;
        print(shown(&wire.last(), status, &text))?;
    }
    Ok(())
}

/// A request again, changed in one place: refused each time.
fn send_tampered(server: &Server, tampered: Received) -> Result<(), Failure> {
    let paint = Paint::of_stdout();
    let changes: [(&str, Change); 2] = [
        ("the body: 1927 became 1984", |received| {
            received.body = replaced(&received.body, "1927", "1984");
        }),
        ("the path: movies became secrets", |received| {
            received.target = received.target.replace("movies", "secrets");
        }),
    ];
    for (number, (change, apply)) in changes.into_iter().enumerate() {
        print(paint.bold(&format!(
            "\n{}. The second request again, tampered with on its way; {change}\n",
            CALLS.len() + number + 1
        )))?;
        let mut received = tampered.clone();
        apply(&mut received);
        let (status, text) = replay(server, &received)
            .map_err(|error| Failure::new(Exit::Network, format!("loopback: {error}")))?;
        print(shown(&received, status, &text))?;
        if status != 403 {
            return Err(Failure::new(
                Exit::ServerError,
                format!("the tampered request was answered {status} instead of 403"),
            ));
        }
    }
    Ok(())
}

/// What somebody on the way does to a request.
type Change = fn(&mut Received);

/// What the endpoint received, in order.
#[derive(Clone, Default)]
struct Wire(Arc<Mutex<Vec<Received>>>);

impl Wire {
    fn all(&self) -> Vec<Received> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn last(&self) -> Received {
        let mut all = self.all();
        all.pop()
            .expect("a request was answered, so it was received")
    }
}

fn endpoint(credentials: &Credentials, wire: &Wire) -> std::io::Result<Server> {
    let gate = Gate::new(credentials.clone(), REGION, SERVICE, Clock::system());
    let index = Index::default();
    let wire = wire.clone();
    Server::start(Arc::new(move |received: &Received| -> Answer {
        let mut all = wire.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(received.clone());
        drop(all);
        match gate.verify(received) {
            Ok(_) => index.answer(received),
            Err(refusal) => refusal,
        }
    }))
}

/// A request as it was received, and the answer to it.
fn shown(received: &Received, status: u16, answer: &str) -> String {
    let mut out = format!("> {} {} HTTP/1.1\n", received.method, received.target);
    for (name, value) in &received.headers {
        out.push_str(&format!("> {name}: {value}\n"));
    }
    out.push_str(">\n");
    for line in String::from_utf8_lossy(&received.body).lines() {
        out.push_str(&format!("> {line}\n"));
    }
    out.push_str(&format!("< HTTP/1.1 {status}\n"));
    // A refusal's message holds the canonical string, whose lines are told apart here.
    for line in answer.replace("\\n", "\n").lines() {
        out.push_str(&format!("< {line}\n"));
    }
    out
}

/// Sends the very bytes of a request again.
fn replay(server: &Server, received: &Received) -> std::io::Result<(u16, String)> {
    let mut head = format!("{} {} HTTP/1.1\r\n", received.method, received.target);
    for (name, value) in &received.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("connection: close\r\n\r\n");
    let mut connection = TcpStream::connect(server.address())?;
    connection.set_read_timeout(Some(Duration::from_secs(10)))?;
    connection.write_all(head.as_bytes())?;
    connection.write_all(&received.body)?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
    Ok((status.unwrap_or(0), body.into()))
}

fn replaced(body: &[u8], from: &str, to: &str) -> Vec<u8> {
    String::from_utf8_lossy(body).replace(from, to).into_bytes()
}

/// Leaves the endpoint running until the process is ended.
fn stay(server: &Server) -> Result<Exit, Failure> {
    print(format!(
        "\nThe endpoint stays until you press Ctrl-C. In another shell:\n\
         \x20 export AWS_ACCESS_KEY_ID={ACCESS_KEY_ID} AWS_SECRET_ACCESS_KEY={SECRET_ACCESS_KEY}\n\
         \x20 sigv4 GET {}/movies/_search --service {SERVICE} --region {REGION}\n",
        server.url()
    ))?;
    loop {
        std::thread::park();
    }
}
