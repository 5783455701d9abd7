//! GetCallerIdentity, as `sigv4 whoami` asks it.

use serde_json::json;
use sigv4_kit::Credentials;
use sigv4_kit::provider::sts::caller_identity;
use sigv4_kit::provider::{Clock, Context, Environment, Found, Source};

use crate::server::{Reply, Server};
use crate::strict::{check_signature, decoded};

const NOW: i64 = 1_767_225_600;

fn found() -> Found {
    let credentials =
        Credentials::new("ASIA", "hunter2").and_then(|one| one.with_session_token("token"));
    Found {
        credentials: credentials.expect("credentials"),
        source: Source::Environment,
    }
}

fn context(server: &Server) -> Context {
    let environment = Environment::empty()
        .with_variable("AWS_ENDPOINT_URL_STS", &server.url())
        .with_variable("AWS_REGION", "eu-central-1");
    Context::new(environment, Clock::fixed(NOW))
}

#[test]
fn sts_says_whose_credentials_these_are() {
    let server = Server::start(|recorded| {
        let signed = json!({"key": "ASIA", "secret": "hunter2", "region": "eu-central-1"});
        let form = decoded(&String::from_utf8_lossy(&recorded.body));
        let expected = json!({"Action": "GetCallerIdentity", "Version": "2011-06-15"});
        match check_signature(recorded, &signed, NOW) {
            Ok(()) if form.map(serde_json::Value::from) == Ok(expected) => (),
            _ => return Reply::status(400),
        }
        if recorded.header("x-amz-security-token") != Some("token") {
            return Reply::status(401);
        }
        Reply::ok(
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn>\
             <UserId>AROA:s</UserId><Account>123456789012</Account></GetCallerIdentityResult>\
             </GetCallerIdentityResponse>",
        )
    });
    let identity = caller_identity(&context(&server), &found()).expect("an identity");
    assert_eq!(identity.account, "123456789012");
    assert_eq!(identity.arn, "arn:aws:sts::123456789012:assumed-role/r/s");
    assert_eq!(identity.user_id, "AROA:s");
}

#[test]
fn keys_that_sts_does_not_know_are_named_with_their_source() {
    let body = "<ErrorResponse><Error><Code>InvalidClientTokenId</Code></Error></ErrorResponse>";
    let server = Server::start(move |_| Reply::Body(403, body.into()));
    let error = caller_identity(&context(&server), &found())
        .expect_err("refused")
        .to_string();
    let expected = format!(
        "environment variables: {}/ answered 403 InvalidClientTokenId",
        server.url()
    );
    assert_eq!(error, expected);
    assert_eq!(server.requests().len(), 1);
}
