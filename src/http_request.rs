//! Signing the request type that ureq, reqwest and hyper share (`http` 1.x), in place.
//!
//! The request goes out as it then is: whatever sends it must leave path, query and signed headers alone.
//!
//! Signed are `host`, `content-type` and every `x-amz-*` header; other headers are not looked at. A missing Host header
//! is added, from the URI. Of the URI, what a request line may not carry is percent-encoded, a `+` in the query goes out
//! as `%20`, and empty parameters are dropped, as [`Url::parse`] says: the same is signed and sent.

use std::format;
use std::prelude::rust_2024::*;
use std::{fmt, str};

use ureq::http::request::Parts;
use ureq::http::uri::PathAndQuery;
use ureq::http::{self, HeaderMap, HeaderName, HeaderValue, Method, Uri, header};

use crate::signing::{Date, Payload, Presigned, Request, RequestError, SignError, Signed, Signer};
use crate::url::{Url, UrlError};

/// Adds the headers that sign a request at `date`. The payload is stated by the caller, whatever the body's type.
///
/// ```
/// # use sigv4_kit::Credentials;
/// use sigv4_kit::http_request;
/// use sigv4_kit::signing::{Date, Payload, Signer};
/// # use ureq::http;
/// # let credentials = Credentials::new("AKIDEXAMPLE", "secret")?;
/// let mut request = http::Request::get("https://search-x.us-east-1.es.amazonaws.com/_search?q=a+b").body(())?;
/// let signer = Signer::new(&credentials, "us-east-1", "es")?;
/// http_request::sign(&mut request, &signer, Payload::Bytes(b""), Date::parse("20150830T123600Z")?)?;
/// assert_eq!(request.uri().query(), Some("q=a%20b"));
/// assert!(request.headers()["authorization"].is_sensitive());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// See [`HttpSignError`]; the request is then as it was.
pub fn sign<B>(
    request: &mut http::Request<B>,
    signer: &Signer<'_>,
    payload: Payload<'_>,
    date: Date,
) -> Result<Signed, HttpSignError> {
    let wire = Wire::new(request.method(), request.uri(), request.headers())?;
    let (signed, headers) = wire.sign(signer, payload, date)?;
    let uri = wire.uri(wire.url.query())?;
    make_room(request.headers_mut(), headers.len())?;
    *request.uri_mut() = uri;
    request.headers_mut().extend(headers);
    Ok(signed)
}

/// [`sign`] for the parts of a request.
///
/// # Errors
/// See [`HttpSignError`]; the parts are then as they were.
pub fn sign_parts(
    parts: &mut Parts,
    signer: &Signer<'_>,
    payload: Payload<'_>,
    date: Date,
) -> Result<Signed, HttpSignError> {
    let wire = Wire::new(&parts.method, &parts.uri, &parts.headers)?;
    let (signed, headers) = wire.sign(signer, payload, date)?;
    let uri = wire.uri(wire.url.query())?;
    make_room(&mut parts.headers, headers.len())?;
    parts.uri = uri;
    parts.headers.extend(headers);
    Ok(signed)
}

/// Adds the query parameters that make a request good from `date` until `expires_seconds` later. Whoever sends it must
/// send the signed headers too: Host, and what the request has of `content-type` and `x-amz-*`.
///
/// # Errors
/// See [`HttpSignError`]; the request is then as it was.
pub fn presign<B>(
    request: &mut http::Request<B>,
    signer: &Signer<'_>,
    payload: Payload<'_>,
    date: Date,
    expires_seconds: u32,
) -> Result<Presigned, HttpSignError> {
    let wire = Wire::new(request.method(), request.uri(), request.headers())?;
    let presigned = signer.presign(
        &wire.request(&wire.headers(), payload)?,
        date,
        expires_seconds,
    )?;
    let host = wire.added_host()?;
    let uri = wire.uri(presigned.query())?;
    make_room(request.headers_mut(), 1)?;
    *request.uri_mut() = uri;
    request.headers_mut().extend(host);
    Ok(presigned)
}

/// A request as it will be on the wire, not yet signed.
struct Wire<'a> {
    method: &'a Method,
    given: &'a Uri,
    url: Url,
    /// The Host header to add.
    host: Option<String>,
    headers: Vec<(&'a str, &'a str)>,
}

impl<'a> Wire<'a> {
    fn new(
        method: &'a Method,
        uri: &'a Uri,
        headers: &'a HeaderMap,
    ) -> Result<Self, HttpSignError> {
        let has_host = headers.contains_key(header::HOST);
        let authority = match uri.authority() {
            Some(authority) => authority.as_str(),
            // Only path and query of the URL count then.
            None if has_host => "localhost",
            None => return Err(SignError::MissingHost.into()),
        };
        let scheme = match uri.scheme_str() {
            Some("wss") => "https",
            Some("ws") => "http",
            Some(scheme) => scheme,
            // `h.example` alone, and what CONNECT asks for.
            None if uri.authority().is_some() => return Err(UrlError::Scheme.into()),
            None => "http",
        };
        let target = uri.path_and_query().map_or("/", PathAndQuery::as_str);
        let url = Url::parse(&format!("{scheme}://{authority}{target}"))?;
        let mut signed = Vec::new();
        for (name, value) in headers {
            if is_signed(name) {
                let value =
                    str::from_utf8(value.as_bytes()).map_err(|_| HttpSignError::HeaderNotUtf8 {
                        name: name.to_string(),
                    })?;
                signed.push((name.as_str(), value));
            }
        }
        Ok(Wire {
            method,
            given: uri,
            host: (!has_host).then(|| url.host_header()),
            url,
            headers: signed,
        })
    }

