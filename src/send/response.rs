//! What the server answered.

use std::borrow::Cow;
use std::io::{self, Read, Write};
use std::path::Path;
use std::prelude::rust_2024::*;
use std::sync::{Mutex, PoisonError};
use std::{fmt, vec};

use ureq::http::HeaderMap;

use super::answer_body::{AnswerBody, read_error};
use super::plan::Plan;
use super::transport::Answer;
use super::{Note, PartFile, SendError, StatusError};
use crate::diagnose::{Diagnosis, Explained};

/// What the server answered, whatever its status. The body is read when it is asked for. Dropped unread it takes its
/// connection with it, unless it is short: then it is read, so that the connection serves again.
pub struct Response {
    status: u16,
    headers: HeaderMap,
    /// What was read of the body already.
    head: Vec<u8>,
    /// Nobody else reads it: the lock only lets references to an answer pass between threads.
    rest: Mutex<Option<AnswerBody>>,
    limit: u64,
    explained: Explained,
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
    pub(super) fn new(answer: Answer, limit: u64, plan: &Plan) -> Self {
        let (parts, body) = answer.into_parts();
        let mut response = Response {
            status: parts.status.as_u16(),
            headers: parts.headers,
            head: Vec::new(),
            rest: Mutex::new(None),
            limit,
            explained: Explained::default(),
            notes: Vec::new(),
            attempts: 1,
        };
        let gunzip = plan.gunzip && response.header("content-encoding") == Some("gzip");
        let of = response.content_length();
        let body = AnswerBody::new(body, of, plan.watch.clone(), gunzip);
        response.rest = Mutex::new(Some(body));
        response
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
        self.explained.request_id.as_deref().or_else(in_header)
    }

    /// What a refusal means and what helps; `None` for a success, and for an answer that is none that is known.
    pub fn diagnosis(&self) -> Option<&Diagnosis> {
        self.explained.diagnosis.as_ref()
    }

    /// What a refusal says of itself, in one line: see [`own_words`](crate::diagnose::own_words).
    pub fn own_words(&self) -> Option<&str> {
        self.explained.own_words.as_deref()
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
        let rest = self
            .rest
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let rest: Box<dyn Read + Send> = match rest {
            Some(rest) => Box::new(rest),
            None => Box::new(io::empty()),
        };
        io::Cursor::new(self.head).chain(rest)
    }

    /// Writes the whole body, and gives its length. Memory stays constant.
    ///
    /// # Errors
    /// A body that breaks off; what the writer says.
    pub fn write_to(self, writer: &mut impl Write) -> Result<u64, SendError> {
        let mut reader = self.reader();
        let mut buffer = vec![0; COPY_BUFFER];
        let mut length = 0;
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => {
                    writer
                        .write_all(&buffer[..read])
                        .map_err(SendError::Write)?;
                    length += read as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => (),
                Err(error) => return Err(read_error(error)),
            }
        }
        writer.flush().map_err(SendError::Write)?;
        Ok(length)
    }

    /// Writes the whole body into a file, and gives its length. The file appears when it is whole: see [`PartFile`].
    ///
    /// # Errors
    /// A body that breaks off; a file that cannot be written.
    pub fn save(self, path: impl AsRef<Path>) -> Result<u64, SendError> {
        let mut part = PartFile::beside(path)?;
        let length = self.write_to(&mut part)?;
        part.keep()?;
        Ok(length)
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

    pub(super) fn explained(&mut self, explained: Explained) {
        self.explained = explained;
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
        let rest = self.rest.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(body) = rest {
            let read = body.take(missing).read_to_end(&mut self.head);
            if read.map_err(read_error)? as u64 != missing {
                *rest = None;
            }
        }
        Ok(())
    }
}

const COPY_BUFFER: usize = 128 * 1024;

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("request_id", &self.request_id())
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}
