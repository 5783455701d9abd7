//! What can be wrong with what goes in. Facts only; never a secret, a token or an expected signature.

use alloc::string::String;
use core::fmt;

/// Why a text or number is not a [`Date`](super::Date).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DateError {
    /// Not of the form `YYYYMMDDThhmmssZ`.
    Form,
    /// The right form, but no such day or time.
    NoSuchDate,
    /// Outside the years 0000 to 9999.
    OutOfRange,
}

impl fmt::Display for DateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DateError::Form => "the date is not of the form YYYYMMDDThhmmssZ",
            DateError::NoSuchDate => "the date names a day or time that does not exist",
            DateError::OutOfRange => "the date is outside the years 0000 to 9999",
        })
    }
}

/// Why a region or service cannot stand in a credential scope. Holds which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScopeError {
    /// It is empty.
    Empty(&'static str),
    /// It has another character than letters, digits, `-`, `_`, `.` and `*`.
    Character(&'static str),
}

impl fmt::Display for ScopeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ScopeError::Empty(part) => write!(f, "the {part} is empty"),
            ScopeError::Character(part) => {
                write!(
                    f,
                    "the {part} has a character other than letters, digits, -, _, . and *"
                )
            }
        }
    }
}

/// Why the parts of a request cannot be signed or verified.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestError {
    /// The method is no token.
    Method,
    /// The path does not start with `/`.
    PathWithoutSlash,
    /// The path has a control character, `?` or `#`.
    PathCharacter,
    /// The query string has a control character or `#`.
    QueryCharacter,
    /// The name of the header at this position, counted from 0, is no token.
    HeaderName {
        /// Position among the headers.
        index: usize,
    },
    /// The value of this header has a control character, such as CR, LF or NUL.
    HeaderValue {
        /// Its name.
        name: String,
    },
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RequestError::Method => f.write_str("the method is not a token such as GET"),
            RequestError::PathWithoutSlash => f.write_str("the path does not start with /"),
            RequestError::PathCharacter => f.write_str("the path has a control character, ? or #"),
            RequestError::QueryCharacter => {
                f.write_str("the query string has a control character or #")
            }
            RequestError::HeaderName { index } => {
                write!(f, "the name of header {index} is not a token")
            }
            RequestError::HeaderValue { name } => {
                write!(
                    f,
                    "the value of header {name} has a control character such as CR, LF or NUL"
                )
            }
        }
    }
}

/// Why a request was not signed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignError {
    /// No `host` header: AWS refuses a signature without it.
    MissingHost,
    /// An Authorization header, or a parameter of a presigned URL, is there already.
    AlreadySigned,
    /// The request has this header with another value than the one that would be signed, or more than once.
    HeaderConflict(&'static str),
    /// The service accepts `UNSIGNED-PAYLOAD` only.
    PayloadMustBeUnsigned,
    /// A presigned URL is good for 1 to 604800 seconds.
    Expires {
        /// What was asked for.
        seconds: u32,
    },
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SignError::MissingHost => f.write_str("the request has no host header"),
            SignError::AlreadySigned => f.write_str(
                "the request is signed already: by an Authorization header, or as a presigned URL, which is sent as it is",
            ),
            SignError::HeaderConflict(name) => {
                write!(
                    f,
                    "the request has a header {name} that differs from the one to be signed, or has it twice"
                )
            }
            SignError::PayloadMustBeUnsigned => {
                f.write_str("the service accepts an unsigned payload only")
            }
            SignError::Expires { seconds } => {
                write!(f, "expires is {seconds} seconds; 1 to 604800 are allowed")
            }
        }
    }
}

