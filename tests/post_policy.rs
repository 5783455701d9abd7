//! POST policies: the example of the S3 documentation, and what must be refused.
#![cfg(feature = "client")]

use sigv4_kit::Credentials;
use sigv4_kit::signing::{
    AuthorizationError, Date, DateError, PostPolicy, ReceivedPolicy, ScopeError, VerifyError,
};

const KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const EXAMPLE: &str = include_str!("../test-vectors/s3-documentation/post-policy.json");

fn date() -> Date {
    Date::parse("20151229T000000Z").unwrap()
}

/// The fields of the documentation's form, made by signing its policy.
fn fields(credentials: &Credentials) -> Vec<(String, String)> {
    let example: serde_json::Value = serde_json::from_str(EXAMPLE).unwrap();
    PostPolicy::new(credentials, "us-east-1", "s3", date())
        .unwrap()
        .sign(example["policy"].as_str().unwrap())
        .fields()
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}

fn borrowed(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

#[test]
fn the_documentations_form_is_signed_and_verified() {
    let credentials = Credentials::new(KEY_ID, SECRET).unwrap();
    let example: serde_json::Value = serde_json::from_str(EXAMPLE).unwrap();
    let fields = fields(&credentials);
    let text = |name: &str| example[name].as_str().unwrap();
    assert_eq!(
        borrowed(&fields),
        [
            ("policy", text("string_to_sign")),
            ("x-amz-algorithm", "AWS4-HMAC-SHA256"),
            ("x-amz-credential", text("credential")),
            ("x-amz-date", text("date")),
            ("x-amz-signature", text("signature")),
        ]
    );
    let fields = borrowed(&fields);
    let received = ReceivedPolicy::from_fields(&fields).unwrap();
    assert_eq!(received.access_key_id(), KEY_ID);
    assert_eq!(received.date(), date());
    assert_eq!(received.session_token(), None);
    assert_eq!(
        received.verify("us-east-1", "s3", SECRET),
        Ok(text("string_to_sign"))
    );
}

#[test]
fn the_session_token_is_a_condition_and_a_field_and_never_shown() {
    let credentials = Credentials::new(KEY_ID, SECRET)
        .unwrap()
        .with_session_token("TOKEN+/=")
        .unwrap();
    let form = PostPolicy::new(&credentials, "us-east-1", "s3", date()).unwrap();
    assert_eq!(
        form.conditions().last(),
        Some(("x-amz-security-token", "TOKEN+/="))
    );
    let signed = form.sign("{}");
    let fields: Vec<_> = signed.fields().collect();
    let received = ReceivedPolicy::from_fields(&fields).unwrap();
    assert_eq!(received.session_token(), Some("TOKEN+/="));
    for shown in [format!("{signed:?}"), format!("{received:?}")] {
        assert!(
            !shown.contains("TOKEN") && !shown.contains(SECRET),
            "{shown}"
        );
    }
}

#[test]
fn a_form_with_a_part_changed_missing_or_repeated_is_refused() {
    let fields = fields(&Credentials::new(KEY_ID, SECRET).unwrap());
    let names = [
        "policy",
        "x-amz-algorithm",
        "x-amz-credential",
        "x-amz-date",
        "x-amz-signature",
    ];
    for (index, name) in names.into_iter().enumerate() {
        let mut missing = borrowed(&fields);
        missing.remove(index);
        assert_eq!(
            ReceivedPolicy::from_fields(&missing).unwrap_err(),
            AuthorizationError::MissingPart(name)
        );
        let mut repeated = borrowed(&fields);
        let upper = name.to_uppercase();
        repeated.push((&upper, "x"));
        assert_eq!(
            ReceivedPolicy::from_fields(&repeated).unwrap_err(),
            AuthorizationError::Repeated(name)
        );
    }
    let with = |name: &str, value: &'static str| {
        let mut changed = borrowed(&fields);
        for field in &mut changed {
            if field.0 == name {
                field.1 = value;
            }
        }
        changed
    };
    for (name, value, expected) in [
        (
            "x-amz-algorithm",
            "AWS4-HMAC-SHA1",
            AuthorizationError::Algorithm,
        ),
        (
            "x-amz-date",
            "20151229",
            AuthorizationError::Date(DateError::Form),
        ),
        (
            "x-amz-date",
            "20151230T000000Z",
            AuthorizationError::DayMismatch,
        ),
        (
            "x-amz-credential",
            "20151229/us-east-1/s3/aws4_request",
            AuthorizationError::Credential,
        ),
        (
            "x-amz-credential",
            "K/20151229/us-east-1/s3/aws4",
            AuthorizationError::Credential,
        ),
        ("x-amz-credential", "", AuthorizationError::Credential),
        ("x-amz-signature", "8AFD", AuthorizationError::Signature),
    ] {
        assert_eq!(
            ReceivedPolicy::from_fields(&with(name, value)).unwrap_err(),
            expected,
            "{name}: {value}"
        );
    }
    let changed = with("policy", "e30=");
    let received = ReceivedPolicy::from_fields(&changed).unwrap();
    assert_eq!(
        received.verify("us-east-1", "s3", SECRET),
        Err(VerifyError::SignatureMismatch)
    );
    let fields = borrowed(&fields);
    let received = ReceivedPolicy::from_fields(&fields).unwrap();
    for (region, service, secret, expected) in [
        (
            "us-west-2",
            "s3",
            SECRET,
            VerifyError::Region {
                found: "us-east-1".into(),
            },
        ),
        (
            "us-east-1",
            "es",
            SECRET,
            VerifyError::Service { found: "s3".into() },
        ),
        ("us-east-1", "s3", "another", VerifyError::SignatureMismatch),
    ] {
        assert_eq!(received.verify(region, service, secret), Err(expected));
    }
}

#[test]
fn a_region_that_fits_no_scope_is_refused() {
    let credentials = Credentials::new(KEY_ID, SECRET).unwrap();
    for (region, expected) in [
        ("", ScopeError::Empty("region")),
        ("us/east", ScopeError::Character("region")),
    ] {
        let form = PostPolicy::new(&credentials, region, "s3", date());
        assert_eq!(form.unwrap_err(), expected);
    }
}
