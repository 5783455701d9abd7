//! An `io::Read` that encodes another one as it is read.

use std::fmt;
use std::io::{self, Read};
use std::vec::Vec;

use super::encoder::ChunkEncoder;
use super::layout::ChunkedLayout;
use crate::signing::ChunkSignatures;

/// Reads `inner` as an aws-chunked body of exactly [`ChunkedLayout::encoded_length`] bytes.
///
/// `inner` must hold exactly [`ChunkedLayout::decoded_length`] bytes. Where it ends early or goes on, reading fails with
/// a [`BodyLengthError`] before the last chunk is out, so that no server takes the body for a whole one.
///
/// Buffers one chunk. Send `encoded_length` as Content-Length, never as Transfer-Encoding.
pub struct ChunkedReader<R> {
    inner: R,
    /// `None` after the last chunk, or a failure.
    encoder: Option<ChunkEncoder>,
    decoded_length: u64,
    chunk_size: usize,
    read: u64,
    chunk: Vec<u8>,
    frame: Vec<u8>,
    at: usize,
    failure: Option<BodyLengthError>,
}

/// The body does not have the length that was announced, which the signature covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyLengthError {
    /// It ended early.
    TooShort {
        /// Bytes announced.
        decoded_length: u64,
        /// Bytes found.
        found: u64,
    },
    /// It goes on.
    TooLong {
        /// Bytes announced.
        decoded_length: u64,
    },
}

impl fmt::Display for BodyLengthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BodyLengthError::TooShort {
                decoded_length,
                found,
            } => write!(
                f,
                "the body ended after {found} bytes; {decoded_length} were announced"
            ),
            BodyLengthError::TooLong { decoded_length } => write!(
                f,
                "the body goes on after the {decoded_length} bytes that were announced"
            ),
        }
    }
}

impl std::error::Error for BodyLengthError {}

impl From<BodyLengthError> for io::Error {
    fn from(error: BodyLengthError) -> Self {
        let kind = match error {
            BodyLengthError::TooShort { .. } => io::ErrorKind::UnexpectedEof,
            BodyLengthError::TooLong { .. } => io::ErrorKind::InvalidData,
        };
        io::Error::new(kind, error)
    }
}

impl<R: Read> ChunkedReader<R> {
    /// Wraps a body. `signatures` continues the signature of the request that it is sent with.
    pub fn new(inner: R, layout: &ChunkedLayout, signatures: ChunkSignatures) -> Self {
        ChunkedReader {
            inner,
            encoder: Some(ChunkEncoder::new(layout, signatures)),
            decoded_length: layout.decoded_length(),
            chunk_size: layout.chunk_size(),
            read: 0,
            chunk: Vec::new(),
            frame: Vec::new(),
            at: 0,
            failure: None,
        }
    }

    /// The next frame: one chunk, or the last chunk and the trailer. Empty at the end.
    fn next_frame(&mut self) -> io::Result<()> {
        if let Some(failure) = self.failure {
            return Err(failure.into());
        }
        self.frame.clear();
        self.at = 0;
        let Some(encoder) = &mut self.encoder else {
            return Ok(());
        };
        let left = self.decoded_length - self.read;
        let wanted = left.min(self.chunk_size as u64) as usize;
        // What an interrupted call has read stays, and the next call reads on.
        if wanted > self.chunk.len() {
            let missing = (wanted - self.chunk.len()) as u64;
            (&mut self.inner)
                .take(missing)
                .read_to_end(&mut self.chunk)?;
            if self.chunk.len() < wanted {
                return Err(self.fail(BodyLengthError::TooShort {
                    decoded_length: self.decoded_length,
                    found: self.read + self.chunk.len() as u64,
                }));
            }
        }
        encoder.chunk(&self.chunk, &mut self.frame);
        self.read += self.chunk.len() as u64;
        self.chunk.clear();
        if wanted == 0 {
            if self.goes_on()? {
                return Err(self.fail(BodyLengthError::TooLong {
                    decoded_length: self.decoded_length,
                }));
            }
            if let Some(encoder) = self.encoder.take() {
                encoder.finish(&mut self.frame);
            }
        }
        Ok(())
    }

    fn goes_on(&mut self) -> io::Result<bool> {
        loop {
            match self.inner.read(&mut [0]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return Ok(read? > 0),
            }
        }
    }

    fn fail(&mut self, failure: BodyLengthError) -> io::Error {
        self.failure = Some(failure);
        failure.into()
    }
}

impl<R: Read> Read for ChunkedReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        if self.at == self.frame.len() {
            self.next_frame()?;
        }
        let count = out.len().min(self.frame.len() - self.at);
        out[..count].copy_from_slice(&self.frame[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

impl<R> fmt::Debug for ChunkedReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunkedReader")
            .field("decoded_length", &self.decoded_length)
            .field("read", &self.read)
            .finish_non_exhaustive()
    }
}
