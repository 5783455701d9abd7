//! What goes out is what was signed.

use std::io::Write;

use sigv4_kit::Credentials;
use sigv4_kit::send::{Body, PreparedBody, SendError};

use super::server::{Server, Then, answer};
use super::{NOW, SECRET, builder, client, credentials, verify, verify_for};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// Targets as users write them, and what must go out.
const ODD_TARGETS: [(&str, &str); 72] = [
    ("", "/"),
    ("/", "/"),
    ("?", "/"),
    ("/?", "/"),
    ("?a", "/?a"),
    ("/a", "/a"),
    ("/a/", "/a/"),
    ("//", "//"),
    ("//a", "//a"),
    ("/a//b", "/a//b"),
    ("/a///b//", "/a///b//"),
    ("/.", "/."),
    ("/..", "/.."),
    ("/a/.", "/a/."),
    ("/a/..", "/a/.."),
    ("/a/./b", "/a/./b"),
    ("/a/../b", "/a/../b"),
    ("/a/../../b", "/a/../../b"),
    ("/...", "/..."),
    ("/a/%2e%2e/b", "/a/%2e%2e/b"),
    ("/a%2Fb", "/a%2Fb"),
    ("/a%2fb", "/a%2fb"),
    ("/%20", "/%20"),
    ("/a b", "/a%20b"),
    ("/ a", "/%20a"),
    ("/a%", "/a%25"),
    ("/a%z", "/a%25z"),
    ("/a%zz", "/a%25zz"),
    ("/a%4", "/a%254"),
    ("/%25", "/%25"),
    ("/%2525", "/%2525"),
    ("/%FF", "/%FF"),
    ("/%00", "/%00"),
    ("/é", "/%C3%A9"),
    ("/日本/語", "/%E6%97%A5%E6%9C%AC/%E8%AA%9E"),
    ("/😀", "/%F0%9F%98%80"),
    ("/e\u{301}", "/e%CC%81"),
    ("/a\u{a0}b", "/a%C2%A0b"),
    ("/a+b", "/a+b"),
    ("/a*b,c", "/a*b,c"),
    ("/logs-*,b/_search", "/logs-*,b/_search"),
    ("/a:b@c", "/a:b@c"),
    ("/a!b$c'd(e)f;g=h", "/a!b$c'd(e)f;g=h"),
    ("/a&b", "/a&b"),
    ("/~a-b_c.d", "/~a-b_c.d"),
    ("/a{b}", "/a%7Bb%7D"),
    ("/a[0]", "/a%5B0%5D"),
    ("/a|b\\c^d`e", "/a%7Cb%5Cc%5Ed%60e"),
    ("/\"<>", "/%22%3C%3E"),
    ("/a?b?c", "/a?b?c"),
    ("/a#b", "/a"),
    ("/a?b#c", "/a?b"),
    ("/?a=1&b=2", "/?a=1&b=2"),
    ("/?b=2&a=1", "/?b=2&a=1"),
    ("/?a=2&a=1", "/?a=2&a=1"),
    ("/?v&s=index", "/?v&s=index"),
    ("/?a=", "/?a="),
    ("/?=a", "/?=a"),
    ("/?a==b", "/?a==b"),
    ("/?a=b=c", "/?a=b=c"),
    ("/?a&&b", "/?a&b"),
    ("/?&a&", "/?a"),
    ("/?q=a+b", "/?q=a%20b"),
    ("/?q=a%2Bb", "/?q=a%2Bb"),
    ("/?q=a%20b c", "/?q=a%20b%20c"),
    ("/?q=é", "/?q=%C3%A9"),
    ("/?q=%c3%a9", "/?q=%c3%a9"),
    ("/?q=a/b:c,d;e*", "/?q=a/b:c,d;e*"),
    (
        "/?q=\"<x>\"{y}[z]|\\^`",
        "/?q=%22%3Cx%3E%22%7By%7D%5Bz%5D%7C%5C%5E%60",
    ),
    ("/?a.b=1&a-b=2&a_b=3&A=4", "/?a.b=1&a-b=2&a_b=3&A=4"),
    (
        "/?filter_path=took,errors,items.*.status",
        "/?filter_path=took,errors,items.*.status",
    ),
    ("/?%41=1&A=0", "/?%41=1&A=0"),
];

