//! Every row of the table of refusals is a fixture in `test-vectors/refusals`: answer in, cause out.
#![cfg(feature = "client")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};
use sigv4_kit::diagnose::{
    Correction, Diagnosis, Refusal, bulk_summary, canonical_diff, explain_refusal,
    explain_transport, ids, request_id,
};

#[test]
fn every_refusal_has_the_expected_cause() {
    let mut seen = BTreeSet::new();
    let mut cases = 0;
    let mut failures = Vec::new();
    for entry in
        fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("test-vectors/refusals")).unwrap()
    {
        let path = entry.unwrap().path();
        assert_eq!(
            path.extension().unwrap(),
            "json",
            "unread file {}",
            path.display()
        );
        let file: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let file = file.as_object().unwrap();
        known_keys(file, &["row", "source", "cases"]);
        for case in file["cases"].as_array().unwrap() {
            let case = case.as_object().unwrap();
            let id = case.get("id").unwrap_or(&file["row"]);
            seen.extend(id.as_str().map(String::from));
            cases += 1;
            let name = format!("{}: {}", path.file_stem().unwrap().display(), case["name"]);
            if let Err(failure) = run(case, id) {
                failures.push(format!("{name}: {failure}"));
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {cases}:\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert!(cases >= 200, "{cases} cases");
    let all: BTreeSet<String> = ids().map(String::from).collect();
    assert_eq!(seen, all, "each row has a fixture, and each fixture a row");
}

fn run(case: &Map<String, Value>, id: &Value) -> Result<(), String> {
    if let Some(error) = case.get("error") {
        known_keys(
            case,
            &[
                "name",
                "error",
                "host",
                "id",
                "cause",
                "fix",
                "correction",
                "signature",
            ],
        );
        let found = explain_transport(error.as_str().unwrap(), case["host"].as_str().unwrap());
        return check(found, case, id);
    }
    let body = body(case);
    if case.contains_key("bulk") {
        known_keys(case, &["name", "bulk", "json", "body", "hex", "summary"]);
        return equal("summary", &summary(&body), &case["summary"]);
    }
    known_keys(
        case,
        &[
            "name",
            "status",
            "headers",
            "body",
            "json",
            "hex",
            "service",
            "region",
            "host",
            "host_region",
            "canonical_request",
            "string_to_sign",
            "signed_at",
            "elapsed_seconds",
            "id",
            "cause",
            "fix",
            "correction",
            "signature",
            "differences",
            "request_id",
            "hidden",
        ],
    );
    let text = |key: &str| case.get(key).and_then(Value::as_str);
    let headers: Vec<(&str, &str)> = case
        .get("headers")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|pair| (pair[0].as_str().unwrap(), pair[1].as_str().unwrap()))
        .collect();
    let refusal = Refusal {
        status: u16::try_from(case["status"].as_u64().unwrap()).unwrap(),
        headers: &headers,
        body: &body,
        service: text("service").unwrap_or_default(),
        region: text("region").unwrap_or_default(),
        host: text("host").unwrap_or_default(),
        host_region: text("host_region"),
        canonical_request: text("canonical_request"),
        string_to_sign: text("string_to_sign"),
        signed_at: case.get("signed_at").and_then(Value::as_i64),
        elapsed_seconds: case
            .get("elapsed_seconds")
            .and_then(Value::as_u64)
            .unwrap_or_default(),
    };
    if let Some(expected) = case.get("request_id") {
        equal("request id", &json!(request_id(&headers, &body)), expected)?;
    }
    check(explain_refusal(&refusal), case, id)
}

fn check(found: Option<Diagnosis>, case: &Map<String, Value>, id: &Value) -> Result<(), String> {
    equal("id", &json!(found.as_ref().map(|d| d.id)), id)?;
    let Some(found) = found else {
        return Ok(());
    };
    let words = |key: &str| {
        case.get(key)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    for (part, text) in [("cause", &found.cause), ("fix", &found.fix)] {
        assert!(case[part].is_array(), "{part} is stated");
        if let Some(missing) = words(part).find(|word| !text.contains(word.as_str().unwrap())) {
            return Err(format!("{part} lacks {missing}: {text}"));
        }
        if text.is_empty()
            || text.ends_with('.')
            || text.contains('\n')
            || text.contains("  ")
            || text.len() > 900
        {
            return Err(format!("{part} is not one plain line: {text}"));
        }
    }
    let everything = format!("{found:?}");
    if let Some(shown) =
        words("hidden").find(|secret| everything.contains(secret.as_str().unwrap()))
    {
        return Err(format!("shows {shown}: {everything}"));
    }
    let stated = case
        .get("correction")
        .ok_or("the correction is not stated")?;
    equal("correction", &correction(&found), stated)?;
    if let Some(expected) = case.get("signature") {
        equal(
            "signature",
            &json!(found.is_signature_or_token_refusal()),
            expected,
        )?;
    }
    if let Some(expected) = case.get("request_id") {
        equal("request id", &json!(found.request_id), expected)?;
    }
    if let Some(expected) = case.get("differences") {
        let lines: Vec<String> = found
            .differences
            .iter()
            .map(|d| {
                format!("{} {}", d.line, d.header.as_deref().unwrap_or_default())
                    .trim_end()
                    .into()
            })
            .collect();
        equal("differences", &json!(lines), expected)?;
    }
    Ok(())
}

fn correction(diagnosis: &Diagnosis) -> Value {
    match &diagnosis.correction {
        None => Value::Null,
        Some(Correction::Scope { region, service }) => {
            json!({"scope": {"region": region, "service": service}})
        }
        Some(Correction::Clock {
            server_unix_seconds,
        }) => json!({"clock": server_unix_seconds}),
        Some(Correction::RefreshCredentials) => json!("refresh"),
        Some(Correction::Retry { after_seconds }) => json!({"retry": after_seconds}),
        Some(Correction::SplitBody { limit_bytes }) => json!({"split": limit_bytes}),
        Some(other) => json!(format!("{other:?}")),
    }
}

fn summary(body: &[u8]) -> Value {
    let Some(summary) = bulk_summary(body) else {
        return Value::Null;
    };
    let errors: Vec<Value> = summary
        .errors
        .iter()
        .map(|e| {
            json!([
                e.status,
                e.error_type,
                e.count,
                e.first_item,
                e.diagnosis.as_ref().map(|d| d.id)
            ])
        })
        .collect();
    json!({"items": summary.items, "failed": summary.failed, "complete": summary.complete, "errors": errors})
}

fn body(case: &Map<String, Value>) -> Vec<u8> {
    match (case.get("body"), case.get("json"), case.get("hex")) {
        (Some(text), None, None) => text.as_str().unwrap().into(),
        (None, Some(value), None) => serde_json::to_vec(value).unwrap(),
        (None, None, Some(digits)) => {
            let digits = digits.as_str().unwrap();
            let mut bytes = vec![0; digits.len() / 2];
            hex::decode_to_slice(digits, &mut bytes).unwrap();
            bytes
        }
        _ => panic!("one of body, json, hex: {}", case["name"]),
    }
}

fn equal(what: &str, got: &Value, expected: &Value) -> Result<(), String> {
    match got == expected {
        true => Ok(()),
        false => Err(format!("{what}\n  expected {expected}\n  got      {got}")),
    }
}

fn known_keys(object: &Map<String, Value>, known: &[&str]) {
    for key in object.keys() {
        assert!(
            known.contains(&key.as_str()),
            "unknown key {key:?} in {object:?}"
        );
    }
}

const CANONICAL: &str =
    "PUT\n/a\n\nhost:h\nx-amz-security-token:SESSIONTOKEN\n\nhost;x-amz-security-token\nhash";

fn refused(status: u16, body: &[u8]) -> Option<Diagnosis> {
    explain_refusal(&Refusal {
        status,
        body,
        service: "es",
        region: "us-west-2",
        host: "search-x.us-west-2.es.amazonaws.com",
        canonical_request: Some(CANONICAL),
        string_to_sign: Some("AWS4-HMAC-SHA256\nd\ns\nh"),
        headers: &[
            ("date", "x"),
            ("retry-after", "-1"),
            ("x-amzn-requestid", "a\u{7f}b"),
        ],
        ..Refusal::default()
    })
}

#[test]
fn no_body_makes_it_panic() {
    let deep =
        |open: &str, close: &str, depth: usize| [open.repeat(depth), close.repeat(depth)].concat();
    let message = serde_json::to_string(&json!({"message": format!("{}{}",
        "The request signature we calculated does not match the signature you provided.\n\n\
         The Canonical String for this request should have been\n'", CANONICAL)}))
    .unwrap();
    let mut bodies: Vec<Vec<u8>> = vec![
        deep("[", "]", 100_000).into(),
        deep("{\"error\":", "}", 30_000).into(),
        deep("{\"caused_by\":", "}", 100).into(),
        deep("<a>", "</a>", 80_000).into(),
        deep("<Error>", "</Error>", 20_000).into(),
        "<Error><Code>".repeat(10_000).into(),
        "<!DOCTYPE a [<!ENTITY b \"cccccccccc\"><!ENTITY d \"&b;&b;&b;\">]><Error><Message>&d;</Message></Error>".into(),
        vec![0xff; 10_000_000],
        vec![b'{'; 10_000_000],
        vec![b'<'; 10_000_000],
        vec![b'\''; 10_000_000],
        vec![b'\n'; 10_000_000],
        [message.as_bytes(), &[b' '; 10_000_000]].concat(),
        b"\xef\xbb\xbf{\"message\":\"\\".to_vec(),
        b"{\"message\":\"\\u".to_vec(),
        b"\x67message\x79\xff".to_vec(),
        b"\x66__type\x78\xff".to_vec(),
    ];
    // Every cut of a real answer, inside escapes and characters too.
    for answer in [
        message.as_str(),
        "<Error><Code>é</Code><CanonicalRequest>a\nb&lt;</CanonicalRequest></Error>",
    ] {
        bodies.extend((0..answer.len()).map(|end| answer.as_bytes()[..end].to_vec()));
    }
    for body in &bodies {
        for status in [200, 301, 400, 401, 403, 404, 413, 429, 500, 503, 999] {
            if body.len() < 100_000 || status == 403 {
                let found = refused(status, body);
                assert!(!format!("{found:?}").contains("SESSIONTOKEN"));
            }
        }
        bulk_summary(body);
    }
}

#[test]
fn no_change_of_a_real_answer_makes_it_panic() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("test-vectors/refusals");
    // Knuth's MMIX generator: the same changes in every run.
    let mut state: u64 = 1;
    let mut random = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    };
    for entry in fs::read_dir(directory).unwrap() {
        let file: Value =
            serde_json::from_slice(&fs::read(entry.unwrap().path()).unwrap()).unwrap();
        for case in file["cases"].as_array().unwrap() {
            let case = case.as_object().unwrap();
            if case.contains_key("error") {
                continue;
            }
            let original = body(case);
            let canonical = case
                .get("canonical_request")
                .and_then(Value::as_str)
                .unwrap_or_default();
            for _ in 0..60 {
                let mut body = original.clone();
                for _ in 0..=random(4) {
                    let at = random(body.len());
                    match random(4) {
                        0 => body.truncate(at),
                        1 if at < body.len() => body[at] = random(256) as u8,
                        2 => body.extend_from_within(at..),
                        _ => body.insert(at, b"\n'\"\\<&%(:=\x78\x79"[random(12)]),
                    }
                }
                let mut canonical = canonical.to_owned();
                let cut = random(canonical.len() + 1);
                if canonical.is_char_boundary(cut) {
                    canonical.truncate(cut);
                }
                let refusal = Refusal {
                    status: [400, 401, 403, 413, 429][random(5)],
                    body: &body,
                    canonical_request: Some(&canonical),
                    string_to_sign: Some(&canonical),
                    ..Refusal::default()
                };
                explain_refusal(&refusal);
                bulk_summary(&body);
            }
        }
    }
}

