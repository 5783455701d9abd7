//! The body of a request, as the caller gives it.

use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::prelude::rust_2024::*;

use crate::signing::Payload;

/// The body of a request.
///
/// Text and bytes are sent untouched (but see [`RequestBuilder::body`](super::RequestBuilder::body) for the final
/// newline of NDJSON). Only bytes are held in memory as a whole.
#[derive(Default)]
pub struct Body(pub(super) Kind);

#[derive(Default)]
pub(super) enum Kind {
    #[default]
    Empty,
    Bytes(Vec<u8>),
    File(PathBuf),
    /// Of unknown hash and length.
    Stream(Box<dyn Read + Send>),
    /// Of known length; the payload says what the signature covers.
    Reader {
        reader: Box<dyn Read + Send>,
        length: u64,
        payload: Payload<'static>,
    },
}

impl Body {
    /// No body; its hash is still stated.
    pub fn empty() -> Self {
        Body(Kind::Empty)
    }

    /// Bytes, sent as they are.
    pub fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Body(Kind::Bytes(bytes.into()))
    }

    /// The content of a file, hashed in one pass and streamed in a second.
    pub fn file(path: impl AsRef<Path>) -> Self {
        Body(Kind::File(path.as_ref().into()))
    }

    /// What a reader such as standard input gives until its end. It is hashed on its way into a temporary file (into
    /// memory up to 1 MiB), then sent from there.
    pub fn spooled(reader: impl Read + Send + 'static) -> Self {
        Body(Kind::Stream(Box::new(reader)))
    }

    /// `length` bytes of a reader whose SHA-256 is known. A reader that ends early is an error; what follows is not
    /// read. Such a request is attempted once.
    pub fn reader_with_hash(
        reader: impl Read + Send + 'static,
        length: u64,
        sha256: [u8; 32],
    ) -> Self {
        Body::reader(reader, length, Payload::Sha256(sha256))
    }

    /// `length` bytes of a reader, each 64 KiB signed as they go (`aws-chunked`): the S3 family takes that, others do
    /// not. Such a request is attempted once.
    pub fn aws_chunked(reader: impl Read + Send + 'static, length: u64) -> Self {
        Body::reader(reader, length, Payload::StreamingSigned)
    }

    /// `length` bytes of a reader, which the signature does not protect (`UNSIGNED-PAYLOAD`): the S3 family takes that
    /// over HTTPS, OpenSearch does not. Such a request is attempted once.
    pub fn unsigned_reader(reader: impl Read + Send + 'static, length: u64) -> Self {
        Body::reader(reader, length, Payload::Unsigned)
    }

    fn reader(reader: impl Read + Send + 'static, length: u64, payload: Payload<'static>) -> Self {
        Body(Kind::Reader {
            reader: Box::new(reader),
            length,
            payload,
        })
    }

    /// Whether the bytes are yet to be read.
    pub(super) fn is_elsewhere(&self) -> bool {
        !matches!(self.0, Kind::Empty | Kind::Bytes(_))
    }

    pub(super) fn is_empty(&self) -> bool {
        match &self.0 {
            Kind::Empty => true,
            Kind::Bytes(bytes) => bytes.is_empty(),
            Kind::File(_) | Kind::Stream(_) | Kind::Reader { .. } => false,
        }
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Body::bytes(bytes)
    }
}

impl From<&[u8]> for Body {
    fn from(bytes: &[u8]) -> Self {
        Body::bytes(bytes)
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Body::bytes(text)
    }
}

impl From<&str> for Body {
    fn from(text: &str) -> Self {
        Body::bytes(text)
    }
}

impl From<&serde_json::Value> for Body {
    fn from(value: &serde_json::Value) -> Self {
        Body::bytes(value.to_string())
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Empty => f.write_str("Body(empty)"),
            Kind::Bytes(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            Kind::File(path) => write!(f, "Body(file {})", path.display()),
            Kind::Stream(_) => f.write_str("Body(reader)"),
            Kind::Reader { length, .. } => write!(f, "Body(reader of {length} bytes)"),
        }
    }
}
