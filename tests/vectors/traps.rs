//! What has to be refused before it is signed.

use sigv4_kit::signing::{Date, Payload, Request, Signer};
use sigv4_kit::url::Url;

use crate::case::{body, credentials, headers};
use crate::json::{Object, list};
use crate::read_json;

#[test]
fn what_must_not_be_signed_is_refused_where_the_vector_says() {
    let path = "traps-refused.json";
    let cases = list(read_json(path), path);
    assert_eq!(cases.len(), 19);
    for case in cases {
        let mut case = Object::new(case, path);
        let name = case.string("name");
        let expected = case.string("refused");
        let refused = refused_by(&mut case, &name);
        assert_eq!(
            refused.as_ref().err().map(|(step, _)| *step),
            Some(expected.as_str()),
            "{name}: {refused:?}"
        );
        case.finish();
    }
    println!("traps, refused: 19 of 19");
}

/// The first step that refuses, and what it says.
fn refused_by(case: &mut Object, name: &str) -> Result<(), (&'static str, String)> {
    let method = case
        .optional_string("method")
        .unwrap_or_else(|| "GET".to_owned());
    let service = case
        .optional_string("service")
        .unwrap_or_else(|| "es".to_owned());
    let expires = case.optional_number("expires");
    let body = body(case, name);
    let given = case
        .optional("headers")
        .map(|value| headers(value, name))
        .unwrap_or_default();
    let key = case.optional("key");
    let url = Url::parse(&case.string("url")).map_err(|error| ("url", error.to_string()))?;
    let credentials = match key {
        Some(key) => credentials(key, name).map_err(|error| ("credentials", error.to_string()))?,
        None => sigv4_kit::Credentials::new("AKIDEXAMPLE", "secret").unwrap(),
    };
    let host = url.host_header();
    let headers: Vec<(&str, &str)> = [("host", host.as_str())]
        .into_iter()
        .chain(
            given
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        )
        .collect();
    let request = Request::new(
        &method,
        url.path(),
        url.query(),
        &headers,
        Payload::Bytes(&body),
    )
    .map_err(|error| ("request", error.to_string()))?;
    let signer = Signer::new(&credentials, "us-east-1", &service)
        .map_err(|error| ("scope", error.to_string()))?;
    let date = Date::parse("20150830T123600Z").unwrap();
    match expires {
        Some(seconds) => signer.presign(&request, date, seconds as u32).map(drop),
        None => signer.sign(&request, date).map(drop),
    }
    .map_err(|error| ("sign", error.to_string()))
}

/// T39: the key of one day is not used on the next.
#[test]
fn a_kept_signing_key_does_not_outlive_its_day() {
    use sigv4_kit::signing::{Signed, SigningKeys};
    let credentials = sigv4_kit::Credentials::new("AKIDEXAMPLE", "secret").unwrap();
    let signer = Signer::new(&credentials, "us-east-1", "es").unwrap();
    let headers = [("host", "h.example")];
    let request = Request::new("GET", "/", "", &headers, Payload::Bytes(b"")).unwrap();
    let (mut keys, mut signed) = (SigningKeys::new(), Signed::default());
    for date in ["20150830T235959Z", "20150831T000000Z", "20150830T235959Z"] {
        let date = Date::parse(date).unwrap();
        signer
            .sign_into(&request, date, &mut keys, &mut signed)
            .unwrap();
        assert_eq!(
            signed.authorization(),
            signer.sign(&request, date).unwrap().authorization(),
            "{date}"
        );
    }
}

/// A program that overlooks an error does not send the signature of the request before.
#[test]
fn what_is_refused_leaves_no_signature_in_kept_buffers() {
    use sigv4_kit::signing::{Presigned, Rules, Signed, SigningKeys};
    let credentials = sigv4_kit::Credentials::new("AKIDEXAMPLE", "secret").unwrap();
    let es = Signer::new(&credentials, "us-east-1", "es").unwrap();
    let unsigned_only = es.with_rules(Rules::for_service("vpc-lattice-svcs"));
    let date = Date::parse("20150830T123600Z").unwrap();
    let good: &[_] = &[("host", "h")];
    let conflict: &[_] = &[("host", "h"), ("x-amz-content-sha256", "0")];
    let (mut keys, mut signed) = (SigningKeys::new(), Signed::default());
    let mut presigned = Presigned::default();
    for (signer, headers, query, expires) in [
        (es, &[][..], "", 60),
        (es, conflict, "", 60),
        (es, good, "X-Amz-Signature=0", 60),
        (unsigned_only, good, "", 60),
        (es, good, "", 0),
    ] {
        let payload = Payload::Bytes(b"");
        let request = Request::new("GET", "/", "", good, payload).unwrap();
        es.sign_into(&request, date, &mut keys, &mut signed)
            .unwrap();
        es.presign_into(&request, date, 60, &mut keys, &mut presigned)
            .unwrap();
        let request = Request::new("GET", "/", query, headers, payload).unwrap();
        if expires > 0 {
            signer
                .sign_into(&request, date, &mut keys, &mut signed)
                .unwrap_err();
            assert_eq!(signed.authorization(), "", "{headers:?} {query}");
        }
        signer
            .presign_into(&request, date, expires, &mut keys, &mut presigned)
            .unwrap_err();
        assert_eq!(presigned.query(), "", "{headers:?} {query} {expires}");
    }
}
