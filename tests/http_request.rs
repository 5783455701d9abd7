//! Signing `http::Request` and its parts: what is signed is what the request then holds.
#![cfg(feature = "client")]

use sigv4_kit::Credentials;
use sigv4_kit::http_request::{self, HttpSignError};
use sigv4_kit::signing::{
    Authorization, Date, Payload, Request, RequestError, SignError, Signer, Verifier,
};
use sigv4_kit::url::UrlError;
use ureq::http;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const NOTHING: Payload<'static> = Payload::Bytes(b"");

fn date() -> Date {
    Date::parse("20150830T123600Z").unwrap()
}

fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", SECRET).unwrap()
}

/// Verifies the request as a server would, from what it holds.
fn verify(parts: &http::request::Parts, service: &str, payload: Payload<'_>) {
    let headers: Vec<(&str, &str)> = parts
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
        .collect();
    let query = parts.uri.query().unwrap_or_default();
    let method = parts.method.as_str();
    let request = Request::new(method, parts.uri.path(), query, &headers, payload).unwrap();
    let authorization = Authorization::from_request(&request).unwrap();
    Verifier::new("us-east-1", service)
        .unwrap()
        .verify(&authorization, &request, SECRET, date())
        .unwrap();
}

#[test]
fn a_request_of_awss_suite_gets_its_authorization() {
    let credentials = credentials();
    let signer = Signer::new(&credentials, "us-east-1", "service").unwrap();
    let mut request = http::Request::get("https://example.amazonaws.com/")
        .body(())
        .unwrap();
    let signed = http_request::sign(&mut request, &signer, NOTHING, date()).unwrap();
    assert_eq!(
        request.headers()["authorization"],
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
         SignedHeaders=host;x-amz-date, \
         Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
    );
    assert_eq!(request.headers()["authorization"], signed.authorization());
    assert_eq!(request.headers()["host"], "example.amazonaws.com");
}

#[test]
fn a_signed_request_verifies_as_it_stands() {
    let token = credentials().with_session_token("TOKEN").unwrap();
    for (uri, target) in [
        (
            "https://h.example:443/a//b/../c?q=a+b&&v",
            "/a//b/../c?q=a%20b&v",
        ),
        ("http://h.example:8080", "/"),
        (
            "https://h.example/%c3%a9%zz|?x=%2B",
            "/%c3%a9%25zz%7C?x=%2B",
        ),
        ("https://h.example/é?ü", "/%C3%A9?%C3%BC"),
        ("wss://h.example/mqtt", "/mqtt"),
        ("/only/path?b&a", "/only/path?b&a"),
    ] {
        for (service, payload) in [("es", Payload::Bytes(b"{}")), ("s3", Payload::Unsigned)] {
            for credentials in [&credentials(), &token] {
                let signer = Signer::new(credentials, "us-east-1", service).unwrap();
                let mut builder = http::Request::post(uri)
                    .header("Content-Type", "application/json")
                    .header("X-Amz-Meta", "a")
                    .header("X-Amz-Meta", "b   c")
                    .header("X-Other", http::HeaderValue::from_bytes(b"\xff").unwrap());
                if uri.starts_with('/') {
                    builder = builder.header("host", "h.example");
                }
                let mut request = builder.body("body").unwrap();
                http_request::sign(&mut request, &signer, payload, date()).unwrap();
                let (mut parts, _) = request.into_parts();
                assert_eq!(parts.uri.path_and_query().unwrap().as_str(), target);
                verify(&parts, service, payload);

                let given = ["authorization", "x-amz-date", "x-amz-security-token"];
                let before = parts.clone();
                for name in given {
                    parts.headers.remove(name);
                }
                http_request::sign_parts(&mut parts, &signer, payload, date()).unwrap();
                assert_eq!(parts.headers.len(), before.headers.len());
                assert_eq!(
                    parts.headers["authorization"],
                    before.headers["authorization"]
                );
                for name in given {
                    if let Some(value) = parts.headers.get(name) {
                        assert_eq!(value.is_sensitive(), name != "x-amz-date", "{name}");
                    }
                }
            }
        }
    }
}

#[test]
fn the_host_header_of_a_default_port_has_no_port() {
    let credentials = credentials();
    let signer = Signer::new(&credentials, "us-east-1", "es").unwrap();
    for (uri, host) in [
        ("https://H.example:443/", "h.example"),
        ("http://h.example:80/", "h.example"),
        ("wss://h.example:443/", "h.example"),
        ("http://h.example:443/", "h.example:443"),
        ("http://[::1]:9200/", "[::1]:9200"),
    ] {
        let mut request = http::Request::get(uri).body(()).unwrap();
        http_request::sign(&mut request, &signer, NOTHING, date()).unwrap();
        assert_eq!(request.headers()["host"], host, "{uri}");
    }
}

