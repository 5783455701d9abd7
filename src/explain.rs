//! The steps of one signature, AWS's name beside each value.
//!
//! Reads the lines that were signed; nothing is computed a second time.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroizing;

use crate::signing::{
    CanonicalRequest, CredentialScope, Presigned, Signature, Signed, SigningKey, StringToSign,
};

/// The steps of one signature, to be read or compared.
///
/// The session token is masked, and the keys are left out, unless [`Explanation::with_secrets`] asks for them.
///
/// ```
/// use sigv4_kit::{Credentials, explain::Explanation};
/// use sigv4_kit::signing::{Date, Payload, Request, Signer};
///
/// let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
/// let headers = [("host", "example.amazonaws.com")];
/// let request = Request::new("GET", "/", "", &headers, Payload::Bytes(b""))?;
/// let signed = Signer::new(&credentials, "us-east-1", "service")?.sign(&request, Date::parse("20150830T123600Z")?)?;
/// let sent: Vec<(&str, &str)> = headers.into_iter().chain(signed.headers()).collect();
/// let explanation = Explanation::of(&signed, &sent);
/// assert!(explanation.text().contains("CanonicalURI           /"));
/// assert!(explanation.json().starts_with(r#"{"canonical_request":"GET\n/\n\nhost:example.amazonaws.com\n"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Explanation<'a> {
    canonical_request: &'a CanonicalRequest,
    string_to_sign: &'a StringToSign,
    signature: &'a Signature,
    /// What goes out beside the request line.
    headers: Vec<(&'a str, &'a str)>,
    authorization: Option<&'a str>,
    query: Option<&'a str>,
    derivation: Option<Derivation>,
}

