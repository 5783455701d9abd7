//! The content encoding `aws-chunked`: a body in chunks that are signed one by one, or end with a checksum, or both.
//!
//! For bodies whose hash is not known when the request is signed. Their length must be: it is announced in
//! `x-amz-decoded-content-length`, and tells the Content-Length of the encoded body before the first byte is read.
//!
//! - [`ChunkedLayout`]: the form, the lengths and the headers to sign.
//! - [`ChunkEncoder`] writes chunks; `ChunkedReader` (with `std`) is an `io::Read` over another one.
//! - [`ChunkDecoder`] takes a body apart again and verifies it.
//!
//! AWS: "Signature calculations for the Authorization header: transferring payload in multiple chunks", and the same
//! for trailing headers.

mod decoder;
mod encoder;
mod error;
mod layout;
mod line;
#[cfg(feature = "std")]
mod reader;

pub use decoder::{ChunkDecoder, Trailers};
pub use encoder::ChunkEncoder;
pub use error::{ChunkError, LayoutError};
pub use layout::{ChunkedLayout, Trailer};
#[cfg(feature = "std")]
pub use reader::{BodyLengthError, ChunkedReader};

/// The field of a signed trailer that holds its signature.
const TRAILER_SIGNATURE: &str = "x-amz-trailer-signature";

/// The field whose value this module computes and checks: SHA-256 of the decoded body, in Base64.
const CHECKSUM_SHA256: &str = "x-amz-checksum-sha256";

/// What stands between the size of a signed chunk and its signature.
const CHUNK_SIGNATURE: &str = ";chunk-signature=";

/// Hex digits of a signature.
const SIGNATURE_DIGITS: usize = 64;

const CRLF: &str = "\r\n";
