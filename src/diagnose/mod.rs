//! What a server's refusal means: its own canonical request beside ours, and a table of the answers that AWS gives.
//!
//! Nothing here does I/O. [`explain_refusal`] reads status, headers and body of an answer and names cause and fix;
//! where a second attempt can succeed, [`Diagnosis::correction`] says with what. [`explain_transport`] does the same
//! for a connection that failed before any answer, [`bulk_summary`] for a `_bulk` answer that holds failed items.
//!
//! No text made here holds a session token or a signature: lines that may carry one are redacted.

mod access_rows;
mod answer;
mod bulk;
mod canonical_diff;
mod cause;
mod cause_url;
mod clock;
mod redact;
mod service_rows;
mod signature_rows;
mod table;
mod transport;

use std::prelude::rust_2024::*;

use answer::{Answer, Form};
use redact::{Redactor, shown};

pub use bulk::{BulkErrors, BulkSummary, bulk_summary};
pub use canonical_diff::{Difference, canonical_diff};
pub use clock::measured_skew;
pub(crate) use clock::retry_after_seconds;
pub use transport::explain_transport;

/// An answer that refuses a request, and what the request was.
///
/// Only `status`, `headers` and `body` are needed; what else is known makes the diagnosis sharper. Start from
/// `Refusal::default()`.
#[derive(Clone, Copy, Default)]
pub struct Refusal<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The answer's headers, names in any case.
    pub headers: &'a [(&'a str, &'a str)],
    /// The answer's body, or its beginning. 256 KiB are read, no more.
    pub body: &'a [u8],
    /// The service the request was signed for, such as `es`.
    pub service: &'a str,
    /// The region the request was signed for.
    pub region: &'a str,
    /// The host of the URL, without port.
    pub host: &'a str,
    /// The region that the host's name states, where it does.
    pub host_region: Option<&'a str>,
    /// The canonical request that was signed.
    pub canonical_request: Option<&'a str>,
    /// The string to sign that was signed.
    pub string_to_sign: Option<&'a str>,
    /// The date that was signed, in seconds since 1970-01-01T00:00:00Z.
    pub signed_at: Option<i64>,
    /// How long the answer took, in seconds. After more than 300 the `Date` header is not
    /// believed.
    pub elapsed_seconds: u64,
}

impl core::fmt::Debug for Refusal<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Refusal")
            .field("status", &self.status)
            .field("service", &self.service)
            .field("region", &self.region)
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}

/// Why a server refused, and what helps.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnosis {
    /// The row of the table, such as `sig-mismatch`; one of [`ids`].
    pub id: &'static str,
    /// What went wrong: lower case, no full stop, fit to stand behind `error: `.
    pub cause: String,
    /// What to do: fit to stand behind `hint: `.
    pub fix: String,
    /// The id of the request that AWS's support asks for.
    pub request_id: Option<String>,
    /// What a second attempt would change; `None` where a second attempt is refused as well.
    pub correction: Option<Correction>,
    /// Where the server's canonical request or string to sign differs from ours, if it showed them.
    pub differences: Vec<Difference>,
    signature_or_token: bool,
}

impl Diagnosis {
    /// Whether the signature, the key or the session token was refused, rather than what was asked for.
    pub fn is_signature_or_token_refusal(&self) -> bool {
        self.signature_or_token
    }
}

/// What a next attempt changes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Correction {
    /// Sign for another region or service; a part that is `None` stays. Worth one attempt.
    Scope {
        /// The region to sign for.
        region: Option<String>,
        /// The service to sign for.
        service: Option<String>,
    },
    /// Sign with the server's clock. Worth one attempt.
    Clock {
        /// The server's time when it answered, in seconds since 1970-01-01T00:00:00Z.
        server_unix_seconds: i64,
    },
    /// Fetch new credentials. Worth one attempt.
    RefreshCredentials,
    /// Wait, then send the same again.
    Retry {
        /// The seconds that the server's `Retry-After` asks for.
        after_seconds: Option<u64>,
    },
    /// Send the body in smaller parts.
    SplitBody {
        /// The largest body that the server takes, in bytes, where it says so.
        limit_bytes: Option<u64>,
    },
}

