//! Bodies on their way out.

use std::fs;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use sigv4_kit::aws_chunked::{ChunkDecoder, ChunkedLayout};
use sigv4_kit::send::{Body, Note, Progress, SendError};
use sigv4_kit::signing::{Authorization, ChunkSignatures, Payload, Request};

use super::server::{Received, Server, Then, answer};
use super::{SECRET, builder, client, verify, verify_for};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// A file of the test's own, which goes away with it.
struct TestFile(PathBuf);

impl TestFile {
    fn new(name: &str, content: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("sigv4-kit-{}-{name}", std::process::id()));
        fs::write(&path, content).unwrap();
        TestFile(path)
    }
}

impl Drop for TestFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Bytes that no reading in blocks can mistake for others.
fn content(length: usize) -> Vec<u8> {
    (0..length as u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect()
}

#[test]
fn what_comes_from_a_reader_is_hashed_on_its_way_and_sent_whole() {
    let server = Server::answering(OK);
    for length in [0, 1, 1000, 1024 * 1024, 1024 * 1024 + 1, 3_000_000] {
        let bytes = content(length);
        let reader = io::Cursor::new(bytes.clone());
        let request = client().request("PUT", &server.url("/i/_doc/1"));
        request.body(Body::spooled(reader)).send().unwrap();
        let received = server.last();
        assert!(received.body == bytes, "{length}");
        assert_eq!(received.header("content-type").is_some(), length > 0);
        verify(&received).unwrap();
    }
}

#[test]
fn what_was_spooled_can_be_sent_again_and_gets_its_newline() {
    for length in [100, 2_000_000] {
        let server = Server::start(|number, _| match number {
            0 => Then::Answer(answer("429 Too Many Requests", &[], "")),
            _ => Then::Answer(OK.into()),
        });
        let mut bytes = content(length);
        *bytes.last_mut().unwrap() = b'}';
        let body = Body::spooled(io::Cursor::new(bytes.clone()));
        let sent = client()
            .request("POST", &server.url("/_bulk"))
            .body(body)
            .send()
            .unwrap();
        assert_eq!((sent.status(), sent.attempts()), (200, 2));
        bytes.push(b'\n');
        for received in server.received() {
            assert!(received.body == bytes);
            verify(&received).unwrap();
        }
    }
}

#[test]
fn a_file_that_shrinks_while_it_is_sent_is_an_error_and_not_a_wait() {
    let file = TestFile::new("shrinking", &content(200_000));
    let path = file.0.clone();
    let server = Server::answering(OK);
    let shrink = move |progress: Progress| {
        if let Progress::Hashed { bytes: 200_000, .. } = progress {
            fs::OpenOptions::new()
                .write(true)
                .open(&path)
                .unwrap()
                .set_len(70_000)
                .unwrap();
        }
    };
    let request = client()
        .request("PUT", &server.url("/"))
        .body(Body::file(&file.0));
    let failed = request.on_progress(shrink).send().unwrap_err();
    assert!(matches!(failed, SendError::Body { .. }), "{failed}");
    assert!(
        failed.to_string().contains("130000 bytes before"),
        "{failed}"
    );
}

#[test]
fn a_reader_that_fails_is_named_and_not_the_connection() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::new(
                io::ErrorKind::ConnectionReset,
                "the disk is gone",
            ))
        }
    }
    let server = Server::answering(OK);
    for body in [
        Body::spooled(Failing),
        Body::reader_with_hash(Failing, 3, [0; 32]),
    ] {
        let failed = client()
            .request("PUT", &server.url("/"))
            .body(body)
            .send()
            .unwrap_err();
        assert!(matches!(failed, SendError::Body { .. }), "{failed}");
        assert!(failed.to_string().contains("the disk is gone"), "{failed}");
    }
}

#[test]
fn a_directory_is_no_body() {
    let body = Body::file(std::env::temp_dir());
    let failed = client()
        .request("PUT", "http://127.0.0.1:1/")
        .body(body)
        .send()
        .unwrap_err();
    assert!(matches!(
        failed,
        SendError::File {
            kind: io::ErrorKind::InvalidInput,
            ..
        }
    ));
}

