//! The table of known refusals: a row is an id, the answers it fits, and what it says.

use std::prelude::rust_2024::*;

use super::answer::Answer;
use super::canonical_diff::Difference;
use super::{Correction, access_rows, service_rows, signature_rows};

/// A kind of refusal.
pub(super) struct Row {
    pub id: &'static str,
    pub signature_or_token: bool,
    pub matches: fn(&Answer<'_>) -> bool,
    pub explain: fn(&Answer<'_>) -> Explanation,
}

/// What a row says of one answer.
#[derive(Default)]
pub(super) struct Explanation {
    pub cause: String,
    pub fix: String,
    pub correction: Option<Correction>,
    pub differences: Vec<Difference>,
}

/// Cause and fix, with nothing to correct by itself.
pub(super) fn say(cause: impl Into<String>, fix: impl Into<String>) -> Explanation {
    Explanation {
        cause: cause.into(),
        fix: fix.into(),
        ..Explanation::default()
    }
}

impl Explanation {
    pub fn correct(mut self, correction: impl Into<Option<Correction>>) -> Self {
        self.correction = correction.into();
        self
    }
}

/// Every row, the sharpest text first: a clock or a scope that a message names goes before the code it came under.
pub(super) fn rows() -> impl Iterator<Item = &'static Row> {
    [signature_rows::ROWS, access_rows::ROWS, service_rows::ROWS]
        .into_iter()
        .flatten()
}
