//! A few OpenSearch calls on documents held in memory.

use std::collections::BTreeMap;
use std::format;
use std::prelude::rust_2024::*;
use std::sync::{Mutex, PoisonError};

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::exchange::{Answer, Received, object};
use super::{bulk, search};
use crate::named::Named;

/// Documents in memory, behind the calls that a first session with OpenSearch makes: create and delete an index,
/// index, get and delete a document, `_bulk`, `_search` (match_all, match, term), `_count`, `_refresh`,
/// `_cat/indices`. Anything else is answered as OpenSearch answers an unknown call.
#[derive(Debug, Default)]
pub struct Index {
    held: Mutex<Indices>,
}

/// Every index by its name.
#[derive(Debug, Default)]
pub(super) struct Indices {
    by_name: Named<Documents>,
    /// How many documents were given an ID here.
    named: u64,
}

/// The documents of one index by their IDs.
#[derive(Debug, Default)]
pub(super) struct Documents {
    pub(super) by_id: BTreeMap<String, Document>,
}

#[derive(Debug)]
pub(super) struct Document {
    pub(super) version: u64,
    pub(super) source: Value,
}

impl Index {
    /// The answer to a request that has passed the gate.
    pub fn answer(&self, received: &Received) -> Answer {
        // Every change is complete before anything could panic, so a poisoned lock holds good data.
        let mut indices = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let parts: Option<Vec<String>> = received
            .path()
            .split('/')
            .filter(|part| !part.is_empty())
            .map(|part| Some(percent_decode_str(part).decode_utf8().ok()?.into_owned()))
            .collect();
        let Some(parts) = parts else {
            return failure(400, "illegal_argument_exception", "the path is not UTF-8");
        };
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        if let Err(answer) = check_content_type(received) {
            return answer;
        }
        route(&mut indices, received, &parts)
    }
}

fn route(indices: &mut Indices, received: &Received, parts: &[&str]) -> Answer {
    let method = received.method.as_str();
    match (method, parts) {
        ("GET" | "HEAD", []) => Answer::json(
            200,
            &object([("name", "loopback".into()), ("version", version())]),
        ),
        ("POST" | "PUT", ["_bulk"]) => bulk::answer(indices, None, &received.body),
        ("POST" | "PUT", [index, "_bulk"]) => bulk::answer(indices, Some(index), &received.body),
        ("GET" | "POST", ["_search"]) => search::search(indices, None, &received.body),
        ("GET" | "POST", [index, "_search"]) => {
            search::search(indices, Some(index), &received.body)
        }
        ("GET" | "POST", ["_count"]) => search::count(indices, None, &received.body),
        ("GET" | "POST", [index, "_count"]) => search::count(indices, Some(index), &received.body),
        ("GET" | "POST", ["_refresh"] | [_, "_refresh"]) => {
            Answer::json(200, &object([("_shards", shards())]))
        }
        ("GET", ["_cat", "indices"]) => indices.cat(),
        ("PUT", [index]) => indices.create(index),
        ("GET" | "HEAD", [index]) => indices.describe(index),
        ("DELETE", [index]) => indices.delete(index),
        ("POST", [index, "_doc"]) => indices.put_answer(index, None, &received.body, false),
        ("PUT" | "POST", [index, "_doc", id]) => {
            indices.put_answer(index, Some(id), &received.body, false)
        }
        ("PUT" | "POST", [index, "_create", id]) => {
            indices.put_answer(index, Some(id), &received.body, true)
        }
        ("GET" | "HEAD", [index, "_doc", id]) => indices.get(index, id),
        ("DELETE", [index, "_doc", id]) => {
            let (status, body) = indices.remove(index, id);
            Answer::json(status, &body)
        }
        _ => {
            let target = &received.target;
            let error = format!("no handler found for uri [{target}] and method [{method}]");
            Answer::json(400, &object([("error", error.into())]))
        }
    }
}

impl Indices {
    fn create(&mut self, index: &str) -> Answer {
        if index.starts_with(['_', '-', '+']) || index.chars().any(|c| c.is_uppercase()) {
            let reason = format!("Invalid index name [{index}]");
            return failure(400, "invalid_index_name_exception", &reason);
        }
        if self.by_name.get(index).is_some() {
            let reason = format!("index [{index}] already exists");
            return failure(400, "resource_already_exists_exception", &reason);
        }
        self.by_name.insert(index, Documents::default());
        Answer::json(
            200,
            &object([
                ("acknowledged", true.into()),
                ("shards_acknowledged", true.into()),
                ("index", index.into()),
            ]),
        )
    }

