//! An HTTP request as it is on the wire, parsed once.

use core::fmt;

use super::encode::{byte_set, has_byte};
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
    /// Whether a header's name has an uppercase letter.
    pub(super) uppercase: bool,
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
        if method.is_empty() || kinds(method) & NONE != 0 {
            return Err(RequestError::Method);
        }
        if !(path.is_empty() || path.starts_with('/')) {
            return Err(RequestError::PathWithoutSlash);
        }
        if has_byte(path.as_bytes(), |b| {
            b.is_ascii_control() | (b == b'?') | (b == b'#')
        }) {
            return Err(RequestError::PathCharacter);
        }
        if has_byte(query.as_bytes(), |b| b.is_ascii_control() | (b == b'#')) {
            return Err(RequestError::QueryCharacter);
        }
        let mut uppercase = false;
        for (index, (name, value)) in headers.iter().enumerate() {
            let kinds = kinds(name);
            if name.is_empty() || kinds & NONE != 0 {
                return Err(RequestError::HeaderName { index });
            }
            uppercase |= kinds & UPPERCASE != 0;
            if has_byte(value.as_bytes(), |b| b.is_ascii_control() & (b != b'\t')) {
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
            uppercase,
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

/// Whether a text is the name of a header as SignedHeaders has it.
pub(super) fn is_lowercase_token(name: &str) -> bool {
    !name.is_empty() && kinds(name) == 0
}

/// Shows no query and no values, which may hold a session token.
impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// The kinds of bytes that are in a name, see [`TCHAR`].
fn kinds(name: &str) -> u8 {
    name.bytes()
        .fold(0, |kinds, byte| kinds | TCHAR[usize::from(byte)])
}

/// token = 1*tchar, RFC 9110 section 5.6.2: 0 for a tchar, but [`UPPERCASE`] for some; [`NONE`] for any other byte.
static TCHAR: [u8; 256] = {
    let tchar = byte_set(b"!#$%&'*+-.^_`|~");
    let mut kinds = [NONE; 256];
    let mut byte = 0;
    while byte < 256 {
        if tchar[byte] {
            kinds[byte] = if (byte as u8).is_ascii_uppercase() {
                UPPERCASE
            } else {
                0
            };
        }
        byte += 1;
    }
    kinds
};
const UPPERCASE: u8 = 1;
const NONE: u8 = 2;
