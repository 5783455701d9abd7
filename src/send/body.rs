//! The body of a request, and what its signature says of it.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::prelude::rust_2024::*;
use std::{fmt, mem};

use sha2::{Digest, Sha256};

use super::SendError;
use crate::signing::Payload;

/// The body of a request.
///
/// Text and bytes are sent untouched (but see [`RequestBuilder::body`](super::RequestBuilder::body) for the final
/// newline of NDJSON). A file is read twice: once for its hash, once when it is sent; memory stays constant.
#[derive(Default)]
pub struct Body(pub(super) Kind);

#[derive(Default)]
pub(super) enum Kind {
    #[default]
    Empty,
    Bytes(Vec<u8>),
    File(PathBuf),
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

    /// `length` bytes of a reader whose SHA-256 is known. A reader that ends early is an error; what follows is not
    /// read. Such a request is attempted once.
    pub fn reader_with_hash(
        reader: impl Read + Send + 'static,
        length: u64,
        sha256: [u8; 32],
    ) -> Self {
        Body(Kind::Reader {
            reader: Box::new(reader),
            length,
            payload: Payload::Sha256(sha256),
        })
    }

    /// `length` bytes of a reader, which the signature does not protect (`UNSIGNED-PAYLOAD`): S3 over HTTPS takes
    /// that, OpenSearch does not. Such a request is attempted once.
    pub fn unsigned_reader(reader: impl Read + Send + 'static, length: u64) -> Self {
        Body(Kind::Reader {
            reader: Box::new(reader),
            length,
            payload: Payload::Unsigned,
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        match &self.0 {
            Kind::Empty => true,
            Kind::Bytes(bytes) => bytes.is_empty(),
            Kind::File(_) | Kind::Reader { .. } => false,
        }
    }

    /// Ends bytes with a newline, if they have none.
    pub(super) fn end_line(&mut self) {
        if let Kind::Bytes(bytes) = &mut self.0
            && !bytes.is_empty()
            && !bytes.ends_with(b"\n")
        {
            bytes.push(b'\n');
        }
    }

    /// Length and hash: the first pass.
    pub(super) fn measure(self, final_newline: bool) -> Result<Measured, SendError> {
        Ok(match self.0 {
            Kind::Empty => Measured::empty(),
            Kind::Bytes(bytes) => Measured {
                length: bytes.len() as u64,
                payload: Payload::Sha256(Sha256::digest(&bytes).into()),
                source: Source::Bytes(bytes),
            },
            Kind::File(path) => measure_file(path, final_newline)?,
            Kind::Reader {
                reader,
                length,
                payload,
            } => Measured {
                length,
                payload,
                source: Source::Once(Some(reader)),
            },
        })
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
            Kind::Reader { length, .. } => write!(f, "Body(reader of {length} bytes)"),
        }
    }
}

/// A body whose length and hash are known.
pub(super) struct Measured {
    pub length: u64,
    pub payload: Payload<'static>,
    pub source: Source,
}

pub(super) enum Source {
    Bytes(Vec<u8>),
    File {
        path: PathBuf,
        file: File,
        tail: &'static [u8],
    },
    Once(Option<Box<dyn Read + Send>>),
}

impl Measured {
    pub fn empty() -> Self {
        Measured {
            length: 0,
            payload: Payload::Bytes(b""),
            source: Source::Bytes(Vec::new()),
        }
    }

    /// Whether the body can be sent a second time.
    pub fn is_repeatable(&self) -> bool {
        !matches!(self.source, Source::Once(_))
    }

    /// The bytes from the start: the second pass.
    pub fn open(&mut self) -> io::Result<Opened<'_>> {
        let length = self.length;
        Ok(match &mut self.source {
            Source::Bytes(bytes) => Opened::Bytes(bytes),
            Source::File { file, tail, .. } => {
                file.rewind()?;
                Opened::Reader(Exact {
                    reader: Box::new((&*file).take(length - tail.len() as u64).chain(*tail)),
                    left: length,
                })
            }
            Source::Once(reader) => Opened::Reader(Exact {
                reader: mem::take(reader).ok_or_else(|| {
                    io::Error::other("the body can be read only once and was sent before")
                })?,
                left: length,
            }),
        })
    }
}

pub(super) enum Opened<'a> {
    Bytes(&'a [u8]),
    Reader(Exact<'a>),
}

/// Exactly so many bytes: an early end is an error, and what follows is left alone.
///
/// Without it a file that shrank would leave the connection waiting for ever.
pub(super) struct Exact<'a> {
    reader: Box<dyn Read + 'a>,
    left: u64,
}

impl Read for Exact<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = buffer
            .len()
            .min(usize::try_from(self.left).unwrap_or(usize::MAX));
        if wanted == 0 {
            return Ok(0);
        }
        let read = self.reader.read(&mut buffer[..wanted])?;
        if read == 0 {
            return Err(io::Error::other(EndedEarly { missing: self.left }));
        }
        self.left -= read as u64;
        Ok(read)
    }
}

/// The body was shorter than announced.
#[derive(Debug)]
pub(super) struct EndedEarly {
    pub missing: u64,
}

impl fmt::Display for EndedEarly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the body ended {} bytes before its announced length",
            self.missing
        )
    }
}

impl core::error::Error for EndedEarly {}

fn measure_file(path: PathBuf, final_newline: bool) -> Result<Measured, SendError> {
    let fails = |error: io::Error| SendError::File {
        path: path.clone(),
        kind: error.kind(),
    };
    let mut file = File::open(&path).map_err(fails)?;
    if !file.metadata().map_err(fails)?.is_file() {
        return Err(SendError::File {
            path,
            kind: io::ErrorKind::InvalidInput,
        });
    }
    let mut hasher = Sha256::new();
    let mut buffer = std::vec![0; HASH_BUFFER];
    let mut length = 0;
    let mut last = b'\n';
    loop {
        let read = match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(fails(error)),
        };
        hasher.update(&buffer[..read]);
        length += read as u64;
        last = buffer[read - 1];
    }
    let tail: &[u8] = match final_newline && last != b'\n' {
        true => b"\n",
        false => b"",
    };
    hasher.update(tail);
    Ok(Measured {
        length: length + tail.len() as u64,
        payload: Payload::Sha256(hasher.finalize().into()),
        source: Source::File { path, file, tail },
    })
}

/// Large enough that reading costs nothing beside hashing, small enough for any host.
const HASH_BUFFER: usize = 128 * 1024;
