//! `sigv4 presign`.

use crate::command::sigv4;

/// "Authenticating Requests: Using Query Parameters", the example of the S3 documentation.
const DOCUMENTED: &str = "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404\n";

#[test]
fn the_documented_url_is_printed_and_nothing_else() {
    let url = sigv4("presign https://examplebucket.s3.amazonaws.com/test.txt --expires 86400 --date 20130524T000000Z")
        .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
        .run()
        .done();
    assert_eq!(url, DOCUMENTED);
}

#[test]
fn parameters_stay_and_blanks_are_percent_20() {
    let url = sigv4("presign PUT --date 20130524T000000Z")
        .arg("https://b.s3.eu-west-1.amazonaws.com/a b?x=1+2")
        .run()
        .done();
    assert!(
        url.starts_with("https://b.s3.eu-west-1.amazonaws.com/a%20b?"),
        "{url}"
    );
    assert!(
        url.contains("&x=1%202&") && url.contains("&X-Amz-Expires=3600&"),
        "{url}"
    );
    assert!(!url.contains('+'), "{url}");
}

#[test]
fn an_expiry_out_of_range_is_refused() {
    for seconds in ["0", "604801", "99999999999"] {
        let line = format!("presign https://b.s3.amazonaws.com/a --expires {seconds}");
        let err = sigv4(&line).run().failed(1);
        assert!(
            err.contains(&format!("expires is {seconds} seconds")),
            "{err}"
        );
        assert!(err.contains("604800"), "{err}");
    }
    let err = sigv4("presign https://b.s3.amazonaws.com/a --expires soon")
        .run()
        .failed(1);
    assert!(
        err.starts_with("error: --expires is \"soon\"; it must be a whole number"),
        "{err}"
    );
}

#[test]
fn a_host_that_tells_nothing_needs_service_and_region() {
    let err = sigv4("presign https://files.example.com/a").run().failed(1);
    assert!(err.contains("hint: pass --service and --region"), "{err}");
}

const EXPLAIN: &str = "explain --json";

#[test]
fn a_presigned_url_is_explained_by_its_own_terms() {
    let explain = |secret: &str| {
        sigv4(EXPLAIN)
            .arg(DOCUMENTED.trim_end())
            .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", secret)
            .run()
    };
    let same = explain("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    assert!(
        same.err
            .contains("note: the URL has this signature\nnote: it expired "),
        "{}",
        same.err
    );
    let explained: serde_json::Value = serde_json::from_str(&same.out).unwrap();
    let signature = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
    assert_eq!(explained["signature"], signature);
    // The hash of the canonical request that the documentation prints.
    let string_to_sign = explained["string_to_sign"].as_str().unwrap();
    assert!(
        string_to_sign
            .ends_with("\n3bfa292879f6447bbcda7001decf97f4a54dc650c8942174ae0a9121cf58ad04")
    );
    let err = explain("another").failed(7);
    assert!(
        err.contains(&format!(
            "error: the URL has another signature: {signature}"
        )),
        "{err}"
    );
}

#[test]
fn a_url_of_another_key_or_with_other_terms_is_not_explained() {
    let url = DOCUMENTED.trim_end();
    let err = sigv4(EXPLAIN).arg(url).run().failed(5);
    assert!(
        err.contains("error: the URL is signed with the key AKIAIOSFODNN7EXAMPLE"),
        "{err}"
    );
    let err = sigv4("explain -d x --expires 5")
        .arg("https://b.s3.amazonaws.com/")
        .run()
        .failed(1);
    assert!(
        err.contains("error: --data goes into no presigned URL"),
        "{err}"
    );
    let err = sigv4("explain --service es").arg(url).run().failed(1);
    assert!(err.contains("error: --service is told by the URL"), "{err}");
    let with_header = url.replace("SignedHeaders=host", "SignedHeaders=host%3Bx-amz-acl");
    let err = sigv4("explain").arg(with_header).run().failed(1);
    assert!(
        err.contains("hint: give it as it is sent: -H 'x-amz-acl: VALUE'"),
        "{err}"
    );
    let err = sigv4("explain")
        .arg(url.replace("Expires=86400", "Expires=0"))
        .run()
        .failed(1);
    assert!(err.contains("error: "), "{err}");
}

#[test]
fn what_presign_prints_is_what_explain_shows() {
    let terms = "--expires 60 --date 20130524T000000Z https://b.s3.eu-west-1.amazonaws.com/a?x=1 -H x-amz-acl:private";
    let url = sigv4(&format!("presign {terms}"))
        .env("AWS_SESSION_TOKEN", "T/K")
        .run()
        .done();
    let shown = sigv4(&format!("explain {terms} --show-secrets"))
        .env("AWS_SESSION_TOKEN", "T/K")
        .run()
        .done();
    let query = url.trim_end().split_once('?').unwrap().1;
    assert!(
        shown.contains(&format!("   Query                  {query}\n")),
        "{shown}"
    );
    assert!(
        shown.contains("   x-amz-acl              private\n"),
        "{shown}"
    );
    let again = sigv4("explain -Hx-amz-acl:private -Hx-other:1 GET")
        .arg(url.trim_end())
        .run();
    assert_eq!(again.code, 0, "{}", again.err);
    assert!(!again.out.contains("T%2FK"), "{}", again.out);
}