    fn describe(&self, index: &str) -> Answer {
        match self.by_name.get(index).is_some() {
            true => {
                let empty = || object([]);
                let described = object([
                    ("aliases", empty()),
                    ("mappings", empty()),
                    ("settings", empty()),
                ]);
                Answer::json(200, &object([(index, described)]))
            }
            false => no_such_index(index),
        }
    }

    fn delete(&mut self, index: &str) -> Answer {
        match self.by_name.remove(index) {
            Some(_) => Answer::json(200, &object([("acknowledged", true.into())])),
            None => no_such_index(index),
        }
    }

    fn cat(&self) -> Answer {
        let lines: String = self
            .by_name
            .iter()
            .map(|(name, documents)| format!("green open {name} {}\n", documents.by_id.len()))
            .collect();
        Answer::new(200, "text/plain; charset=UTF-8", lines)
    }

    fn put_answer(&mut self, index: &str, id: Option<&str>, body: &[u8], create: bool) -> Answer {
        let (status, body) = self.put(index, id, body, create);
        match body.get("error") {
            Some(error) => failed(status, error),
            None => Answer::json(status, &body),
        }
    }

    /// Indexes a document; with `create`, only where there is none. The index comes into being if it is not there.
    pub(super) fn put(
        &mut self,
        index: &str,
        id: Option<&str>,
        body: &[u8],
        create: bool,
    ) -> (u16, Value) {
        let Ok(source @ Value::Object(_)) = serde_json::from_slice(body) else {
            let error = cause("mapper_parsing_exception", "failed to parse");
            return item(400, index, id, ("error", error));
        };
        let id = match id {
            Some(id) => String::from(id),
            None => {
                self.named += 1;
                format!("auto-{}", self.named)
            }
        };
        let documents = self.by_name.get_or_default(index);
        let version = documents.by_id.get(&id).map_or(0, |held| held.version);
        if create && version > 0 {
            let reason = format!(
                "[{id}]: version conflict, document already exists (current version [{version}])"
            );
            let error = cause("version_conflict_engine_exception", &reason);
            return item(409, index, Some(&id), ("error", error));
        }
        let version = version + 1;
        let (status, result) = match version {
            1 => (201, "created"),
            _ => (200, "updated"),
        };
        let (status, mut body) = item(status, index, Some(&id), ("result", result.into()));
        body["_version"] = version.into();
        body["_shards"] = shards();
        documents.by_id.insert(id, Document { version, source });
        (status, body)
    }

    fn get(&self, index: &str, id: &str) -> Answer {
        let Some(documents) = self.by_name.get(index) else {
            return no_such_index(index);
        };
        let document = documents.by_id.get(id);
        let mut body = object([
            ("_index", index.into()),
            ("_id", id.into()),
            ("found", document.is_some().into()),
        ]);
        let Some(document) = document else {
            return Answer::json(404, &body);
        };
        body["_version"] = document.version.into();
        body["_source"] = document.source.clone();
        Answer::json(200, &body)
    }

    pub(super) fn remove(&mut self, index: &str, id: &str) -> (u16, Value) {
        let removed = self
            .by_name
            .get_mut(index)
            .and_then(|documents| documents.by_id.remove(id));
        let (status, result) = match removed {
            Some(_) => (200, "deleted"),
            None => (404, "not_found"),
        };
        item(status, index, Some(id), ("result", result.into()))
    }

    /// The named index, or all of them.
    pub(super) fn chosen<'a>(
        &'a self,
        index: Option<&'a str>,
    ) -> Result<Vec<(&'a str, &'a Documents)>, Answer> {
        match index {
            None => Ok(self.by_name.iter().collect()),
            Some(index) => match self.by_name.get(index) {
                Some(held) => Ok(Vec::from([(index, held)])),
                None => Err(no_such_index(index)),
            },
        }
    }
}

/// OpenSearch refuses a body whose type it is not told, or does not know.
fn check_content_type(received: &Received) -> Result<(), Answer> {
    if received.body.is_empty() {
        return Ok(());
    }
    let content_type = received.header("content-type").unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    match essence {
        "application/json" | "application/x-ndjson" => Ok(()),
        _ => {
            let error = format!("Content-Type header [{content_type}] is not supported");
            let body = object([("error", error.into()), ("status", 406.into())]);
            Err(Answer::json(406, &body))
        }
    }
}

pub(super) fn failure(status: u16, error_type: &str, reason: &str) -> Answer {
    failed(status, &cause(error_type, reason))
}

fn failed(status: u16, cause: &Value) -> Answer {
    let mut error = cause.clone();
    error["root_cause"] = Value::Array(Vec::from([cause.clone()]));
    let body = object([("error", error), ("status", status.into())]);
    Answer::json(status, &body)
}