/// Takes an aws-chunked body apart and verifies each chunk.
fn decoded(received: &Received) -> Vec<u8> {
    let headers: Vec<(&str, &str)> = received
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let request = Request::new(
        "PUT",
        &received.target,
        "",
        &headers,
        Payload::StreamingSigned,
    )
    .unwrap();
    let authorization = Authorization::from_request(&request).unwrap();
    let length = received.header("x-amz-decoded-content-length").unwrap();
    let signatures = ChunkSignatures::of(&authorization, SECRET);
    let layout = ChunkedLayout::signed(length.parse().unwrap()).unwrap();
    let mut decoder =
        ChunkDecoder::new(layout.payload(), layout.decoded_length(), "", signatures).unwrap();
    let mut out = Vec::new();
    decoder.decode(&received.body, &mut out).unwrap();
    decoder.finish().unwrap();
    out
}

#[test]
fn chunks_are_signed_as_they_go_where_the_service_takes_them() {
    let server = Server::answering(OK);
    let client = builder().service("s3").build().unwrap();
    for length in [0, 1, 65_536, 200_000] {
        let bytes = content(length);
        let mut longer = bytes.clone();
        longer.extend(b"not to be sent");
        let body = Body::aws_chunked(io::Cursor::new(longer), length as u64);
        client
            .request("PUT", &server.url("/key"))
            .body(body)
            .send()
            .unwrap();
        let received = server.last();
        assert_eq!(received.header("content-encoding"), Some("aws-chunked"));
        assert!(decoded(&received) == bytes, "{length}");
        let authorization = received.header("authorization").unwrap();
        assert!(authorization.contains("content-encoding;content-type;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length"), "{authorization}");
    }
    let body = Body::aws_chunked(&b"abc"[..], 3);
    let request = client
        .request("PUT", &server.url("/key"))
        .header("Content-Encoding", "gzip");
    request.body(body).send().unwrap();
    assert_eq!(
        server.last().header("content-encoding"),
        Some("aws-chunked,gzip")
    );
    let short = Body::aws_chunked(&b"abc"[..], 4);
    let failed = client
        .request("PUT", &server.url("/key"))
        .body(short)
        .send()
        .unwrap_err();
    assert!(matches!(failed, SendError::Body { .. }), "{failed}");
}

#[test]
fn a_body_that_is_not_signed_goes_only_where_the_service_takes_it() {
    let server = Server::answering(OK);
    let body = || Body::unsigned_reader(&b"abc"[..], 3);
    let refused = client()
        .request("PUT", &server.url("/"))
        .body(body())
        .send()
        .unwrap_err();
    assert!(matches!(&refused, SendError::Unprotected { service } if service == "es"));
    let chunked = Body::aws_chunked(&b"abc"[..], 3);
    assert!(
        client()
            .request("PUT", &server.url("/"))
            .body(chunked)
            .send()
            .is_err()
    );
    let client = builder().service("s3").build().unwrap();
    client
        .request("PUT", &server.url("/key"))
        .body(body())
        .send()
        .unwrap();
    let received = server.last();
    assert_eq!(
        received.header("x-amz-content-sha256"),
        Some("UNSIGNED-PAYLOAD")
    );
    verify_for(&received, "us-east-1", "s3", super::NOW).unwrap();
}

#[test]
fn where_the_service_takes_nothing_else_the_payload_is_unsigned() {
    let server = Server::answering(OK);
    let client = builder().service("vpc-lattice-svcs").build().unwrap();
    for body in ["", "{}"] {
        client
            .request("POST", &server.url("/"))
            .body(body)
            .send()
            .unwrap();
        let received = server.last();
        assert_eq!(
            received.header("x-amz-content-sha256"),
            Some("UNSIGNED-PAYLOAD")
        );
        verify_for(&received, "us-east-1", "vpc-lattice-svcs", super::NOW).unwrap();
    }
}