#[test]
fn a_canonical_request_of_many_lines_is_compared_once() {
    let lines: String = (0..100_000).map(|n| format!("h{n}:v\n")).collect();
    let servers = format!("PUT\n/a\n\n{lines}\nhost\nhash");
    assert_eq!(
        canonical_diff(&servers, &servers.replace("h7:v", "h7:w")).len(),
        1
    );
    // A message may hold some ten thousand of them; a longer one is cut off and not compared.
    for (lines, compared) in [(10_000, true), (100_000, false)] {
        let end = servers.match_indices("\n").nth(lines).unwrap().0;
        let text = format!(
            "The request signature we calculated does not match the signature you provided.\n\n\
             The Canonical String for this request should have been\n'{}\n\nhost\nhash'",
            &servers[..end]
        );
        let found = refused(403, text.as_bytes()).unwrap();
        assert_eq!(found.id, "sig-mismatch");
        assert_eq!(!found.differences.is_empty(), compared);
    }
}

#[test]
fn a_token_that_the_server_repeats_anywhere_is_not_shown() {
    for servers in [
        CANONICAL.replace("/a", "/SESSIONTOKEN"),
        CANONICAL.replace("host:h", "host:SESSIONTOKEN"),
        CANONICAL.replace("\n\nhost:", "\nSESSIONTOKEN=1\nhost:"),
        CANONICAL.replace("x-amz-security-token:", "x-a:"),
        CANONICAL.replace("host;", "SESSIONTOKEN;"),
    ] {
        let message =
            format!("x\nThe Canonical String for this request should have been\n'{servers}'");
        let body = serde_json::to_vec(&json!({ "message": message })).unwrap();
        let found = refused(403, &body).unwrap();
        assert!(!found.differences.is_empty(), "{servers}");
        assert!(!format!("{found:?}").contains("SESSIONTOKEN"), "{found:?}");
    }
}

#[test]
fn a_request_id_is_taken_from_header_or_body() {
    for (headers, body, expected) in [
        (&[("X-Amzn-RequestId", "a-1")][..], "", Some("a-1")),
        (
            &[("x-amz-request-id", "B2"), ("x-amz-id-2", "c+/=")],
            "",
            Some("B2"),
        ),
        (&[("x-amz-id-2", "c+/=")], "", Some("c+/=")),
        (&[("x-request-id", "d")], "", Some("d")),
        (&[], r#"{"requestId":"e"}"#, Some("e")),
        (&[], r#"{"RequestId":"f"}"#, Some("f")),
        (&[], "<Error><RequestId>g</RequestId></Error>", Some("g")),
        (
            &[],
            "<Response><Errors><Error/></Errors><RequestID>h</RequestID></Response>",
            Some("h"),
        ),
        (&[("x-amzn-requestid", "two words")], "", None),
        (&[("x-amzn-requestid", "")], "<Error>", None),
        (&[], "", None),
    ] {
        assert_eq!(request_id(headers, body.as_bytes()).as_deref(), expected);
    }
}