struct Derivation {
    secret_access_key: Zeroizing<String>,
    day: String,
    region: String,
    service: String,
    keys: [(&'static str, Zeroizing<[u8; 32]>); 4],
}

impl<'a> Explanation<'a> {
    /// Explains a signature in header form. `headers` are all that go out, those of the signature among them.
    pub fn of(signed: &'a Signed, headers: &[(&'a str, &'a str)]) -> Self {
        Explanation {
            canonical_request: signed.canonical_request(),
            string_to_sign: signed.string_to_sign(),
            signature: signed.signature(),
            headers: headers.to_vec(),
            authorization: Some(signed.authorization()),
            query: None,
            derivation: None,
        }
    }

    /// Explains a signature in query form. `headers` are those of the request that was signed.
    pub fn of_presigned(presigned: &'a Presigned, headers: &[(&'a str, &'a str)]) -> Self {
        Explanation {
            canonical_request: presigned.canonical_request(),
            string_to_sign: presigned.string_to_sign(),
            signature: presigned.signature(),
            headers: headers.to_vec(),
            authorization: None,
            query: Some(presigned.query()),
            derivation: None,
        }
    }

    /// The same with everything that is secret: the keys of the derivation, and the session token unmasked.
    #[must_use]
    pub fn with_secrets(mut self, secret_access_key: &str, scope: &CredentialScope<'_>) -> Self {
        self.derivation = Some(Derivation {
            secret_access_key: Zeroizing::new(secret_access_key.into()),
            day: scope.day.into(),
            region: scope.region.into(),
            service: scope.service.into(),
            keys: SigningKey::chain(secret_access_key, scope),
        });
        self
    }

    /// The steps in AWS's order, to be read beside its page.
    pub fn text(&self) -> String {
        let mut out = String::new();
        out.push_str("1. Canonical request\n");
        for (name, value) in self.canonical_request.lines() {
            push_line(&mut out, name, &self.masked(value));
        }
        out.push_str(
            "2. Hash of the canonical request: the last line of step 3\n3. String to sign\n",
        );
        for (name, value) in self.string_to_sign.lines() {
            push_line(&mut out, name, value);
        }
        out.push_str("4. Signing key and signature\n");
        match &self.derivation {
            Some(derivation) => {
                for ((name, key), formula) in derivation.keys.iter().zip(derivation.formulas()) {
                    push_line(&mut out, name, &formula);
                    push_line(&mut out, "", &hex(key));
                }
            }
            None => push_line(
                &mut out,
                "kSigning",
                "HMAC(HMAC(HMAC(HMAC(\"AWS4\" + kSecret, Date), Region), Service), \"aws4_request\")",
            ),
        }
        push_line(&mut out, "signature", &self.signature.to_hex());
        match self.query {
            Some(query) => {
                out.push_str("5. Query string to send\n");
                push_line(&mut out, "Query", &self.masked(query));
            }
            None => out.push_str("5. Headers to send\n"),
        }
        for (name, value) in &self.headers {
            push_line(&mut out, name, &self.masked_header(name, value));
        }
        out
    }

    /// One JSON object: `canonical_request`, `string_to_sign`, `signing_key_derivation` (with secrets only),
    /// `signature`, `authorization` (in query form: `query`) and `headers`; a repeated header has an array.
    pub fn json(&self) -> String {
        let mut out = String::from("{");
        push_member(
            &mut out,
            "canonical_request",
            &self.masked(self.canonical_request.text()),
        );
        push_member(&mut out, "string_to_sign", self.string_to_sign.text());
        if let Some(derivation) = &self.derivation {
            push_name(&mut out, "signing_key_derivation");
            out.push('{');
            for (name, key) in &derivation.keys {
                push_member(&mut out, name, &hex(key));
            }
            out.push('}');
        }
        push_member(&mut out, "signature", &self.signature.to_hex());
        if let Some(authorization) = self.authorization {
            push_member(&mut out, "authorization", authorization);
        }
        if let Some(query) = self.query {
            push_member(&mut out, "query", &self.masked(query));
        }
        push_name(&mut out, "headers");
        out.push('{');
        for (index, (name, _)) in self.headers.iter().enumerate() {
            if !self.headers[..index]
                .iter()
                .any(|(earlier, _)| same_name(earlier, name))
            {
                self.push_header(&mut out, name);
            }
        }
        out.push_str("}}");
        out
    }

    fn push_header(&self, out: &mut String, name: &str) {
        let values: Vec<String> = self
            .headers
            .iter()
            .filter(|(other, _)| same_name(other, name))
            .map(|(name, value)| self.masked_header(name, value))
            .collect();
        if let [value] = &values[..] {
            return push_member(out, name, value);
        }
        push_name(out, name);
        out.push('[');
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            push_string(out, value);
        }
        out.push(']');
    }

    /// A text of several lines or parameters with the session token out of sight.
    fn masked(&self, text: &str) -> String {
        if self.derivation.is_some() {
            return text.to_string();
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((at, start)) = TOKEN_STARTS
            .iter()
            .filter_map(|start| Some((rest.find(start)?, start)))
            .min()
        {
            let value = at + start.len();
            let end = rest[value..]
                .find(['\n', '&'])
                .map_or(rest.len(), |end| value + end);
            out.push_str(&rest[..value]);
            out.push_str(MASK);
            rest = &rest[end..];
        }
        out.push_str(rest);
        out
    }

    fn masked_header(&self, name: &str, value: &str) -> String {
        let is_token = TOKEN_HEADERS.iter().any(|token| same_name(token, name));
        match is_token && self.derivation.is_none() {
            true => MASK.to_string(),
            false => value.to_string(),
        }
    }
}

impl Derivation {
    /// AWS's formula for each key, with this request's values.
    fn formulas(&self) -> [String; 4] {
        let secret = self.secret_access_key.as_str();
        [
            format!("HMAC(\"AWS4{secret}\", \"{}\")", self.day),
            format!("HMAC(kDate, \"{}\")", self.region),
            format!("HMAC(kRegion, \"{}\")", self.service),
            "HMAC(kService, \"aws4_request\")".to_string(),
        ]
    }
}

impl fmt::Debug for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Explanation")
            .field("canonical_request", self.canonical_request)
            .finish_non_exhaustive()
    }
}

const MASK: &str = "(hidden)";

const TOKEN_HEADERS: [&str; 2] = ["x-amz-security-token", "x-amz-s3session-token"];

