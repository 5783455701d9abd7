//! Whatever can be signed verifies, and verifies no more once a byte of its body or its query has changed.
//!
//! Lines: method, path, query after a `?`, headers, an empty line, the body.

use sigv4_kit::Credentials;
use sigv4_kit::signing::{
    Authorization, AuthorizationError, Date, Payload, Request, Signer, Verifier, VerifyError,
};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.split('\n');
    let mut line = || lines.next().unwrap_or_default();
    let (method, path, query) = (line(), line(), line());
    let query = query.strip_prefix('?').unwrap_or(query);
    let mut headers = vec![("host", "h")];
    headers.extend(lines.filter_map(|line| line.split_once(':')));
    let Ok(request) = Request::new(
        method,
        path,
        query,
        &headers,
        Payload::Bytes(body.as_bytes()),
    ) else {
        return;
    };
    let credentials = Credentials::new("AKIDEXAMPLE", SECRET)
        .and_then(|credentials| credentials.with_session_token("TOKEN"))
        .expect("the credentials are good");
    let date = Date::parse("20150830T123600Z").expect("the date is good");
    for service in ["es", "s3", "iotdevicegateway"] {
        let signer = Signer::new(&credentials, "us-east-1", service).expect("the scope is good");
        if let Ok(signed) = signer.sign(&request, date) {
            let lines = signed.canonical_request().lines();
            let joined = lines.map(|(_, value)| value).join("\n");
            assert_eq!(joined, signed.canonical_request().text());
            let lines = signed.string_to_sign().lines();
            let joined = lines.map(|(_, value)| value).join("\n");
            assert_eq!(joined, signed.string_to_sign().text());

            let mut sent = headers.clone();
            for (name, value) in signed.headers() {
                sent.push((name, value));
            }
            verify(service, (method, path, query), &sent, body, date);
        }
        if let Ok(presigned) = signer.presign(&request, date, 60) {
            let target = (method, path, presigned.query());
            verify(service, target, &headers, body, date);
        }
    }
}

fn verify(
    service: &str,
    (method, path, query): (&str, &str, &str),
    headers: &[(&str, &str)],
    body: &str,
    date: Date,
) {
    let judge = |query: &str, body: &[u8]| {
        let payload = Payload::Bytes(body);
        let request = Request::new(method, path, query, headers, payload).expect("it was signed");
        let authorization = Authorization::from_request(&request)?;
        let header = authorization.to_header();
        let again = Authorization::from_header(&header, authorization.date())?;
        assert_eq!(again.to_header(), header);
        let verifier = Verifier::new("us-east-1", service).expect("the scope is good");
        Ok(verifier.verify(&authorization, &request, SECRET, date))
    };
    match judge(query, body.as_bytes()) {
        Ok(verified) => _ = verified.expect("what was signed verifies"),
        // The request had a signature, or a part of one, before: no verifier may choose.
        Err(AuthorizationError::Repeated("the signature")) => return,
        Err(AuthorizationError::Repeated(_)) if query.contains("X-Amz-Signature") => return,
        Err(error) => panic!("what was signed does not parse: {error}"),
    }
    let other_body = [body.as_bytes(), b"x"].concat();
    if let Ok(Err(error)) = judge(query, &other_body) {
        let expected = matches!(
            error,
            VerifyError::SignatureMismatch | VerifyError::ContentSha256Mismatch
        );
        assert!(expected, "{error}");
    } else if !query.contains("X-Amz-Signature") {
        panic!("another body verifies");
    }
    let other_query = format!("{query}&another=parameter");
    assert!(!matches!(judge(&other_query, body.as_bytes()), Ok(Ok(_))));
}
