//! SHA-256 of a text in one piece, and HMAC-SHA256 whose keyed states are kept.
//!
//! The compression function is the `sha2` crate's; what stands here is the padding around it (FIPS 180-4 section
//! 5.1.1) and the two passes of RFC 2104. The buffered interfaces do the same with a copy and a wipe of their
//! buffer each time, which counts for texts this short (benches/peers measures it). Verification goes through the `hmac`
//! crate, so every vector that is signed and verified holds the two against each other.

use sha2::block_api::compress256;
use zeroize::{Zeroize, Zeroizing};

use super::text::Text;

/// A block of SHA-256.
pub(super) const BLOCK: usize = 64;

type State = [u32; 8];

/// FIPS 180-4 section 5.3.3.
const INITIAL_STATE: State = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// SHA256(message)
pub(super) fn sha256(message: &[u8]) -> [u8; 32] {
    finish(INITIAL_STATE, 0, message)
}

/// SHA256(text), padded where it lies.
pub(super) fn sha256_of_text(text: &mut Text) -> [u8; 32] {
    finish_text(INITIAL_STATE, 0, text)
}

/// HMAC-SHA256 with a key: the states after its inner and its outer block. Wiped on drop.
#[derive(Clone)]
pub(super) struct KeyedHmac {
    inner: Zeroizing<State>,
    outer: Zeroizing<State>,
}

impl KeyedHmac {
    /// HMAC(K, message) = H(K xor opad, H(K xor ipad, message))
    pub(super) fn mac(&self, message: &[u8]) -> [u8; 32] {
        self.outer(&finish(*self.inner, BLOCK, message))
    }

    /// The same of a text, padded where it lies.
    pub(super) fn mac_of_text(&self, text: &mut Text) -> [u8; 32] {
        self.outer(&finish_text(*self.inner, BLOCK, text))
    }

    fn outer(&self, inner_hash: &[u8; 32]) -> [u8; 32] {
        finish(*self.outer, BLOCK, inner_hash)
    }
}

/// Where keys are made ready for HMAC: the padded key, and behind it what is hashed with it. Wiped on drop.
pub(super) struct KeyBlocks([[u8; BLOCK]; 2]);

impl KeyBlocks {
    pub(super) fn new() -> Self {
        KeyBlocks([[0; BLOCK]; 2])
    }

    /// The states of a key of at most [`BLOCK`] bytes, given in pieces: for many messages.
    pub(super) fn keyed(&mut self, key: [&[u8]; 2]) -> KeyedHmac {
        self.set_key_xor_ipad(key);
        let inner = absorb(&self.0[0]);
        self.ipad_to_opad();
        let outer = absorb(&self.0[0]);
        KeyedHmac { inner, outer }
    }

    /// HMAC(K, message) of a key that signs this message alone: each of its two hashes is one run over both blocks.
    pub(super) fn mac(&mut self, key: [&[u8]; 2], message: &[u8]) -> [u8; 32] {
        self.set_key_xor_ipad(key);
        let inner_hash = self.hash_before(message);
        self.ipad_to_opad();
        self.hash_before(&inner_hash)
    }

    fn set_key_xor_ipad(&mut self, [first, second]: [&[u8]; 2]) {
        let block = &mut self.0[0];
        *block = [0; BLOCK];
        block[..first.len()].copy_from_slice(first);
        block[first.len()..][..second.len()].copy_from_slice(second);
        block.iter_mut().for_each(|byte| *byte ^= IPAD);
    }

    fn ipad_to_opad(&mut self) {
        self.0[0].iter_mut().for_each(|byte| *byte ^= IPAD ^ OPAD);
    }

    /// H(first block, message)
    fn hash_before(&mut self, message: &[u8]) -> [u8; 32] {
        let mut state = INITIAL_STATE;
        if message.len() + PADDING > BLOCK {
            compress256(&mut state, &self.0[..1]);
            return finish(state, BLOCK, message);
        }
        self.0[1] = last_block(message, BLOCK + message.len());
        compress256(&mut state, &self.0);
        to_bytes(state)
    }
}

impl Drop for KeyBlocks {
    fn drop(&mut self) {
        self.0.as_flattened_mut().zeroize();
    }
}

const IPAD: u8 = 0x36;
const OPAD: u8 = 0x5c;

fn absorb(block: &[u8; BLOCK]) -> Zeroizing<State> {
    let mut state = Zeroizing::new(INITIAL_STATE);
    compress256(&mut state, core::slice::from_ref(block));
    state
}

/// Hashes the rest of a message of which `before` bytes, whole blocks, have led to `state`.
fn finish(mut state: State, before: usize, rest: &[u8]) -> [u8; 32] {
    let (blocks, tail) = rest.as_chunks::<BLOCK>();
    if !blocks.is_empty() {
        compress256(&mut state, blocks);
    }
    let length = before + rest.len();
    if tail.len() + PADDING <= BLOCK {
        compress256(&mut state, &[last_block(tail, length)]);
    } else {
        // The 1 ends this block, the length goes into one more.
        let mut block = [0; BLOCK];
        block[..tail.len()].copy_from_slice(tail);
        block[tail.len()] = 0x80;
        let mut last = [0; BLOCK];
        last[BLOCK - 8..].copy_from_slice(&bits(length));
        compress256(&mut state, &[block, last]);
    }
    to_bytes(state)
}

/// The end of a message of `length` bytes, with room for its padding.
fn last_block(tail: &[u8], length: usize) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    block[..tail.len()].copy_from_slice(tail);
    block[tail.len()] = 0x80;
    block[BLOCK - 8..].copy_from_slice(&bits(length));
    block
}

/// The same of a text that has room for its padding, in one go.
fn finish_text(mut state: State, before: usize, text: &mut Text) -> [u8; 32] {
    let length = before + text.len();
    let padded_length = (length + PADDING).next_multiple_of(BLOCK) - before;
    text.with(&LONGEST_PADDING, |padded| {
        let padded = &mut padded[..padded_length];
        padded[padded_length - 8..].copy_from_slice(&bits(length));
        compress256(&mut state, padded.as_chunks().0)
    });
    to_bytes(state)
}

/// The least padding: the bit 1, with seven of the zeros that fill a block, and the length in bits.
const PADDING: usize = 1 + 8;

/// The most, its length still open.
const LONGEST_PADDING: [u8; BLOCK + PADDING - 1] = {
    let mut padding = [0; BLOCK + PADDING - 1];
    padding[0] = 0x80;
    padding
};

fn bits(length: usize) -> [u8; 8] {
    (8 * length as u64).to_be_bytes()
}

fn to_bytes(state: State) -> [u8; 32] {
    let mut hash = [0; 32];
    for (bytes, word) in hash.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    hash
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use hmac::{Hmac, KeyInit, Mac};
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn a_message_of_any_length_hashes_as_the_crates_hash_it() {
        for length in 0..300 {
            let message = vec![length as u8; length];
            assert_eq!(sha256(&message), *Sha256::digest(&message), "{length}");
            let key = &message[..length.min(BLOCK)];
            let expected = Hmac::<Sha256>::new_from_slice(key)
                .unwrap()
                .chain_update(&message)
                .finalize()
                .into_bytes();
            let split = key.len() / 3;
            let key = [&key[..split], &key[split..]];
            let mut blocks = KeyBlocks::new();
            assert_eq!(blocks.mac(key, &message), *expected, "{length}");
            assert_eq!(blocks.keyed(key).mac(&message), *expected, "{length}");
        }
    }
}