#[test]
fn the_bytes_on_the_wire_are_the_bytes_that_were_signed() {
    let server = Server::answering(OK);
    let client = client();
    for (given, wire) in ODD_TARGETS {
        let sent = client.request("GET", &server.url(given)).send().unwrap();
        assert_eq!(sent.status(), 200, "{given}");
        let received = server.last();
        assert_eq!(received.target, wire, "{given}");
        assert_eq!(
            received.header("host"),
            Some(server.address.to_string().as_str())
        );
        verify(&received).unwrap_or_else(|error| panic!("{given}: {error}"));
    }
}

#[test]
fn the_same_holds_where_a_path_is_an_objects_key() {
    let server = Server::answering(OK);
    let client = builder().service("s3").build().unwrap();
    for (given, wire) in ODD_TARGETS {
        client.request("GET", &server.url(given)).send().unwrap();
        let received = server.last();
        assert_eq!(received.target, wire, "{given}");
        verify_for(&received, "us-east-1", "s3", NOW)
            .unwrap_or_else(|error| panic!("{given}: {error}"));
    }
}

#[test]
fn a_changed_byte_is_noticed() {
    let server = Server::answering(OK);
    client()
        .request("PUT", &server.url("/i/_doc/1?a=1"))
        .body("{}")
        .send()
        .unwrap();
    let received = server.last();
    verify(&received).unwrap();
    let mut other = received.clone();
    other.target.push('1');
    assert!(verify(&other).is_err());
    let mut other = received.clone();
    other.body.push(b' ');
    assert!(verify(&other).is_err());
    let mut other = received;
    other.method = "POST".into();
    assert!(verify(&other).is_err());
}

#[test]
fn every_method_goes_out_with_and_without_a_body() {
    let server = Server::answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let client = client();
    for method in [
        "GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", "PATCH", "PROPFIND",
    ] {
        for body in ["", "{\"query\": {}}"] {
            let request = client.request(method, &server.url("/i/_search")).body(body);
            request
                .send()
                .unwrap_or_else(|error| panic!("{method} {body}: {error}"));
            let received = server.last();
            assert_eq!(
                (received.method.as_str(), received.body.as_slice()),
                (method, body.as_bytes())
            );
            let expects = !matches!(method, "GET" | "HEAD" | "DELETE" | "OPTIONS");
            assert_eq!(
                received.header("content-length").is_some(),
                expects || !body.is_empty()
            );
            assert_eq!(received.header("content-type").is_some(), !body.is_empty());
            verify(&received).unwrap();
        }
    }
}

#[test]
fn only_what_must_be_is_signed() {
    let server = Server::answering(OK);
    client()
        .request("POST", &server.url("/i/_doc"))
        .header("X-Other", "1")
        .header("Accept", "*/*")
        .header("X-Amz-Target", "A.B")
        .signed_header("X-Mine", "2")
        .body("{}")
        .send()
        .unwrap();
    let received = server.last();
    verify(&received).unwrap();
    let authorization = received.header("authorization").unwrap();
    assert!(
        authorization.contains(
            "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-target;x-mine,"
        ),
        "{authorization}"
    );
    assert_eq!(received.header("x-other"), Some("1"));
    assert!(
        received
            .header("user-agent")
            .unwrap()
            .starts_with("sigv4-kit/")
    );
    for absent in [
        "expect",
        "accept-encoding",
        "transfer-encoding",
        "connection",
    ] {
        assert_eq!(received.header(absent), None, "{absent}");
    }
}

