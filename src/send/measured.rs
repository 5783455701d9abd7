//! A body whose length and hash are known: hashed in a first pass, opened for each sending.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::PathBuf;
use std::prelude::rust_2024::*;
use std::{fmt, mem, vec};

use sha2::{Digest, Sha256};

use super::body::{Body, Kind};
use super::progress::{Progress, Watch};
use super::spool::{Spool, Spooled};
use super::{SendError, progress};
use crate::Credentials;
use crate::aws_chunked::{ChunkedLayout, ChunkedReader};
use crate::signing::{ChunkSignatures, Payload, Signed};

/// A body whose length and hash are known.
pub(super) struct Measured {
    /// Bytes on the wire.
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
    Spool(Spooled),
    Once(Option<Box<dyn Read + Send>>),
    Chunked {
        reader: Option<Box<dyn Read + Send>>,
        layout: ChunkedLayout,
    },
}

/// What is done to a body before it is hashed.
#[derive(Clone, Default)]
pub(super) struct Treatment {
    pub final_newline: bool,
    pub compress: bool,
    pub watch: Watch,
}

impl Measured {
    pub fn empty() -> Self {
        Measured {
            length: 0,
            payload: Payload::Bytes(b""),
            source: Source::Bytes(Vec::new()),
        }
    }

    /// The first pass.
    pub fn new(body: Body, treatment: &Treatment) -> Result<Self, SendError> {
        match body.0 {
            Kind::Empty => Ok(Measured::empty()),
            Kind::Bytes(bytes) if bytes.is_empty() => Ok(Measured::empty()),
            Kind::Bytes(bytes) if treatment.compress => spool(&*bytes, treatment),
            Kind::Bytes(mut bytes) => {
                if treatment.final_newline && !bytes.ends_with(b"\n") {
                    bytes.push(b'\n');
                }
                Ok(Measured {
                    length: bytes.len() as u64,
                    payload: Payload::Sha256(Sha256::digest(&bytes).into()),
                    source: Source::Bytes(bytes),
                })
            }
            Kind::File(path) if treatment.compress => spool(open(&path)?.0, treatment),
            Kind::File(path) => hash_file(path, treatment),
            Kind::Stream(reader) => spool(reader, treatment),
            Kind::Reader { .. } if treatment.compress => Err(SendError::Setting {
                name: "a body to compress",
                allowed: "of unknown hash: bytes, a file, or a reader to spool",
            }),
            Kind::Reader {
                reader,
                length,
                payload: payload @ Payload::StreamingSigned,
            } => {
                let layout = ChunkedLayout::signed(length).map_err(|_| SendError::Setting {
                    name: "the length of a body",
                    allowed: "at most 2^62 bytes",
                })?;
                Ok(Measured {
                    length: layout.encoded_length(),
                    payload,
                    source: Source::Chunked {
                        reader: Some(reader),
                        layout,
                    },
                })
            }
            Kind::Reader {
                reader,
                length,
                payload,
            } => Ok(Measured {
                length,
                payload,
                source: Source::Once(Some(reader)),
            }),
        }
    }

    /// Headers that go with this form of body, to be signed.
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        match &self.source {
            Source::Chunked { layout, .. } => layout
                .headers()
                .map(|(name, value)| (name, value.into()))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Whether the body can be sent a second time.
    pub fn is_repeatable(&self) -> bool {
        !matches!(self.source, Source::Once(_) | Source::Chunked { .. })
    }

    /// The bytes from the start: the second pass.
    pub fn open(
        &mut self,
        signature: Option<(&Signed, &Credentials)>,
        watch: &Watch,
    ) -> io::Result<Opened<'_>> {
        let length = self.length;
        let once = |reader: &mut Option<Box<dyn Read + Send>>| {
            mem::take(reader)
                .ok_or_else(|| io::Error::other("it can be read only once and was sent before"))
        };
        let reader: Box<dyn Read + '_> = match &mut self.source {
            Source::Bytes(bytes) => return Ok(Opened::Bytes(bytes)),
            Source::File { file, tail, .. } => {
                file.rewind()?;
                Box::new((&*file).take(length - tail.len() as u64).chain(*tail))
            }
            Source::Spool(spooled) => match spooled.open()? {
                Ok(bytes) => return Ok(Opened::Bytes(bytes)),
                Err(file) => Box::new(file),
            },
            Source::Once(reader) => once(reader)?,
            Source::Chunked { reader, layout } => {
                let Some((signed, credentials)) = signature else {
                    return Err(io::Error::other("chunks cannot be signed for another host"));
                };
                let signatures = ChunkSignatures::after(signed, credentials.secret_access_key());
                let exact = once(reader)?.take(layout.decoded_length());
                Box::new(ChunkedReader::new(exact, layout, signatures))
            }
        };
        Ok(Opened::Reader(Exact {
            reader,
            left: length,
            length,
            watch: watch.clone(),
        }))
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
    length: u64,
    watch: Watch,
}

impl Read for Exact<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = buffer
            .len()
            .min(usize::try_from(self.left).unwrap_or(usize::MAX));
        if wanted == 0 {
            return Ok(0);
        }
        let read = loop {
            match self.reader.read(&mut buffer[..wanted]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(io::Error::other(ReadFailed(error))),
                Ok(0) => {
                    let error = EndedEarly { missing: self.left };
                    return Err(io::Error::other(ReadFailed(io::Error::other(error))));
                }
                Ok(read) => break read,
            }
        };
        self.left -= read as u64;
        progress::tell(&self.watch, || Progress::Sent {
            bytes: self.length - self.left,
            of: self.length,
        });
        Ok(read)
    }
}

/// The body's reader failed, not the connection.
#[derive(Debug)]
pub(super) struct ReadFailed(pub io::Error);

impl fmt::Display for ReadFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl core::error::Error for ReadFailed {}

/// The body was shorter than announced.
#[derive(Debug)]
struct EndedEarly {
    missing: u64,
}

impl fmt::Display for EndedEarly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let missing = self.missing;
        write!(f, "it ended {missing} bytes before its announced length")
    }
}

impl core::error::Error for EndedEarly {}

fn spool(reader: impl Read, treatment: &Treatment) -> Result<Measured, SendError> {
    let mut spool = Spool::new(treatment)?;
    spool.fill(reader)?;
    let (spooled, length, sha256) = spool.finish(treatment)?;
    Ok(Measured {
        length,
        payload: Payload::Sha256(sha256),
        source: Source::Spool(spooled),
    })
}

/// A regular file, and its length.
fn open(path: &PathBuf) -> Result<(File, u64), SendError> {
    let fails = |kind| SendError::File {
        path: path.clone(),
        kind,
    };
    let file = File::open(path).map_err(|error| fails(error.kind()))?;
    let metadata = file.metadata().map_err(|error| fails(error.kind()))?;
    match metadata.is_file() {
        true => Ok((file, metadata.len())),
        false => Err(fails(io::ErrorKind::InvalidInput)),
    }
}

fn hash_file(path: PathBuf, treatment: &Treatment) -> Result<Measured, SendError> {
    let (mut file, of) = open(&path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; BUFFER];
    let mut length = 0;
    let mut last = b'\n';
    loop {
        let read = match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                return Err(SendError::File {
                    path,
                    kind: error.kind(),
                });
            }
        };
        hasher.update(&buffer[..read]);
        length += read as u64;
        last = buffer[read - 1];
        progress::tell(&treatment.watch, || Progress::Hashed { bytes: length, of });
    }
    let tail: &[u8] = match treatment.final_newline && last != b'\n' {
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
pub(super) const BUFFER: usize = 128 * 1024;
