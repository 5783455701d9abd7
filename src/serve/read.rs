//! Reading one HTTP/1.1 request: strict, and bounded in size.

use std::format;
use std::io::{self, BufRead, Read, Write};
use std::prelude::rust_2024::*;

use super::exchange::{Answer, Received};
use super::server::Limits;

/// Why no request could be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ReadError {
    /// The connection broke, or was silent for too long.
    Io(io::ErrorKind),
    /// What was sent is no request; it is answered with this status and text.
    Refused(u16, &'static str),
}

impl ReadError {
    /// What the sender is told; nothing where the connection is gone.
    pub(super) fn answer(&self) -> Option<Answer> {
        match self {
            ReadError::Refused(status, text) => {
                let body = format!("{text}\n");
                Some(Answer::new(*status, "text/plain; charset=UTF-8", body))
            }
            ReadError::Io(_) => None,
        }
    }
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        ReadError::Io(error.kind())
    }
}

const fn bad(text: &'static str) -> ReadError {
    ReadError::Refused(400, text)
}

/// One request; `None` where the connection was closed before its first byte. `interim` is where `100 Continue` goes.
pub(super) fn read_request(
    reader: &mut impl BufRead,
    interim: &mut impl Write,
    limits: &Limits,
) -> Result<Option<Received>, ReadError> {
    let mut left = limits.head_bytes;
    let mut line = read_line(reader, &mut left)?;
    // RFC 9112 section 2.2: an empty line before the request line is passed over, once.
    if line.as_deref() == Some("") {
        line = read_line(reader, &mut left)?;
    }
    let Some(line) = line else {
        return Ok(None);
    };
    let (method, target) = request_line(&line)?;
    let mut headers = Vec::new();
    loop {
        let line = read_line(reader, &mut left)?.ok_or(bad("the headers break off"))?;
        if line.is_empty() {
            break;
        }
        headers.push(header_line(&line)?);
    }
    let mut received = Received {
        method,
        target,
        headers,
        body: Vec::new(),
    };
    check_host(&received)?;
    let framing = framing(&received)?;
    let expects = received.header("expect");
    if expects.is_some_and(|value| value.eq_ignore_ascii_case("100-continue")) {
        interim.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        interim.flush()?;
    }
    received.body = match framing {
        Framing::Length(length) if length > limits.body_bytes => return Err(TOO_LARGE),
        Framing::Length(length) => read_exactly(reader, length)?,
        Framing::Chunked => read_chunked(reader, limits)?,
    };
    Ok(Some(received))
}

const TOO_LARGE: ReadError = ReadError::Refused(413, "the body is longer than this server takes");

/// One line without its end; `None` at the end of the stream.
fn read_line(reader: &mut impl BufRead, left: &mut usize) -> Result<Option<String>, ReadError> {
    let mut line = Vec::new();
    reader
        .by_ref()
        .take(*left as u64)
        .read_until(b'\n', &mut line)?;
    if line.is_empty() && *left > 0 {
        return Ok(None);
    }
    if line.pop() != Some(b'\n') {
        return Err(match line.len() + 1 >= *left {
            true => ReadError::Refused(431, "the headers are longer than this server takes"),
            false => bad("a line breaks off"),
        });
    }
    *left -= line.len() + 1;
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    let line = String::from_utf8(line).map_err(|_| bad("a line is not UTF-8"))?;
    match line.bytes().any(|b| b.is_ascii_control() && b != b'\t') {
        true => Err(bad("a line holds a control character")),
        false => Ok(Some(line)),
    }
}

fn request_line(line: &str) -> Result<(String, String), ReadError> {
    let mut parts = line.split(' ');
    let (Some(method), Some(target), Some(version), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(bad("the request line is not METHOD SP target SP HTTP/1.1"));
    };
    if version != "HTTP/1.1" {
        return Err(bad("the version is not HTTP/1.1"));
    }
    if method.is_empty() || !target.starts_with('/') {
        return Err(bad(
            "the request line has no method, or a target that does not start with /",
        ));
    }
    Ok((method.into(), target.into()))
}

fn header_line(line: &str) -> Result<(String, String), ReadError> {
    let (name, value) = line
        .split_once(':')
        .ok_or(bad("a header line has no colon"))?;
    if name.is_empty() || name.contains([' ', '\t']) {
        return Err(bad(
            "a header name is empty, or has white space around it (folded lines are not taken)",
        ));
    }
    Ok((name.into(), value.trim_matches([' ', '\t']).into()))
}

fn check_host(received: &Received) -> Result<(), ReadError> {
    match values(received, "host").count() {
        1 => Ok(()),
        _ => Err(bad("there must be one Host header")),
    }
}

enum Framing {
    Length(usize),
    Chunked,
}

/// How the body ends; two ways at once are how requests are smuggled, so they are refused.
fn framing(received: &Received) -> Result<Framing, ReadError> {
    let mut lengths = values(received, "content-length");
    let mut codings = values(received, "transfer-encoding");
    match (
        lengths.next(),
        lengths.next(),
        codings.next(),
        codings.next(),
    ) {
        (None, None, None, None) => Ok(Framing::Length(0)),
        // `parse` takes "+5", HTTP does not.
        (Some(length), None, None, None) if length.starts_with('+') => Err(NOT_A_NUMBER),
        (Some(length), None, None, None) => length
            .parse()
            .map(Framing::Length)
            .map_err(|_| NOT_A_NUMBER),
        (None, None, Some(coding), None) if coding.eq_ignore_ascii_case("chunked") => {
            Ok(Framing::Chunked)
        }
        (None, None, Some(_), _) => Err(ReadError::Refused(
            501,
            "the only transfer coding this server takes is chunked",
        )),
        _ => Err(bad("the length of the body is stated more than once")),
    }
}

