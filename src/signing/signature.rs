//! The signature: 32 bytes, written as 64 lowercase hex digits.

use alloc::string::String;
use core::fmt;

use super::text::Text;

/// A signature. There is no `==`: compare with [`SigningKey::verifies`](super::SigningKey::verifies), in constant time.
#[derive(Clone, Copy)]
pub struct Signature(pub(super) [u8; 32]);

impl Signature {
    /// Reads 64 lowercase hex digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let lowercase = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        (lowercase && hex::decode_to_slice(text, &mut bytes).is_ok()).then_some(Signature(bytes))
    }

    /// 64 lowercase hex digits.
    pub fn to_hex(&self) -> String {
        hex::encode(self.0)
    }

    pub(super) fn push_hex(&self, out: &mut Text) {
        out.push_hex(&self.0);
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(hidden)")
    }
}
