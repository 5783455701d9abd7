#![cfg(unix)]

use std::time::Duration;

use sigv4_kit::provider::{
    AnswerError, Clock, Context, CredentialProcess, ProcessError, ProviderError, Source,
};

use crate::{NOW, credentials, environment, error, nothing};

fn config(settings: &str) -> Context {
    let environment = environment(&[("HOME", "/h")])
        .with_file("/h/.aws/config", format!("[default]\n{settings}\n"));
    Context::new(environment, Clock::fixed(NOW))
}

/// A process that prints `text`; it must hold no single quote.
fn printing(text: &str) -> Context {
    config(&format!("credential_process = printf %s '{text}'"))
}

fn process() -> CredentialProcess {
    CredentialProcess::with_timeout(Duration::from_secs(20))
}

fn malformed(text: &str) -> AnswerError {
    match error(&process(), &printing(text)) {
        ProviderError::Malformed {
            source: Source::Process,
            cause,
        } => cause,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_the_process_prints_is_taken() {
    let full = r#"{"Version":1,"AccessKeyId":"AKIDEXAMPLE","SecretAccessKey":"hunter2","SessionToken":"t","Expiration":"2026-01-01T01:00:00Z","AccountId":"123456789012"}"#;
    let found = credentials(&process(), &printing(full));
    assert_eq!(found.access_key_id(), "AKIDEXAMPLE");
    assert_eq!(found.secret_access_key(), "hunter2");
    assert_eq!(found.session_token(), Some("t"));
    assert_eq!(found.account_id(), Some("123456789012"));
    assert_eq!(found.expires_at(), Some(NOW + 3600));
    let short = r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s","SessionToken":null}"#;
    let found = credentials(
        &process(),
        &config(&format!(
            "credential_process = echo '{short}'\naws_account_id = 1"
        )),
    );
    assert_eq!((found.session_token(), found.expires_at()), (None, None));
    assert_eq!(found.account_id(), Some("1"));
}

#[test]
fn no_shell_reads_the_command_line() {
    let answer = r#"{\"Version\":1,\"AccessKeyId\":\"A$HOME|~\",\"SecretAccessKey\":\"s\"}"#;
    let found = credentials(
        &process(),
        &config(&format!("credential_process = echo \"{answer}\"")),
    );
    assert_eq!(found.access_key_id(), "A$HOME|~");
}

#[test]
fn a_profile_without_a_process_is_nothing() {
    assert_eq!(
        nothing(&process(), &config("region = x")),
        "profile default has no credential_process"
    );
    let reason = nothing(&process(), &crate::context(&[("HOME", "/h")]));
    assert!(reason.contains("/h/.aws/config does not exist"), "{reason}");
}

#[test]
fn an_answer_that_is_not_version_1_is_refused() {
    let version = AnswerError::Field {
        name: "Version",
        expected: "the number 1",
    };
    let keys = r#""AccessKeyId":"A","SecretAccessKey":"hunter2""#;
    assert_eq!(malformed(&format!("{{\"Version\":2,{keys}}}")), version);
    assert_eq!(malformed(&format!("{{\"Version\":\"1\",{keys}}}")), version);
    assert_eq!(malformed(&format!("{{{keys}}}")), version);
}

#[test]
fn an_answer_that_is_no_document_is_refused() {
    assert_eq!(malformed(""), AnswerError::Empty);
    assert_eq!(malformed("<html>hunter2</html>"), AnswerError::NotJson);
    assert_eq!(
        malformed(r#"{"Version":1,"AccessKeyId":"hunter2"#),
        AnswerError::NotJson
    );
    assert_eq!(malformed(r#"["hunter2"]"#), AnswerError::NotJson);
    assert_eq!(
        malformed(r#"{"Version":1,"AccessKeyId":"A"}"#),
        AnswerError::Missing("SecretAccessKey")
    );
    assert_eq!(
        malformed(r#"{"Version":1,"accesskeyid":"A","SecretAccessKey":"hunter2"}"#),
        AnswerError::Missing("AccessKeyId")
    );
    let raw = error(
        &process(),
        &config(r"credential_process = printf '\377\376'"),
    );
    assert!(matches!(
        raw,
        ProviderError::Malformed {
            cause: AnswerError::NotUtf8,
            ..
        }
    ));
    let expiry =
        r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"hunter2","Expiration":"soon"}"#;
    assert!(matches!(
        malformed(expiry),
        AnswerError::Field {
            name: "Expiration",
            ..
        }
    ));
}

#[test]
fn a_process_that_fails_is_an_error_with_its_message_masked() {
    let failing = "credential_process = sh -c 'echo hunter2; echo \"denied for AKIAIOSFODNN7EXAMPLE\" >&2; exit 1'";
    let failed = error(&process(), &config(failing));
    assert_eq!(
        failed.to_string(),
        "credential process: \"sh\" ended with status 1: denied for ***"
    );
    let killed = error(
        &process(),
        &config("credential_process = sh -c 'kill -9 $$'"),
    );
    assert!(matches!(
        killed,
        ProviderError::Process(ProcessError::Failed { status: None, .. })
    ));
}

#[test]
fn a_process_that_hangs_is_killed() {
    let brief = CredentialProcess::with_timeout(Duration::from_millis(50));
    for hanging in ["sleep 1000", "sh -c 'exec >&- 2>&-; exec sleep 1000'"] {
        let hung = error(&brief, &config(&format!("credential_process = {hanging}")));
        assert!(
            matches!(hung, ProviderError::Process(ProcessError::Timeout { .. })),
            "{hung:?}"
        );
    }
}

#[test]
fn any_limit_will_do() {
    let patient = CredentialProcess::with_timeout(Duration::MAX);
    let keys = r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s"}"#;
    credentials(&patient, &printing(keys));
}

#[test]
fn a_process_that_prints_without_end_is_killed() {
    let endless = error(&process(), &config("credential_process = yes hunter2"));
    assert!(matches!(
        endless,
        ProviderError::Process(ProcessError::TooLarge { limit: 65536, .. })
    ));
}

#[test]
fn a_command_line_that_cannot_be_run_is_an_error() {
    let cause =
        |line: &str| match error(&process(), &config(&format!("credential_process = {line}"))) {
            ProviderError::Process(cause) => cause,
            other => panic!("{other:?}"),
        };
    assert_eq!(cause(""), ProcessError::CommandLine("is empty"));
    assert_eq!(
        cause("echo 'hunter2"),
        ProcessError::CommandLine("has a quote that is not closed")
    );
    assert!(matches!(
        cause("/no/such/program hunter2"),
        ProcessError::Start { .. }
    ));
}
