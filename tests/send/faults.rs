//! What can go wrong on the way, one test each.

use std::io::{Read, Write};
use std::time::Duration;

use sigv4_kit::send::{Proxies, RetryPolicy, SendError, Timeouts, TransportError};

use super::builder;
use super::server::{Server, Then, answer};

fn transport_error(error: SendError) -> TransportError {
    match error {
        SendError::Transport(error) => error,
        other => panic!("{other}"),
    }
}

#[test]
fn a_connection_closed_before_the_answer_is_told_from_one_refused() {
    let server = Server::start(|_, _| Then::Close);
    let client = builder().build().unwrap();
    let broken = client.request("POST", &server.url("/")).send().unwrap_err();
    assert!(
        matches!(transport_error(broken), TransportError::Broken(_)),
        "closed"
    );
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", free.local_addr().unwrap());
    drop(free);
    let refused = client.request("POST", &url).send().unwrap_err();
    assert!(
        matches!(transport_error(refused), TransportError::Connect { .. }),
        "refused"
    );
}

#[test]
fn a_body_that_breaks_off_is_an_error() {
    for text in [
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nha",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nha\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhalf",
    ] {
        let server = Server::start(move |_, _| Then::AnswerAndClose(text.into()));
        let client = builder().build().unwrap();
        let answer = client.request("GET", &server.url("/")).send().unwrap();
        let error = transport_error(answer.bytes().unwrap_err());
        assert_eq!(error, TransportError::Truncated, "{text}");
    }
}

#[test]
fn an_answer_without_end_stops_at_the_limit() {
    let server = Server::start(|_, _| {
        let start = "HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n";
        Then::Endless(start.into(), vec![b'x'; 65536])
    });
    let client = builder().answer_limit(100_000).build().unwrap();
    let answer = client.request("GET", &server.url("/")).send().unwrap();
    let limit = answer.bytes().unwrap_err();
    assert!(
        matches!(limit, SendError::AnswerTooLarge { limit: 100_000 }),
        "{limit}"
    );
}

#[test]
fn silence_ends_after_the_time_given() {
    let server = Server::start(|_, _| Then::Silence);
    let timeouts = Timeouts {
        idle: Some(Duration::from_millis(50)),
        ..Timeouts::default()
    };
    let client = builder().timeouts(timeouts).build().unwrap();
    let error = client.request("POST", &server.url("/")).send().unwrap_err();
    assert_eq!(
        transport_error(error),
        TransportError::Timeout("waiting for the answer")
    );
}

#[test]
fn what_is_not_http_is_named_so() {
    for text in [
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "HTTP/1.1 abc\r\n\r\n",
        "\r\n\r\n\r\n",
        "<html></html>\r\n\r\n",
    ] {
        let server = Server::start(move |_, _| Then::AnswerAndClose(text.into()));
        let client = builder().build().unwrap();
        let sent = client.request("POST", &server.url("/")).send();
        let error = transport_error(sent.unwrap_err());
        assert!(
            matches!(
                error,
                TransportError::NotHttp(_) | TransportError::Broken(_)
            ),
            "{text}: {error}"
        );
    }
}

#[test]
fn what_was_dialled_in_vain_is_named() {
    // A port that was free a moment ago.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let builder = || builder().retries(RetryPolicy::none());
    let by_proxy = builder().proxies(Proxies::all(&format!("http://user:pass@{address}/")));
    let tunnel = builder().connect_to(&address);
    for (builder, dialled) in [
        (by_proxy, format!("the proxy {address}")),
        (tunnel, address),
    ] {
        let client = builder.build().unwrap();
        let url = "https://search-x.us-east-1.es.amazonaws.com/";
        let failed = client.request("GET", url).send().unwrap_err();
        let expected = format!("no connection to {dialled}: connection refused");
        assert_eq!(failed.to_string(), expected);
    }
}

#[test]
fn an_answer_before_the_body_was_taken_is_still_the_answer() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/i/_doc/1", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let mut connections = 0;
        for stream in listener.incoming().take(2) {
            let mut stream = stream.unwrap();
            // The head and no more: what is unread when the connection is closed makes the writer fail.
            stream.read_exact(&mut [0; 64]).unwrap();
            stream
                .write_all(&answer("403 Forbidden", &[], "no"))
                .unwrap();
            connections += 1;
        }
        connections
    });
    let client = builder().build().unwrap();
    for _ in 0..2 {
        let request = client.request("PUT", &url).body(vec![b'x'; 32 << 20]);
        let sent = request.send().unwrap();
        assert_eq!((sent.status(), sent.attempts()), (403, 1));
        assert_eq!(sent.text().unwrap(), "no");
    }
    assert_eq!(
        server.join().unwrap(),
        2,
        "a closed connection is not used again"
    );
}
