//! Why a request was not sent, not answered, or refused.

use std::borrow::Cow;
use std::path::PathBuf;
use std::prelude::rust_2024::*;
use std::{fmt, io};

use super::{RedirectError, Response};
use crate::diagnose::{Diagnosis, explain_transport};
use crate::endpoint::SchemeError;
use crate::provider::ProviderError;
use crate::signing::{DateError, RequestError, ScopeError, SignError};
use crate::url::UrlError;

/// Why there is no answer, or none that is good.
#[derive(Debug)]
#[non_exhaustive]
pub enum SendError {
    /// The URL cannot be used.
    Url(UrlError),
    /// Method, path, query or headers cannot be signed.
    Request(RequestError),
    /// A header that the client itself writes, or that no signed request can carry.
    Header {
        /// Its lowercase name.
        name: String,
        /// What is allowed.
        allowed: &'static str,
    },
    /// URL or headers are longer than can be sent, or have a character that cannot.
    UnsendableUrl,
    /// The host does not tell what to sign for, and the caller did not either.
    NoScope {
        /// The host of the URL.
        host: String,
        /// Whether a region is missing.
        region: bool,
        /// Whether a service is missing.
        service: bool,
    },
    /// The host takes another kind of signature.
    Scheme(SchemeError),
    /// Region or service cannot stand in a credential scope.
    Scope(ScopeError),
    /// The request cannot be signed.
    Sign(SignError),
    /// The clock, or the request's own `x-amz-date`, names no date.
    Date(DateError),
    /// There are no credentials, or none that can be used.
    Credentials(ProviderError),
    /// A file could not be read or written.
    File {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        kind: io::ErrorKind,
    },
    /// The body could not be read to its announced length.
    Body {
        /// What the reader said.
        cause: io::Error,
    },
    /// The service takes no body whose hash is not signed.
    Unprotected {
        /// Which.
        service: String,
    },
    /// A setting of the client cannot be used.
    Setting {
        /// Its name.
        name: &'static str,
        /// What is allowed.
        allowed: &'static str,
    },
    /// No connection, no answer, or one that broke off.
    Transport(TransportError),
    /// A redirect was not followed.
    Redirect(RedirectError),
    /// The answer's body is longer than the caller allowed.
    AnswerTooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The answer's body is not what it was asked as: `UTF-8 text`, `JSON`, `gzip`.
    AnswerForm(&'static str),
    /// The answer's body could not be passed on.
    Write(io::Error),
    /// The server answered with a status of 4xx or 5xx.
    Status(Box<StatusError>),
}

/// An answer of 4xx or 5xx: what the server said.
#[derive(Debug)]
pub struct StatusError {
    pub(super) response: Response,
}

impl SendError {
    /// Why, and what helps; `None` where nothing is known beyond the error itself.
    pub fn diagnosis(&self) -> Option<Cow<'_, Diagnosis>> {
        match self {
            SendError::Status(refusal) => refusal.diagnosis().map(Cow::Borrowed),
            SendError::Transport(TransportError::Tls { host, words }) => {
                explain_transport(words, host).map(Cow::Owned)
            }
            _ => None,
        }
    }
}

impl StatusError {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.response.status()
    }

    /// The id under which the service knows the request.
    pub fn request_id(&self) -> Option<&str> {
        self.response.request_id()
    }

    /// Why, and what helps; `None` where the answer is none that is known.
    pub fn diagnosis(&self) -> Option<&Diagnosis> {
        self.response.diagnosis()
    }

    /// The server's body, or its beginning.
    pub fn body(&self) -> &[u8] {
        self.response.peeked()
    }

    /// The whole answer.
    pub fn response(&self) -> &Response {
        &self.response
    }

    /// The whole answer, to read on.
    pub fn into_response(self) -> Response {
        self.response
    }
}

