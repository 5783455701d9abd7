//! A small HTTP server on loopback: it answers as a test says and keeps what it was asked.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// One request as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    pub method: String,
    /// The request target: path and query as they stood on the wire.
    pub target: String,
    /// Names in lower case, in the order sent.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Recorded {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(one, _)| one == name);
        found.map(|(_, value)| value.as_str())
    }

    /// `GET /path`.
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.target)
    }
}

/// What is answered.
pub enum Reply {
    /// A status with a body.
    Body(u16, Vec<u8>),
    /// A status with headers (`name: value`) and a body.
    Full(u16, Vec<String>, Vec<u8>),
    /// These bytes, then the connection is closed.
    Raw(Vec<u8>),
    /// Nothing, until the client gives up.
    Silence,
}

impl Reply {
    pub fn ok(body: &str) -> Self {
        Reply::Body(200, body.into())
    }

    pub fn status(status: u16) -> Self {
        Reply::Body(status, Vec::new())
    }
}

/// Listens until it is dropped.
pub struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Recorded>>>,
    stop: Arc<AtomicBool>,
    listener: Option<JoinHandle<()>>,
}

impl Server {
    /// Each request is answered by `answer`, one at a time.
    pub fn start(answer: impl FnMut(&Recorded) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let answer = Arc::new(Mutex::new(answer));
        let (kept, stopped) = (requests.clone(), stop.clone());
        let listener = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let (answer, kept) = (answer.clone(), kept.clone());
                std::thread::spawn(move || {
                    let Some(request) = read_request(&stream) else {
                        return;
                    };
                    kept.lock().unwrap().push(request.clone());
                    let reply = (answer.lock().unwrap())(&request);
                    send(stream, reply);
                });
            }
        });
        Server {
            address,
            requests,
            stop,
            listener: Some(listener),
        }
    }

    /// The replies in this order; then 599 to everything.
    pub fn script(replies: Vec<Reply>) -> Self {
        let mut replies = replies.into_iter();
        Server::start(move |_| replies.next().unwrap_or(Reply::status(599)))
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What came in so far.
    pub fn requests(&self) -> Vec<Recorded> {
        self.requests.lock().unwrap().clone()
    }

    /// The request lines that came in so far.
    pub fn lines(&self) -> Vec<String> {
        self.requests().iter().map(Recorded::line).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the listener, which then sees that it is to stop.
        let _ = TcpStream::connect(self.address);
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
    }
}

/// An address on loopback where nobody listens.
pub fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

fn read_request(stream: &TcpStream) -> Option<Recorded> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_string(), words.next()?.to_string());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim_end_matches(['\r', '\n']);
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_string()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.map_or(Some(0), |(_, value)| value.parse().ok())?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Recorded {
        method,
        target,
        headers,
        body,
    })
}

fn send(mut stream: TcpStream, reply: Reply) {
    let (status, headers, body) = match reply {
        Reply::Body(status, body) => (status, Vec::new(), body),
        Reply::Full(status, headers, body) => (status, headers, body),
        Reply::Raw(bytes) => {
            let _ = stream.write_all(&bytes);
            return;
        }
        Reply::Silence => {
            // Ends when the client closes.
            let _ = stream.read(&mut [0]);
            return;
        }
    };
    let mut head = format!("HTTP/1.1 {status} Status\r\nconnection: close\r\n");
    head.push_str(&format!("content-length: {}\r\n", body.len()));
    for header in headers {
        head.push_str(&header);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(&body);
}
