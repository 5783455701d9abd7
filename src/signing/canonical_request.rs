//! The canonical request: the request in the one spelling that signer and verifier share.

use core::fmt;

use super::canonical_headers::{CanonicalHeaders, Headers};
use super::canonical_query_string::QueryParameters;
use super::canonical_uri::push_canonical_uri;
use super::hmac::sha256_of_text;
use super::request::Request;
use super::rules::PathRule;
use super::text::Text;

/// The canonical request, written once into one buffer, and where its six values stand.
///
/// AWS: "Create a signed AWS API request", step 1:
///
/// ```text
/// HTTPMethod \n CanonicalURI \n CanonicalQueryString \n CanonicalHeaders \n SignedHeaders \n HashedPayload
/// ```
///
/// `Debug` shows no text, since the canonical headers may hold a session token.
///
/// ```
/// use sigv4_kit::signing::{CanonicalRequest, PathRule, Payload, Request};
/// let headers = [("Host", "example.amazonaws.com"), ("x-amz-date", "20150830T123600Z")];
/// let request = Request::new("GET", "/a//b", "b=2&a", &headers, Payload::Bytes(b""))?;
/// let canonical_request = CanonicalRequest::new(&request, PathRule::NormalizeAndEncode);
/// assert_eq!(canonical_request.lines()[1], ("CanonicalURI", "/a/b"));
/// assert_eq!(canonical_request.lines()[2], ("CanonicalQueryString", "a=&b=2"));
/// # Ok::<(), sigv4_kit::signing::RequestError>(())
/// ```
#[derive(Default)]
pub struct CanonicalRequest {
    text: Text,
    /// Where each value but the last ends.
    ends: [usize; 5],
    hash: [u8; 32],
    pub(super) headers: CanonicalHeaders,
    pub(super) parameters: QueryParameters,
}

impl CanonicalRequest {
    /// The canonical request of a request just as it is: nothing added, every header signed.
    pub fn new(request: &Request<'_>, path: PathRule) -> Self {
        let mut canonical_request = CanonicalRequest::default();
        canonical_request.begin(Headers::new(request, &[]), |_| true);
        canonical_request
            .parameters
            .add_query(request.query, |_| true);
        let mut hashed_payload = Text::default();
        request.payload.write_hashed(&mut hashed_payload);
        canonical_request.write(request, path, &hashed_payload);
        canonical_request
    }

    /// First half: the headers that `keep` accepts; and a clean slate for the parameters.
    pub(super) fn begin(&mut self, headers: Headers<'_>, keep: impl Fn(&str) -> bool) {
        self.headers.write(headers, keep);
        self.parameters.clear();
    }

    /// Second half, once the parameters are collected: the text.
    pub(super) fn write(&mut self, request: &Request<'_>, path: PathRule, hashed_payload: &Text) {
        let text = &mut self.text;
        text.clear();
        // HTTPMethod
        text.push_str(request.method);
        self.ends[0] = text.len();
        // CanonicalURI
        text.push(b'\n');
        push_canonical_uri(text, request.path, path);
        self.ends[1] = text.len();
        // CanonicalQueryString
        text.push(b'\n');
        self.parameters.push_canonical(text);
        self.ends[2] = text.len();
        // CanonicalHeaders
        text.push(b'\n');
        text.push_bytes(self.headers.lines.as_bytes());
        self.ends[3] = text.len();
        // SignedHeaders
        text.push(b'\n');
        text.push_bytes(self.headers.signed.as_bytes());
        self.ends[4] = text.len();
        // HashedPayload
        text.push(b'\n');
        text.push_bytes(hashed_payload.as_bytes());
        self.hash = sha256_of_text(text);
    }

    /// AWS's name for each of the six values, and the value; joined with newlines they are the text that is hashed.
    ///
    /// The canonical headers hold the session token where it is signed.
    pub fn lines(&self) -> [(&'static str, &str); 6] {
        const NAMES: [&str; 6] = [
            "HTTPMethod",
            "CanonicalURI",
            "CanonicalQueryString",
            "CanonicalHeaders",
            "SignedHeaders",
            "HashedPayload",
        ];
        let mut start = 0;
        core::array::from_fn(|index| {
            let end = self.ends.get(index).copied().unwrap_or(self.text.len());
            let value = self.text.slice(start, end);
            start = (end + 1).min(self.text.len());
            (NAMES[index], value)
        })
    }

    /// CanonicalQueryString alone.
    pub(super) fn query_string(&self) -> &[u8] {
        &self.text.as_bytes()[self.ends[1] + 1..self.ends[2]]
    }

    /// The text that is hashed. It holds the session token where that is signed.
    pub fn text(&self) -> &str {
        self.text.as_str()
    }

    /// Hash(CanonicalRequest), SHA-256.
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }
}

impl fmt::Debug for CanonicalRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CanonicalRequest")
            .field("signed_headers", &self.headers.signed.as_str())
            .finish_non_exhaustive()
    }
}
