use sigv4_kit::provider::{EnvironmentKeys, ProviderError, Source, region};

use crate::{context, credentials, error, nothing};

const KEYS: [(&str, &str); 2] = [
    ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
    ("AWS_SECRET_ACCESS_KEY", "hunter2"),
];

fn with(more: &[(&str, &str)]) -> sigv4_kit::provider::Context {
    context(&[&KEYS, more].concat())
}

#[test]
fn keys_in_variables_are_taken_with_what_accompanies_them() {
    let found = credentials(
        &EnvironmentKeys,
        &with(&[
            ("AWS_SESSION_TOKEN", "token"),
            ("AWS_ACCOUNT_ID", "123456789012"),
            ("AWS_CREDENTIAL_EXPIRATION", "2026-01-01T01:00:00+00:00"),
        ]),
    );
    assert_eq!(found.access_key_id(), "AKIDEXAMPLE");
    assert_eq!(found.secret_access_key(), "hunter2");
    assert_eq!(found.session_token(), Some("token"));
    assert_eq!(found.account_id(), Some("123456789012"));
    assert_eq!(found.expires_at(), Some(crate::NOW + 3600));
}

#[test]
fn unset_or_empty_keys_are_nothing() {
    assert_eq!(
        nothing(&EnvironmentKeys, &context(&[])),
        "AWS_ACCESS_KEY_ID is not set"
    );
    let empty = [("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", "")];
    nothing(&EnvironmentKeys, &context(&empty));
}

#[test]
fn case_06_half_a_pair_in_variables_is_an_error_that_says_which() {
    let error_of =
        |variables: &[(&str, &str)]| error(&EnvironmentKeys, &context(variables)).to_string();
    assert_eq!(
        error_of(&KEYS[..1]),
        "environment variables: AWS_ACCESS_KEY_ID is there and AWS_SECRET_ACCESS_KEY is not"
    );
    assert_eq!(
        error_of(&KEYS[1..]),
        "environment variables: AWS_SECRET_ACCESS_KEY is there and AWS_ACCESS_KEY_ID is not"
    );
    // Other sources are not asked: here a file has a whole pair.
    let environment = crate::environment(&[KEYS[0], ("HOME", "/h")]).with_file(
        "/h/.aws/credentials",
        "[default]\naws_access_key_id = A\naws_secret_access_key = hunter2\n",
    );
    let context =
        sigv4_kit::provider::Context::new(environment, sigv4_kit::provider::Clock::fixed(0));
    let stopped = sigv4_kit::provider::Chain::new(context)
        .resolve()
        .unwrap_err();
    assert!(matches!(
        stopped,
        ProviderError::HalfKeyPair {
            source: Source::Environment,
            ..
        }
    ));
}

#[test]
fn case_07_the_session_token_wins_over_the_older_security_token() {
    let both = with(&[("AWS_SECURITY_TOKEN", "a"), ("AWS_SESSION_TOKEN", "b")]);
    assert_eq!(
        credentials(&EnvironmentKeys, &both).session_token(),
        Some("b")
    );
    let old = with(&[("AWS_SECURITY_TOKEN", "a")]);
    assert_eq!(
        credentials(&EnvironmentKeys, &old).session_token(),
        Some("a")
    );
}

#[test]
fn case_08_aws_region_alone_names_the_region() {
    let of = |variables: &[(&str, &str)]| region::configured(&context(variables)).unwrap();
    let found = of(&[("AWS_REGION", "eu-west-1")]).unwrap();
    assert_eq!(
        (found.name.as_str(), found.origin.as_str()),
        ("eu-west-1", "AWS_REGION")
    );
    let found = of(&[
        ("AWS_REGION", "eu-west-1"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
    ])
    .unwrap();
    assert_eq!(found.name, "eu-west-1");
    let found = of(&[("AWS_DEFAULT_REGION", "us-east-1")]).unwrap();
    assert_eq!(found.origin, "AWS_DEFAULT_REGION");
    let named = context(&[("AWS_REGION", "eu-west-1")]).with_region("me-south-1");
    assert_eq!(
        region::configured(&named).unwrap().unwrap().origin,
        "the caller"
    );
    assert_eq!(of(&[]), None);
}

#[test]
fn what_is_no_region_is_refused_where_it_stands() {
    for bad in [
        "eu west",
        "-eu",
        "eu-",
        "12345",
        "evil.example/#",
        &"a".repeat(64),
    ] {
        let error = region::configured(&context(&[("AWS_REGION", bad)])).unwrap_err();
        assert!(
            error.to_string().starts_with("AWS_REGION is not allowed"),
            "{bad}"
        );
    }
    assert!(region::is_region("us-east-1"));
    assert!(region::is_region("aws-global"));
}

#[test]
fn a_key_that_cannot_travel_or_an_expiry_that_is_no_time_is_an_error() {
    for variables in [
        with(&[("AWS_ACCESS_KEY_ID", " ")]),
        with(&[("AWS_SECRET_ACCESS_KEY", "hunter2\n")]),
        with(&[("AWS_SESSION_TOKEN", "hunter2\r\n")]),
    ] {
        let refused = error(&EnvironmentKeys, &variables);
        assert!(matches!(
            refused,
            ProviderError::Credentials {
                source: Source::Environment,
                ..
            }
        ));
    }
    for bad in ["tomorrow", "2026-01-01T00:00:00", "1767225600"] {
        let refused = error(
            &EnvironmentKeys,
            &with(&[("AWS_CREDENTIAL_EXPIRATION", bad)]),
        );
        assert!(
            refused
                .to_string()
                .starts_with("AWS_CREDENTIAL_EXPIRATION is not allowed")
        );
    }
}

#[test]
fn a_profile_named_by_the_caller_leaves_keys_in_variables_out() {
    let reason = nothing(&EnvironmentKeys, &with(&[]).with_profile("dev"));
    assert_eq!(reason, "not asked, because profile dev was asked for");
    // A profile named by a variable does not.
    credentials(&EnvironmentKeys, &with(&[("AWS_PROFILE", "dev")]));
}
