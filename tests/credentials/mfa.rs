//! An MFA code is asked for once and used once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use sigv4_kit::provider::{Chain, Clock, Context, Environment, MfaPrompt};

use crate::server::{Reply, Server};
use crate::strict::assumed;

const CONFIG: &str = "[default]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = keys\nmfa_serial = m\n\
    region = us-east-1\n[profile keys]\naws_access_key_id = AKIA\naws_secret_access_key = hunter2\n";

fn chain(server: &Server, prompt: Option<MfaPrompt>) -> Chain {
    let environment = Environment::empty()
        .with_variable("AWS_CONFIG_FILE", "/config")
        .with_file("/config", CONFIG)
        .with_variable("AWS_ENDPOINT_URL_STS", &server.url());
    let context = Context::new(environment, Clock::fixed(1_767_225_600));
    Chain::new(match prompt {
        Some(prompt) => context.with_mfa_prompt(prompt),
        None => context,
    })
}

fn counting(code: &'static str) -> (MfaPrompt, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    let prompt = MfaPrompt::new(move |serial| {
        assert_eq!(serial, "m");
        counted.fetch_add(1, Ordering::SeqCst);
        Ok(String::from(code).into())
    });
    (prompt, count)
}

#[test]
fn a_second_session_from_the_same_prompt_is_refused_without_a_question_or_a_request() {
    let issued =
        json!({"key": "ASIA", "secret": "s", "token": "t", "expires": "2026-01-01T01:00:00Z"});
    let server = Server::start(move |_| Reply::ok(&assumed(&issued)));
    let (prompt, asked) = counting(" 123456\n");
    let chain = chain(&server, Some(prompt));
    let found = chain.resolve().expect("a session");
    assert_eq!(found.credentials.access_key_id(), "ASIA");
    let body = String::from_utf8_lossy(&server.requests()[0].body).into_owned();
    assert!(body.contains("&SerialNumber=m&TokenCode=123456"), "{body}");
    let error = chain
        .renew(found.source)
        .expect_err("no second session")
        .to_string();
    assert!(
        error.contains("the session of profile default was opened with an MFA code"),
        "{error}"
    );
    assert_eq!(
        (asked.load(Ordering::SeqCst), server.requests().len()),
        (1, 1)
    );
}

#[test]
fn a_request_with_a_code_is_sent_once_even_when_the_service_fails() {
    let server = Server::start(|_| Reply::status(503));
    let (prompt, _) = counting("123456");
    let error = chain(&server, Some(prompt))
        .resolve()
        .expect_err("503")
        .to_string();
    assert!(error.ends_with("/ answered 503"), "{error}");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn what_is_no_code_is_not_sent() {
    let server = Server::start(|_| Reply::status(503));
    for code in ["12345", "1234567", "12345x", "", "１２３４５６"] {
        let (prompt, _) = counting(code);
        let error = chain(&server, Some(prompt))
            .resolve()
            .expect_err("no code")
            .to_string();
        assert!(error.contains("it must be 6 digits"), "{error}");
    }
    let refusing = MfaPrompt::new(|_| Err(std::io::ErrorKind::UnexpectedEof.into()));
    let error = chain(&server, Some(refusing))
        .resolve()
        .expect_err("no code")
        .to_string();
    assert!(
        error.contains("needs an MFA code (mfa_serial) and none was given"),
        "{error}"
    );
    let error = chain(&server, None)
        .resolve()
        .expect_err("no prompt")
        .to_string();
    assert!(error.contains("nobody can be asked for it here"), "{error}");
    assert!(server.requests().is_empty());
}