/// What a session token stands behind, in canonical headers and in query strings.
const TOKEN_STARTS: [&str; 4] = [
    "x-amz-security-token:",
    "x-amz-s3session-token:",
    "X-Amz-Security-Token=",
    "X-Amz-S3session-Token=",
];

fn hex(key: &[u8; 32]) -> String {
    key.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn same_name(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// Name and value in two columns; the further lines of a value stand under its first.
fn push_line(out: &mut String, name: &str, value: &str) {
    let mut name = name;
    for line in value.split('\n') {
        out.push_str(format!("   {name:<22} {line}").trim_end());
        out.push('\n');
        name = "";
    }
}

fn push_member(out: &mut String, name: &str, value: &str) {
    push_name(out, name);
    push_string(out, value);
}

fn push_name(out: &mut String, name: &str) {
    if !out.ends_with('{') {
        out.push(',');
    }
    push_string(out, name);
    out.push(':');
}

/// A JSON string, RFC 8259 section 7.
fn push_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Credentials;
    use crate::signing::{Date, Payload, Request, Signer};

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    const HEADERS: [(&str, &str); 3] = [
        ("host", "example.amazonaws.com"),
        ("x-tag", "a \"quoted\" \\ one"),
        ("X-Tag", "two"),
    ];

    fn explained(show_secrets: bool) -> (String, String) {
        let credentials = Credentials::new("AKIDEXAMPLE", SECRET)
            .unwrap()
            .with_session_token("TOKEN/with/slashes==")
            .unwrap();
        let request = Request::new("GET", "/", "a=b", &HEADERS, Payload::Bytes(b"")).unwrap();
        let date = Date::parse("20150830T123600Z").unwrap();
        let signer = Signer::new(&credentials, "us-east-1", "service").unwrap();
        let signed = signer.sign(&request, date).unwrap();
        let scope = CredentialScope {
            day: date.day(),
            region: "us-east-1",
            service: "service",
        };
        let mut sent = HEADERS.to_vec();
        sent.extend(signed.headers());
        let mut explanation = Explanation::of(&signed, &sent);
        if show_secrets {
            explanation = explanation.with_secrets(SECRET, &scope);
        }
        (explanation.text(), explanation.json())
    }

    #[test]
    fn secrets_are_shown_only_when_asked_for() {
        let (text, json) = explained(false);
        for shown in [&text, &json] {
            assert!(
                !shown.contains(SECRET) && !shown.contains("TOKEN/with"),
                "{shown}"
            );
            assert!(!shown.contains("kDate\":"), "{shown}");
        }
        assert!(json.contains("x-amz-security-token:(hidden)\\n"));
        let (text, json) = explained(true);
        assert!(text.contains(&format!("HMAC(\"AWS4{SECRET}\", \"20150830\")")));
        assert!(json.contains("\"signing_key_derivation\":{\"kDate\":\""));
        assert!(json.contains("x-amz-security-token:TOKEN/with/slashes==\\n"));
    }

    #[test]
    fn a_repeated_header_has_an_array() {
        let (_, json) = explained(false);
        assert!(
            json.contains(r#""x-tag":["a \"quoted\" \\ one","two"]"#),
            "{json}"
        );
    }

    #[test]
    fn the_token_of_a_presigned_url_is_masked() {
        let credentials = Credentials::new("AKIDEXAMPLE", SECRET)
            .unwrap()
            .with_session_token("TOKEN")
            .unwrap();
        let headers = [("host", "h")];
        let request = Request::new("GET", "/", "", &headers, Payload::Bytes(b"")).unwrap();
        let signer = Signer::new(&credentials, "us-east-1", "es").unwrap();
        let presigned = signer
            .presign(&request, Date::parse("20150830T123600Z").unwrap(), 60)
            .unwrap();
        let explanation = Explanation::of_presigned(&presigned, &headers);
        let shown = explanation.text() + &explanation.json();
        assert!(!shown.contains("Token=TOKEN"), "{shown}");
        assert!(shown.contains("X-Amz-Security-Token=(hidden)&X-Amz-SignedHeaders=host"));
    }
}
