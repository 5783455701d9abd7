//! What is sent again, and what is not.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use sigv4_kit::send::{
    Body, Note, Response, RetryCause, RetryPolicy, SendError, Timeouts, TransportError,
};
use sigv4_kit::signing::Rules;

use super::server::{Server, Then, answer};
use super::{NOW, Waits, builder, verify, verify_for};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// A server that answers the first requests so and every later one with 200.
fn failing(
    times: usize,
    status: &'static str,
    headers: &'static [&str],
    body: &'static str,
) -> Server {
    Server::start(move |number, _| match number < times {
        true => Then::Answer(answer(status, headers, body)),
        false => Then::Answer(OK.into()),
    })
}

fn send(server: &Server, method: &str, target: &str) -> (Response, Waits) {
    let waits = Waits::default();
    let client = builder().clock(waits.clock()).build().unwrap();
    let request = client.request(method, &server.url(target)).body("{}");
    (request.send().unwrap(), waits)
}

#[test]
fn too_many_requests_is_sent_again_even_where_it_is_a_post() {
    for (status, body) in [
        ("429 Too Many Requests", "429 Too Many Requests /_bulk"),
        (
            "429 Too Many Requests",
            "{\"error\":{\"type\":\"rejected_execution_exception\"},\"status\":429}",
        ),
        (
            "403 Forbidden",
            "403 Request throttled due to too many requests",
        ),
        (
            "400 Bad Request",
            "{\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}",
        ),
    ] {
        let server = failing(2, status, &[], body);
        let (sent, waits) = send(&server, "POST", "/_bulk");
        assert_eq!(
            (sent.status(), sent.attempts()),
            (200, 3),
            "{status} {body}"
        );
        assert_eq!(waits.all().len(), 2);
        assert!(waits.all()[0] <= Duration::from_millis(250));
        assert!(waits.all()[1] <= Duration::from_millis(500));
        let bodies: Vec<_> = server
            .received()
            .iter()
            .map(|one| one.body.clone())
            .collect();
        assert_eq!(bodies, [b"{}\n", b"{}\n", b"{}\n"]);
    }
}

#[test]
fn the_server_says_how_long_to_wait_and_each_attempt_is_signed_at_its_own_time() {
    let server = failing(1, "503 Service Unavailable", &["retry-after: 7"], "");
    let (sent, waits) = send(&server, "POST", "/i/_doc");
    assert_eq!((sent.status(), sent.attempts()), (200, 2));
    assert_eq!(waits.all(), [Duration::from_secs(7)]);
    let received = server.received();
    assert_eq!(received[0].header("x-amz-date"), Some("20150830T123600Z"));
    assert_eq!(received[1].header("x-amz-date"), Some("20150830T123607Z"));
    verify(&received[0]).unwrap();
    verify_for(&received[1], "us-east-1", "es", NOW + 7).unwrap();
    let because = RetryCause::Status(503);
    let wait = Duration::from_secs(7);
    assert_eq!(
        sent.notes(),
        [Note::Retry {
            attempt: 1,
            because,
            wait
        }]
    );
}

#[test]
fn the_server_may_name_the_time_to_come_again() {
    let headers = &[
        "date: Sun, 30 Aug 2015 12:36:00 GMT",
        "retry-after: Sun, 30 Aug 2015 12:36:09 GMT",
    ];
    let server = failing(1, "429 Too Many Requests", headers, "");
    let (sent, waits) = send(&server, "POST", "/i/_doc");
    assert_eq!(
        (sent.status(), waits.all()),
        (200, vec![Duration::from_secs(9)])
    );
}

#[test]
fn what_may_have_had_effect_is_repeated_only_where_that_does_no_harm() {
    for status in [
        "500 Internal Server Error",
        "502 Bad Gateway",
        "503 Service Unavailable",
        "504 Gateway Timeout",
    ] {
        for (method, target, expected) in [
            ("GET", "/", 200),
            ("PUT", "/i/_doc/1", 200),
            ("DELETE", "/i", 200),
            ("POST", "/i/_search", 200),
            ("POST", "/i/_doc/1", 200),
            ("POST", "/i/_doc", 0),
            ("POST", "/_bulk", 0),
            ("PATCH", "/i", 0),
        ] {
            let server = failing(1, status, &[], "");
            let (sent, _) = send(&server, method, target);
            let expected = match expected {
                0 => status[..3].parse().unwrap(),
                other => other,
            };
            assert_eq!(sent.status(), expected, "{status} {method} {target}");
            assert_eq!(server.received().len(), if expected == 200 { 2 } else { 1 });
            let told = sent.notes().contains(&Note::NotRepeated);
            assert_eq!(told, expected != 200, "{status} {method} {target}");
        }
    }
    let server = failing(1, "500 Internal Server Error", &[], "");
    let client = builder().build().unwrap();
    let request = client.request("POST", &server.url("/i/_doc")).idempotent();
    assert_eq!(request.send().unwrap().status(), 200);
    let server = failing(1, "500 Internal Server Error", &[], "");
    let request = client.request("PUT", &server.url("/i/_doc/1"));
    let reader = Body::unsigned_reader(&b"{}"[..], 2);
    let request = request.rules(Rules {
        payload_unsigned_only: true,
        ..Rules::for_service("es")
    });
    let sent = request.body(reader).send().unwrap();
    assert_eq!(
        (sent.status(), sent.notes()),
        (500, &[Note::BodyWasRead][..])
    );
}