#[test]
fn a_presigned_request_verifies_as_it_stands() {
    let credentials = credentials().with_session_token("TO+KEN/=").unwrap();
    let signer = Signer::new(&credentials, "us-east-1", "s3").unwrap();
    let mut request = http::Request::get("https://b.s3.amazonaws.com/k?versionId=a+b")
        .body(())
        .unwrap();
    let presigned = http_request::presign(&mut request, &signer, NOTHING, date(), 60).unwrap();
    assert_eq!(request.uri().query(), Some(presigned.query()));
    assert_eq!(request.uri().host(), Some("b.s3.amazonaws.com"));
    assert_eq!(request.headers().len(), 1);
    verify(&request.into_parts().0, "s3", Payload::Unsigned);
}

#[test]
fn what_cannot_be_signed_leaves_the_request_as_it_was() {
    let credentials = credentials();
    let signer = Signer::new(&credentials, "us-east-1", "es").unwrap();
    let bytes = http::HeaderValue::from_bytes(b"caf\xe9").unwrap();
    let ok = || http::Request::get("https://h/a+b?c+d");
    for (builder, expected) in [
        (
            ok().header("x-amz-meta", bytes.clone()),
            HttpSignError::HeaderNotUtf8 {
                name: "x-amz-meta".into(),
            },
        ),
        (
            ok().header("content-type", bytes),
            HttpSignError::HeaderNotUtf8 {
                name: "content-type".into(),
            },
        ),
        (
            ok().header("authorization", "x"),
            SignError::AlreadySigned.into(),
        ),
        (
            ok().header("x-amz-date", "20150830T123601Z"),
            SignError::HeaderConflict("x-amz-date").into(),
        ),
        (
            ok().header("x-amz-date", "20150830T123600Z")
                .header("x-amz-date", "20150830T123600Z"),
            SignError::HeaderConflict("x-amz-date").into(),
        ),
        (http::Request::get("/path"), SignError::MissingHost.into()),
        (
            http::Request::get("https://u:p@h/"),
            UrlError::UserInfo.into(),
        ),
        (http::Request::get("ftp://h/"), UrlError::Scheme.into()),
        (http::Request::get("h.example"), UrlError::Scheme.into()),
        (http::Request::connect("h:443"), UrlError::Scheme.into()),
        (
            http::Request::options("*").header("host", "h"),
            UrlError::Host.into(),
        ),
    ] {
        let mut request = builder.body(()).unwrap();
        let before = (request.uri().clone(), request.headers().clone());
        let error = http_request::sign(&mut request, &signer, NOTHING, date()).unwrap_err();
        assert_eq!(error, expected);
        let error = http_request::presign(&mut request, &signer, NOTHING, date(), 0);
        assert!(error.is_err());
        assert_eq!((request.uri().clone(), request.headers().clone()), before);
    }
    assert_eq!(
        HttpSignError::from(RequestError::Method).to_string(),
        RequestError::Method.to_string()
    );
}

#[test]
fn more_headers_than_a_map_may_have_are_refused() {
    let credentials = credentials();
    let signer = Signer::new(&credentials, "us-east-1", "es").unwrap();
    let mut request = http::Request::get("https://h/").body(()).unwrap();
    let mut count = 0;
    loop {
        let name = http::HeaderName::try_from(format!("h{count}")).unwrap();
        let value = http::HeaderValue::from_static("");
        if request.headers_mut().try_append(name, value).is_err() {
            break;
        }
        count += 1;
    }
    let signed = http_request::sign(&mut request, &signer, NOTHING, date());
    assert_eq!(signed.unwrap_err(), HttpSignError::TooManyHeaders);
    let presigned = http_request::presign(&mut request, &signer, NOTHING, date(), 60);
    assert_eq!(presigned.unwrap_err(), HttpSignError::TooManyHeaders);
    assert_eq!(request.headers().len(), count);
}

#[test]
fn a_query_longer_than_a_uri_may_be_is_refused() {
    let token = "T".repeat(66_000);
    let credentials = credentials().with_session_token(&token).unwrap();
    let signer = Signer::new(&credentials, "us-east-1", "s3").unwrap();
    let mut request = http::Request::get("https://h/").body(()).unwrap();
    let error = http_request::presign(&mut request, &signer, NOTHING, date(), 60).unwrap_err();
    assert!(matches!(error, HttpSignError::Uri { length } if length > 65_534));
    assert!(request.headers().is_empty());
}
