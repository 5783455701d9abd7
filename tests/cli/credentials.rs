//! `sigv4 credentials` and `sigv4 whoami`.

use std::sync::Arc;

use sigv4_kit::Credentials;
use sigv4_kit::provider::Clock;
use sigv4_kit::serve::{Answer, Gate, Received};

use crate::command::{Directory, Endpoint, KEY_ID, SECRET, sigv4};

#[test]
fn the_source_is_told_and_the_secret_is_not() {
    let out = sigv4("credentials --region eu-west-1").run().done();
    assert_eq!(
        out,
        "\
source         environment variables
access key ID  AK…
account        not told
session token  no
expiry         none told
region         eu-west-1 (the caller)
"
    );
}

#[test]
fn sources_that_were_passed_over_are_told_with_the_reason() {
    let directory = Directory::new("profiles");
    let file = directory.file(
        "credentials",
        format!("[dev]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = {SECRET}\naws_session_token = TOKEN\n"),
    );
    let config = directory.file("config", "[profile dev]\nregion = eu-central-1\n");
    let command = || {
        sigv4("credentials --profile dev")
            .env("AWS_SHARED_CREDENTIALS_FILE", file.to_str().unwrap())
            .env("AWS_CONFIG_FILE", config.to_str().unwrap())
    };
    let out = command().run();
    assert_eq!(out.code, 0, "{}", out.err);
    assert!(
        out.out.contains("source         shared credentials file\n"),
        "{}",
        out.out
    );
    assert!(
        out.out.contains("access key ID  AKIA…MPLE\n"),
        "{}",
        out.out
    );
    assert!(
        out.out
            .contains("region         eu-central-1 (region of profile dev)\n"),
        "{}",
        out.out
    );
    assert!(
        out.out.contains("\npassed over    environment variables: "),
        "{}",
        out.out
    );
    assert!(!out.out.contains(SECRET) && !out.out.contains("TOKEN"));

    let json: serde_json::Value = serde_json::from_str(&command().arg("--json").run().out).unwrap();
    assert_eq!(json["source"], "shared credentials file");
    assert_eq!(json["method"], "shared-credentials-file");
    assert_eq!(json["access_key_id"], "AKIA…MPLE");
    assert_eq!(json["session_token"], true);
    assert_eq!(json["passed_over"][0]["source"], "environment variables");
}

#[test]
fn secrets_are_printed_only_when_asked_for_by_name() {
    let command = |format: &str| {
        sigv4(&format!("credentials --format {format}"))
            .env("AWS_SESSION_TOKEN", "a/b==")
            .env("AWS_CREDENTIAL_EXPIRATION", "2099-01-31T12:00:00Z")
            .run()
            .done()
    };
    assert_eq!(
        command("env"),
        format!(
            "AWS_ACCESS_KEY_ID={KEY_ID}\nAWS_SECRET_ACCESS_KEY={SECRET}\nAWS_SESSION_TOKEN=a/b==\nAWS_CREDENTIAL_EXPIRATION=2099-01-31T12:00:00Z\n"
        )
    );
    assert!(command("export").starts_with(&format!(
        "export AWS_ACCESS_KEY_ID={KEY_ID}\nexport AWS_SECRET_ACCESS_KEY={SECRET}\n"
    )));
    let json: serde_json::Value = serde_json::from_str(&command("process")).unwrap();
    assert_eq!(
        json,
        serde_json::json!({
            "Version": 1,
            "AccessKeyId": KEY_ID,
            "SecretAccessKey": SECRET,
            "SessionToken": "a/b==",
            "Expiration": "2099-01-31T12:00:00Z",
        })
    );
}

#[test]
fn having_none_is_code_5_and_says_where_was_looked() {
    let out = sigv4("credentials").without_key().run();
    assert!(
        out.out
            .contains("passed over    environment variables: AWS_ACCESS_KEY_ID is not set\n"),
        "{}",
        out.out
    );
    assert!(out.out.contains("passed over    IMDS: "), "{}", out.out);
    out.failed(5);
    let err = sigv4("credentials --profile typo").run().failed(5);
    assert!(err.contains("typo"), "{err}");
    let err = sigv4("credentials")
        .env("AWS_SECRET_ACCESS_KEY", "")
        .run()
        .failed(5);
    assert!(err.contains("AWS_SECRET_ACCESS_KEY"), "{err}");
}

#[test]
fn whoami_asks_sts_with_a_signature_that_is_verified() {
    let credentials = Credentials::new(KEY_ID, SECRET).unwrap();
    let gate = Gate::new(credentials, "eu-west-1", "sts", Clock::system());
    let endpoint = Endpoint::of(Arc::new(move |received: &Received| {
        match gate.verify(received) {
            Ok(_) => Answer::new(
                200,
                "text/xml",
                "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/u</Arn><UserId>AIDA</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
            ),
            Err(_) => Answer::new(
                403,
                "text/xml",
                "<ErrorResponse><Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code><Message>no</Message></Error><RequestId>r</RequestId></ErrorResponse>",
            ),
        }
    }));
    let command =
        || sigv4("whoami --region eu-west-1").env("AWS_ENDPOINT_URL_STS", endpoint.server.url());
    assert_eq!(
        command().run().done(),
        "account 123456789012\narn     arn:aws:iam::123456789012:user/u\nuser ID AIDA\n"
    );
    let json: serde_json::Value =
        serde_json::from_str(&command().arg("--json").run().done()).unwrap();
    assert_eq!(json["Arn"], "arn:aws:iam::123456789012:user/u");
    let err = command()
        .env("AWS_SECRET_ACCESS_KEY", "wrong")
        .run()
        .failed(7);
    assert!(err.contains("SignatureDoesNotMatch"), "{err}");
}
