//! How far a transfer is.

use std::prelude::rust_2024::*;
use std::sync::Arc;

/// How far a transfer is; told after each piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// So much of a file is hashed.
    Hashed {
        /// So far.
        bytes: u64,
        /// In all.
        of: u64,
    },
    /// So much of the body is sent.
    Sent {
        /// So far.
        bytes: u64,
        /// In all.
        of: u64,
    },
    /// So much of the answer's body is received.
    Received {
        /// So far.
        bytes: u64,
        /// In all, where the server told it.
        of: Option<u64>,
    },
}

pub(super) type Watch = Option<Arc<dyn Fn(Progress) + Send + Sync>>;

pub(super) fn tell(watch: &Watch, progress: impl FnOnce() -> Progress) {
    if let Some(watch) = watch {
        watch(progress());
    }
}
