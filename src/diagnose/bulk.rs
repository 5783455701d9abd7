//! What failed inside a `_bulk` answer.

use std::prelude::rust_2024::*;

use serde_json::Value;

use super::answer::Answer;
use super::redact::shown;
use super::{Diagnosis, Refusal, explain_answer};

/// The failed items of a `_bulk` answer, by status and error type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BulkSummary {
    /// The items that the answer tells of, failed or not.
    pub items: usize,
    /// The items that failed.
    pub failed: usize,
    /// Whether the whole answer was read; `false` for one that says `"errors":true` and is cut off.
    pub complete: bool,
    /// The kinds of failure, the most frequent first.
    pub errors: Vec<BulkErrors>,
}

/// Items that failed with one status and error type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BulkErrors {
    /// The item's status, 0 where it has none.
    pub status: u16,
    /// OpenSearch's error type, such as `mapper_parsing_exception`.
    pub error_type: String,
    /// How many items.
    pub count: usize,
    /// The position of the first of them among the items, from 0.
    pub first_item: usize,
    /// The reason that the first of them gives, on one line of 300 characters at most.
    pub first_reason: String,
    /// What it means, where the table knows.
    pub diagnosis: Option<Diagnosis>,
}

/// Sums up a `_bulk` answer that holds failed items; `None` if none failed, or if it is no `_bulk` answer.
///
/// ```
/// let body = br#"{"took":3,"errors":true,"items":[
///     {"index":{"_id":"1","status":201}},
///     {"index":{"_id":"2","status":400,"error":{"type":"mapper_parsing_exception","reason":"failed to parse"}}}]}"#;
/// let summary = sigv4_kit::diagnose::bulk_summary(body).unwrap();
/// assert_eq!((summary.items, summary.failed), (2, 1));
/// assert_eq!(summary.errors[0].error_type, "mapper_parsing_exception");
/// ```
pub fn bulk_summary(body: &[u8]) -> Option<BulkSummary> {
    let before_items = beginning(body);
    if before_items.contains("\"errors\":false") {
        return None;
    }
    let Ok(answer) = serde_json::from_slice::<Value>(body) else {
        return before_items
            .contains("\"errors\":true")
            .then(|| BulkSummary {
                items: 0,
                failed: 0,
                complete: false,
                errors: Vec::new(),
            });
    };
    if answer.get("errors").and_then(Value::as_bool) != Some(true) {
        return None;
    }
    let items = answer.get("items").and_then(Value::as_array);
    let items = items.map(Vec::as_slice).unwrap_or_default();
    // Status, type, place and error of each item that failed.
    let mut failed: Vec<(u16, &str, usize, &Value)> = Vec::new();
    for (position, item) in items.iter().enumerate() {
        // {"index":{"_id":…,"status":400,"error":{"type":…,"reason":…}}}
        let Some(outcome) = item.as_object().and_then(|item| item.values().next()) else {
            continue;
        };
        let status = outcome
            .get("status")
            .and_then(Value::as_u64)
            .and_then(|status| u16::try_from(status).ok())
            .unwrap_or_default();
        let error = outcome.get("error").unwrap_or(&Value::Null);
        if error.is_null() && status < 400 {
            continue;
        }
        let error_type = error
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or_default();
        failed.push((status, error_type, position, error));
    }
    failed.sort_by_key(|(status, error_type, position, _)| (*status, *error_type, *position));
    let mut kinds: Vec<_> = failed.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).collect();
    kinds.sort_by_key(|kind| core::cmp::Reverse(kind.len()));
    let errors = kinds.iter().map(|kind| {
        let (status, error_type, first_item, error) = kind[0];
        BulkErrors {
            status,
            error_type: shown(error_type),
            count: kind.len(),
            first_item,
            first_reason: reason(error),
            diagnosis: explain_item(status, error),
        }
    });
    Some(BulkSummary {
        items: items.len(),
        failed: failed.len(),
        complete: true,
        errors: errors.collect(),
    })
}

fn reason(error: &Value) -> String {
    match error {
        Value::String(text) => shown(text),
        error => shown(
            error
                .get("reason")
                .and_then(Value::as_str)
                .unwrap_or_default(),
        ),
    }
}

fn explain_item(status: u16, error: &Value) -> Option<Diagnosis> {
    let refusal = Refusal {
        status,
        ..Refusal::default()
    };
    explain_answer(&Answer::of_item(&refusal, error))
}

/// What stands before the items, without white space: `{"took":3,"errors":true,`. Empty if that is not how it begins.
fn beginning(body: &[u8]) -> String {
    let head = String::from_utf8_lossy(&body[..body.len().min(1024)]);
    let before = head.split("\"items\"").next().unwrap_or_default();
    let text: String = before
        .chars()
        .filter(|c| !c.is_ascii_whitespace())
        .collect();
    match text.starts_with('{') {
        true => text,
        false => String::new(),
    }
}
