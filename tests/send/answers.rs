//! Answers on their way in.

use std::fs;
use std::path::PathBuf;

use sigv4_kit::send::{SendError, TransportError};

use super::server::{Server, Then, answer};
use super::{builder, client, credentials};

/// A folder of the test's own, which goes away with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("sigv4-kit-{}-{name}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Folder(path)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn an_answer_is_saved_when_it_is_whole() {
    let folder = Folder::new("whole");
    let text = "x".repeat(1_000_000);
    let body = text.clone();
    let server = Server::start(move |_, _| Then::Answer(answer("200 OK", &[], &body)));
    let path = folder.0.join("answer");
    for _ in 0..2 {
        let sent = client().request("GET", &server.url("/")).send().unwrap();
        assert_eq!(sent.save(&path).unwrap(), 1_000_000);
        assert!(fs::read_to_string(&path).unwrap() == text);
        assert_eq!(folder.names(), ["answer"]);
    }
}

#[test]
fn an_answer_that_breaks_off_leaves_the_old_file_and_nothing_else() {
    let folder = Folder::new("broken");
    let path = folder.0.join("answer");
    fs::write(&path, "old").unwrap();
    let server = Server::start(|_, _| {
        let text = "HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\nnot all of it";
        Then::AnswerAndClose(text.into())
    });
    let sent = client().request("GET", &server.url("/")).send().unwrap();
    let broken = sent.save(&path).unwrap_err();
    assert!(
        matches!(broken, SendError::Transport(TransportError::Truncated)),
        "{broken}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    assert_eq!(folder.names(), ["answer"]);
}

#[test]
fn an_answer_that_cannot_be_saved_says_where() {
    let folder = Folder::new("nowhere");
    let server = Server::start(|_, _| Then::Answer(answer("200 OK", &[], "x")));
    for path in [
        folder.0.clone(),
        folder.0.join("missing/answer"),
        PathBuf::from("/"),
    ] {
        let sent = client().request("GET", &server.url("/")).send().unwrap();
        assert!(
            matches!(sent.save(&path), Err(SendError::File { .. })),
            "{}",
            path.display()
        );
    }
    assert!(folder.names().is_empty());
}

#[cfg(unix)]
#[test]
fn a_device_is_written_and_a_link_stays_one() {
    use std::os::unix::fs::FileTypeExt;
    let server = Server::start(|_, _| Then::Answer(answer("200 OK", &[], "x")));
    let send = || client().request("GET", &server.url("/")).send().unwrap();
    send().save("/dev/null").unwrap();
    assert!(
        fs::metadata("/dev/null")
            .unwrap()
            .file_type()
            .is_char_device()
    );
    let folder = Folder::new("link");
    let (file, link) = (folder.0.join("file"), folder.0.join("link"));
    fs::write(&file, "old").unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    send().save(&link).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&file).unwrap(), "x");
}

#[test]
fn a_refusal_that_breaks_off_is_still_that_refusal() {
    let server = Server::start(|_, _| {
        let text = "HTTP/1.1 403 Forbidden\r\ncontent-length: 1000\r\n\r\n{\"message\":\"The security token included in the request is expired\"}";
        Then::AnswerAndClose(text.into())
    });
    let sent = client().request("GET", &server.url("/")).send().unwrap();
    let refused = sent.error_for_status().unwrap_err();
    assert!(
        matches!(&refused, SendError::Status(error) if error.status() == 403),
        "{refused}"
    );
}

#[test]
fn text_and_json_are_what_they_say() {
    let server = Server::start(|_, received| {
        let body = match received.target.as_str() {
            "/json" => "{\"a\": 1}",
            "/text" => "é",
            _ => "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n",
        };
        let mut bytes = match body.starts_with("HTTP") {
            true => body.into(),
            false => answer("200 OK", &["X-A: 1", "x-a: 2"], body),
        };
        if body.starts_with("HTTP") {
            bytes.push(0xff);
        }
        Then::Answer(bytes)
    });
    let get = |target: &str| client().request("GET", &server.url(target)).send().unwrap();
    assert_eq!(get("/json").json().unwrap()["a"], 1);
    assert_eq!(get("/text").text().unwrap(), "é");
    assert!(matches!(
        get("/text").json(),
        Err(SendError::AnswerForm("JSON"))
    ));
    assert!(matches!(
        get("/bytes").text(),
        Err(SendError::AnswerForm("UTF-8 text"))
    ));
    assert_eq!(get("/bytes").bytes().unwrap(), [0xff]);
    let values: Vec<_> = get("/text")
        .headers()
        .filter(|(name, _)| *name == "x-a")
        .map(|(_, value)| value.into_owned())
        .collect();
    assert_eq!(values, ["1", "2"]);
}

