use std::sync::{Arc, Mutex};
use std::time::Duration;

use sigv4_kit::provider::HttpError;
use sigv4_kit::provider::{
    AnswerError, Chain, Clock, ContainerEndpoint, Context, Environment, FileError, ProviderError,
    Source,
};

use crate::server::{Recorded, Reply, Server, nobody};
use crate::{NOW, context, credentials, error, nothing};

const RELATIVE: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const FULL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

pub const ANSWER: &str = r#"{"RoleArn":"arn:aws:iam::123456789012:role/x","AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"hunter2","Token":"hunter2token","Expiration":"2026-01-01T06:00:00Z","AccountId":"123456789012"}"#;

fn endpoint() -> ContainerEndpoint {
    ContainerEndpoint::new()
}

/// Answers only the one request that is right.
fn strict(path: &'static str, token: Option<&'static str>) -> Server {
    Server::start(move |request: &Recorded| {
        let right = request.line() == format!("GET {path}")
            && request.header("accept") == Some("application/json")
            && request.header("authorization") == token
            && request.body.is_empty();
        match right {
            true => Reply::ok(ANSWER),
            false => Reply::status(400),
        }
    })
}

fn full(server: &Server, more: &[(&str, &str)]) -> Context {
    let url = format!("{}/creds?id=1", server.url());
    context(&[&[(FULL, url.as_str())], more].concat())
}

fn check(found: sigv4_kit::Credentials) {
    assert_eq!(found.access_key_id(), "ASIAEXAMPLE");
    assert_eq!(found.secret_access_key(), "hunter2");
    assert_eq!(found.session_token(), Some("hunter2token"));
    assert_eq!(found.account_id(), Some("123456789012"));
    assert_eq!(found.expires_at(), Some(NOW + 6 * 3600));
}

