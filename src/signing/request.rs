//! An HTTP request as it is on the wire, parsed once.

use super::encode::{ByteSet, byte_set};
use super::error::RequestError;
use super::payload::Payload;

/// The parts of an HTTP request that a signature covers, exactly as they are (or were) on the wire.
///
/// ```
/// use sigv4_kit::signing::{Payload, Request};
/// let headers = [("Host", "search-x.us-east-1.es.amazonaws.com"), ("Content-Type", "application/json")];
/// let request = Request::new("POST", "/movies/_doc", "refresh=true", &headers, Payload::Bytes(b"{}"))?;
/// # Ok::<(), sigv4_kit::signing::RequestError>(())
/// ```
#[derive(Clone, Copy)]
pub struct Request<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) headers: &'a [(&'a str, &'a str)],
    pub(super) payload: Payload<'a>,
}

impl<'a> Request<'a> {
    /// `path` and `query` are the two parts of the request target around the first `?`, percent-encoded as sent; an
    /// empty path is `/`. `headers` are all headers to sign, `host` among them, in the order sent; values as sent.
    ///
    /// # Errors
    /// A method that is no token (RFC 9110 section 5.6.2), a path that does not start with `/`, a `?` or `#` in the
    /// path, a `#` in the query, a header name that is no token, and control characters anywhere (a tab may stand
    /// in a header value).
    pub fn new(
        method: &'a str,
        path: &'a str,
        query: &'a str,
        headers: &'a [(&'a str, &'a str)],
        payload: Payload<'a>,
    ) -> Result<Self, RequestError> {
        if !is_token(method) {
            return Err(RequestError::Method);
        }
        if !(path.is_empty() || path.starts_with('/')) {
            return Err(RequestError::PathWithoutSlash);
        }
        if has_byte(path, |b| b.is_ascii_control() | (b == b'?') | (b == b'#')) {
            return Err(RequestError::PathCharacter);
        }
        if has_byte(query, |b| b.is_ascii_control() | (b == b'#')) {
            return Err(RequestError::QueryCharacter);
        }
        for (index, (name, value)) in headers.iter().enumerate() {
            if !is_token(name) {
                return Err(RequestError::HeaderName { index });
            }
            if has_byte(value, |b| b.is_ascii_control() & (b != b'\t')) {
                return Err(RequestError::HeaderValue {
                    name: (*name).into(),
                });
            }
        }
        let path = if path.is_empty() { "/" } else { path };
        Ok(Request {
            method,
            path,
            query,
            headers,
            payload,
        })
    }

    /// The values of a header, in the order sent. `name` in lower case.
    pub(super) fn header_values(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(given, _)| given.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value)
    }

    /// The value of a header that may stand there once; `None` where it is missing or repeated.
    pub(super) fn single_header(&self, name: &str) -> Option<&'a str> {
        let mut values = self.header_values(name);
        let value = values.next()?;
        values
            .next()
            .is_none()
            .then(|| value.trim_matches([' ', '\t']))
    }
}

/// Looks at every byte instead of up to the first found, which the compiler does many at once.
fn has_byte(text: &str, wanted: impl Fn(u8) -> bool) -> bool {
    text.bytes().fold(false, |found, byte| found | wanted(byte))
}

/// token = 1*tchar, RFC 9110 section 5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| TCHAR[usize::from(byte)])
}

static TCHAR: ByteSet = byte_set(b"!#$%&'*+-.^_`|~");
