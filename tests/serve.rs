//! The loopback endpoint, spoken to byte by byte.
#![cfg(feature = "client")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use sigv4_kit::Credentials;
use sigv4_kit::aws_chunked::{ChunkedLayout, ChunkedReader, Trailer};
use sigv4_kit::provider::Clock;
use sigv4_kit::serve::{self, Answer, Gate, Limits, Received, Server};
use sigv4_kit::signing::{ChunkSignatures, Date, Payload, Request, Signer};

const NOW: i64 = 1_440_938_160;
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

fn echo() -> Server {
    Server::start(Arc::new(|received: &Received| {
        Answer::new(200, "text/plain", received.body.clone())
    }))
    .unwrap()
}

fn connect(server: &Server) -> TcpStream {
    let connection = TcpStream::connect(server.address()).unwrap();
    connection
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    connection
}

/// Status line and body of one answer.
fn answer(reader: &mut impl BufRead, has_body: bool) -> (String, String) {
    let mut status = String::new();
    reader.read_line(&mut status).unwrap();
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.trim().parse().unwrap();
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; if has_body { length } else { 0 }];
    reader.read_exact(&mut body).unwrap();
    (status, String::from_utf8(body).unwrap())
}

#[test]
fn a_connection_is_kept_until_the_sender_says_otherwise() {
    let server = echo();
    let mut connection = connect(&server);
    let mut reader = BufReader::new(connection.try_clone().unwrap());
    for body in ["one", "second"] {
        let length = body.len();
        write!(
            connection,
            "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let (status, received) = answer(&mut reader, true);
        assert_eq!(
            (status.as_str(), received.as_str()),
            ("HTTP/1.1 200 OK\r\n", body)
        );
    }
    connection
        .write_all(b"HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        .unwrap();
    answer(&mut reader, false);
    let mut rest = Vec::new();
    reader.read_to_end(&mut rest).unwrap();
    assert!(rest.is_empty());
}

#[test]
fn what_is_no_request_is_answered_and_the_connection_closed() {
    let server = echo();
    let mut connection = connect(&server);
    connection.write_all(b"nonsense\r\n\r\n").unwrap();
    let mut text = String::new();
    connection.read_to_string(&mut text).unwrap();
    assert!(text.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{text}");
    assert!(text.contains("\r\nconnection: close\r\n"), "{text}");
}

#[test]
fn connections_beyond_the_limit_are_closed() {
    let limits = Limits {
        connections: 1,
        ..Limits::default()
    };
    let server = Server::with_limits(
        Arc::new(|_: &Received| Answer::new(200, "text/plain", "x")),
        limits,
    )
    .unwrap();
    let mut first = connect(&server);
    first
        .write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        .unwrap();
    let mut reader = BufReader::new(first.try_clone().unwrap());
    answer(&mut reader, true);
    let mut second = connect(&server);
    // The connection ends, cleanly or not, before any answer.
    let _ = second.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    let mut rest = Vec::new();
    let _ = second.read_to_end(&mut rest);
    assert!(rest.is_empty());
}

#[test]
fn a_dropped_server_takes_no_more_connections() {
    let server = echo();
    let address = server.address();
    drop(server);
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn a_presigned_request_passes_until_it_expires() {
    let credentials = Credentials::new("AKIDEXAMPLE", SECRET)
        .unwrap()
        .with_session_token("TOKEN")
        .unwrap();
    let status_at = |now: i64, token: &str| {
        let expected = Credentials::new("AKIDEXAMPLE", SECRET)
            .unwrap()
            .with_session_token(token)
            .unwrap();
        let gate = Gate::new(expected, "eu-west-1", "es", Clock::fixed(now));
        let server = serve::opensearch(gate).unwrap();
        let host = server.address().to_string();
        let headers = [("host", host.as_str())];
        let request = Request::new("PUT", "/movies", "", &headers, Payload::Bytes(b"")).unwrap();
        let presigned = Signer::new(&credentials, "eu-west-1", "es")
            .unwrap()
            .presign(&request, Date::from_unix_seconds(NOW).unwrap(), 60)
            .unwrap();
        let mut connection = connect(&server);
        write!(
            connection,
            "PUT /movies?{} HTTP/1.1\r\nHost: {host}\r\n\r\n",
            presigned.query()
        )
        .unwrap();
        answer(&mut BufReader::new(connection), true)
    };
    assert_eq!(status_at(NOW + 60, "TOKEN").0, "HTTP/1.1 200 OK\r\n");
    let (status, body) = status_at(NOW + 61, "TOKEN");
    assert_eq!(status, "HTTP/1.1 403 Forbidden\r\n");
    assert!(body.contains("expired"), "{body}");
    let (status, body) = status_at(NOW, "ANOTHER");
    assert_eq!(status, "HTTP/1.1 403 Forbidden\r\n");
    assert!(
        body.contains("security token included in the request is invalid"),
        "{body}"
    );
}

#[test]
fn a_body_signed_chunk_by_chunk_is_verified_and_decoded() {
    let credentials = Credentials::new("AKIDEXAMPLE", SECRET).unwrap();
    let gate = Gate::new(credentials.clone(), "eu-west-1", "s3", Clock::fixed(NOW));
    let layout = ChunkedLayout::signed_with_trailer(5, Trailer::sha256()).unwrap();
    let mut headers: Vec<(&str, &str)> = vec![("host", "h")];
    for header in layout.headers() {
        headers.push(header);
    }
    let request = Request::new("PUT", "/key", "", &headers, layout.payload()).unwrap();
    let signed = Signer::new(&credentials, "eu-west-1", "s3")
        .unwrap()
        .sign(&request, Date::from_unix_seconds(NOW).unwrap())
        .unwrap();
    let signatures = ChunkSignatures::after(&signed, SECRET);
    let mut body = Vec::new();
    ChunkedReader::new(&b"hello"[..], &layout, signatures)
        .read_to_end(&mut body)
        .unwrap();
    for header in signed.headers() {
        headers.push(header);
    }
    let mut received = Received {
        method: "PUT".into(),
        target: "/key".into(),
        headers: headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect(),
        body,
    };
    assert_eq!(&*gate.verify(&received).unwrap().body, b"hello");
    let at = received
        .body
        .windows(5)
        .position(|part| part == b"hello")
        .unwrap();
    received.body[at] = b'j';
    assert_eq!(gate.verify(&received).unwrap_err().status, 403);
}