/// Why a request carries no usable Authorization, in the header or in the query string.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthorizationError {
    /// The request is not signed.
    Missing,
    /// Signed in the header and in the query string, or a part of it is there twice. Holds the part.
    Repeated(&'static str),
    /// This part of it is missing.
    MissingPart(&'static str),
    /// The algorithm is another than `AWS4-HMAC-SHA256`.
    Algorithm,
    /// A part that does not belong there.
    UnknownPart,
    /// `Credential` is not `<key ID>/<yyyymmdd>/<region>/<service>/aws4_request`.
    Credential,
    /// `SignedHeaders` is not a sorted list of distinct lowercase names.
    SignedHeaders,
    /// `Signature` is not 64 lowercase hex digits.
    Signature,
    /// The date is none.
    Date(DateError),
    /// The date is on another day than the credential scope.
    DayMismatch,
    /// `X-Amz-Expires` is not a number from 1 to 604800.
    Expires,
}

impl fmt::Display for AuthorizationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AuthorizationError::Missing => f.write_str("the request is not signed"),
            AuthorizationError::Repeated(part) => write!(f, "{part} is there more than once"),
            AuthorizationError::MissingPart(part) => write!(f, "{part} is missing"),
            AuthorizationError::Algorithm => f.write_str("the algorithm is not AWS4-HMAC-SHA256"),
            AuthorizationError::UnknownPart => {
                f.write_str("there is a part other than Credential, SignedHeaders and Signature")
            }
            AuthorizationError::Credential => f.write_str(
                "Credential is not of the form <key ID>/<yyyymmdd>/<region>/<service>/aws4_request",
            ),
            AuthorizationError::SignedHeaders => {
                f.write_str("SignedHeaders is not a sorted list of distinct lowercase header names")
            }
            AuthorizationError::Signature => {
                f.write_str("Signature is not 64 lowercase hex digits")
            }
            AuthorizationError::Date(error) => error.fmt(f),
            AuthorizationError::DayMismatch => {
                f.write_str("the date is on another day than the credential scope")
            }
            AuthorizationError::Expires => {
                f.write_str("X-Amz-Expires is not a number from 1 to 604800")
            }
        }
    }
}

/// Why a signed request was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifyError {
    /// Signed for another region.
    Region {
        /// The region of its scope.
        found: String,
    },
    /// Signed for another service.
    Service {
        /// The service of its scope.
        found: String,
    },
    /// Signed too far in the future.
    NotYetCurrent {
        /// Seconds between the verifier's clock and the request's date.
        ahead_seconds: i64,
    },
    /// Signed too long ago, or past its expiry.
    Expired {
        /// Seconds since the last moment at which it was good.
        late_seconds: i64,
    },
    /// This header is among the signed headers, but not in the request.
    MissingHeader {
        /// Its lowercase name.
        name: String,
    },
    /// This header is present and must be signed, but is not among the signed headers.
    UnsignedHeader {
        /// Its lowercase name.
        name: String,
    },
    /// `x-amz-content-sha256` is none of the forms that AWS knows.
    ContentSha256Form,
    /// The body is not the one that was signed.
    ContentSha256Mismatch,
    /// The signature is not that of this request with this secret.
    SignatureMismatch,
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VerifyError::Region { found } => write!(f, "signed for the region {found}"),
            VerifyError::Service { found } => write!(f, "signed for the service {found}"),
            VerifyError::NotYetCurrent { ahead_seconds } => {
                write!(
                    f,
                    "the signature is not yet current: its date is {ahead_seconds} seconds ahead"
                )
            }
            VerifyError::Expired { late_seconds } => {
                write!(f, "the signature expired {late_seconds} seconds ago")
            }
            VerifyError::UnsignedHeader { name } => {
                write!(f, "the header {name} is present but not signed")
            }
            VerifyError::MissingHeader { name } => {
                write!(f, "the header {name} is signed but not present")
            }
            VerifyError::ContentSha256Form => f.write_str(
                "x-amz-content-sha256 is neither 64 hex digits nor a word that AWS knows",
            ),
            VerifyError::ContentSha256Mismatch => {
                f.write_str("the body does not have the hash that was signed")
            }
            VerifyError::SignatureMismatch => {
                f.write_str("the signature is not that of this request and secret")
            }
        }
    }
}

impl core::error::Error for DateError {}
impl core::error::Error for ScopeError {}
impl core::error::Error for RequestError {}
impl core::error::Error for SignError {}
impl core::error::Error for AuthorizationError {}
impl core::error::Error for VerifyError {}

impl From<DateError> for AuthorizationError {
    fn from(error: DateError) -> Self {
        AuthorizationError::Date(error)
    }
}
