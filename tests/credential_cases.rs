//! The cases in test-vectors/credential-cases: variables, files, HTTP exchanges, and what must come out. A new case needs no code.
#![cfg(feature = "client")]

#[path = "common/server.rs"]
mod server;

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value};
use server::{Recorded, Reply, Server};
use sigv4_kit::provider::{Chain, Clock, Context, Environment, Report, timestamp};

type Object = Map<String, Value>;

#[test]
fn every_case_comes_out_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("test-vectors/credential-cases");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    for file in &files {
        let name = file.file_name().unwrap().to_str().unwrap();
        assert!(name.ends_with(".json"), "{name} is not read");
        let case: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).expect(name);
        run(name, case.as_object().unwrap());
    }
    assert!(files.len() >= 31, "{} cases", files.len());
}

fn run(name: &str, case: &Object) {
    known(
        name,
        case,
        &[
            "what",
            "environment",
            "files",
            "profile",
            "region",
            "now",
            "exchanges",
            "expected",
        ],
    );
    assert!(case["what"].is_string(), "{name}");
    let wrong: Arc<Mutex<Vec<String>>> = Arc::default();
    let server = play(name, case, wrong.clone());
    let here = |text: &str| text.replace("{server}", &server.url());

    // Whatever asks the instance metadata service unforeseen is seen.
    let mut environment =
        Environment::empty().with_variable("AWS_EC2_METADATA_SERVICE_ENDPOINT", &server.url());
    for (variable, value) in object(case, "environment") {
        environment = environment.with_variable(variable, &here(text(value)));
    }
    for (path, content) in object(case, "files") {
        environment = environment.with_file(path, here(text(content)));
    }
    let now = case.get("now").map_or("2026-01-01T00:00:00Z", text);
    let mut context = Context::new(
        environment,
        Clock::fixed(timestamp::parse(now).expect(name)),
    );
    if let Some(profile) = case.get("profile") {
        context = context.with_profile(text(profile));
    }
    if let Some(region) = case.get("region") {
        context = context.with_region(text(region));
    }
    let report = Chain::new(context).report();

    assert_eq!(
        *wrong.lock().unwrap(),
        Vec::<String>::new(),
        "{name}: requests"
    );
    let foreseen = case
        .get("exchanges")
        .map_or(0, |all| all.as_array().unwrap().len());
    assert_eq!(
        server.requests().len(),
        foreseen,
        "{name}: number of requests"
    );
    compare(name, case["expected"].as_object().unwrap(), &report, &here);
}

/// Plays the exchanges in their order; a request that is not the next one is noted.
fn play(name: &str, case: &Object, wrong: Arc<Mutex<Vec<String>>>) -> Server {
    let exchanges = case
        .get("exchanges")
        .map_or(Vec::new(), |all| all.as_array().unwrap().clone());
    for exchange in &exchanges {
        known(
            name,
            exchange.as_object().unwrap(),
            &["request", "headers", "body", "status", "answer"],
        );
    }
    let mut next = exchanges.into_iter();
    Server::start(move |request| {
        let Some(exchange) = next.next() else {
            wrong
                .lock()
                .unwrap()
                .push(format!("one more: {}", request.line()));
            return Reply::status(599);
        };
        if let Some(difference) = difference(exchange.as_object().unwrap(), request) {
            wrong.lock().unwrap().push(difference);
            return Reply::status(599);
        }
        let body = match &exchange["answer"] {
            Value::String(text) => text.clone(),
            document => document.to_string(),
        };
        Reply::Body(exchange["status"].as_u64().unwrap() as u16, body.into())
    })
}

fn difference(exchange: &Object, request: &Recorded) -> Option<String> {
    if request.line() != text(&exchange["request"]) {
        return Some(format!(
            "{} in place of {}",
            request.line(),
            exchange["request"]
        ));
    }
    for (header, value) in object(exchange, "headers") {
        if request.header(header) != value.as_str() {
            return Some(format!(
                "{header} is {:?} in place of {value}",
                request.header(header)
            ));
        }
    }
    let body = exchange.get("body").map_or("", text);
    (request.body != body.as_bytes()).then(|| format!("another body in {}", request.line()))
}

fn compare(name: &str, expected: &Object, report: &Report, here: &dyn Fn(&str) -> String) {
    for (key, value) in expected {
        let found = report.credentials.as_ref();
        let of = |get: &dyn Fn(&sigv4_kit::provider::Found) -> Option<String>| -> Value {
            found.map_or(Value::from("no credentials"), |found| get(found).into())
        };
        let region = || report.region.as_ref().unwrap().as_ref();
        let seen: Value = match key.as_str() {
            "source" => of(&|found| Some(found.source.method().into())),
            "access_key_id" => of(&|found| Some(found.credentials.access_key_id().into())),
            "secret_access_key" => of(&|found| Some(found.credentials.secret_access_key().into())),
            "session_token" => of(&|found| found.credentials.session_token().map(String::from)),
            "account_id" => of(&|found| found.credentials.account_id().map(String::from)),
            "expires_at" => {
                let seconds = found.ok().and_then(|found| found.credentials.expires_at());
                assert_eq!(seconds, timestamp::parse(text(value)), "{name}: {key}");
                continue;
            }
            "region" => region().map(|region| region.name.clone()).into(),
            "region_origin" => region().map(|region| region.origin.clone()).into(),
            "error" => {
                let message = found.err().map(|error| error.to_string());
                assert_eq!(
                    message,
                    Some(here(text(value))),
                    "{name}: {:?}",
                    report.credentials
                );
                continue;
            }
            "error_start" => {
                let message = found
                    .err()
                    .map(|error| error.to_string())
                    .unwrap_or_default();
                assert!(message.starts_with(&here(text(value))), "{name}: {message}");
                continue;
            }
            "passed_over" => {
                for (source, reason) in value.as_object().unwrap() {
                    let passed = report
                        .passed_over
                        .iter()
                        .find(|one| one.source.method() == source);
                    let passed = passed.map(|one| one.reason.clone());
                    assert_eq!(passed, Some(here(text(reason))), "{name}: {source}");
                }
                continue;
            }
            other => panic!("{name}: unknown key {other:?} in expected"),
        };
        assert_eq!(&seen, value, "{name}: {key} ({:?})", report.credentials);
    }
    let says = ["source", "error", "error_start"]
        .iter()
        .filter(|key| expected.contains_key(**key));
    assert_eq!(says.count(), 1, "{name}: one of source, error, error_start");
}

fn known(name: &str, object: &Object, keys: &[&str]) {
    for key in object.keys() {
        assert!(keys.contains(&key.as_str()), "{name}: unknown key {key:?}");
    }
}

fn object<'a>(of: &'a Object, key: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let found = of.get(key).map(|value| value.as_object().unwrap());
    found.into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