#[test]
fn values_go_out_as_they_are_signed() {
    let server = Server::answering(OK);
    client()
        .request("GET", &server.url("/"))
        .header("x-amz-meta-a", "  a \t  b  ")
        .header("X-Amz-Meta-Empty", "")
        .header("x-amz-meta-b", "2")
        .header("x-amz-meta-b", "1")
        .header("x-amz-meta-b-c", "\"x   y\"")
        .header("x-amz-meta-é".trim_end_matches('é'), "é")
        .send()
        .unwrap();
    let received = server.last();
    assert_eq!(received.header("x-amz-meta-a"), Some("a b"));
    assert_eq!(received.header("x-amz-meta-b-c"), Some("\"x y\""));
    assert_eq!(received.header("x-amz-meta-empty"), Some(""));
    verify(&received).unwrap();
}

#[test]
fn ndjson_ends_with_a_newline_and_says_so() {
    let server = Server::answering(OK);
    let client = client();
    for (target, body, wire, content_type) in [
        (
            "/_bulk",
            "{\"index\":{}}\n{}",
            "{\"index\":{}}\n{}\n",
            "application/x-ndjson",
        ),
        ("/i/_msearch", "{}\n", "{}\n", "application/x-ndjson"),
        ("/i/_doc", "{}", "{}", "application/json"),
    ] {
        client
            .request("POST", &server.url(target))
            .body(body)
            .send()
            .unwrap();
        let received = server.last();
        assert_eq!(received.body, wire.as_bytes());
        assert_eq!(received.header("content-type"), Some(content_type));
        verify(&received).unwrap();
    }
    let text = client
        .request("POST", &server.url("/x"))
        .header("Content-Type", "text/plain");
    text.body("a").send().unwrap();
    assert_eq!(server.last().header("content-type"), Some("text/plain"));
}

#[test]
fn a_file_is_sent_as_it_is_and_gets_its_newline_on_the_way() {
    let server = Server::answering(OK);
    let path = std::env::temp_dir().join(format!("sigv4-kit-send-{}.ndjson", std::process::id()));
    let mut content = vec![b'x'; 300_000];
    std::fs::File::create(&path)
        .unwrap()
        .write_all(&content)
        .unwrap();
    for (target, newline) in [("/i/_doc", false), ("/_bulk", true)] {
        let request = client().request("POST", &server.url(target));
        request.body(Body::file(&path)).send().unwrap();
        if newline {
            content.push(b'\n');
        }
        let received = server.last();
        assert!(received.body == content);
        verify(&received).unwrap();
    }
    std::fs::remove_file(&path).unwrap();
    let missing = client()
        .request("POST", &server.url("/"))
        .body(Body::file(&path))
        .send();
    assert!(matches!(
        missing,
        Err(SendError::File {
            kind: std::io::ErrorKind::NotFound,
            ..
        })
    ));
}

#[test]
fn a_reader_that_ends_early_is_an_error_and_a_longer_one_is_cut() {
    let server = Server::answering(OK);
    let hash = [0; 32];
    let short = Body::reader_with_hash(&b"12"[..], 3, hash);
    let failed = client()
        .request("PUT", &server.url("/"))
        .body(short)
        .send()
        .unwrap_err();
    assert!(matches!(failed, SendError::Body { .. }), "{failed}");
    assert!(failed.to_string().contains("1 bytes before"), "{failed}");
    let long = Body::reader_with_hash(&b"1234"[..], 3, hash);
    client()
        .request("PUT", &server.url("/"))
        .body(long)
        .send()
        .unwrap();
    assert_eq!(server.last().body, b"123");
}