#[test]
fn a_full_uri_is_asked_with_the_token_of_the_variable() {
    let server = strict("/creds?id=1", Some("Bearer abc"));
    check(credentials(
        &endpoint(),
        &full(&server, &[(TOKEN, "Bearer abc")]),
    ));
    let server = strict("/creds?id=1", None);
    check(credentials(&endpoint(), &full(&server, &[])));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_relative_uri_wins_over_a_full_one() {
    let server = strict("/v2/credentials/uuid", None);
    let both = [
        (RELATIVE, "/v2/credentials/uuid"),
        (FULL, "http://example.com/c"),
    ];
    check(credentials(
        &ContainerEndpoint::relative_to(&server.url()),
        &context(&both),
    ));
    // It cannot name another host.
    let odd = error(&endpoint(), &context(&[(RELATIVE, "@example.com/c")]));
    assert!(odd.to_string().starts_with(RELATIVE));
}

#[test]
fn without_its_variables_there_is_nothing() {
    let reason = nothing(&endpoint(), &context(&[(FULL, ""), (TOKEN, "t")]));
    assert!(reason.contains(RELATIVE) && reason.contains(FULL));
}

#[test]
fn the_token_file_wins_and_is_read_for_every_attempt() {
    let path = std::env::temp_dir().join(format!("sigv4-kit-token-{}", std::process::id()));
    std::fs::write(&path, "first").unwrap();
    let file = path.clone();
    let server = Server::start(move |request| {
        let token = request
            .header("authorization")
            .unwrap_or_default()
            .to_string();
        std::fs::write(&file, "second").unwrap();
        match token.as_str() {
            "second" => Reply::ok(ANSWER),
            _ => Reply::status(500),
        }
    });
    let environment = crate::environment(&[
        (FULL, server.url().as_str()),
        (TOKEN, "hunter2"),
        (TOKEN_FILE, path.to_str().unwrap()),
    ]);
    let context = Context::new(environment.with_disk(), Clock::fixed(NOW));
    check(credentials(&endpoint(), &context));
    std::fs::remove_file(&path).unwrap();
    let sent: Vec<_> = server
        .requests()
        .iter()
        .map(|one| one.header("authorization").unwrap().to_string())
        .collect();
    assert_eq!(sent, ["first", "second"]);
}

#[test]
fn case_11_a_token_file_with_a_line_end_is_refused_without_a_request() {
    let server = strict("/creds?id=1", Some("hunter2"));
    for content in ["hunter2\n", "hunter2\r\n", "hunter2\r", "hun\nter2", "\n"] {
        let url = format!("{}/creds?id=1", server.url());
        let environment = crate::environment(&[(FULL, url.as_str()), (TOKEN_FILE, "/token")])
            .with_file("/token", content);
        let refused = error(&endpoint(), &Context::new(environment, Clock::fixed(NOW)));
        assert!(
            matches!(
                refused,
                ProviderError::File {
                    cause: FileError::LineEnd,
                    ..
                }
            ),
            "{refused:?}"
        );
    }
    let refused = error(&endpoint(), &full(&server, &[(TOKEN, "hunter2\n")]));
    assert!(refused.to_string().starts_with(TOKEN));
    assert!(server.requests().is_empty());
}

#[test]
fn a_token_file_that_cannot_be_used_is_an_error() {
    let server = strict("/creds?id=1", Some("hunter2"));
    let with = |environment: Environment| {
        let environment = environment
            .with_variable(FULL, &server.url())
            .with_variable(TOKEN_FILE, "/token");
        error(&endpoint(), &Context::new(environment, Clock::fixed(NOW))).to_string()
    };
    assert_eq!(with(Environment::empty()), "/token: entity not found");
    assert_eq!(
        with(Environment::empty().with_file("/token", b"\xff")),
        "/token: not UTF-8"
    );
    assert_eq!(
        with(Environment::empty().with_file("/token", vec![b'a'; 65537])),
        "/token: file too large"
    );
    assert!(server.requests().is_empty());
}

#[test]
fn case_13_http_to_another_host_is_refused_without_a_request() {
    for url in [
        "http://example.com/c",
        "http://169.254.169.254/c",
        "http://127.0.0.1@example.com/c",
    ] {
        let refused = error(&endpoint(), &context(&[(FULL, url)]));
        assert!(
            matches!(&refused, ProviderError::Setting { name, .. } if name == FULL),
            "{url}"
        );
    }
}

#[test]
fn case_14_an_endpoint_that_fails_stops_the_look_before_the_instance_is_asked() {
    let instance = Server::script(vec![]);
    let container = Server::script(vec![Reply::status(404)]);
    let url = format!("{}/creds?id=hunter2", container.url());
    let context = context(&[
        (FULL, url.as_str()),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", instance.url().as_str()),
    ]);
    let stopped = Chain::new(context).resolve().unwrap_err();
    assert!(matches!(
        stopped,
        ProviderError::Status {
            source: Source::Container,
            status: 404,
            ..
        }
    ));
    assert_eq!(
        stopped.to_string(),
        format!(
            "container credentials: {}/creds answered 404",
            container.url()
        )
    );
    assert_eq!(container.requests().len(), 1);
    assert!(instance.requests().is_empty());
}

#[test]
fn failures_that_may_pass_are_tried_three_times_a_second_apart() {
    let waits = Arc::new(Mutex::new(Vec::new()));
    let seen = waits.clone();
    let clock = Clock::new(|| NOW, move |duration| seen.lock().unwrap().push(duration));
    let over = |server: &Server| {
        let environment = crate::environment(&[(FULL, server.url().as_str())]);
        Context::new(environment, clock.clone())
    };
    let server = Server::script(vec![
        Reply::status(500),
        Reply::ok("<html>"),
        Reply::ok(ANSWER),
    ]);
    check(credentials(&endpoint(), &over(&server)));
    assert_eq!(*waits.lock().unwrap(), [Duration::from_secs(1); 2]);
    let server = Server::script(vec![
        Reply::status(503),
        Reply::Raw(Vec::new()),
        Reply::Body(
            429,
            br#"{"code":"Throttling","message":"hunter2"}"#.to_vec(),
        ),
        Reply::ok(ANSWER),
    ]);
    let last = error(&endpoint(), &over(&server));
    assert!(
        matches!(&last, ProviderError::Status { status: 429, code: Some(code), .. } if code == "Throttling")
    );
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn redirects_are_not_followed() {
    let elsewhere = strict("/", Some("hunter2"));
    let location = format!("location: {}/", elsewhere.url());
    let server = Server::script(vec![Reply::Full(302, vec![location], Vec::new())]);
    let stopped = error(&endpoint(), &full(&server, &[(TOKEN, "hunter2")]));
    assert!(matches!(stopped, ProviderError::Status { status: 302, .. }));
    assert!(elsewhere.requests().is_empty());
}

#[test]
fn answers_that_are_not_credentials_are_refused() {
    let cause = |body: &[u8]| {
        let body = body.to_vec();
        let server = Server::start(move |_| Reply::Body(200, body.clone()));
        match error(&endpoint(), &full(&server, &[])) {
            ProviderError::Malformed {
                source: Source::Container,
                cause,
            } => cause,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(cause(b""), AnswerError::Empty);
    assert_eq!(cause(b"<html>hunter2</html>"), AnswerError::NotJson);
    assert_eq!(cause(&ANSWER.as_bytes()[..60]), AnswerError::NotJson);
    assert_eq!(cause(b"{\"AccessKeyId\":\"\xff\"}"), AnswerError::NotUtf8);
    assert_eq!(
        cause(br#"{"AccessKeyId":"A","SecretAccessKey":"hunter2"}"#),
        AnswerError::Missing("Token")
    );
    assert_eq!(
        cause(br#"{"code":"AssumeRoleUnauthorizedAccess","message":"hunter2"}"#),
        AnswerError::Code("AssumeRoleUnauthorizedAccess".into())
    );
    assert!(matches!(
        cause(ANSWER.replace("2026-01-01T06:00:00Z", "later").as_bytes()),
        AnswerError::Field {
            name: "Expiration",
            ..
        }
    ));
}

#[test]
fn an_answer_that_is_too_long_cut_or_missing_is_an_error_of_the_connection() {
    let cause = |server: &Server| match error(&endpoint(), &full(server, &[])) {
        ProviderError::Http {
            source: Source::Container,
            cause,
            ..
        } => cause,
        other => panic!("{other:?}"),
    };
    let long = Server::start(|_| Reply::Body(200, vec![b' '; 65537]));
    assert_eq!(cause(&long), HttpError::TooLarge);
    assert_eq!(long.requests().len(), 1);
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"AccessKeyId\":\"hunter2";
    assert_eq!(
        cause(&Server::start(|_| Reply::Raw(cut.to_vec()))),
        HttpError::Truncated
    );
    let odd = Server::start(|_| Reply::Raw(b"220 mail ready\r\n".to_vec()));
    assert_eq!(cause(&odd), HttpError::NotHttp);
    let gone = context(&[(FULL, nobody().as_str())]);
    assert!(matches!(
        error(&endpoint(), &gone),
        ProviderError::Http {
            cause: HttpError::Connection(_),
            ..
        }
    ));
}
