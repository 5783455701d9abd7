//! Requests of the crate `http`: what is signed in place verifies as it stands.
//!
//! Lines: method, URI, headers.

use sigv4_kit::Credentials;
use sigv4_kit::http_request::{presign, sign};
use sigv4_kit::signing::{
    Authorization, AuthorizationError, Date, Payload, Request, Signer, Verifier,
};
use ureq::http;

pub fn run(data: &[u8]) {
    let mut lines = data.split(|byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let method = line();
    let uri = line();
    let mut builder = http::Request::builder().method(method).uri(uri);
    for line in lines {
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let name = parts.next().unwrap_or_default();
        builder = builder.header(name, parts.next().unwrap_or_default());
    }
    let Ok(mut request) = builder.body(()) else {
        return;
    };
    let mut presigned = request.clone();
    let credentials = Credentials::new("AKIDEXAMPLE", "secret").expect("the credentials are good");
    let date = Date::parse("20150830T123600Z").expect("the date is good");
    let signer = Signer::new(&credentials, "us-east-1", "es").expect("the scope is good");
    if sign(&mut request, &signer, Payload::Bytes(b""), date).is_ok() {
        verify(&request, date);
    }
    if presign(&mut presigned, &signer, Payload::Bytes(b""), date, 60).is_ok() {
        verify(&presigned, date);
    }
}

fn verify(request: &http::Request<()>, date: Date) {
    let headers: Vec<(&str, &str)> = request
        .headers()
        .iter()
        .filter_map(|(name, value)| {
            Some((name.as_str(), std::str::from_utf8(value.as_bytes()).ok()?))
        })
        .collect();
    let uri = request.uri();
    let query = uri.query().unwrap_or_default();
    let method = request.method().as_str();
    let received = Request::new(method, uri.path(), query, &headers, Payload::Bytes(b""))
        .expect("what was signed can be received");
    let authorization = match Authorization::from_request(&received) {
        // The request had a signature, or a part of one, before: no verifier may choose.
        Err(AuthorizationError::Repeated("the signature")) => return,
        Err(AuthorizationError::Repeated(_)) if query.contains("X-Amz-Signature") => return,
        other => other.expect("what was signed is read"),
    };
    Verifier::new("us-east-1", "es")
        .expect("the scope is good")
        .verify(&authorization, &received, "secret", date)
        .expect("what was signed verifies");
}