#[test]
fn a_session_token_is_sent_and_signed_and_not_shown() {
    let server = Server::answering(OK);
    let token = "FwoGZXIvYXdzEXAMPLE/token+==";
    let with_token = Credentials::new("AKIDEXAMPLE", SECRET)
        .unwrap()
        .with_session_token(token)
        .unwrap();
    let client = builder().credentials(with_token).build().unwrap();
    client.request("GET", &server.url("/")).send().unwrap();
    let received = server.last();
    assert_eq!(received.header("x-amz-security-token"), Some(token));
    verify(&received).unwrap();
    let prepared = client.request("GET", &server.url("/")).prepare().unwrap();
    let shown = format!("{prepared:?} {client:?}");
    assert!(!shown.contains(token) && !shown.contains(SECRET), "{shown}");
}

#[test]
fn what_is_prepared_is_what_is_sent() {
    let server = Server::answering(OK);
    let request = || client().request("PUT", &server.url("/a b?x")).body("{}");
    let prepared = request().prepare().unwrap();
    assert!(server.received().is_empty());
    request().send().unwrap();
    let received = server.last();
    for (name, value) in prepared.headers() {
        assert_eq!(received.header(name), Some(value), "{name}");
    }
    assert_eq!(prepared.body(), PreparedBody::Bytes(b"{}"));
    assert_eq!(prepared.url().request_target(), received.target);
    assert_eq!((prepared.region(), prepared.service()), ("us-east-1", "es"));
}

#[test]
fn without_the_content_hash_the_suite_s_signature_comes_out() {
    let prepared = builder()
        .service("service")
        .build()
        .unwrap()
        .request("GET", "https://example.amazonaws.com/")
        .no_content_sha256()
        .prepare()
        .unwrap();
    let signature = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
    assert!(prepared.signed().authorization().ends_with(signature));
}

#[test]
fn another_address_is_dialled_and_the_name_stays() {
    let server = Server::answering(OK);
    let client = builder()
        .connect_to(&server.address.to_string())
        .build()
        .unwrap();
    let url = "http://vpc-x.us-east-1.es.amazonaws.com:9200/_cat/nodes";
    client.request("GET", url).send().unwrap();
    let received = server.last();
    assert_eq!(
        received.header("host"),
        Some("vpc-x.us-east-1.es.amazonaws.com:9200")
    );
    verify(&received).unwrap();
    for wrong in [
        "localhost",
        "localhost:",
        ":1",
        "localhost:x",
        "::1:9200",
        "[::1:9200",
        "h:0",
        "h:99999",
    ] {
        let refused = builder().connect_to(wrong).build();
        assert!(matches!(refused, Err(SendError::Setting { .. })), "{wrong}");
    }
}

#[test]
fn another_host_is_signed_than_is_dialled() {
    let server = Server::answering(OK);
    let name = "search-x.eu-west-1.es.amazonaws.com";
    let plain = || {
        sigv4_kit::send::Client::builder()
            .credentials(credentials())
            .clock(sigv4_kit::provider::Clock::fixed(NOW))
            .environment(sigv4_kit::provider::Environment::empty())
            .build()
            .unwrap()
    };
    for request in [
        plain().request("GET", &server.url("/")).sign_host(name),
        plain()
            .request("GET", &server.url("/"))
            .header("Host", name),
    ] {
        request.send().unwrap();
        assert_eq!(server.last().header("host"), Some(name));
        verify_for(&server.last(), "eu-west-1", "es", NOW).unwrap();
    }
    let unknown = plain().request("GET", &server.url("/")).send().unwrap_err();
    assert!(
        matches!(
            unknown,
            SendError::NoScope {
                region: true,
                service: true,
                ..
            }
        ),
        "{unknown}"
    );
    let half = plain()
        .request("GET", &server.url("/"))
        .service("es")
        .send()
        .unwrap_err();
    assert!(
        matches!(
            half,
            SendError::NoScope {
                region: true,
                service: false,
                ..
            }
        ),
        "{half}"
    );
}

