//! What the server answered.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Read};
use std::prelude::rust_2024::*;

use ureq::http::HeaderMap;

use super::transport::{Answer, translate};
use super::{Note, SendError, StatusError, TransportError};
use crate::diagnose::Diagnosis;

/// What the server answered, whatever its status. The body is read when it is asked for.
pub struct Response {
    status: u16,
    headers: HeaderMap,
    /// What was read of the body already.
    head: Vec<u8>,
    rest: Option<ureq::BodyReader<'static>>,
    limit: u64,
    request_id: Option<String>,
    diagnosis: Option<Diagnosis>,
    notes: Vec<Note>,
    attempts: u32,
}

/// The headers under which services tell the id of a request.
const REQUEST_ID_HEADERS: [&str; 4] = [
    "x-amzn-requestid",
    "x-amz-request-id",
    "x-request-id",
    "x-amzn-request-id",
];

/// How much of a refusal's body is read to explain it, and kept with its error.
const KEPT_REFUSAL: u64 = 256 * 1024;

impl Response {
    pub(super) fn new(answer: Answer, limit: u64) -> Self {
        let (parts, body) = answer.into_parts();
        Response {
            status: parts.status.as_u16(),
            headers: parts.headers,
            head: Vec::new(),
            rest: Some(body.into_with_config().limit(u64::MAX).reader()),
            limit,
            request_id: None,
            diagnosis: None,
            notes: Vec::new(),
            attempts: 1,
        }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The first value of a header; `None` where it is missing or no text.
    pub fn header(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.headers.get(name)?.as_bytes()).ok()
    }

    /// Every header, names in lower case; bytes that are no UTF-8 are replaced.
    pub fn headers(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        self.headers
            .iter()
            .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes())))
    }

    /// The id under which the service knows the request.
    pub fn request_id(&self) -> Option<&str> {
        let in_header = || REQUEST_ID_HEADERS.iter().find_map(|name| self.header(name));
        self.request_id.as_deref().or_else(in_header)
    }

    /// What a refusal means and what helps; `None` for a success, and for an answer that is none that is known.
    pub fn diagnosis(&self) -> Option<&Diagnosis> {
        self.diagnosis.as_ref()
    }

    /// What the client did of its own accord before this answer: retries, corrections, redirects.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// How many times the request was sent.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The body's announced length, where there is one.
    pub fn content_length(&self) -> Option<u64> {
        self.header("content-length")?.parse().ok()
    }

    /// The whole body.
    ///
    /// # Errors
    /// A body that breaks off, or is longer than the client's answer limit.
    pub fn bytes(mut self) -> Result<Vec<u8>, SendError> {
        let limit = self.limit;
        self.read_head(limit.saturating_add(1))?;
        match self.head.len() as u64 > limit {
            true => Err(SendError::AnswerTooLarge { limit }),
            false => Ok(self.head),
        }
    }

    /// The whole body as text.
    ///
    /// # Errors
    /// Those of [`Response::bytes`], and a body that is not UTF-8.
    pub fn text(self) -> Result<String, SendError> {
        String::from_utf8(self.bytes()?).map_err(|_| SendError::AnswerForm("UTF-8 text"))
    }

    /// The whole body as JSON.
    ///
    /// # Errors
    /// Those of [`Response::bytes`], and a body that is not JSON.
    pub fn json(self) -> Result<serde_json::Value, SendError> {
        serde_json::from_slice(&self.bytes()?).map_err(|_| SendError::AnswerForm("JSON"))
    }

    /// The body, piece by piece. A body that breaks off is an error of kind [`io::ErrorKind::UnexpectedEof`].
    pub fn reader(self) -> impl Read + Send {
        let rest: Box<dyn Read + Send> = match self.rest {
            Some(rest) => Box::new(rest),
            None => Box::new(io::empty()),
        };
        io::Cursor::new(self.head).chain(rest)
    }

    /// This answer, if its status is below 400; otherwise an error that keeps it, with the server's body.
    ///
    /// # Errors
    /// [`SendError::Status`].
    pub fn error_for_status(self) -> Result<Response, SendError> {
        if self.status < 400 {
            return Ok(self);
        }
        Err(SendError::Status(Box::new(StatusError { response: self })))
    }

    /// Reads the beginning of the body.
    pub(super) fn peek(&mut self) -> Result<(), SendError> {
        self.read_head(KEPT_REFUSAL)
    }

    pub(super) fn text_headers(&self) -> Vec<(String, String)> {
        self.headers()
            .map(|(name, value)| (name.into(), value.into_owned()))
            .collect()
    }

    pub(super) fn explained(&mut self, diagnosis: Option<Diagnosis>, request_id: Option<String>) {
        self.diagnosis = diagnosis;
        self.request_id = request_id;
    }

    pub(super) fn finish(&mut self, notes: Vec<Note>, attempts: u32) {
        self.notes = notes;
        self.attempts = attempts;
    }

    /// What was read of the body.
    pub(super) fn peeked(&self) -> &[u8] {
        &self.head
    }

    /// Reads until so many bytes are here, or all of them.
    fn read_head(&mut self, wanted: u64) -> Result<(), SendError> {
        let missing = wanted.saturating_sub(self.head.len() as u64);
        if let Some(rest) = &mut self.rest {
            let read = rest.take(missing).read_to_end(&mut self.head);
            if read.map_err(read_error)? as u64 != missing {
                self.rest = None;
            }
        }
        Ok(())
    }
}

/// Why a body could not be read to its end.
pub(super) fn read_error(error: io::Error) -> SendError {
    match translate(ureq::Error::from(error), "") {
        SendError::Transport(TransportError::Timeout(_)) => {
            TransportError::Timeout("reading the answer").into()
        }
        SendError::Transport(TransportError::Tls(words)) => TransportError::Tls(words).into(),
        _ => TransportError::Truncated.into(),
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("request_id", &self.request_id())
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}
