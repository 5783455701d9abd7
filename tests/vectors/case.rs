//! One vector: a request, what signs it, and what must come out.

use serde_json::Value;
use sigv4_kit::Credentials;
use sigv4_kit::signing::{Date, Payload, Rules};
use sigv4_kit::url::Url;

use crate::encoding::from_hex;
use crate::json::{Object, list, strings};

/// A request with everything that its signature depends on.
#[derive(Clone)]
pub struct Case {
    pub name: String,
    pub method: String,
    pub path: String,
    pub query: String,
    /// Every header to sign that the signer does not add; `host` is among them.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// What stands for the hash of the body, where it is not hashed.
    pub payload: Option<String>,
    pub credentials: Credentials,
    pub date: Date,
    pub region: String,
    pub service: String,
    pub rules: Rules,
    /// Query form if it is there, header form if not.
    pub expires_seconds: Option<u32>,
    pub expected: Expected,
}

/// What must come out; a set may not know every part.
#[derive(Clone, Default)]
pub struct Expected {
    pub canonical_request: Option<String>,
    pub string_to_sign: Option<String>,
    pub signature: Option<String>,
    pub signed_request: Option<String>,
}

impl Case {
    /// A case of one of the JSON files. README.md of the vectors explains the keys.
    pub fn from_json(value: Value, file: &str) -> Case {
        let mut case = Object::new(value, file);
        let name = case.string("name");
        let mut headers = headers(case.value("headers"), &name);
        let (path, query) = match case.optional_string("target") {
            Some(target) => match target.split_once('?') {
                Some((path, query)) => (path.to_owned(), query.to_owned()),
                None => (target, String::new()),
            },
            None => {
                let url = case.string("url");
                let url = Url::parse(&url).unwrap_or_else(|error| panic!("{name}: {url}: {error}"));
                if !headers
                    .iter()
                    .any(|(name, _)| name.eq_ignore_ascii_case("host"))
                {
                    headers.insert(0, ("host".to_owned(), url.host_header()));
                }
                (url.path().to_owned(), url.query().to_owned())
            }
        };
        let body = body(&mut case, &name);
        let service = case.string("service");
        let mut rules =
            Rules::for_service(case.optional_string("rules").as_deref().unwrap_or(&service));
        if let Some(wanted) = case.optional_bool("content_sha256_header") {
            rules.content_sha256_header = wanted;
        }
        let date = case.string("date");
        let region = case.string("region");
        let canonical_request = match case.value("canonical_request") {
            Value::String(text) => text,
            lines => strings(lines, &name).join("\n"),
        };
        let scope = format!("{}/{region}/{service}/aws4_request", &date[..8]);
        let string_to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", case.string("hash"));
        let made = Case {
            method: case.string("method"),
            path,
            query,
            headers,
            body,
            payload: case.optional_string("payload"),
            credentials: credentials(case.value("key"), &name)
                .unwrap_or_else(|error| panic!("{name}: {error}")),
            date: Date::parse(&date).unwrap_or_else(|error| panic!("{name}: {error}")),
            region,
            service,
            rules,
            expires_seconds: case
                .optional_number("expires")
                .map(|seconds| u32::try_from(seconds).unwrap()),
            expected: Expected {
                canonical_request: Some(canonical_request),
                string_to_sign: Some(string_to_sign),
                signature: Some(case.string("signature")),
                signed_request: None,
            },
            name,
        };
        case.finish();
        made
    }

    /// What signer or verifier is told of a body.
    pub fn payload<'b>(&self, body: &'b [u8]) -> Payload<'b> {
        match self.payload.as_deref() {
            None => Payload::Bytes(body),
            Some(word) => Payload::from_header(word)
                .unwrap_or_else(|| panic!("{}: payload {word:?}", self.name)),
        }
    }
}

/// `[[name, value], …]`
pub fn headers(value: Value, whose: &str) -> Vec<(String, String)> {
    list(value, whose)
        .into_iter()
        .map(|pair| match <[String; 2]>::try_from(strings(pair, whose)) {
            Ok([name, value]) => (name, value),
            Err(other) => panic!("{whose}: {other:?} is no header"),
        })
        .collect()
}

/// `[access key ID, secret access key]`, with the session token as a third.
pub fn credentials(value: Value, whose: &str) -> Result<Credentials, sigv4_kit::CredentialsError> {
    match strings(value, whose).as_slice() {
        [id, secret] => Credentials::new(id, secret),
        [id, secret, token] => Credentials::new(id, secret)?.with_session_token(token),
        other => panic!("{whose}: a key has two or three parts, not {}", other.len()),
    }
}

/// `body` (text), `body_hex` or `body_repeat` (`[hex byte, times]`); none of them is an empty body.
pub fn body(case: &mut Object, whose: &str) -> Vec<u8> {
    let text = case.optional_string("body").map(String::into_bytes);
    let hex = case
        .optional_string("body_hex")
        .map(|digits| from_hex(&digits));
    let repeat = case
        .optional("body_repeat")
        .map(|value| match list(value, whose).as_slice() {
            [Value::String(byte), times] => from_hex(byte).repeat(times.as_u64().unwrap() as usize),
            other => panic!("{whose}: body_repeat {other:?}"),
        });
    let mut given = [text, hex, repeat].into_iter().flatten();
    let body = given.next().unwrap_or_default();
    assert!(given.next().is_none(), "{whose}: more than one body");
    body
}
