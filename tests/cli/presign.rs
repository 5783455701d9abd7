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
