use sigv4_kit::provider::http::{Http, without_query};
use sigv4_kit::provider::{Clock, Context, Environment, HttpError, ProviderError, Source};

use crate::server::{Reply, Server, nobody};
use crate::{NOW, context, environment};

fn service(context: &Context) -> Result<Http, ProviderError> {
    Http::service(Source::Sso, context)
}

#[test]
fn every_status_is_an_answer_and_nothing_is_added_to_the_request() {
    let server = Server::script(vec![Reply::Body(403, b"no".to_vec()), Reply::ok("yes")]);
    let http = service(&context(&[])).unwrap();
    let url = format!("{}/a/../b%2F?x=%20", server.url());
    let answer = http.send("GET", &url, &[("x-one", "1")], None).unwrap();
    assert_eq!((answer.status, answer.text()), (403, Some("no")));
    let body = b"grant=refresh";
    let answer = http
        .send("POST", &url, &[("content-type", "text/plain")], Some(body))
        .unwrap();
    assert_eq!((answer.status, answer.text()), (200, Some("yes")));
    let requests = server.requests();
    assert_eq!(requests[0].line(), "GET /a/../b%2F?x=%20");
    let mut names: Vec<&str> = requests[0]
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["host", "user-agent", "x-one"]);
    assert_eq!(requests[1].line(), "POST /a/../b%2F?x=%20");
    assert_eq!(requests[1].header("content-length"), Some("13"));
    assert_eq!(requests[1].body, body);
}

#[test]
fn what_cannot_be_sent_is_not_sent() {
    let server = Server::script(vec![]);
    let http = service(&context(&[])).unwrap();
    let send = |url: &str, value: &str| http.send("GET", url, &[("x", value)], None).unwrap_err();
    assert_eq!(send(&server.url(), "a\r\nb: c"), HttpError::Request);
    assert_eq!(
        send(&format!("{}/a b", server.url()), "1"),
        HttpError::Request
    );
    assert!(matches!(send(&nobody(), "1"), HttpError::Connection(_)));
    assert!(server.requests().is_empty());
}

#[test]
fn a_certificate_bundle_must_hold_a_certificate() {
    let with = |environment: Environment| {
        let environment = environment
            .with_variable("AWS_CA_BUNDLE", "~/ca.pem")
            .with_variable("HOME", "/h");
        service(&Context::new(environment, Clock::fixed(NOW)))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(with(environment(&[])), "/h/ca.pem: entity not found");
    let empty = environment(&[]).with_file("/h/ca.pem", "no certificate");
    assert_eq!(
        with(empty),
        "IAM Identity Center: /h/ca.pem holds no PEM certificate"
    );
}

#[test]
fn an_error_shows_neither_query_nor_userinfo() {
    for (url, shown) in [
        ("https://u:hunter2@h:1/p?hunter2#hunter2", "https://h:1/p"),
        ("http://h/a@b", "http://h/a@b"),
        ("http://h?hunter2@x", "http://h"),
        ("nonsense", "nonsense"),
    ] {
        assert_eq!(without_query(url), shown);
    }
}