/// Why there was no connection, no answer, or only a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportError {
    /// The name is not known.
    HostNotFound {
        /// Which.
        host: String,
    },
    /// No connection.
    Connect {
        /// To which host.
        host: String,
        /// The system's reason.
        kind: io::ErrorKind,
    },
    /// This step took longer than its limit: `connecting`, `sending`, `waiting for the answer`, `reading the
    /// answer`, `the whole request`.
    Timeout(&'static str),
    /// TLS failed: a certificate that is not trusted or is another host's, for example.
    Tls {
        /// With which host.
        host: String,
        /// The TLS library's words.
        words: String,
    },
    /// The proxy refused. Holds its words.
    Proxy(String),
    /// The connection broke before the answer's headers were complete.
    Broken(io::ErrorKind),
    /// The answer is no HTTP, or its headers are too large. Holds the parser's words.
    NotHttp(String),
    /// The answer's body broke off before its announced end.
    Truncated,
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SendError::Url(cause) => cause.fmt(f),
            SendError::Request(cause) => cause.fmt(f),
            SendError::Header { name, allowed } => write!(f, "the header {name} {allowed}"),
            SendError::UnsendableUrl => f.write_str(
                "the URL or a header is longer than 65534 bytes or has a character that cannot be sent",
            ),
            SendError::Redirect(cause) => cause.fmt(f),
            SendError::NoScope {
                host,
                region,
                service,
            } => {
                let missing = match (service, region) {
                    (true, true) => "service and region",
                    (true, false) => "service",
                    _ => "region",
                };
                write!(
                    f,
                    "the host {host} does not tell the {missing} to sign for; state the {missing}"
                )
            }
            SendError::Scheme(cause) => cause.fmt(f),
            SendError::Scope(cause) => cause.fmt(f),
            SendError::Sign(cause) => cause.fmt(f),
            SendError::Date(cause) => cause.fmt(f),
            SendError::Credentials(cause) => cause.fmt(f),
            SendError::File { path, kind } => write!(f, "{}: {kind}", path.display()),
            SendError::Body { cause } => write!(f, "the body could not be read: {cause}"),
            SendError::Unprotected { service } => write!(
                f,
                "{service} takes no body whose hash is not signed; give bytes, a file, or a reader to spool"
            ),
            SendError::Setting { name, allowed } => write!(f, "{name} must be {allowed}"),
            SendError::Transport(cause) => cause.fmt(f),
            SendError::AnswerTooLarge { limit } => {
                write!(f, "the answer is longer than {limit} bytes")
            }
            SendError::AnswerForm(form) => write!(f, "the answer is not {form}"),
            SendError::Write(cause) => write!(f, "the answer could not be passed on: {cause}"),
            SendError::Status(refusal) => refusal.fmt(f),
        }
    }
}

impl fmt::Display for StatusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server answered {}", self.status())?;
        let cause = self.diagnosis().map(|diagnosis| diagnosis.cause.as_str());
        if let Some(cause) = cause.or(self.response.own_words()) {
            write!(f, ": {cause}")?;
        }
        match self.request_id() {
            Some(id) => write!(f, " (request id {id})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TransportError::HostNotFound { host } => write!(f, "the host {host} is not known"),
            TransportError::Connect { host, kind } => write!(f, "no connection to {host}: {kind}"),
            TransportError::Timeout(step) => write!(f, "{step} took too long"),
            TransportError::Tls { host, words } => write!(f, "TLS with {host} failed: {words}"),
            TransportError::Proxy(words) => write!(f, "the proxy refused: {words}"),
            TransportError::Broken(kind) => {
                write!(f, "the connection broke before the answer: {kind}")
            }
            TransportError::NotHttp(words) => write!(f, "the answer is not HTTP: {words}"),
            TransportError::Truncated => {
                f.write_str("the answer broke off before its announced end")
            }
        }
    }
}

impl core::error::Error for SendError {}
impl core::error::Error for StatusError {}
impl core::error::Error for TransportError {}

macro_rules! from {
    ($($error:ident => $variant:ident),*) => {$(
        impl From<$error> for SendError {
            fn from(error: $error) -> Self {
                SendError::$variant(error)
            }
        }
    )*};
}

from!(
    UrlError => Url, RequestError => Request, SchemeError => Scheme, ScopeError => Scope, SignError => Sign,
    DateError => Date, RedirectError => Redirect, ProviderError => Credentials, TransportError => Transport
);