fn cause(error_type: &str, reason: &str) -> Value {
    object([("type", error_type.into()), ("reason", reason.into())])
}

/// What became of one document: as an answer, and as an item of `_bulk`.
fn item(status: u16, index: &str, id: Option<&str>, outcome: (&str, Value)) -> (u16, Value) {
    let body = object([
        ("_index", index.into()),
        ("_id", id.into()),
        ("status", status.into()),
        outcome,
    ]);
    (status, body)
}

fn version() -> Value {
    object([
        ("distribution", "sigv4-kit".into()),
        ("number", env!("CARGO_PKG_VERSION").into()),
    ])
}

fn no_such_index(index: &str) -> Answer {
    failure(
        404,
        "index_not_found_exception",
        &format!("no such index [{index}]"),
    )
}

pub(super) fn shards() -> Value {
    object([
        ("total", 1.into()),
        ("successful", 1.into()),
        ("failed", 0.into()),
    ])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ask(index: &Index, method: &str, target: &str, body: &str) -> (u16, Value) {
        let answer = index.answer(&Received {
            method: method.into(),
            target: target.into(),
            headers: Vec::from([("content-type".into(), "application/json".into())]),
            body: body.into(),
        });
        (
            answer.status,
            serde_json::from_slice(&answer.body).unwrap_or(Value::Null),
        )
    }

    #[test]
    fn a_first_session_works() {
        let index = Index::default();
        assert_eq!(ask(&index, "PUT", "/movies", "{}").0, 200);
        assert_eq!(ask(&index, "PUT", "/movies", "{}").0, 400);
        assert_eq!(
            ask(&index, "POST", "/movies/_doc", r#"{"title":"Metropolis"}"#).0,
            201
        );
        assert_eq!(
            ask(&index, "PUT", "/movies/_doc/a%2Fb", r#"{"title":"M"}"#).0,
            201
        );
        assert_eq!(
            ask(&index, "PUT", "/movies/_create/a%2Fb", r#"{"title":"M"}"#).0,
            409
        );
        let (status, got) = ask(&index, "GET", "/movies/_doc/a%2Fb", "");
        assert_eq!((status, &got["_source"]["title"]), (200, &json!("M")));
        let bulk = "{\"index\":{\"_id\":\"1\"}}\n{\"title\":\"Nosferatu\"}\n{\"delete\":{\"_id\":\"a/b\"}}\n";
        let (status, answered) = ask(&index, "POST", "/movies/_bulk", bulk);
        assert_eq!((status, &answered["errors"]), (200, &json!(false)));
        let (_, counted) = ask(&index, "GET", "/_count", "");
        assert_eq!(counted["count"], 2);
        let (_, found) = ask(
            &index,
            "POST",
            "/movies/_search",
            r#"{"query":{"match":{"title":"nosferatu"}}}"#,
        );
        assert_eq!(found["hits"]["total"]["value"], 1);
        assert_eq!(found["hits"]["hits"][0]["_id"], "1");
        assert_eq!(ask(&index, "DELETE", "/movies", "").0, 200);
        assert_eq!(ask(&index, "GET", "/movies/_search", "").0, 404);
    }

    #[test]
    fn a_bulk_call_tells_which_items_failed() {
        let index = Index::default();
        let body = "{\"create\":{\"_index\":\"i\",\"_id\":\"1\"}}\n{\"a\":1}\n{\"create\":{\"_index\":\"i\",\"_id\":\"1\"}}\n{\"a\":1}\n{\"index\":{\"_index\":\"i\"}}\nno json\n";
        let (status, answered) = ask(&index, "POST", "/_bulk", body);
        assert_eq!((status, &answered["errors"]), (200, &json!(true)));
        let statuses: Vec<_> = answered["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item.as_object().unwrap().values().next().unwrap()["status"].clone())
            .collect();
        assert_eq!(statuses, [201, 409, 400]);
    }

    #[test]
    fn a_bulk_body_needs_its_last_newline() {
        let (status, answered) = ask(
            &Index::default(),
            "POST",
            "/_bulk",
            "{\"delete\":{\"_index\":\"i\",\"_id\":\"1\"}}",
        );
        assert_eq!(status, 400);
        let reason = answered["error"]["reason"].as_str().unwrap();
        assert!(
            reason.contains("must be terminated by a newline"),
            "{reason}"
        );
    }

    #[test]
    fn an_unknown_content_type_is_refused() {
        let answer = Index::default().answer(&Received {
            method: "PUT".into(),
            target: "/i/_doc/1".into(),
            headers: Vec::new(),
            body: b"{}".into(),
        });
        assert_eq!(answer.status, 406);
    }
}