#[test]
fn a_refusal_that_would_be_the_same_again_is_not_repeated() {
    for status in [
        "400 Bad Request",
        "403 Forbidden",
        "404 Not Found",
        "409 Conflict",
        "501 Not Implemented",
    ] {
        let server = failing(1, status, &[], "{}");
        let (sent, _) = send(&server, "GET", "/");
        assert_eq!(
            (sent.attempts(), server.received().len()),
            (1, 1),
            "{status}"
        );
    }
    let server = failing(1, "504 Gateway Timeout", &[], "");
    let (sent, _) = send(&server, "PUT", "/_snapshot/r/s");
    assert_eq!(sent.status(), 504, "the snapshot is still being made");
}

#[test]
fn attempts_and_time_have_an_end_and_the_last_answer_is_given() {
    let server = failing(99, "503 Service Unavailable", &[], "later");
    let (sent, waits) = send(&server, "GET", "/");
    assert_eq!(
        (sent.status(), sent.attempts(), waits.all().len()),
        (503, 4, 3)
    );
    assert_eq!(sent.text().unwrap(), "later");

    let server = failing(99, "503 Service Unavailable", &["retry-after: 3600"], "");
    let (sent, waits) = send(&server, "GET", "/");
    assert_eq!(
        (sent.status(), sent.attempts(), waits.all().len()),
        (503, 1, 0)
    );
    let wait = Duration::from_secs(3600);
    assert_eq!(sent.notes(), [Note::GaveUp { wait }]);

    let server = failing(99, "429 Too Many Requests", &[], "");
    let client = builder().retries(RetryPolicy::none()).build().unwrap();
    let sent = client.request("GET", &server.url("/")).send().unwrap();
    assert_eq!((sent.status(), sent.attempts()), (429, 1));
}

#[test]
fn a_connection_that_breaks_is_made_again_where_that_does_no_harm() {
    let breaking = || {
        Server::start(|number, _| match number {
            0 => Then::Close,
            1 => Then::AnswerAndClose("HTTP/1.1 200 OK\r\ncontent-le".into()),
            _ => Then::Answer(OK.into()),
        })
    };
    let server = breaking();
    let (sent, _) = send(&server, "PUT", "/i/_doc/1");
    assert_eq!((sent.status(), sent.attempts()), (200, 3));
    let server = breaking();
    let client = builder().build().unwrap();
    let lost = client
        .request("POST", &server.url("/i/_doc"))
        .body("{}")
        .send();
    assert!(matches!(
        lost,
        Err(SendError::Transport(TransportError::Broken(_)))
    ));
    assert_eq!(server.received().len(), 1, "sent once");
}

#[test]
fn a_connection_that_is_refused_is_tried_again_even_for_a_post() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/i/_doc", free.local_addr().unwrap());
    drop(free);
    let waits = Waits::default();
    let client = builder().clock(waits.clock()).build().unwrap();
    let refused = client.request("POST", &url).body("{}").send().unwrap_err();
    assert!(matches!(
        refused,
        SendError::Transport(TransportError::Connect { .. })
    ));
    assert_eq!(waits.all().len(), 3);
}

#[test]
fn slow_headers_end_in_time_and_are_asked_for_again() {
    let server = Server::start(|number, _| match number {
        0 => Then::Silence,
        _ => Then::Answer(OK.into()),
    });
    let timeouts = Timeouts {
        idle: Some(Duration::from_millis(100)),
        ..Timeouts::default()
    };
    let client = builder().timeouts(timeouts).build().unwrap();
    let sent = client.request("GET", &server.url("/")).send().unwrap();
    let because = RetryCause::Transport(TransportError::Timeout("waiting for the answer"));
    assert_eq!((sent.status(), sent.attempts()), (200, 2));
    assert!(matches!(&sent.notes()[0], Note::Retry { because: cause, .. } if *cause == because));
}

#[test]
fn the_whole_request_has_an_end_too() {
    let server = Server::start(|_, _| Then::Silence);
    let timeouts = Timeouts {
        total: Some(Duration::from_millis(100)),
        ..Timeouts::default()
    };
    let client = builder()
        .timeouts(timeouts)
        .retries(RetryPolicy::none())
        .build()
        .unwrap();
    let ended = client.request("GET", &server.url("/")).send().unwrap_err();
    assert!(
        matches!(
            ended,
            SendError::Transport(TransportError::Timeout("the whole request"))
        ),
        "{ended}"
    );
}

#[test]
fn a_body_from_a_reader_is_sent_once() {
    let server = failing(1, "429 Too Many Requests", &[], "");
    let client = builder().build().unwrap();
    let body = Body::reader_with_hash(&b"{}"[..], 2, [0; 32]);
    let sent = client
        .request("PUT", &server.url("/"))
        .body(body)
        .send()
        .unwrap();
    assert_eq!((sent.status(), server.received().len()), (429, 1));
}

#[test]
fn an_observer_is_told_as_it_happens() {
    let server = failing(1, "429 Too Many Requests", &[], "");
    let told = Arc::new(Mutex::new(Vec::new()));
    let observer = told.clone();
    let client = builder()
        .on_note(move |note| observer.lock().unwrap().push(note.to_string()))
        .build()
        .unwrap();
    let sent = client.request("GET", &server.url("/")).send().unwrap();
    let told = told.lock().unwrap();
    assert_eq!(*told, [sent.notes()[0].to_string()]);
    assert!(
        told[0].starts_with("attempt 1 failed (status 429); again in 0."),
        "{}",
        told[0]
    );
}