const NOT_A_NUMBER: ReadError = bad("content-length is not a number");

fn values<'a>(received: &'a Received, name: &str) -> impl Iterator<Item = &'a str> {
    received
        .headers
        .iter()
        .filter(move |(given, _)| given.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}

fn read_exactly(reader: &mut impl BufRead, length: usize) -> Result<Vec<u8>, ReadError> {
    let mut body = Vec::new();
    reader.by_ref().take(length as u64).read_to_end(&mut body)?;
    match body.len() == length {
        true => Ok(body),
        false => Err(bad("the body breaks off")),
    }
}

/// RFC 9112 section 7.1; extensions and trailers are read and dropped.
fn read_chunked(reader: &mut impl BufRead, limits: &Limits) -> Result<Vec<u8>, ReadError> {
    let mut body = Vec::new();
    loop {
        let line = read_line(reader, &mut { CHUNK_LINE })?.ok_or(bad("the body breaks off"))?;
        let size = line.split(';').next().unwrap_or_default().trim();
        if size.is_empty() || !size.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(bad("the size of a chunk is not hexadecimal"));
        }
        let size = usize::from_str_radix(size, 16).map_err(|_| TOO_LARGE)?;
        if size > limits.body_bytes - body.len() {
            return Err(TOO_LARGE);
        }
        if size == 0 {
            break;
        }
        body.extend(read_exactly(reader, size)?);
        if read_line(reader, &mut { CHUNK_LINE })?.as_deref() != Some("") {
            return Err(bad("a chunk is longer than its size"));
        }
    }
    let mut left = limits.head_bytes;
    while let Some(trailer) = read_line(reader, &mut left)? {
        if trailer.is_empty() {
            return Ok(body);
        }
    }
    Err(bad("the body breaks off"))
}

const CHUNK_LINE: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(wire: &str) -> Result<Option<Received>, ReadError> {
        let limits = Limits {
            head_bytes: 200,
            body_bytes: 20,
            ..Limits::default()
        };
        read_request(&mut wire.as_bytes(), &mut Vec::new(), &limits)
    }

    fn status(wire: &str) -> u16 {
        match read(wire) {
            Err(ReadError::Refused(status, _)) => status,
            other => std::panic!("{wire:?} was read as {other:?}"),
        }
    }

    #[test]
    fn a_body_comes_out_of_its_length_or_its_chunks() {
        let plain =
            read("POST /a?b=c HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcREST").unwrap();
        let plain = plain.unwrap();
        assert_eq!((plain.path(), plain.query()), ("/a", "b=c"));
        assert_eq!(plain.body, b"abc");
        assert_eq!(plain.header("hOST"), Some("h"));

        let chunked = "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n1\r\nc\r\n0\r\nt: u\r\n\r\n";
        assert_eq!(read(chunked).unwrap().unwrap().body, b"abc");
    }

    #[test]
    fn a_closed_connection_is_no_error() {
        assert_eq!(read(""), Ok(None));
    }

    #[test]
    fn what_is_no_request_is_refused() {
        let host = "Host: h\r\n";
        for (wire, expected) in [
            ("GET /\r\n\r\n".into(), 400),
            ("GET / HTTP/1.0\r\n\r\n".into(), 400),
            ("GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n".into(), 400),
            ("GET / HTTP/1.1\r\n\r\n".into(), 400),
            (format!("GET / HTTP/1.1\r\n{host}{host}\r\n"), 400),
            (format!("GET / HTTP/1.1\r\n{host}a : b\r\n\r\n"), 400),
            (format!("GET / HTTP/1.1\r\n{host} folded\r\n\r\n"), 400),
            (format!("GET / HTTP/1.1\r\n{host}"), 400),
            (
                format!("GET / HTTP/1.1\r\n{host}content-length: +1\r\n\r\na"),
                400,
            ),
            (
                format!("GET / HTTP/1.1\r\n{host}content-length: 2\r\n\r\na"),
                400,
            ),
            (
                format!("GET / HTTP/1.1\r\n{host}content-length: 21\r\n\r\n"),
                413,
            ),
            (
                format!(
                    "GET / HTTP/1.1\r\n{host}content-length: 0\r\ntransfer-encoding: chunked\r\n\r\n"
                ),
                400,
            ),
            (
                format!("GET / HTTP/1.1\r\n{host}transfer-encoding: gzip\r\n\r\n"),
                501,
            ),
            (
                format!(
                    "GET / HTTP/1.1\r\n{host}transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n"
                ),
                413,
            ),
            (
                format!("GET / HTTP/1.1\r\n{host}transfer-encoding: chunked\r\n\r\nx\r\n"),
                400,
            ),
            (
                format!("GET / HTTP/1.1\r\n{host}x: {}\r\n\r\n", "y".repeat(200)),
                431,
            ),
        ] {
            assert_eq!(status(&wire), expected, "{wire:?}");
        }
    }

    #[test]
    fn a_sender_that_waits_is_told_to_go_on() {
        let mut interim = Vec::new();
        let wire =
            "PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na";
        read_request(&mut wire.as_bytes(), &mut interim, &Limits::default()).unwrap();
        assert_eq!(interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    }
}
