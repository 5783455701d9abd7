//! Token files that another process writes at the same time, and files that cannot be written.

use std::fs;
use std::path::{Path, PathBuf};

use sigv4_kit::provider::{Answer, Clock, Context, Environment, Provider, ProviderError, Sso};

use crate::server::{Reply, Server};

const NOW: i64 = 1_767_225_600;
const CONFIG: &str = "[default]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = r\n\
    [sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://x\n";
/// The SHA-1 of `corp`.
const TOKEN: &str = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";

fn token(expires: &str, bearer: &str) -> String {
    format!(
        r#"{{"accessToken": "{bearer}", "expiresAt": "{expires}", "clientId": "c", "clientSecret": "hunter2",
        "refreshToken": "hunter2", "registrationExpiresAt": "2027-01-01T00:00:00Z"}}"#
    )
}

fn context(environment: Environment, server: &Server) -> Context {
    let environment = environment
        .with_variable("AWS_CONFIG_FILE", "/config")
        .with_file("/config", CONFIG)
        .with_variable("AWS_ENDPOINT_URL", &server.url());
    Context::new(environment, Clock::fixed(NOW))
}

fn credentials(context: &Context) -> Result<String, ProviderError> {
    match Sso.provide(context)? {
        Answer::Credentials(credentials) => Ok(credentials.access_key_id().into()),
        Answer::Nothing(reason) => panic!("{reason}"),
    }
}

const ROLE: &str = r#"{"roleCredentials": {"accessKeyId": "ASIA", "secretAccessKey": "s", "sessionToken": "t",
    "expiration": 1767229200000}}"#;

#[test]
fn a_token_that_another_process_has_renewed_is_used() {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("token-files");
    let path = home.join(TOKEN);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(&path, token("2025-12-31T00:00:00Z", "old")).expect("a file");
    let written = path.clone();
    let server = Server::start(move |recorded| match recorded.line().as_str() {
        // The refresh token was spent by the other process, which then writes what it got.
        "POST /token" => {
            fs::write(&written, token("2026-01-01T08:00:00Z", "new")).expect("a file");
            Reply::Body(400, br#"{"error": "invalid_grant"}"#.to_vec())
        }
        _ if recorded.header("x-amz-sso_bearer_token") == Some("new") => Reply::ok(ROLE),
        _ => Reply::status(401),
    });
    let environment = Environment::empty().with_disk();
    let environment = environment.with_variable("HOME", &home.display().to_string());
    let found = credentials(&context(environment, &server)).expect("credentials");
    assert_eq!(found, "ASIA");
    assert_eq!(server.requests().len(), 2);
    fs::remove_dir_all(&home).expect("removed");
}

#[test]
fn a_refresh_token_is_not_spent_where_the_file_cannot_be_written() {
    let server = Server::start(|recorded| match recorded.header("x-amz-sso_bearer_token") {
        Some("old") => Reply::ok(ROLE),
        _ => Reply::status(400),
    });
    let path = PathBuf::from("/home").join(TOKEN);
    let given = |expires: &str| {
        let environment = Environment::empty().with_variable("HOME", "/home");
        context(environment.with_file(&path, token(expires, "old")), &server)
    };
    let error = credentials(&given("2025-12-31T00:00:00Z"))
        .expect_err("expired")
        .to_string();
    assert_eq!(
        error,
        format!("/home/{TOKEN}: read-only filesystem or storage medium")
    );
    assert!(server.requests().is_empty());
    let found = credentials(&given("2026-01-01T00:01:00Z"));
    assert_eq!(found.ok().as_deref(), Some("ASIA"));
    assert_eq!(server.requests().len(), 1);
}
