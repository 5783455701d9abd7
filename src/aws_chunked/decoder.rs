//! The decoding side: nothing of a signed chunk is handed out before its signature is verified.

use alloc::string::String;
use alloc::vec::Vec;

use sha2::{Digest, Sha256};

use super::error::ChunkError;
use super::line::{is_field_name, parse_chunk_header, parse_field};
use super::{CHECKSUM_SHA256, TRAILER_SIGNATURE};
use crate::base64;
use crate::signing::{ChunkSignatures, Payload, Signature};

/// Takes an aws-chunked body apart, in whatever pieces it arrives, and verifies it.
///
/// Memory is bounded by [`ChunkDecoder::MAX_CHUNK_SIZE`]. After an error every further call answers the same error.
///
/// ```
/// # use sigv4_kit::signing::{Authorization, ChunkSignatures, Verified};
/// use sigv4_kit::aws_chunked::{ChunkDecoder, ChunkError};
/// # fn f(verified: &Verified, authorization: &Authorization, pieces: [&[u8]; 2]) -> Result<Vec<u8>, ChunkError> {
/// let signatures = ChunkSignatures::of(authorization, "secret");
/// let mut decoder = ChunkDecoder::new(verified.payload(), 5, "x-amz-checksum-sha256", signatures)?;
/// let mut body = Vec::new();
/// for piece in pieces {
///     decoder.decode(piece, &mut body)?;
/// }
/// let trailers = decoder.finish()?;
/// # let _ = trailers;
/// # Ok(body)
/// # }
/// ```
#[derive(Debug)]
pub struct ChunkDecoder {
    signed: bool,
    declared: Vec<String>,
    decoded_length: u64,
    max_chunk_size: u64,
    signatures: ChunkSignatures,
    state: State,
    line: Vec<u8>,
    /// Data of the current chunk, kept until it is verified.
    pending: Vec<u8>,
    chunk_hash: Sha256,
    checksum: Option<Sha256>,
    index: u64,
    found: u64,
    trailers: Trailers,
}

#[derive(Debug, Clone)]
enum State {
    Header,
    Data {
        remaining: u64,
        signature: Option<Signature>,
    },
    DataEnd,
    /// After the last chunk; holds whether the trailer's signature was seen, which is its last line.
    Trailer {
        signed: bool,
    },
    End,
    Failed(ChunkError),
}

/// The fields of a verified trailer, sorted by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trailers(Vec<(String, String)>);

impl Trailers {
    /// The value of a field, by its lowercase name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter()
            .find(|(found, _)| *found == name)
            .map(|(_, value)| value)
    }

    /// Lowercase names and trimmed values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    // A line "name:value\n" for each.
    fn canonical(&self) -> String {
        let mut text = String::new();
        for (name, value) in self.iter() {
            for part in [name, ":", value, "\n"] {
                text.push_str(part);
            }
        }
        text
    }
}

impl ChunkDecoder {
    /// The largest signed chunk unless [`ChunkDecoder::with_max_chunk_size`] says otherwise: 16 MiB.
    pub const MAX_CHUNK_SIZE: usize = 16 << 20;

    /// The longest line of the framing, in bytes.
    pub const MAX_LINE: usize = 1024;

    /// A decoder for one body. `payload` is what the verified request states, `decoded_length` the value of
    /// `x-amz-decoded-content-length`, `declared_trailers` that of `x-amz-trailer` (names between commas) or empty.
    /// All three headers are among the signed ones of a verified request.
    ///
    /// # Errors
    /// [`ChunkError::Payload`] and [`ChunkError::DeclaredTrailer`].
    pub fn new(
        payload: Payload<'_>,
        decoded_length: u64,
        declared_trailers: &str,
        signatures: ChunkSignatures,
    ) -> Result<Self, ChunkError> {
        let (signed, with_trailer) = match payload {
            Payload::StreamingSigned => (true, false),
            Payload::StreamingSignedTrailer => (true, true),
            Payload::StreamingUnsignedTrailer => (false, true),
            _ => return Err(ChunkError::Payload),
        };
        let mut declared: Vec<String> = Vec::new();
        if !declared_trailers.is_empty() {
            for name in declared_trailers.split(',') {
                let name = name.trim_matches([' ', '\t']).to_ascii_lowercase();
                if !is_field_name(&name) || name == TRAILER_SIGNATURE {
                    return Err(ChunkError::DeclaredTrailer);
                }
                declared.push(name);
            }
        }
        if declared.is_empty() == with_trailer {
            return Err(ChunkError::DeclaredTrailer);
        }
        let sums = declared.iter().any(|name| name == CHECKSUM_SHA256);
        Ok(ChunkDecoder {
            signed,
            declared,
            decoded_length,
            max_chunk_size: Self::MAX_CHUNK_SIZE as u64,
            signatures,
            state: State::Header,
            line: Vec::new(),
            pending: Vec::new(),
            chunk_hash: Sha256::new(),
            checksum: sums.then(Sha256::new),
            index: 0,
            found: 0,
            trailers: Trailers::default(),
        })
    }

