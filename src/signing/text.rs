//! The buffer that canonical requests, strings to sign and headers are written into.

use alloc::vec::Vec;
use core::{fmt, str};

/// A text that is written once, front to back, and kept for the next one.
///
/// Bytes, so that UTF-8 and character boundaries are not checked again at every step; only whole
/// texts and ASCII are ever added, so it is UTF-8 all the same, which is checked when it is read.
#[derive(Clone, Default)]
pub(super) struct Text {
    bytes: Vec<u8>,
}

impl Text {
    pub(super) fn push_str(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// Appends part of another text, or a run of ASCII.
    pub(super) fn push_bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Appends an ASCII character.
    pub(super) fn push(&mut self, ascii: u8) {
        self.bytes.push(ascii);
    }

    /// Appends 64 lowercase hex digits.
    pub(super) fn push_hex(&mut self, hash: &[u8; 32]) {
        self.bytes
            .extend_from_slice(hex_digits(hash).as_flattened());
    }

    pub(super) fn make_ascii_lowercase(&mut self, start: usize) {
        self.bytes[start..].make_ascii_lowercase();
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
    }

    pub(super) fn truncate(&mut self, length: usize) {
        self.bytes.truncate(length);
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn as_str(&self) -> &str {
        self.slice(0, self.bytes.len())
    }

    /// The text between two positions at which something was added.
    pub(super) fn slice(&self, start: usize, end: usize) -> &str {
        str::from_utf8(&self.bytes[start..end]).expect("only whole texts and ASCII were added")
    }

    /// Reads the text with more behind it, which is taken off again.
    pub(super) fn with<const N: usize, R>(
        &mut self,
        more: &[u8; N],
        read: impl FnOnce(&mut [u8]) -> R,
    ) -> R {
        let length = self.bytes.len();
        self.bytes.extend_from_slice(more);
        let result = read(&mut self.bytes);
        self.bytes.truncate(length);
        result
    }
}

/// Arithmetic, so that the compiler does many digits at once.
fn hex_digits(hash: &[u8; 32]) -> [[u8; 2]; 32] {
    let digit = |nibble: u8| nibble + b'0' + if nibble > 9 { b'a' - b'9' - 1 } else { 0 };
    hash.map(|byte| [digit(byte >> 4), digit(byte & 15)])
}

/// Shows no text: it may hold a session token.
impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} bytes)", self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_digits_are_those_of_the_crate() {
        let mut text = Text::default();
        for start in (0..=255).step_by(32) {
            let hash = core::array::from_fn(|index| start + index as u8);
            text.clear();
            text.push_hex(&hash);
            let mut expected = [0; 64];
            hex::encode_to_slice(hash, &mut expected).unwrap();
            assert_eq!(text.as_bytes(), expected);
        }
    }
}