    fn headers(&self) -> Vec<(&str, &str)> {
        let host = self.host.as_deref().map(|host| ("host", host));
        host.into_iter()
            .chain(self.headers.iter().copied())
            .collect()
    }

    fn request<'r>(
        &'r self,
        headers: &'r [(&'r str, &'r str)],
        payload: Payload<'r>,
    ) -> Result<Request<'r>, RequestError> {
        Request::new(
            self.method.as_str(),
            self.url.path(),
            self.url.query(),
            headers,
            payload,
        )
    }

    /// Signs, and the headers to add.
    fn sign(
        &self,
        signer: &Signer<'_>,
        payload: Payload<'_>,
        date: Date,
    ) -> Result<(Signed, Vec<(HeaderName, HeaderValue)>), HttpSignError> {
        let signed = signer.sign(&self.request(&self.headers(), payload)?, date)?;
        let mut added = Vec::from_iter(self.added_host()?);
        for (name, value) in signed.headers() {
            let mut value = header_value(name, value)?;
            value.set_sensitive(matches!(name, "authorization") || name.ends_with("-token"));
            added.push((HeaderName::from_static(name), value));
        }
        Ok((signed, added))
    }

    fn added_host(&self) -> Result<Option<(HeaderName, HeaderValue)>, HttpSignError> {
        let Some(host) = &self.host else {
            return Ok(None);
        };
        Ok(Some((header::HOST, header_value("host", host)?)))
    }

    /// The URI with the path that is signed, and a query.
    fn uri(&self, query: &str) -> Result<Uri, HttpSignError> {
        let target = self.url.clone().with_wire_query(query).request_target();
        if self.given.path_and_query().map(PathAndQuery::as_str) == Some(&target) {
            return Ok(self.given.clone());
        }
        let length = target.len();
        let mut parts = self.given.clone().into_parts();
        let path_and_query = PathAndQuery::try_from(target);
        parts.path_and_query = Some(path_and_query.map_err(|_| HttpSignError::Uri { length })?);
        Uri::from_parts(parts).map_err(|_| HttpSignError::Uri { length })
    }
}

/// Besides what is signed, what tells that the request is signed already.
fn is_signed(name: &HeaderName) -> bool {
    [header::HOST, header::CONTENT_TYPE, header::AUTHORIZATION].contains(name)
        || name.as_str().starts_with("x-amz-")
}

fn header_value(name: &str, value: &str) -> Result<HeaderValue, HttpSignError> {
    HeaderValue::from_str(value).map_err(|_| {
        let name = name.into();
        RequestError::HeaderValue { name }.into()
    })
}

/// So that adding headers cannot fail, and cannot panic.
fn make_room(headers: &mut HeaderMap, count: usize) -> Result<(), HttpSignError> {
    let room = headers.try_reserve(count);
    room.map_err(|_| HttpSignError::TooManyHeaders)
}

/// Why an [`http::Request`] was not signed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum HttpSignError {
    /// The URI is none that a request can be sent to.
    Url(UrlError),
    /// With what signing adds to it, the URI is longer than `http` allows.
    Uri {
        /// Bytes of path and query.
        length: usize,
    },
    /// With those that signing adds, the headers are more than `http` allows.
    TooManyHeaders,
    /// The value of a header that must be signed is not UTF-8.
    HeaderNotUtf8 {
        /// Its lowercase name.
        name: String,
    },
    /// A part of the request cannot be signed.
    Request(RequestError),
    /// The request cannot be signed.
    Sign(SignError),
}

impl fmt::Display for HttpSignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HttpSignError::Url(error) => error.fmt(f),
            HttpSignError::Uri { length } => {
                write!(f, "path and query have {length} bytes; 65534 are allowed")
            }
            HttpSignError::TooManyHeaders => f.write_str("there is no room for more headers"),
            HttpSignError::HeaderNotUtf8 { name } => {
                write!(
                    f,
                    "the value of the header {name} is not UTF-8, so it cannot be signed"
                )
            }
            HttpSignError::Request(error) => error.fmt(f),
            HttpSignError::Sign(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for HttpSignError {}

impl From<UrlError> for HttpSignError {
    fn from(error: UrlError) -> Self {
        HttpSignError::Url(error)
    }
}

impl From<RequestError> for HttpSignError {
    fn from(error: RequestError) -> Self {
        HttpSignError::Request(error)
    }
}

impl From<SignError> for HttpSignError {
    fn from(error: SignError) -> Self {
        HttpSignError::Sign(error)
    }
}