#[test]
fn what_cannot_be_sent_is_refused_before_anything_is() {
    let server = Server::answering(OK);
    let client = client();
    for (name, value) in [
        ("a", "b\r\nc: d"),
        ("a", "b\0"),
        ("a b", "c"),
        ("", "c"),
        ("é", "c"),
        ("content-length", "1"),
        ("Transfer-Encoding", "chunked"),
        ("expect", "100-continue"),
        ("Authorization", "x"),
        ("x-amz-date", "yesterday"),
        ("x-amz-content-sha256", "0"),
    ] {
        let refused = client
            .request("GET", &server.url("/"))
            .header(name, value)
            .send();
        assert!(refused.is_err(), "{name}: {value}");
    }
    for method in ["", "G T", "G\nT", "é"] {
        assert!(
            client.request(method, &server.url("/")).send().is_err(),
            "{method}"
        );
    }
    for url in [
        "",
        "h",
        "ftp://h/",
        "http://",
        "http://u:p@h/",
        "http://h:x/",
        "http://h/\r\n",
        "http://h/\0",
    ] {
        assert!(
            matches!(client.request("GET", url).send(), Err(SendError::Url(_))),
            "{url}"
        );
    }
    assert!(server.received().is_empty());
}

#[test]
fn a_refusal_is_a_value_and_an_error_that_keeps_the_body() {
    let server = Server::start(|_, _| {
        Then::Answer(answer(
            "403 Forbidden",
            &["x-amzn-requestid: id-1"],
            "{\"message\":\"no\"}",
        ))
    });
    let request = || client().request("GET", &server.url("/"));
    let refused = request().send().unwrap();
    assert_eq!(
        (refused.status(), refused.request_id()),
        (403, Some("id-1"))
    );
    assert_eq!(refused.json().unwrap()["message"], "no");
    let error = request().send().unwrap().error_for_status().unwrap_err();
    let SendError::Status(refusal) = error else {
        panic!("{error}")
    };
    assert_eq!(
        (refusal.status(), refusal.request_id()),
        (403, Some("id-1"))
    );
    assert_eq!(refusal.body(), b"{\"message\":\"no\"}");
    assert_eq!(
        refusal.into_response().text().unwrap(),
        "{\"message\":\"no\"}"
    );
}

#[test]
fn one_connection_serves_many_requests_and_threads_share_a_client() {
    let server = Server::answering(OK);
    let client = client();
    for _ in 0..10 {
        assert_eq!(
            client
                .request("GET", &server.url("/"))
                .send()
                .unwrap()
                .text()
                .unwrap(),
            "ok"
        );
    }
    assert!(
        server
            .received()
            .iter()
            .all(|received| received.connection == 0)
    );
    let url = server.url("/");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            let (client, url) = (client.clone(), url.clone());
            scope.spawn(move || {
                for _ in 0..20 {
                    client
                        .request("PUT", &url)
                        .body("{}")
                        .send()
                        .unwrap()
                        .bytes()
                        .unwrap();
                }
            });
        }
    });
    let received = server.received();
    assert_eq!(received.len(), 170);
    received
        .iter()
        .for_each(|received| drop(verify(received).unwrap()));
}

#[test]
fn threads_that_pause_together_keep_their_connections() {
    const THREADS: usize = 8;
    let server = Server::answering(OK);
    let client = client();
    let all = std::sync::Barrier::new(THREADS);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..4 {
                    let sent = client.request("GET", &server.url("/")).send().unwrap();
                    all.wait();
                    sent.bytes().unwrap();
                    all.wait();
                }
            });
        }
    });
    let received = server.received();
    assert_eq!(received.len(), 4 * THREADS);
    assert!(received.iter().all(|one| one.connection < THREADS));
}

#[test]
fn an_answer_that_nobody_reads_leaves_its_connection() {
    let server = Server::answering(OK);
    let client = client();
    for _ in 0..3 {
        let sent = client.request("GET", &server.url("/")).send().unwrap();
        assert!(sent.is_success());
    }
    assert!(server.received().iter().all(|one| one.connection == 0));
}
