//! AWS's cases of clock skew, played with [`measured_skew`] and [`explain_refusal`] by a client without a clock.
#![cfg(feature = "client")]

use serde_json::{Map, Value, json};
use sigv4_kit::diagnose::{Correction, Refusal, explain_refusal, measured_skew};
use sigv4_kit::signing::Date;

#[test]
fn every_case_of_clock_skew_keeps_the_expected_skew() {
    let file: Value = serde_json::from_str(include_str!(
        "../test-vectors/clock-skew/clock-skew-test-cases.json"
    ))
    .unwrap();
    known_keys(&file, &["documentation", "tests"]);
    let tests = file["tests"].as_array().unwrap();
    assert_eq!(tests.len(), 10);
    for test in tests {
        known_keys(test, &["description", "operations"]);
        let mut skew = None;
        for operation in test["operations"].as_array().unwrap() {
            known_keys(
                operation,
                &[
                    "initialClientSkew",
                    "maxAttempts",
                    "attempts",
                    "expectedClientSkew",
                    "expectedOutcome",
                    "documentation",
                ],
            );
            let initial = operation["initialClientSkew"].as_i64().unwrap();
            let mut now = *skew.get_or_insert(initial);
            assert_eq!(now, initial, "{}", test["description"]);
            play(operation, &mut now, &test["description"]);
            assert_eq!(
                json!(now),
                operation["expectedClientSkew"],
                "{}",
                test["description"]
            );
            skew = Some(now);
        }
    }
}

fn play(operation: &Value, skew: &mut i64, name: &Value) {
    let attempts = operation["attempts"].as_array().unwrap();
    for (position, attempt) in attempts.iter().enumerate() {
        known_keys(
            attempt,
            &[
                "clientTimeAtSend",
                "clientTimeAtReceive",
                "expectedSigningTime",
                "response",
            ],
        );
        let response = &attempt["response"];
        known_keys(response, &["statusCode", "headers", "errorCode"]);
        let (sent_at, received_at) = (
            seconds(&attempt["clientTimeAtSend"]),
            seconds(&attempt["clientTimeAtReceive"]),
        );
        let signed_at = sent_at + *skew;
        assert_eq!(
            signed_at,
            seconds(&attempt["expectedSigningTime"]),
            "{name}"
        );
        let empty = Map::new();
        let mut headers: Vec<(&str, &str)> = response["headers"]
            .as_object()
            .unwrap_or(&empty)
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
            .collect();
        headers.extend(
            response["errorCode"]
                .as_str()
                .map(|code| ("x-amzn-errortype", code)),
        );
        let found = explain_refusal(&Refusal {
            status: u16::try_from(response["statusCode"].as_u64().unwrap()).unwrap(),
            headers: &headers,
            signed_at: Some(signed_at),
            elapsed_seconds: u64::try_from(received_at - sent_at).unwrap(),
            ..Refusal::default()
        });
        let corrects =
            found.is_some_and(|d| matches!(d.correction, Some(Correction::Clock { .. })));
        let goes_on = position + 1 < attempts.len() || operation["maxAttempts"] == 1;
        assert_eq!(corrects, goes_on, "{name}, attempt {position}");
        *skew = measured_skew(&headers, sent_at, received_at).unwrap_or(*skew);
    }
}

fn seconds(text: &Value) -> i64 {
    let basic: String = text
        .as_str()
        .unwrap()
        .chars()
        .filter(|c| !"-:".contains(*c))
        .collect();
    Date::parse(&basic).unwrap().unix_seconds()
}

fn known_keys(object: &Value, known: &[&str]) {
    for key in object.as_object().unwrap().keys() {
        assert!(known.contains(&key.as_str()), "unknown key {key:?}");
    }
}