    /// The same decoder with another limit on signed chunks, in bytes: each is kept until it is verified.
    #[must_use]
    pub fn with_max_chunk_size(self, bytes: usize) -> Self {
        ChunkDecoder {
            max_chunk_size: bytes as u64,
            ..self
        }
    }

    /// Takes the next piece of the encoded body, and appends to `out` the data that is good: of signed chunks what was
    /// verified. Data of unsigned chunks is good only once [`ChunkDecoder::finish`] has said so.
    ///
    /// # Errors
    /// The first reason to refuse; see [`ChunkError`].
    pub fn decode(&mut self, mut input: &[u8], out: &mut Vec<u8>) -> Result<(), ChunkError> {
        if let State::Failed(error) = &self.state {
            return Err(error.clone());
        }
        while !input.is_empty() {
            if let Err(error) = self.step(&mut input, out) {
                self.pending = Vec::new();
                self.state = State::Failed(error.clone());
                return Err(error);
            }
        }
        Ok(())
    }

    /// Whether the body is complete.
    pub fn is_finished(&self) -> bool {
        matches!(self.state, State::End)
    }

    /// Ends the body: everything that was announced is there and verified.
    ///
    /// # Errors
    /// [`ChunkError::Truncated`], or the error that came before.
    pub fn finish(self) -> Result<Trailers, ChunkError> {
        match self.state {
            State::End => Ok(self.trailers),
            State::Failed(error) => Err(error),
            _ => Err(ChunkError::Truncated),
        }
    }

    /// Reads on to the end of `input` or to the next state.
    fn step(&mut self, input: &mut &[u8], out: &mut Vec<u8>) -> Result<(), ChunkError> {
        match self.state.clone() {
            State::Header => {
                if self.read_line(input)? {
                    self.chunk_header()?;
                }
            }
            State::Data {
                remaining,
                signature,
            } => {
                let count = usize::try_from(remaining)
                    .unwrap_or(usize::MAX)
                    .min(input.len());
                let (data, rest) = input.split_at(count);
                *input = rest;
                self.data(data, remaining - count as u64, signature, out)?;
            }
            State::DataEnd => {
                let error = ChunkError::DataEnd { index: self.index };
                if !self.read_line(input).map_err(|_| error.clone())? {
                    // The two bytes of a CRLF are a whole line.
                    return if self.line.len() > 1 {
                        Err(error)
                    } else {
                        Ok(())
                    };
                }
                if !self.line.is_empty() {
                    return Err(error);
                }
                self.index += 1;
                self.state = State::Header;
            }
            State::Trailer { signed } => {
                if self.read_line(input)? {
                    self.trailer_line(signed)?;
                }
            }
            State::End => return Err(ChunkError::AfterEnd),
            State::Failed(error) => return Err(error),
        }
        Ok(())
    }

    /// Moves bytes to the line, up to its CRLF, which is dropped; tells whether the line is complete.
    fn read_line(&mut self, input: &mut &[u8]) -> Result<bool, ChunkError> {
        let limit = Self::MAX_LINE;
        while let Some((&byte, rest)) = input.split_first() {
            *input = rest;
            match (self.line.last(), byte) {
                (Some(b'\r'), b'\n') => {
                    self.line.pop();
                    return Ok(true);
                }
                (Some(b'\r'), _) | (_, b'\n') => return Err(ChunkError::LineEnd),
                _ if self.line.len() > limit => return Err(ChunkError::LineTooLong { limit }),
                _ => self.line.push(byte),
            }
        }
        Ok(false)
    }

