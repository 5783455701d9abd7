//! The lines of the encoding, taken apart: strict, since two readings of one body are a way past a signature.

use super::error::ChunkError;
use super::{CHUNK_SIGNATURE, TRAILER_SIGNATURE};
use crate::signing::Signature;

/// The header of a chunk, without its CRLF: size, and signature where chunks are signed.
///
/// The size is 1 to 16 hex digits in either case, without leading zeros.
pub(super) fn parse_chunk_header(
    line: &[u8],
    signed: bool,
) -> Result<(u64, Option<Signature>), ChunkError> {
    let line = core::str::from_utf8(line).map_err(|_| ChunkError::Size)?;
    let (size, signature) = match line.find(';') {
        Some(at) => (&line[..at], Some(&line[at..])),
        None => (line, None),
    };
    let leading_zero = size.len() > 1 && size.starts_with('0');
    if size.is_empty() || leading_zero || !size.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(ChunkError::Size);
    }
    let size = u64::from_str_radix(size, 16).map_err(|_| ChunkError::Size)?;
    let signature = match (signature, signed) {
        (None, false) => None,
        (None, true) => return Err(ChunkError::MissingSignature),
        (Some(_), false) => return Err(ChunkError::UnexpectedSignature),
        (Some(text), true) => Some(
            text.strip_prefix(CHUNK_SIGNATURE)
                .and_then(Signature::from_hex)
                .ok_or(ChunkError::Signature)?,
        ),
    };
    Ok((size, signature))
}

/// A field of the trailer, without its CRLF: lowercase name and trimmed value.
pub(super) fn parse_field(line: &[u8]) -> Result<(&str, &str), ChunkError> {
    let line = core::str::from_utf8(line).map_err(|_| ChunkError::TrailerForm)?;
    let (name, value) = line.split_once(':').ok_or(ChunkError::TrailerForm)?;
    let value = value.trim_matches([' ', '\t']);
    let printable = value.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
    if !is_field_name(name) || value.is_empty() || !printable {
        return Err(ChunkError::TrailerForm);
    }
    if name == TRAILER_SIGNATURE && Signature::from_hex(value).is_none() {
        return Err(ChunkError::Signature);
    }
    Ok((name, value))
}

/// A lowercase token.
pub(super) fn is_field_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b))
}
