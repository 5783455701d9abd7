//! Redirects and proxies: what travels where.

use sigv4_kit::Credentials;
use sigv4_kit::send::{ClientBuilder, Note, Proxies, RedirectError, SendError};

use super::server::{Received, Server, Then, answer};
use super::{SECRET, builder, verify};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const TOKEN: &str = "FwoGZXIvYXdzEXAMPLE";

fn with_token() -> ClientBuilder {
    let credentials = Credentials::new("AKIDEXAMPLE", SECRET).unwrap();
    builder().credentials(credentials.with_session_token(TOKEN).unwrap())
}

fn redirecting(status: &'static str, location: String) -> Server {
    Server::start(move |number, _| match number {
        0 => Then::Answer(answer(status, &[&format!("location: {location}")], "")),
        _ => Then::Answer(OK.into()),
    })
}

/// Nothing of ours but what any stranger may see.
fn holds_no_secret(received: &Received) {
    let head = String::from_utf8(received.head.clone())
        .unwrap()
        .to_lowercase();
    for word in [
        "authorization",
        "x-amz-",
        "cookie",
        "akidexample",
        &TOKEN.to_lowercase(),
    ] {
        assert!(!head.contains(word), "{word}: {head}");
    }
}

#[test]
fn a_redirect_is_an_answer_like_any_other() {
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "303 See Other",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let server = redirecting(status, "/elsewhere".into());
        let client = builder().build().unwrap();
        let sent = client
            .request("POST", &server.url("/"))
            .body("{}")
            .send()
            .unwrap();
        assert_eq!(sent.status().to_string(), status[..3]);
        assert_eq!(sent.header("location"), Some("/elsewhere"));
        assert_eq!(server.received().len(), 1);
    }
}

#[test]
fn to_the_same_host_the_request_is_signed_anew() {
    for (status, method, expected) in [
        ("301 Moved Permanently", "POST", "GET"),
        ("302 Found", "PUT", "PUT"),
        ("303 See Other", "PUT", "GET"),
        ("307 Temporary Redirect", "POST", "POST"),
        ("308 Permanent Redirect", "DELETE", "DELETE"),
    ] {
        let server = redirecting(status, "/else where?q=1".into());
        let client = with_token().follow_redirects(5).build().unwrap();
        let sent = client
            .request(method, &server.url("/a"))
            .body("{}")
            .send()
            .unwrap();
        assert_eq!((sent.status(), sent.attempts()), (200, 2));
        let received = server.last();
        assert_eq!(
            (received.method.as_str(), received.target.as_str()),
            (expected, "/else%20where?q=1")
        );
        assert_eq!(received.body.is_empty(), expected == "GET");
        assert_eq!(received.header("content-type").is_some(), expected != "GET");
        assert_eq!(received.header("x-amz-security-token"), Some(TOKEN));
        verify(&received).unwrap();
        assert!(matches!(
            &sent.notes()[0],
            Note::Redirected { signed: true, .. }
        ));
    }
}

#[test]
fn to_another_host_go_neither_signature_nor_token() {
    for status in [
        "302 Found",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let other = Server::start(|number, received| match number {
            0 => Then::Answer(answer("302 Found", &["location: /again"], "")),
            // Not even back on the same host is anything signed again.
            _ => {
                holds_no_secret(received);
                Then::Answer(OK.into())
            }
        });
        let server = redirecting(status, other.url("/x?a=b"));
        let client = with_token().follow_redirects(5).build().unwrap();
        let sent = client
            .request("PUT", &server.url("/"))
            .header("x-amz-meta-secret", "1")
            .header("Cookie", "a=b")
            .header("accept", "*/*")
            .body("{}")
            .send()
            .unwrap();
        assert_eq!(sent.status(), 200);
        assert_eq!(server.received().len(), 1);
        assert_eq!(server.last().header("x-amz-security-token"), Some(TOKEN));
        assert_eq!(other.received().len(), 2);
        for received in other.received() {
            holds_no_secret(&received);
            assert_eq!(
                received.header("host"),
                Some(other.address.to_string().as_str())
            );
            assert_eq!(received.header("accept"), Some("*/*"));
        }
        assert!(matches!(
            &sent.notes()[0],
            Note::Redirected { signed: false, .. }
        ));
    }
}