    fn chunk_header(&mut self) -> Result<(), ChunkError> {
        let (size, signature) = parse_chunk_header(&self.line, self.signed)?;
        self.line.clear();
        if size > self.decoded_length - self.found {
            let decoded_length = self.decoded_length;
            return Err(ChunkError::TooLong { decoded_length });
        }
        if self.signed && size > self.max_chunk_size {
            let limit = self.max_chunk_size;
            return Err(ChunkError::ChunkTooLarge { size, limit });
        }
        if size > 0 {
            self.state = State::Data {
                remaining: size,
                signature,
            };
            return Ok(());
        }
        self.verify_chunk(signature)?;
        if self.found < self.decoded_length {
            return Err(ChunkError::TooShort {
                decoded_length: self.decoded_length,
                found: self.found,
            });
        }
        self.state = State::Trailer { signed: false };
        Ok(())
    }

    fn data(
        &mut self,
        data: &[u8],
        remaining: u64,
        signature: Option<Signature>,
        out: &mut Vec<u8>,
    ) -> Result<(), ChunkError> {
        self.found += data.len() as u64;
        if let Some(checksum) = &mut self.checksum {
            checksum.update(data);
        }
        if self.signed {
            self.chunk_hash.update(data);
            self.pending.extend_from_slice(data);
        } else {
            out.extend_from_slice(data);
        }
        self.state = State::Data {
            remaining,
            signature,
        };
        if remaining == 0 {
            self.verify_chunk(signature)?;
            out.append(&mut self.pending);
            self.state = State::DataEnd;
        }
        Ok(())
    }

    fn verify_chunk(&mut self, signature: Option<Signature>) -> Result<(), ChunkError> {
        let Some(signature) = signature else {
            return Ok(());
        };
        let hash = self.chunk_hash.finalize_reset().into();
        if !self.signatures.verifies_chunk(&hash, &signature) {
            let index = self.index;
            return Err(ChunkError::ChunkSignatureMismatch { index });
        }
        Ok(())
    }

    fn trailer_line(&mut self, signature_seen: bool) -> Result<(), ChunkError> {
        let line = core::mem::take(&mut self.line);
        if line.is_empty() {
            return self.end(signature_seen);
        }
        let (name, value) = parse_field(&line)?;
        if signature_seen {
            return Err(ChunkError::TrailerForm);
        }
        if name == TRAILER_SIGNATURE && self.signed && !self.declared.is_empty() {
            let signature = Signature::from_hex(value).ok_or(ChunkError::Signature)?;
            self.trailers.0.sort();
            let canonical = self.trailers.canonical();
            if !self.signatures.verifies_trailer(&canonical, &signature) {
                return Err(ChunkError::TrailerSignatureMismatch);
            }
            self.state = State::Trailer { signed: true };
            return Ok(());
        }
        if !self.declared.iter().any(|declared| declared == name) {
            return Err(ChunkError::UndeclaredTrailer { name: name.into() });
        }
        if self.trailers.get(name).is_some() {
            return Err(ChunkError::RepeatedTrailer { name: name.into() });
        }
        self.trailers.0.push((name.into(), value.into()));
        Ok(())
    }

    /// The empty line after the trailer, or after the last chunk where there is none.
    fn end(&mut self, signature_seen: bool) -> Result<(), ChunkError> {
        for name in &self.declared {
            if self.trailers.get(name).is_none() {
                return Err(ChunkError::MissingTrailer { name: name.clone() });
            }
        }
        if self.signed && !self.declared.is_empty() && !signature_seen {
            return Err(ChunkError::MissingSignature);
        }
        if let Some(checksum) = self.checksum.take() {
            let expected = base64::encode(&checksum.finalize());
            if self.trailers.get(CHECKSUM_SHA256) != Some(expected.as_str()) {
                return Err(ChunkError::ChecksumMismatch);
            }
        }
        self.trailers.0.sort();
        self.state = State::End;
        Ok(())
    }
}
