//! Every fuzz target's body over its seeds, and over variations of them that are the same in every run.
#![cfg(feature = "client")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "../fuzz/bodies/authorization.rs"]
mod authorization;
#[path = "../fuzz/bodies/chunks.rs"]
mod chunks;
#[path = "../fuzz/bodies/date.rs"]
mod date;
#[path = "../fuzz/bodies/endpoint.rs"]
mod endpoint;
#[path = "../fuzz/bodies/http_request.rs"]
mod http_request;
#[path = "../fuzz/bodies/post_policy.rs"]
mod post_policy;
#[path = "../fuzz/bodies/query.rs"]
mod query;
#[path = "../fuzz/bodies/refusal.rs"]
mod refusal;
#[path = "../fuzz/bodies/shared_files.rs"]
mod shared_files;
#[path = "../fuzz/bodies/signing.rs"]
mod signing;
#[path = "../fuzz/bodies/url.rs"]
mod url;

type Body = fn(&[u8]);

const TARGETS: [(&str, Body); 11] = [
    ("authorization", authorization::run),
    ("chunks", chunks::run),
    ("date", date::run),
    ("endpoint", endpoint::run),
    ("http_request", http_request::run),
    ("post_policy", post_policy::run),
    ("query", query::run),
    ("refusal", refusal::run),
    ("shared_files", shared_files::run),
    ("signing", signing::run),
    ("url", url::run),
];

/// Variations of each seed.
const VARIATIONS: u64 = 100;

#[test]
fn every_target_keeps_its_promises_over_its_seeds_and_their_variations() {
    for (name, run) in TARGETS {
        let seeds: Vec<Vec<u8>> = files(&fuzz("seeds").join(name))
            .iter()
            .map(|path| fs::read(path).unwrap())
            .collect();
        assert!(!seeds.is_empty(), "{name} has no seeds");
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        for seed in &seeds {
            run(seed);
            for _ in 0..VARIATIONS {
                let other = &seeds[random.below(seeds.len())];
                let input = vary(seed, other, &mut random);
                let kept = input.clone();
                if std::panic::catch_unwind(|| run(&input)).is_err() {
                    panic!("{name} fails on {:?}", String::from_utf8_lossy(&kept));
                }
            }
        }
    }
}

#[test]
fn every_body_has_a_target_and_seeds_and_is_run_here() {
    let stems = |folder: &str| -> BTreeSet<String> {
        files(&fuzz(folder))
            .iter()
            .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
            .collect()
    };
    let here: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).into()).collect();
    for folder in ["bodies", "fuzz_targets", "seeds"] {
        assert_eq!(stems(folder), here, "fuzz/{folder}");
    }
    let manifest = fs::read_to_string(fuzz("Cargo.toml")).unwrap();
    for name in &here {
        assert!(
            manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")),
            "{name}"
        );
    }
}

fn fuzz(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz")
        .join(path)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// One to four small changes: a byte, a bit, a cut, a piece of another seed.
fn vary(seed: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    const BYTES: &[u8] = b"\0\t\n\r %&+,/:;=?@[]^a0\x7f\xc3\xff";
    let mut input = seed.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(input.len() + 1);
        match random.below(6) {
            0 => input.truncate(at),
            1 => input.insert(at, BYTES[random.below(BYTES.len())]),
            2 if at < input.len() => _ = input.remove(at),
            3 if at < input.len() => input[at] ^= 1 << random.below(8),
            4 if at < input.len() => input[at] = BYTES[random.below(BYTES.len())],
            _ => {
                let start = random.below(other.len() + 1);
                let end = start + random.below(other.len() - start + 1);
                input.splice(at..at, other[start..end].iter().copied());
            }
        }
    }
    input
}

/// xorshift64: the same variations in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}
