//! `sigv4 explain`.

use crate::command::{SECRET, sigv4};

const VANILLA: &str = "explain GET https://example.amazonaws.com/ --no-content-sha256 --region us-east-1 --service service --date 20150830T123600Z";

#[test]
fn get_vanilla_of_the_suite_is_explained_step_by_step() {
    let text = sigv4(VANILLA).run().done();
    assert_eq!(
        text,
        "\
1. Canonical request
   HTTPMethod             GET
   CanonicalURI           /
   CanonicalQueryString
   CanonicalHeaders       host:example.amazonaws.com
                          x-amz-date:20150830T123600Z

   SignedHeaders          host;x-amz-date
   HashedPayload          e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
2. Hash of the canonical request: the last line of step 3
3. String to sign
   Algorithm              AWS4-HMAC-SHA256
   RequestDateTime        20150830T123600Z
   CredentialScope        20150830/us-east-1/service/aws4_request
   HashedCanonicalRequest bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63
4. Signing key and signature
   kSigning               HMAC(HMAC(HMAC(HMAC(\"AWS4\" + kSecret, Date), Region), Service), \"aws4_request\")
   signature              5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31
5. Headers to send
   host                   example.amazonaws.com
   x-amz-date             20150830T123600Z
   authorization          AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31
"
    );
}

#[test]
fn json_has_the_documented_keys() {
    let json: serde_json::Value =
        serde_json::from_str(&sigv4(VANILLA).arg("--json").run().done()).unwrap();
    let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        [
            "authorization",
            "canonical_request",
            "headers",
            "signature",
            "string_to_sign"
        ]
    );
    assert_eq!(
        json["signature"],
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
    );
    assert_eq!(json["headers"]["x-amz-date"], "20150830T123600Z");
}

#[test]
fn secrets_are_shown_only_with_show_secrets() {
    let hidden = sigv4(VANILLA)
        .env("AWS_SESSION_TOKEN", "TOKEN")
        .run()
        .done();
    assert!(
        !hidden.contains(SECRET) && !hidden.contains("TOKEN"),
        "{hidden}"
    );
    assert!(hidden.contains("x-amz-security-token:(hidden)"));
    let shown = sigv4(VANILLA)
        .env("AWS_SESSION_TOKEN", "TOKEN")
        .arg("--show-secrets")
        .run()
        .done();
    assert!(shown.contains("x-amz-security-token:TOKEN"));
    assert!(shown.contains(&format!(
        "kDate                  HMAC(\"AWS4{SECRET}\", \"20150830\")"
    )));
    assert!(shown.contains("kSigning"));
}

#[test]
fn the_content_hash_is_signed_unless_left_out() {
    let line = VANILLA.replace("--no-content-sha256", "");
    assert!(
        sigv4(&line)
            .run()
            .done()
            .contains("x-amz-content-sha256:e3b0c442")
    );
}

#[test]
fn a_date_that_is_none_is_told() {
    let line = VANILLA.replace("20150830T123600Z", "2015-08-30");
    let err = sigv4(&line).run().failed(1);
    assert!(
        err.starts_with("error: --date is \"2015-08-30\": "),
        "{err}"
    );
    assert!(err.contains("hint: write it as 20150830T123600Z"), "{err}");
}