/// The cause of a refusal: `None` for a status below 400 and for an answer that the table does not know.
///
/// An S3 redirect that names a bucket's region (301 or 307) is read as a refusal too.
///
/// ```
/// use sigv4_kit::diagnose::{Correction, Refusal, explain_refusal};
/// let diagnosis = explain_refusal(&Refusal {
///     status: 403,
///     body: br#"{"message":"The security token included in the request is expired"}"#,
///     ..Refusal::default()
/// }).unwrap();
/// assert_eq!(diagnosis.id, "token-expired");
/// assert_eq!(diagnosis.correction, Some(Correction::RefreshCredentials));
/// ```
pub fn explain_refusal(refusal: &Refusal<'_>) -> Option<Diagnosis> {
    diagnosis(&Answer::read(refusal))
}

/// The id under which the service knows the request, from the headers, else from the body.
pub fn request_id(headers: &[(&str, &str)], body: &[u8]) -> Option<String> {
    Answer::read(&Refusal {
        headers,
        body,
        ..Refusal::default()
    })
    .request_id()
}

/// What a refusal says of itself, in one line: its error code or type, and its message. `None` where it holds neither
/// in JSON, XML or CBOR.
///
/// ```
/// use sigv4_kit::diagnose::{Refusal, own_words};
/// let words = own_words(&Refusal {
///     status: 404,
///     body: br#"{"error":{"type":"index_not_found_exception","reason":"no such index [x]"},"status":404}"#,
///     ..Refusal::default()
/// });
/// assert_eq!(words.as_deref(), Some("index_not_found_exception: no such index [x]"));
/// ```
pub fn own_words(refusal: &Refusal<'_>) -> Option<String> {
    words(&Answer::read(refusal))
}

/// All that is known of a refusal, of which the answer is read once.
#[derive(Default)]
pub(crate) struct Explained {
    pub diagnosis: Option<Diagnosis>,
    pub own_words: Option<String>,
    pub request_id: Option<String>,
}

impl Explained {
    pub fn of(refusal: &Refusal<'_>) -> Self {
        let answer = Answer::read(refusal);
        Explained {
            diagnosis: diagnosis(&answer),
            own_words: words(&answer),
            request_id: answer.request_id(),
        }
    }
}

fn diagnosis(answer: &Answer<'_>) -> Option<Diagnosis> {
    let status = answer.refusal.status;
    if status < 400 && !matches!(status, 301 | 307) {
        return None;
    }
    explain_answer(answer)
}

fn words(answer: &Answer<'_>) -> Option<String> {
    if !matches!(answer.form, Form::Json | Form::Xml | Form::Binary) {
        return None;
    }
    let root = answer.error_types.first().map(String::as_str);
    let kind = Some(answer.code.as_str())
        .filter(|code| !code.is_empty())
        .or(root);
    let message = match answer.message.as_str() {
        "" => answer.reason.lines().next(),
        message => Some(message),
    };
    let words: Vec<&str> = kind.into_iter().chain(message).collect();
    let redactor = Redactor::of(&[answer.refusal.canonical_request.unwrap_or_default()]);
    (!words.is_empty()).then(|| shown(&redactor.clean(words.join(": "))))
}

/// The ids of every row that a [`Diagnosis`] may have, in the order they are tried.
pub fn ids() -> impl Iterator<Item = &'static str> {
    table::rows().map(|row| row.id).chain(transport::IDS)
}

fn explain_answer(answer: &Answer<'_>) -> Option<Diagnosis> {
    let row = table::rows().find(|row| (row.matches)(answer))?;
    let found = (row.explain)(answer);
    let redactor = Redactor::of(&[
        answer.refusal.canonical_request.unwrap_or_default(),
        answer
            .server
            .canonical_request
            .as_deref()
            .unwrap_or_default(),
    ]);
    Some(Diagnosis {
        id: row.id,
        cause: redactor.clean(found.cause),
        fix: redactor.clean(found.fix),
        request_id: answer.request_id(),
        correction: found.correction,
        differences: found
            .differences
            .into_iter()
            .map(|d| Difference {
                line: d.line,
                header: d.header.map(|t| redactor.clean(t)),
                ours: d.ours.map(|t| redactor.clean(t)),
                servers: d.servers.map(|t| redactor.clean(t)),
            })
            .collect(),
        signature_or_token: row.signature_or_token,
    })
}
