//! What can be wrong with a layout, and with a body that is being decoded.

use alloc::string::String;
use core::fmt;

/// Why a body cannot be laid out in chunks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LayoutError {
    /// The body is longer than 2^62 bytes.
    DecodedLength {
        /// Its length in bytes.
        decoded_length: u64,
    },
    /// Chunks are smaller than 8192 bytes.
    ChunkSize {
        /// The size asked for, in bytes.
        chunk_size: usize,
    },
    /// The name of the trailer is no lowercase token, or that of its signature.
    TrailerName,
    /// The value of the trailer is empty, has white space around it, or characters other than printable ASCII.
    TrailerValue,
}

impl fmt::Display for LayoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LayoutError::DecodedLength { decoded_length } => write!(
                f,
                "the body has {decoded_length} bytes; 4611686018427387904 are allowed"
            ),
            LayoutError::ChunkSize { chunk_size } => {
                write!(
                    f,
                    "chunks of {chunk_size} bytes; 8192 is the smallest size allowed"
                )
            }
            LayoutError::TrailerName => f.write_str(
                "the name of the trailer is not a lowercase token such as x-amz-checksum-crc32c",
            ),
            LayoutError::TrailerValue => f.write_str(
                "the value of the trailer is empty or has a character that a trailer cannot carry",
            ),
        }
    }
}

impl core::error::Error for LayoutError {}

/// Why an aws-chunked body was refused. Chunks are counted from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChunkError {
    /// The payload is none of the streaming forms.
    Payload,
    /// A trailer is declared where the form has none, or none is declared where it has one, or a name is no token.
    DeclaredTrailer,
    /// A line is longer than any header of a chunk or any trailer may be.
    LineTooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// A line ends with LF alone, or has a CR inside.
    LineEnd,
    /// The size of a chunk is not 1 to 16 hex digits without leading zeros.
    Size,
    /// A chunk is larger than this decoder keeps until its signature is verified.
    ChunkTooLarge {
        /// The size announced, in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// A chunk carries no signature, or the trailer none.
    MissingSignature,
    /// A chunk carries a signature, or another extension, although chunks are unsigned.
    UnexpectedSignature,
    /// A signature is not 64 lowercase hex digits after `;chunk-signature=`.
    Signature,
    /// The signature is not that of this chunk in this place.
    ChunkSignatureMismatch {
        /// Which chunk.
        index: u64,
    },
    /// No CRLF after the data of a chunk.
    DataEnd {
        /// Which chunk.
        index: u64,
    },
    /// More data than `x-amz-decoded-content-length` announces.
    TooLong {
        /// Bytes announced.
        decoded_length: u64,
    },
    /// The last chunk comes before all data that `x-amz-decoded-content-length` announces.
    TooShort {
        /// Bytes announced.
        decoded_length: u64,
        /// Bytes found.
        found: u64,
    },
    /// The body ends before its last chunk or its trailer does.
    Truncated,
    /// Bytes after the end of the body.
    AfterEnd,
    /// A line of the trailer is not `name:value` with a lowercase name and a printable value.
    TrailerForm,
    /// A field of the trailer that `x-amz-trailer` does not declare.
    UndeclaredTrailer {
        /// Its name.
        name: String,
    },
    /// A field of the trailer is there twice.
    RepeatedTrailer {
        /// Its name.
        name: String,
    },
    /// A field that `x-amz-trailer` declares is not in the trailer.
    MissingTrailer {
        /// Its name.
        name: String,
    },
    /// The signature is not that of this trailer.
    TrailerSignatureMismatch,
    /// `x-amz-checksum-sha256` is not the checksum of the data.
    ChecksumMismatch,
}

impl fmt::Display for ChunkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ChunkError::Payload => f.write_str("the payload is none of the streaming forms"),
            ChunkError::DeclaredTrailer => {
                f.write_str("x-amz-trailer does not suit the payload's form, or holds no names")
            }
            ChunkError::LineTooLong { limit } => {
                write!(
                    f,
                    "a line of the body's framing is longer than {limit} bytes"
                )
            }
            ChunkError::LineEnd => {
                f.write_str("a line of the body's framing does not end with CRLF")
            }
            ChunkError::Size => f.write_str(
                "the size of a chunk is not 1 to 16 hex digits without leading zeros",
            ),
            ChunkError::ChunkTooLarge { size, limit } => {
                write!(f, "a chunk has {size} bytes; {limit} are allowed")
            }
            ChunkError::MissingSignature => f.write_str("a chunk or trailer carries no signature"),
            ChunkError::UnexpectedSignature => {
                f.write_str("a chunk carries an extension although chunks are unsigned")
            }
            ChunkError::Signature => f.write_str(
                "the signature of a chunk or trailer is not 64 lowercase hex digits",
            ),
            ChunkError::ChunkSignatureMismatch { index } => {
                write!(f, "the signature is not that of chunk {index}")
            }
            ChunkError::DataEnd { index } => {
                write!(f, "the data of chunk {index} is not followed by CRLF")
            }
            ChunkError::TooLong { decoded_length } => write!(
                f,
                "the chunks hold more than the {decoded_length} bytes of x-amz-decoded-content-length"
            ),
            ChunkError::TooShort {
                decoded_length,
                found,
            } => write!(
                f,
                "the chunks hold {found} bytes; x-amz-decoded-content-length is {decoded_length}"
            ),
            ChunkError::Truncated => {
                f.write_str("the body ends before its last chunk or its trailer does")
            }
            ChunkError::AfterEnd => f.write_str("there are bytes after the end of the body"),
            ChunkError::TrailerForm => f.write_str(
                "a line of the trailer is not name:value with a lowercase name and a printable value",
            ),
            ChunkError::UndeclaredTrailer { name } => {
                write!(f, "x-amz-trailer does not declare the trailer {name}")
            }
            ChunkError::RepeatedTrailer { name } => {
                write!(f, "the trailer {name} is there more than once")
            }
            ChunkError::MissingTrailer { name } => {
                write!(f, "x-amz-trailer declares {name}, which is missing")
            }
            ChunkError::TrailerSignatureMismatch => {
                f.write_str("the signature is not that of the trailer")
            }
            ChunkError::ChecksumMismatch => {
                f.write_str("x-amz-checksum-sha256 is not the checksum of the data")
            }
        }
    }
}

impl core::error::Error for ChunkError {}
