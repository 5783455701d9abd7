//! `_search` and `_count`: match_all, match and term.

use std::format;
use std::prelude::rust_2024::*;

use serde_json::Value;

use super::exchange::{Answer, object};
use super::index::{Indices, failure, shards};

/// The answer to `_search`: at most `size` documents (10 unless the body says otherwise), by index and ID.
pub(super) fn search(indices: &Indices, index: Option<&str>, body: &[u8]) -> Answer {
    let asked = match Asked::parse(body) {
        Ok(asked) => asked,
        Err(answer) => return answer,
    };
    let found = match hits(indices, index, &asked.query) {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let total = found.len();
    let score = if total > 0 { 1.0.into() } else { Value::Null };
    let hits: Vec<Value> = found.into_iter().take(asked.size).collect();
    let total = object([("value", total.into()), ("relation", "eq".into())]);
    let hits = [
        ("total", total),
        ("max_score", score),
        ("hits", hits.into()),
    ];
    Answer::json(
        200,
        &object([
            ("took", 0.into()),
            ("timed_out", false.into()),
            ("_shards", shards()),
            ("hits", object(hits)),
        ]),
    )
}

/// The answer to `_count`.
pub(super) fn count(indices: &Indices, index: Option<&str>, body: &[u8]) -> Answer {
    match Asked::parse(body).and_then(|asked| hits(indices, index, &asked.query)) {
        Ok(found) => {
            let count = found.len().into();
            Answer::json(200, &object([("count", count), ("_shards", shards())]))
        }
        Err(answer) => answer,
    }
}

fn hits(indices: &Indices, index: Option<&str>, query: &Query) -> Result<Vec<Value>, Answer> {
    let mut found = Vec::new();
    for (name, documents) in indices.chosen(index)? {
        for (id, document) in &documents.by_id {
            if query.matches(&document.source) {
                found.push(object([
                    ("_index", name.into()),
                    ("_id", id.as_str().into()),
                    ("_score", 1.0.into()),
                    ("_source", document.source.clone()),
                ]));
            }
        }
    }
    Ok(found)
}

struct Asked {
    query: Query,
    size: usize,
}

enum Query {
    All,
    /// A field's text has one of these words, in lower case.
    Words(String, Vec<String>),
    /// A field has exactly this value.
    Exactly(String, Value),
}

impl Asked {
    fn parse(body: &[u8]) -> Result<Self, Answer> {
        let mut asked = Asked {
            query: Query::All,
            size: 10,
        };
        if body.trim_ascii().is_empty() {
            return Ok(asked);
        }
        let Ok(Value::Object(body)) = serde_json::from_slice::<Value>(body) else {
            return Err(failure(
                400,
                "parsing_exception",
                "the body is no JSON object",
            ));
        };
        if let Some(size) = body.get("size") {
            let size = size.as_u64().and_then(|size| usize::try_from(size).ok());
            asked.size = size.ok_or_else(|| {
                failure(
                    400,
                    "parsing_exception",
                    "[size] is not a number of documents",
                )
            })?;
        }
        if let Some(query) = body.get("query") {
            asked.query = Query::parse(query)?;
        }
        Ok(asked)
    }
}

impl Query {
    fn parse(query: &Value) -> Result<Self, Answer> {
        let (name, about) = only_entry(query)
            .ok_or_else(|| failure(400, "parsing_exception", "[query] must have one clause"))?;
        if name == "match_all" {
            return Ok(Query::All);
        }
        let clause = only_entry(about).filter(|_| matches!(name, "match" | "term"));
        let Some((field, wanted)) = clause else {
            let reason = format!("this endpoint knows match_all, match and term, not [{name}]");
            return Err(failure(400, "parsing_exception", &reason));
        };
        let wanted = wanted
            .get("query")
            .or(wanted.get("value"))
            .unwrap_or(wanted);
        Ok(match name {
            "match" => Query::Words(field.into(), words(wanted)),
            _ => Query::Exactly(field.into(), wanted.clone()),
        })
    }

    fn matches(&self, source: &Value) -> bool {
        match self {
            Query::All => true,
            Query::Words(field, wanted) => source.get(field).is_some_and(|value| {
                let there = words(value);
                wanted.iter().any(|word| there.contains(word))
            }),
            Query::Exactly(field, wanted) => source.get(field) == Some(wanted),
        }
    }
}

fn only_entry(value: &Value) -> Option<(&str, &Value)> {
    let mut entries = value.as_object()?.iter();
    let (name, value) = entries.next()?;
    entries.next().is_none().then_some((name.as_str(), value))
}

fn words(value: &Value) -> Vec<String> {
    let text = match value {
        Value::String(text) => text.to_lowercase(),
        other => other.to_string(),
    };
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(String::from)
        .collect()
}
