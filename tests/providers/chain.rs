use sigv4_kit::provider::{Chain, Clock, Context, PassedOver, ProviderError, Source, chain};

use crate::server::{Server, nobody};
use crate::{NOW, context, environment};

#[test]
fn the_places_are_asked_in_boto3s_order() {
    let order: Vec<&str> = chain::providers()
        .iter()
        .map(|one| one.source().method())
        .collect();
    let boto3 = [
        "env",
        "assume-role",
        "assume-role-with-web-identity",
        "sso",
        "shared-credentials-file",
        "login",
        "custom-process",
        "config-file",
        "container-role",
        "iam-role",
    ];
    assert_eq!(order, boto3);
}

#[test]
fn keys_in_variables_need_neither_file_nor_network() {
    let instance = Server::script(vec![]);
    let context = context(&[
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "hunter2"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", instance.url().as_str()),
        ("AWS_PROFILE", "typo"),
    ]);
    let report = Chain::new(context).report();
    assert_eq!(report.credentials.unwrap().source, Source::Environment);
    assert_eq!(report.region.unwrap().unwrap().name, "eu-west-1");
    assert!(report.passed_over.is_empty());
    assert!(instance.requests().is_empty());
}

#[test]
fn a_report_says_why_each_place_was_passed_over() {
    let url = nobody();
    let context = context(&[
        ("HOME", "/h"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", url.as_str()),
    ]);
    let report = Chain::new(context).report();
    let Err(error @ ProviderError::NoCredentials(_)) = &report.credentials else {
        panic!("{report:?}");
    };
    let reason = |source: Source| {
        let of = |one: &&PassedOver| one.source == source;
        report.passed_over.iter().find(of).unwrap().reason.as_str()
    };
    assert_eq!(reason(Source::Environment), "AWS_ACCESS_KEY_ID is not set");
    assert_eq!(
        reason(Source::SharedCredentialsFile),
        "no profile default: /h/.aws/config does not exist, /h/.aws/credentials does not exist"
    );
    assert_eq!(reason(Source::Imds), format!("{url}: connection refused"));
    let text = error.to_string();
    assert!(
        text.starts_with(
            "no credentials found: environment variables: AWS_ACCESS_KEY_ID is not set; "
        ),
        "{text}"
    );
    // What has the same reason is told once.
    let file = "/h/.aws/config does not exist";
    assert_eq!(text.matches(file).count(), 1, "{text}");
    assert_eq!(report.passed_over.len(), chain::providers().len());
    assert_eq!(report.region.unwrap(), None);
}

#[test]
fn a_profile_named_by_the_caller_wins_over_keys_in_variables() {
    let environment = environment(&[
        ("HOME", "/h"),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "hunter2"),
        ("AWS_PROFILE", "other"),
    ])
    .with_file(
        "/h/.aws/credentials",
        "[dev]\naws_access_key_id = DEV\naws_secret_access_key = hunter2\n",
    );
    let context = Context::new(environment, Clock::fixed(NOW));
    let found = Chain::new(context.clone().with_profile("dev"))
        .resolve()
        .unwrap();
    assert_eq!(found.credentials.access_key_id(), "DEV");
    let missing = Chain::new(context.with_profile("typo"))
        .resolve()
        .unwrap_err();
    assert!(
        matches!(missing, ProviderError::ProfileNotFound { profile, named_by, .. }
        if profile == "typo" && named_by == "the caller")
    );
}

#[test]
fn what_has_expired_is_an_error_and_not_a_signature_that_fails_later() {
    let context = context(&[
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "hunter2"),
        ("AWS_CREDENTIAL_EXPIRATION", "2025-12-31T23:59:59Z"),
    ]);
    let error = Chain::new(context).resolve().unwrap_err();
    assert!(
        matches!(error, ProviderError::Expired { source: Source::Environment, expired_at } if expired_at == NOW - 1)
    );
    assert_eq!(
        error.to_string(),
        "environment variables: the credentials expired at 2025-12-31T23:59:59Z"
    );
}

#[test]
fn a_secret_is_in_no_debug_text() {
    let environment = environment(&[
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "hunter2"),
        ("AWS_SESSION_TOKEN", "hunter2"),
        ("HOME", "/h"),
    ])
    .with_file(
        "/h/.aws/credentials",
        "[default]\naws_secret_access_key = hunter2\n",
    );
    let context = Context::new(environment, Clock::fixed(NOW));
    context.profiles().unwrap();
    let chain = Chain::new(context.clone());
    let shown = format!("{context:?} {:?} {:?}", chain.report(), context.profile());
    assert!(!shown.contains("hunter2"), "{shown}");
}