#[test]
fn progress_is_told_up_to_the_end() {
    let file = TestFile::new("progress", &content(1_000_000));
    let server = Server::start(|_, _| Then::Answer(answer("200 OK", &[], &"x".repeat(300_000))));
    let told = Arc::new(Mutex::new(Vec::new()));
    let keep = told.clone();
    let request = client()
        .request("PUT", &server.url("/"))
        .body(Body::file(&file.0));
    let request = request.on_progress(move |progress| keep.lock().unwrap().push(progress));
    request.send().unwrap().bytes().unwrap();
    let told = told.lock().unwrap();
    for last in [
        Progress::Hashed {
            bytes: 1_000_000,
            of: 1_000_000,
        },
        Progress::Sent {
            bytes: 1_000_000,
            of: 1_000_000,
        },
        Progress::Received {
            bytes: 300_000,
            of: Some(300_000),
        },
    ] {
        assert!(told.contains(&last), "{last:?}");
    }
}

#[test]
fn serverless_takes_bulk_by_post_and_its_collection_is_signed() {
    let server = Server::answering(OK);
    let client = builder().service("aoss").build().unwrap();
    let request = client
        .request("PUT", &server.url("/_bulk"))
        .collection("movies")
        .body("{}\n");
    let sent = request.send().unwrap();
    let received = server.last();
    assert_eq!(received.method, "POST");
    let (from, to) = ("PUT".into(), "POST");
    assert_eq!(sent.notes(), [Note::MethodChanged { from, to }]);
    assert_eq!(
        received.header("x-amz-aoss-collection-name"),
        Some("movies")
    );
    verify_for(&received, "us-east-1", "aoss", super::NOW).unwrap();
    client
        .request("PUT", &server.url("/i/_doc/1"))
        .body("{}")
        .send()
        .unwrap();
    assert_eq!(server.last().method, "PUT");
}

#[test]
fn a_search_goes_as_post_where_that_is_asked_for() {
    let server = Server::answering(OK);
    for (method, target, body, expected) in [
        ("GET", "/i/_search", "{}", "POST"),
        ("GET", "/i/_count", "{}", "POST"),
        ("GET", "/i/_search", "", "GET"),
        ("GET", "/i/_mapping", "{}", "GET"),
        ("DELETE", "/i/_search", "{}", "DELETE"),
    ] {
        let request = client().request(method, &server.url(target)).body(body);
        request.search_post().send().unwrap();
        assert_eq!(server.last().method, expected, "{method} {target}");
        verify(&server.last()).unwrap();
    }
}

#[cfg(feature = "gzip")]
mod compressed {
    use super::*;

    fn gunzip(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        flate2::read::MultiGzDecoder::new(bytes)
            .read_to_end(&mut out)
            .unwrap();
        out
    }

    #[test]
    fn what_is_compressed_is_hashed_after_that() {
        let server = Server::answering(OK);
        let mut text = "{\"index\":{}}\n{\"a\":1}\n".repeat(100_000);
        text.pop();
        let file = TestFile::new("compressed", text.as_bytes());
        for body in [
            Body::from(text.as_str()),
            Body::file(&file.0),
            Body::spooled(io::Cursor::new(text.clone())),
        ] {
            client()
                .request("POST", &server.url("/_bulk"))
                .body(body)
                .compress()
                .send()
                .unwrap();
            let received = server.last();
            assert_eq!(received.header("content-encoding"), Some("gzip"));
            assert!(received.body.len() < text.len() / 10);
            let plain = gunzip(&received.body);
            assert!(
                plain.strip_suffix(b"\n") == Some(text.as_bytes()),
                "with its newline"
            );
            verify(&received).unwrap();
        }
    }

    #[test]
    fn cluster_settings_and_nothing_are_not_compressed() {
        let server = Server::answering(OK);
        for (target, body) in [("/_cluster/settings", "{}"), ("/i/_doc", "")] {
            client()
                .request("PUT", &server.url(target))
                .body(body)
                .compress()
                .send()
                .unwrap();
            assert_eq!(server.last().header("content-encoding"), None, "{target}");
            assert_eq!(server.last().body, body.as_bytes());
        }
        let fixed = Body::reader_with_hash(&b"a"[..], 1, [0; 32]);
        let refused = client()
            .request("PUT", &server.url("/"))
            .body(fixed)
            .compress()
            .send();
        assert!(matches!(refused, Err(SendError::Setting { .. })));
    }
}
