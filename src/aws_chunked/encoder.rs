//! The encoding side: chunks in, framed and signed bytes out.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use sha2::{Digest, Sha256};

use super::layout::{ChunkedLayout, Trailer};
use super::{CHUNK_SIGNATURE, CRLF, TRAILER_SIGNATURE};
use crate::base64;
use crate::signing::ChunkSignatures;

/// Writes an aws-chunked body.
///
/// ```
/// # use sigv4_kit::Credentials;
/// use sigv4_kit::aws_chunked::{ChunkEncoder, ChunkedLayout, Trailer};
/// use sigv4_kit::signing::{ChunkSignatures, Date, Request, Signer};
/// # let credentials = Credentials::new("AKIDEXAMPLE", "secret")?;
/// let layout = ChunkedLayout::signed_with_trailer(5, Trailer::sha256())?;
/// let headers: Vec<_> = [("host", "b.s3.amazonaws.com")].into_iter().chain(layout.headers()).collect();
/// let request = Request::new("PUT", "/key", "", &headers, layout.payload())?;
/// let signed = Signer::new(&credentials, "us-east-1", "s3")?.sign(&request, Date::parse("20130524T000000Z")?)?;
/// let signatures = ChunkSignatures::after(&signed, credentials.secret_access_key());
/// let mut encoder = ChunkEncoder::new(&layout, signatures);
/// let mut body = Vec::new();
/// encoder.chunk(b"hello", &mut body);
/// encoder.finish(&mut body);
/// assert_eq!(body.len() as u64, layout.encoded_length());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ChunkEncoder {
    signed: bool,
    trailer: Option<Trailer>,
    checksum: Sha256,
    signatures: ChunkSignatures,
}

impl ChunkEncoder {
    /// An encoder for one body. `signatures` continues the request's own; where chunks are unsigned it is not used.
    pub fn new(layout: &ChunkedLayout, signatures: ChunkSignatures) -> Self {
        ChunkEncoder {
            signed: layout.is_signed(),
            trailer: layout.trailer().cloned(),
            checksum: Sha256::new(),
            signatures,
        }
    }

    /// Appends one chunk to `out`. An empty one is skipped: it would end the body.
    pub fn chunk(&mut self, data: &[u8], out: &mut Vec<u8>) {
        if data.is_empty() {
            return;
        }
        if self.needs_checksum() {
            self.checksum.update(data);
        }
        self.push_header(data, out);
        out.extend_from_slice(data);
        out.extend_from_slice(CRLF.as_bytes());
    }

    /// Appends the last chunk, which is empty, and the trailer.
    pub fn finish(mut self, out: &mut Vec<u8>) {
        self.push_header(b"", out);
        if let Some(trailer) = self.trailer.take() {
            let value = match trailer.value() {
                Some(value) => String::from(value),
                None => base64::encode(&self.checksum.finalize_reset()),
            };
            push_field(trailer.name(), &value, out);
            if self.signed {
                let canonical_trailer = format!("{}:{value}\n", trailer.name());
                let signature = self.signatures.trailer(&canonical_trailer).to_hex();
                push_field(TRAILER_SIGNATURE, &signature, out);
            }
        }
        out.extend_from_slice(CRLF.as_bytes());
    }

    /// The text that was signed last.
    pub fn string_to_sign(&self) -> &str {
        self.signatures.string_to_sign()
    }

    fn needs_checksum(&self) -> bool {
        matches!(&self.trailer, Some(trailer) if trailer.value().is_none())
    }

    fn push_header(&mut self, data: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(format!("{:x}", data.len()).as_bytes());
        if self.signed {
            out.extend_from_slice(CHUNK_SIGNATURE.as_bytes());
            out.extend_from_slice(self.signatures.chunk(data).to_hex().as_bytes());
        }
        out.extend_from_slice(CRLF.as_bytes());
    }
}

fn push_field(name: &str, value: &str, out: &mut Vec<u8>) {
    for part in [name, ":", value, CRLF] {
        out.extend_from_slice(part.as_bytes());
    }
}
