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
    /// The name that TLS was asked for.
    pub server_name: Option<String>,
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
        Server::accept(move |stream, connection, kept| {
            let answers = Answers {
                connection,
                kept,
                answer: &answer,
            };
            let closing = stream.try_clone().unwrap();
            serve(stream, |_| None, &answers);
            let _ = closing.shutdown(std::net::Shutdown::Both);
        })
    }

    /// The same with TLS, and if asked for behind a proxy that first takes a CONNECT.
    pub fn start_tls(
        config: rustls::ServerConfig,
        behind_proxy: bool,
        answer: impl Fn(usize, &Received) -> Then + Send + Sync + 'static,
    ) -> Self {
        let config = Arc::new(config);
        Server::accept(move |mut stream, connection, kept| {
            if behind_proxy {
                // Unbuffered, so that nothing of the handshake is taken away.
                let mut head = BufReader::with_capacity(1, stream.try_clone().unwrap());
                kept.lock().unwrap().extend(read_request(&mut head));
                stream
                    .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    .unwrap();
            }
            let tls = rustls::ServerConnection::new(config.clone()).unwrap();
            let stream = rustls::StreamOwned::new(tls, stream);
            let answers = Answers {
                connection,
                kept,
                answer: &answer,
            };
            serve(
                stream,
                |stream| stream.conn.server_name().map(String::from),
                &answers,
            );
        })
    }

    fn accept(
        each: impl Fn(TcpStream, usize, &Mutex<Vec<Received>>) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let (kept, each) = (received.clone(), Arc::new(each));
        std::thread::spawn(move || {
            for (connection, stream) in listener.incoming().enumerate() {
                let (kept, each) = (kept.clone(), each.clone());
                std::thread::spawn(move || each(stream.unwrap(), connection, &kept));
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

/// What a server does with its requests, and where it keeps them.
struct Answers<'a> {
    connection: usize,
    kept: &'a Mutex<Vec<Received>>,
    answer: &'a dyn Fn(usize, &Received) -> Then,
}

fn serve<S: Read + Write>(
    stream: S,
    server_name: impl Fn(&S) -> Option<String>,
    answers: &Answers,
) {
    let mut reader = BufReader::new(stream);
    while let Some(mut received) = read_request(&mut reader) {
        received.connection = answers.connection;
        received.server_name = server_name(reader.get_ref());
        let number = {
            let mut kept = answers.kept.lock().unwrap();
            kept.push(received.clone());
            kept.len() - 1
        };
        let stream = reader.get_mut();
        match (answers.answer)(number, &received) {
            Then::Answer(bytes) => {
                if stream
                    .write_all(&bytes)
                    .and_then(|()| stream.flush())
                    .is_err()
                {
                    break;
                }
            }
            Then::AnswerAndClose(bytes) => {
                let _ = stream.write_all(&bytes).and_then(|()| stream.flush());
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
}

fn read_request(reader: &mut impl BufRead) -> Option<Received> {
    let mut received = Received::default();
    loop {
        let start = received.head.len();
        if reader.read_until(b'\n', &mut received.head).ok()? == 0 {
            return None;
        }
        // What is no HTTP (a TLS handshake on a plain port) ends the connection.
        let line = received.head[start..].strip_suffix(b"\r\n")?;
        let line = std::str::from_utf8(line).ok()?;
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