#[test]
fn another_name_for_the_same_address_is_another_host() {
    let other = Server::answering(OK);
    let port = other.address.port();
    let server = redirecting(
        "307 Temporary Redirect",
        format!("http://localhost:{port}/"),
    );
    let client = with_token().follow_redirects(1).build().unwrap();
    client.request("GET", &server.url("/")).send().unwrap();
    holds_no_secret(&other.last());
}

#[test]
fn a_redirect_that_cannot_be_followed_is_an_error() {
    for (location, expected) in [
        ("http://u:p@h/", "user name"),
        ("ftp://h/", "https:// or http://"),
        ("http://h:x/", "port"),
    ] {
        let server = redirecting("302 Found", location.into());
        let client = builder().follow_redirects(5).build().unwrap();
        let failed = client.request("GET", &server.url("/")).send().unwrap_err();
        assert!(failed.to_string().contains(expected), "{failed}");
    }
    let server = Server::start(|_, _| Then::Answer(answer("302 Found", &["location: /"], "")));
    let client = builder().follow_redirects(3).build().unwrap();
    let failed = client.request("GET", &server.url("/")).send().unwrap_err();
    assert!(matches!(
        failed,
        SendError::Redirect(RedirectError::TooMany { limit: 3 })
    ));
    assert_eq!(server.received().len(), 4);
}

#[test]
fn a_proxy_is_asked_to_connect_to_the_url_s_host() {
    let proxy = Server::start(|number, _| match number {
        0 => Then::Answer(b"HTTP/1.1 200 Connection established\r\n\r\n".into()),
        _ => Then::Answer(OK.into()),
    });
    let proxies =
        Proxies::all(&format!("http://user:pass@{}", proxy.address)).except("spared.example");
    let client = builder().proxies(proxies.clone()).build().unwrap();
    let url = "http://search-x.us-east-1.es.amazonaws.com/";
    assert_eq!(client.request("GET", url).send().unwrap().status(), 200);
    let received = proxy.received();
    assert_eq!(
        (received[0].method.as_str(), received[0].target.as_str()),
        ("CONNECT", "search-x.us-east-1.es.amazonaws.com:80")
    );
    assert_eq!(
        received[0].header("proxy-authorization"),
        Some("Basic dXNlcjpwYXNz")
    );
    assert_eq!(received[0].header("authorization"), None);
    assert_eq!(
        received[1].header("host"),
        Some("search-x.us-east-1.es.amazonaws.com")
    );
    assert_eq!(received[1].header("proxy-authorization"), None);
    verify(&received[1]).unwrap();
    assert!(!format!("{proxies:?}").contains("pass"));

    let server = Server::answering(OK);
    client.request("GET", &server.url("/")).send().unwrap();
    assert_eq!(server.received().len(), 1, "this machine needs no proxy");
    let client = builder()
        .proxies(proxies)
        .connect_to(&server.address.to_string())
        .build()
        .unwrap();
    client.request("GET", url).send().unwrap();
    assert_eq!(
        server.received().len(),
        2,
        "a fixed address is dialled without proxy"
    );
    assert_eq!(proxy.received().len(), 2);
}

#[test]
fn a_proxy_that_refuses_says_so() {
    let proxy = Server::start(|_, _| {
        Then::AnswerAndClose(
            b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n".into(),
        )
    });
    let proxies = Proxies::all(&format!("http://{}", proxy.address));
    let client = builder().proxies(proxies).build().unwrap();
    let url = "https://search-x.us-east-1.es.amazonaws.com/";
    let failed = client.request("GET", url).send().unwrap_err();
    assert!(failed.to_string().contains("407"), "{failed}");
    for wrong in ["socks5://h:1", "http://", "://"] {
        let refused = builder().proxies(Proxies::all(wrong)).build();
        assert!(matches!(refused, Err(SendError::Setting { .. })), "{wrong}");
    }
}
