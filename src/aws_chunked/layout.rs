//! The layout of an aws-chunked body: its form, its lengths, its headers.

use alloc::string::{String, ToString};

use super::error::LayoutError;
use super::line::is_field_name;
use super::{CHECKSUM_SHA256, CHUNK_SIGNATURE, CRLF, SIGNATURE_DIGITS, TRAILER_SIGNATURE};
use crate::signing::Payload;

/// How a body of known length is laid out in chunks.
///
/// ```
/// use sigv4_kit::aws_chunked::ChunkedLayout;
/// let layout = ChunkedLayout::signed(66560)?;
/// assert_eq!(layout.encoded_length(), 66824);
/// assert!(layout.headers().any(|header| header == ("x-amz-decoded-content-length", "66560")));
/// # Ok::<(), sigv4_kit::aws_chunked::LayoutError>(())
/// ```
#[derive(Debug, Clone)]
pub struct ChunkedLayout {
    signed: bool,
    trailer: Option<Trailer>,
    decoded_length: u64,
    decoded_length_text: String,
    chunk_size: usize,
}

/// The field that follows the last chunk: a checksum, in AWS's use of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trailer {
    name: String,
    /// `None` where the encoder computes it.
    value: Option<String>,
}

/// Base64 digits of a SHA-256.
const CHECKSUM_DIGITS: usize = 44;

impl Trailer {
    /// `x-amz-checksum-sha256`, computed from the body as it passes.
    pub fn sha256() -> Self {
        Trailer {
            name: CHECKSUM_SHA256.into(),
            value: None,
        }
    }

    /// A field whose value is known before the body is sent, such as `x-amz-checksum-crc32c`.
    ///
    /// # Errors
    /// A name that is no lowercase token, the name of the trailer's signature, a value that is empty, starts or ends
    /// with white space, or has a character other than printable ASCII.
    pub fn known(name: &str, value: &str) -> Result<Self, LayoutError> {
        if !is_field_name(name) || name == TRAILER_SIGNATURE {
            return Err(LayoutError::TrailerName);
        }
        let printable = value.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
        if value.is_empty() || !printable || value.trim() != value {
            return Err(LayoutError::TrailerValue);
        }
        Ok(Trailer {
            name: name.into(),
            value: Some(value.into()),
        })
    }

    /// Its lowercase name: the value of the header `x-amz-trailer`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its value, unless that is computed from the body.
    pub fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }

    fn value_length(&self) -> usize {
        self.value.as_ref().map_or(CHECKSUM_DIGITS, String::len)
    }
}

impl ChunkedLayout {
    /// Bytes of the body in every chunk but the last, unless [`ChunkedLayout::with_chunk_size`] says otherwise: 64 KiB.
    pub const CHUNK_SIZE: usize = 64 * 1024;

    /// The smallest chunk that S3 accepts, the last one excepted: 8 KiB.
    pub const MIN_CHUNK_SIZE: usize = 8 * 1024;

    /// The longest body: 2^62 bytes.
    pub const MAX_DECODED_LENGTH: u64 = 1 << 62;

    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD`: each chunk is signed.
    ///
    /// # Errors
    /// A body longer than [`ChunkedLayout::MAX_DECODED_LENGTH`].
    pub fn signed(decoded_length: u64) -> Result<Self, LayoutError> {
        Self::new(true, None, decoded_length)
    }

    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER`: each chunk is signed, and so is the trailer.
    ///
    /// # Errors
    /// A body longer than [`ChunkedLayout::MAX_DECODED_LENGTH`].
    pub fn signed_with_trailer(decoded_length: u64, trailer: Trailer) -> Result<Self, LayoutError> {
        Self::new(true, Some(trailer), decoded_length)
    }

