//! A loopback server that keeps what it receives, byte by byte, and answers as it is told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// One request as it arrived.
#[derive(Clone, Debug, Default)]
pub struct Received {
    pub head: Vec<u8>,
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub connection: usize,
}

impl Received {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(given, _)| given == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// What the server does with a request.
pub enum Then {
    /// Answers these bytes and keeps the connection.
    Answer(Vec<u8>),
    /// Answers these bytes and closes the connection.
    AnswerAndClose(Vec<u8>),
    /// Answers with these pieces without end, until the other side closes.
    Endless(Vec<u8>, Vec<u8>),
    /// Says nothing until the other side closes.
    Silence,
    /// Closes the connection.
    Close,
}

pub struct Server {
    pub address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Server {
    /// A server whose answers `answer` gives: the number of the request, counted from 0, and the request.
    pub fn start(answer: impl Fn(usize, &Received) -> Then + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let (kept, answer) = (received.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for (connection, stream) in listener.incoming().enumerate() {
                let (kept, answer) = (kept.clone(), answer.clone());
                std::thread::spawn(move || serve(stream.unwrap(), connection, &kept, &*answer));
            }
        });
        Server { address, received }
    }

    /// A server that answers every request with the same text.
    pub fn answering(text: &'static str) -> Self {
        Server::start(move |_, _| Then::Answer(text.into()))
    }

    pub fn url(&self, target: &str) -> String {
        format!("http://{}{target}", self.address)
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    pub fn last(&self) -> Received {
        self.received().pop().expect("a request was received")
    }
}

fn serve(
    stream: TcpStream,
    connection: usize,
    kept: &Mutex<Vec<Received>>,
    answer: &dyn Fn(usize, &Received) -> Then,
) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    while let Some(mut received) = read_request(&mut reader) {
        received.connection = connection;
        let number = {
            let mut kept = kept.lock().unwrap();
            kept.push(received.clone());
            kept.len() - 1
        };
        match answer(number, &received) {
            Then::Answer(bytes) => stream.write_all(&bytes).unwrap(),
            Then::AnswerAndClose(bytes) => {
                let _ = stream.write_all(&bytes);
                break;
            }
            Then::Endless(start, piece) => {
                let _ = stream.write_all(&start);
                while stream.write_all(&piece).is_ok() {}
                break;
            }
            Then::Silence => {
                let _ = reader.read(&mut [0]);
                break;
            }
            Then::Close => break,
        }
    }
    let _ = stream.shutdown(std::net::Shutdown::Both);
}

fn read_request(reader: &mut BufReader<TcpStream>) -> Option<Received> {
    let mut received = Received::default();
    loop {
        let start = received.head.len();
        if reader.read_until(b'\n', &mut received.head).ok()? == 0 {
            return None;
        }
        let line = received.head[start..].strip_suffix(b"\r\n").unwrap();
        let line = std::str::from_utf8(line).unwrap();
        if start == 0 {
            let mut parts = line.split(' ');
            received.method = parts.next().unwrap().into();
            received.target = parts.next().unwrap().into();
            assert_eq!((parts.next(), parts.next()), (Some("HTTP/1.1"), None));
        } else if line.is_empty() {
            break;
        } else {
            let (name, value) = line.split_once(':').unwrap();
            let value = value.strip_prefix(' ').unwrap_or(value);
            received
                .headers
                .push((name.to_ascii_lowercase(), value.into()));
        }
    }
    assert_eq!(received.header("transfer-encoding"), None);
    if let Some(length) = received.header("content-length") {
        received.body = vec![0; length.parse().unwrap()];
        reader.read_exact(&mut received.body).ok()?;
    }
    Some(received)
}

/// An answer with a `content-length`.
pub fn answer(status: &str, headers: &[&str], body: &str) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n", body.len());
    for header in headers {
        text.push_str(header);
        text.push_str("\r\n");
    }
    text.push_str("\r\n");
    text.push_str(body);
    text.into_bytes()
}
