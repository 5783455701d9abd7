//! The server: loopback, a thread for each connection, kept alive between requests.

use std::format;
use std::io::{self, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::prelude::rust_2024::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::exchange::{Answer, Received};
use super::read::read_request;

/// An HTTP/1.1 server on 127.0.0.1, at a port that was free. It stops when it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

/// What the server takes from a sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The longest head: request line and headers, in bytes.
    pub head_bytes: usize,
    /// The longest body, in bytes.
    pub body_bytes: usize,
    /// How many connections are open at a time; others are closed at once.
    pub connections: usize,
    /// How long a connection may be silent.
    pub silence: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            head_bytes: 64 * 1024,
            body_bytes: 100 * 1024 * 1024,
            connections: 64,
            silence: Duration::from_secs(30),
        }
    }
}

/// What answers requests, from several threads at once.
pub type Handler = Arc<dyn Fn(&Received) -> Answer + Send + Sync>;

impl Server {
    /// Starts answering with `handler`.
    ///
    /// # Errors
    /// No port can be had on loopback.
    pub fn start(handler: Handler) -> io::Result<Self> {
        Server::with_limits(handler, Limits::default())
    }

    /// The same with other limits.
    ///
    /// # Errors
    /// No port can be had on loopback.
    pub fn with_limits(handler: Handler, limits: Limits) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let stopped = Arc::new(AtomicBool::new(false));
        let shared = Arc::new(Shared {
            handler,
            limits,
            open: AtomicUsize::new(0),
            answered: AtomicU64::new(0),
            stopped: Arc::clone(&stopped),
        });
        let accepting = thread::Builder::new()
            .name("loopback endpoint".into())
            .spawn(move || accept(&listener, &shared))?;
        Ok(Server {
            address,
            stopped,
            accepting: Some(accepting),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`, without a final slash.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // The accepting thread wakes up for one more connection, and sees that it is over.
        let woken = TcpStream::connect(self.address).is_ok();
        if let (true, Some(accepting)) = (woken, self.accepting.take()) {
            let _ = accepting.join();
        }
    }
}

struct Shared {
    handler: Handler,
    limits: Limits,
    open: AtomicUsize,
    answered: AtomicU64,
    stopped: Arc<AtomicBool>,
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    while let Ok((connection, _)) = listener.accept() {
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        if shared.open.fetch_add(1, Ordering::SeqCst) >= shared.limits.connections {
            shared.open.fetch_sub(1, Ordering::SeqCst);
            continue;
        }
        let of_thread = Arc::clone(shared);
        let started = thread::Builder::new()
            .name("loopback connection".into())
            .spawn(move || {
                // A connection that breaks is the sender's affair.
                let _ = converse(&connection, &of_thread);
                of_thread.open.fetch_sub(1, Ordering::SeqCst);
            });
        if started.is_err() {
            shared.open.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

/// Answers one request after another, until one of both sides closes.
fn converse(connection: &TcpStream, shared: &Shared) -> io::Result<()> {
    connection.set_read_timeout(Some(shared.limits.silence))?;
    connection.set_write_timeout(Some(shared.limits.silence))?;
    connection.set_nodelay(true)?;
    let mut reader = BufReader::new(connection);
    let mut writer = connection;
    while !shared.stopped.load(Ordering::SeqCst) {
        let received = match read_request(&mut reader, &mut writer, &shared.limits) {
            Ok(Some(received)) => received,
            Ok(None) => return Ok(()),
            Err(error) => {
                return match error.answer() {
                    Some(answer) => writer.write_all(&shared.complete(answer).to_wire(false, true)),
                    None => Ok(()),
                };
            }
        };
        let answer = shared.complete((shared.handler)(&received));
        let keep_alive = !received
            .header("connection")
            .is_some_and(|value| value.eq_ignore_ascii_case("close"));
        writer.write_all(&answer.to_wire(keep_alive, received.method != "HEAD"))?;
        if !keep_alive {
            return Ok(());
        }
    }
    Ok(())
}

impl Shared {
    /// Adds the request ID: a count, so that a test's answers are the same each time.
    fn complete(&self, answer: Answer) -> Answer {
        if answer.has_header("x-amzn-requestid") {
            return answer;
        }
        let count = self.answered.fetch_add(1, Ordering::SeqCst) + 1;
        answer.with_header(
            "x-amzn-requestid",
            &format!("00000000-0000-4000-8000-{count:012}"),
        )
    }
}