#[test]
fn errors_pass_between_threads() {
    fn passes<T: Send + Sync + 'static>() {}
    passes::<SendError>();
    passes::<sigv4_kit::send::Response>();
    passes::<sigv4_kit::send::Client>();
}

#[cfg(feature = "gzip")]
mod compressed {
    use std::io::Write;

    use super::*;

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    fn gzipped(status: &str, body: &[u8]) -> Vec<u8> {
        let length = body.len();
        let mut bytes = format!(
            "HTTP/1.1 {status}\r\ncontent-encoding: gzip\r\ncontent-length: {length}\r\n\r\n"
        )
        .into_bytes();
        bytes.extend(body);
        bytes
    }

    #[test]
    fn a_compressed_answer_is_decompressed_where_it_was_asked_for() {
        let text = "text ".repeat(100_000);
        let packed = gzip(&text);
        let sent = packed.clone();
        let server = Server::start(move |_, _| Then::Answer(gzipped("200 OK", &sent)));
        let request = || client().request("GET", &server.url("/"));
        assert!(
            request()
                .accept_compressed()
                .send()
                .unwrap()
                .text()
                .unwrap()
                == text
        );
        assert_eq!(server.last().header("accept-encoding"), Some("gzip"));
        assert!(
            request().send().unwrap().bytes().unwrap() == packed,
            "an object stays as it is"
        );
        assert_eq!(server.last().header("accept-encoding"), None);
    }

    #[test]
    fn a_compressed_refusal_is_understood() {
        let body = gzip("{\"message\":\"The security token included in the request is expired\"}");
        let server = Server::start(move |_, _| Then::Answer(gzipped("403 Forbidden", &body)));
        let request = client()
            .request("GET", &server.url("/"))
            .accept_compressed();
        assert_eq!(
            request.send().unwrap().diagnosis().unwrap().id,
            "token-expired"
        );
    }

    #[test]
    fn what_is_no_gzip_or_not_all_of_it_is_an_error() {
        let whole = gzip(&"text ".repeat(1000));
        let half = whole[..whole.len() / 2].to_vec();
        for (body, expected) in [
            (b"plain text that is no gzip".to_vec(), "not gzip"),
            (half, "broke off"),
        ] {
            let server = Server::start(move |_, _| Then::Answer(gzipped("200 OK", &body)));
            let request = client()
                .request("GET", &server.url("/"))
                .accept_compressed();
            let failed = request.send().unwrap().bytes().unwrap_err();
            assert!(failed.to_string().contains(expected), "{failed}");
        }
    }

    #[test]
    fn the_limit_counts_what_comes_out() {
        let bomb = gzip(&" ".repeat(10_000_000));
        assert!(bomb.len() < 100_000);
        let server = Server::start(move |_, _| Then::Answer(gzipped("200 OK", &bomb)));
        let client = super::super::builder()
            .answer_limit(1_000_000)
            .build()
            .unwrap();
        let request = client.request("GET", &server.url("/")).accept_compressed();
        let failed = request.send().unwrap().bytes().unwrap_err();
        assert!(
            matches!(failed, SendError::AnswerTooLarge { limit: 1_000_000 }),
            "{failed}"
        );
    }
}

#[test]
fn a_refusal_s_own_words_are_one_line_without_the_token() {
    let words = "<Error><Code>Odd</Code><Message>it\nis TOKEN/0123456789abcdef</Message></Error>";
    let server = Server::start(move |_, _| Then::Answer(answer("400 Bad Request", &[], words)));
    let credentials = credentials()
        .with_session_token("TOKEN/0123456789abcdef")
        .unwrap();
    let client = builder().credentials(credentials).build().unwrap();
    let sent = client.request("GET", &server.url("/")).send().unwrap();
    let own_words = sent.own_words().unwrap().to_owned();
    assert!(
        own_words.starts_with("Odd: it is ") && !own_words.contains("0123456789"),
        "{own_words}"
    );
    let refused = sent.error_for_status().unwrap_err().to_string();
    assert_eq!(refused, format!("the server answered 400: {own_words}"));
}
