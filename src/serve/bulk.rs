//! `_bulk`: one action a line, a document after each that needs one, an answer for each.

use std::format;
use std::prelude::rust_2024::*;

use serde_json::{Map, Value};

use super::exchange::{Answer, object};
use super::index::{Indices, failure};

/// The answer to `_bulk`; `index` is the path's, for actions that name none.
pub(super) fn answer(indices: &mut Indices, index: Option<&str>, body: &[u8]) -> Answer {
    if body.is_empty() {
        return failure(400, "parse_exception", "request body is required");
    }
    if !body.ends_with(b"\n") {
        return illegal("The bulk request must be terminated by a newline [\\n]");
    }
    let mut lines = body.split(|b| *b == b'\n').enumerate();
    let mut items = Vec::new();
    while let Some((number, line)) = lines.next() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let Some((name, target)) = action(line) else {
            return illegal(&format!(
                "Malformed action/metadata line [{}], expected an object with one action",
                number + 1
            ));
        };
        let target_index = target.get("_index").and_then(Value::as_str).or(index);
        let Some(target_index) = target_index else {
            return failure(
                400,
                "action_request_validation_exception",
                "Validation Failed: 1: index is missing;",
            );
        };
        let id = target.get("_id").and_then(Value::as_str);
        let (_, outcome) = match (name.as_str(), id) {
            ("delete", Some(id)) => indices.remove(target_index, id),
            ("index" | "create", id) => {
                let document = lines.next().map(|(_, line)| line).unwrap_or_default();
                indices.put(target_index, id, document, name == "create")
            }
            _ => {
                return illegal(&format!(
                    "Malformed action/metadata line [{}], found [{name}]",
                    number + 1
                ));
            }
        };
        items.push(object([(&name, outcome)]));
    }
    let errors = items
        .iter()
        .filter_map(Value::as_object)
        .flat_map(Map::values)
        .any(|outcome| outcome.get("error").is_some());
    Answer::json(
        200,
        &object([
            ("took", 0.into()),
            ("errors", errors.into()),
            ("items", items.into()),
        ]),
    )
}

/// The action's name and what it is about.
fn action(line: &[u8]) -> Option<(String, Value)> {
    match serde_json::from_slice(line).ok()? {
        Value::Object(action) if action.len() == 1 => action.into_iter().next(),
        _ => None,
    }
}

fn illegal(reason: &str) -> Answer {
    failure(400, "illegal_argument_exception", reason)
}
