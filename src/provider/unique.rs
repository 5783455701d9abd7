//! Names that nobody else has.

use std::format;
use std::hash::{BuildHasher, RandomState};
use std::prelude::rust_2024::*;

/// A random UUID (RFC 9562, version 4).
///
/// `RandomState` is what std has of the system's random source, on every platform: a keyed SipHash, its key drawn once a
/// thread and changed for every value. That makes names unlike all others, which is all that they are used for here;
/// no key is made of it.
pub(super) fn uuid4() -> String {
    let high = RandomState::new().hash_one(0_u64);
    let low = RandomState::new().hash_one(1_u64);
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        0x8000 | (low >> 50),
        low & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::uuid4;

    #[test]
    fn a_uuid_has_its_form_and_no_two_are_equal() {
        let many: BTreeSet<_> = (0..1000).map(|_| uuid4()).collect();
        assert_eq!(many.len(), 1000);
        for uuid in many {
            let (version, variant) = (uuid.as_bytes()[14], uuid.as_bytes()[19]);
            assert_eq!((uuid.len(), version), (36, b'4'), "{uuid}");
            assert!(b"89ab".contains(&variant), "{uuid}");
            assert!(uuid.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit()));
        }
    }
}
