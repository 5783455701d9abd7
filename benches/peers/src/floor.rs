//! The floor: padding is done beforehand, only compressions are timed.

use std::hint::black_box;

use sha2::block_api::compress256;

use crate::timing::Contender;
use crate::workload::Workload;

type Block = [u8; 64];

pub fn cached(workload: &Workload) -> Contender<'static> {
    compressions(messages(workload))
}

/// The same and the 18 compressions of a key derivation: four HMACs of four, and the two that key the last.
pub fn cold(workload: &Workload) -> Contender<'static> {
    let mut messages = messages(workload);
    messages.push(vec![[0x5a; 64]; 18]);
    compressions(messages)
}

fn compressions(messages: Vec<Vec<Block>>) -> Contender<'static> {
    Box::new(move || {
        for message in &messages {
            let mut state = black_box([0x6a09_e667_u32; 8]);
            compress256(&mut state, message);
            black_box(state);
        }
    })
}

/// Payload, canonical request, inner HMAC of the string to sign, outer HMAC.
fn messages(workload: &Workload) -> Vec<Vec<Block>> {
    let keyed = |text: &str| [vec![0x36; 64], text.as_bytes().to_vec()].concat();
    let mut messages = vec![
        blocks(workload.canonical_request.as_bytes()),
        blocks(&keyed(&workload.string_to_sign))[1..].to_vec(),
        blocks(&[0x5c; 96])[1..].to_vec(),
    ];
    if !workload.body.is_empty() && !workload.unsigned {
        messages.insert(0, blocks(&workload.body));
    }
    messages
}

/// FIPS 180-4 padding.
fn blocks(message: &[u8]) -> Vec<Block> {
    let mut padded = message.to_vec();
    padded.push(0x80);
    padded.resize(padded.len().next_multiple_of(64), 0);
    if padded.len() < message.len() + 9 {
        padded.resize(padded.len() + 64, 0);
    }
    let end = padded.len();
    padded[end - 8..].copy_from_slice(&(message.len() as u64 * 8).to_be_bytes());
    padded.as_chunks::<64>().0.to_vec()
}