    /// `STREAMING-UNSIGNED-PAYLOAD-TRAILER`: nothing but the trailer's checksum guards the body, so send it over TLS.
    ///
    /// # Errors
    /// A body longer than [`ChunkedLayout::MAX_DECODED_LENGTH`].
    pub fn unsigned_with_trailer(
        decoded_length: u64,
        trailer: Trailer,
    ) -> Result<Self, LayoutError> {
        Self::new(false, Some(trailer), decoded_length)
    }

    fn new(
        signed: bool,
        trailer: Option<Trailer>,
        decoded_length: u64,
    ) -> Result<Self, LayoutError> {
        if decoded_length > Self::MAX_DECODED_LENGTH {
            return Err(LayoutError::DecodedLength { decoded_length });
        }
        Ok(ChunkedLayout {
            signed,
            trailer,
            decoded_length,
            decoded_length_text: decoded_length.to_string(),
            chunk_size: Self::CHUNK_SIZE,
        })
    }

    /// The same layout with chunks of another size, in bytes.
    ///
    /// # Errors
    /// A size below [`ChunkedLayout::MIN_CHUNK_SIZE`].
    pub fn with_chunk_size(self, chunk_size: usize) -> Result<Self, LayoutError> {
        if chunk_size < Self::MIN_CHUNK_SIZE {
            return Err(LayoutError::ChunkSize { chunk_size });
        }
        Ok(ChunkedLayout { chunk_size, ..self })
    }

    /// What the request to be signed states as its payload.
    pub fn payload(&self) -> Payload<'static> {
        match (self.signed, &self.trailer) {
            (true, None) => Payload::StreamingSigned,
            (true, Some(_)) => Payload::StreamingSignedTrailer,
            (false, _) => Payload::StreamingUnsignedTrailer,
        }
    }

    /// Headers that the request must have when it is signed: `content-encoding`, `x-amz-decoded-content-length` and,
    /// with a trailer, `x-amz-trailer`. A content encoding of the body itself stands after `aws-chunked,`.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let trailer = self.trailer.as_ref().map(Trailer::name);
        [
            ("content-encoding", "aws-chunked"),
            ("x-amz-decoded-content-length", &self.decoded_length_text),
        ]
        .into_iter()
        .chain(trailer.map(|name| ("x-amz-trailer", name)))
    }

    /// The Content-Length: bytes of the encoded body, framing, signatures and trailer included.
    pub fn encoded_length(&self) -> u64 {
        let size = self.chunk_size as u64;
        let rest = self.decoded_length % size;
        // Whole chunks, the rest if there is one, the empty last chunk.
        let mut length = (self.decoded_length / size) * self.chunk_length(size);
        if rest > 0 {
            length += self.chunk_length(rest);
        }
        length += self.chunk_length(0);
        let Some(trailer) = &self.trailer else {
            return length;
        };
        length += field_length(trailer.name.len(), trailer.value_length());
        if self.signed {
            length += field_length(TRAILER_SIGNATURE.len(), SIGNATURE_DIGITS);
        }
        length
    }

    /// Bytes of the body itself.
    pub fn decoded_length(&self) -> u64 {
        self.decoded_length
    }

    /// Bytes of the body in every chunk but the last.
    pub fn chunk_size(&self) -> usize {
        self.chunk_size
    }

    /// The field after the last chunk.
    pub fn trailer(&self) -> Option<&Trailer> {
        self.trailer.as_ref()
    }

    pub(super) fn is_signed(&self) -> bool {
        self.signed
    }

    // hex(size) [";chunk-signature=" signature] \r\n data \r\n
    fn chunk_length(&self, size: u64) -> u64 {
        let hex_digits = u64::from((u64::BITS - size.leading_zeros()).div_ceil(4).max(1));
        let signature = if self.signed {
            CHUNK_SIGNATURE.len() + SIGNATURE_DIGITS
        } else {
            0
        };
        hex_digits + (signature + 2 * CRLF.len()) as u64 + size
    }
}

// name ":" value \r\n
fn field_length(name: usize, value: usize) -> u64 {
    (name + 1 + value + CRLF.len()) as u64
}
