//! A service that answers exactly the requests it expects, in order, and says what was wrong with any other.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use sigv4_kit::signing::{Authorization, Date, Payload, Request, Verifier};

use crate::server::{Recorded, Reply, Server};

/// One request that must come, and what is answered then.
#[derive(Clone)]
pub struct Exchange {
    request: Map<String, Value>,
    reply: Map<String, Value>,
}

const REQUEST: &[&str] = &["line", "headers", "form", "json", "signed", "dpop"];
const REPLY: &[&str] = &["status", "body", "json", "hex", "repeat", "cut", "assumed"];
/// Headers that need no mention.
const USUAL: &[&str] = &["host", "user-agent", "content-length"];

impl Exchange {
    pub fn read(value: Value) -> Exchange {
        let part = |name: &str, known: &[&str]| {
            let part = value[name].as_object().expect("an object").clone();
            for key in part.keys() {
                assert!(known.contains(&key.as_str()), "{name}: {key}");
            }
            part
        };
        Exchange {
            request: part("request", REQUEST),
            reply: part("reply", REPLY),
        }
    }

    /// Serves them in this order. What is refused is answered with 599 and told in `failures`.
    pub fn serve(all: Vec<Exchange>, now: i64, failures: Arc<Mutex<Vec<String>>>) -> Server {
        let mut all = all.into_iter();
        Server::start(move |recorded| {
            let refused = |why: String| {
                failures
                    .lock()
                    .unwrap()
                    .push(format!("{}: {why}", recorded.line()));
                Reply::status(599)
            };
            match all.next() {
                None => refused("not expected".into()),
                Some(one) => match one.check(recorded, now) {
                    Err(why) => refused(why),
                    Ok(()) => one.answer(),
                },
            }
        })
    }

    fn check(&self, recorded: &Recorded, now: i64) -> Result<(), String> {
        let line = self.request["line"].as_str().unwrap_or_default();
        if recorded.line() != line {
            return Err(format!("expected {line}"));
        }
        self.check_body(recorded)?;
        let mut known = BTreeMap::new();
        if let Some(Value::Object(headers)) = self.request.get("headers") {
            known = headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
        }
        if let Some(signed) = self.request.get("signed") {
            check_signature(recorded, signed, now)?;
            known.extend([("authorization", None), ("x-amz-date", None)]);
            if signed.get("token").is_some() {
                known.insert("x-amz-security-token", signed["token"].as_str());
            }
        }
        if self.request.contains_key("dpop") {
            check_dpop(recorded, now)?;
            known.insert("dpop", None);
        }
        for (name, value) in &known {
            match recorded.header(name) {
                None => return Err(format!("no header {name}")),
                Some(found) if value.is_some_and(|value| value != found) => {
                    return Err(format!("header {name}: {found}"));
                }
                Some(_) => (),
            }
        }
        for (name, value) in &recorded.headers {
            if !known.contains_key(name.as_str()) && !USUAL.contains(&name.as_str()) {
                return Err(format!("a header too many: {name}: {value}"));
            }
        }
        Ok(())
    }

    fn check_body(&self, recorded: &Recorded) -> Result<(), String> {
        let body = String::from_utf8_lossy(&recorded.body);
        let same = if let Some(form) = self.request.get("form") {
            Value::from(decoded(&body)?) == *form
        } else if let Some(json) = self.request.get("json") {
            serde_json::from_str::<Value>(&body).ok().as_ref() == Some(json)
        } else {
            body.is_empty()
        };
        match same {
            true => Ok(()),
            false => Err(format!("body: {body}")),
        }
    }

    fn answer(&self) -> Reply {
        let status = self
            .reply
            .get("status")
            .map_or(200, |status| status.as_u64().expect("a number"));
        let status = u16::try_from(status).expect("a status");
        let body = match self
            .reply
            .iter()
            .find(|(name, _)| *name != "status" && *name != "cut")
        {
            None => Vec::new(),
            Some((name, value)) => match (name.as_str(), value) {
                ("body", Value::String(text)) => text.clone().into_bytes(),
                ("json", value) => value.to_string().into_bytes(),
                ("hex", Value::String(digits)) => (0..digits.len() / 2)
                    .map(|i| u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).expect("hex"))
                    .collect(),
                ("repeat", Value::Array(both)) => {
                    let count = both[1].as_u64().expect("a number") as usize;
                    both[0].as_str().expect("a text").repeat(count).into_bytes()
                }
                ("assumed", value) => assumed(value).into_bytes(),
                (name, _) => panic!("reply: {name}"),
            },
        };
        match self.reply.contains_key("cut") {
            false => Reply::Body(status, body),
            true => {
                let length = body.len() + 1;
                let mut raw =
                    format!("HTTP/1.1 {status} S\r\ncontent-length: {length}\r\n\r\n").into_bytes();
                raw.extend(body);
                Reply::Raw(raw)
            }
        }
    }
}

/// The pairs of a form, each name once, nothing unencoded.
pub fn decoded(body: &str) -> Result<Map<String, Value>, String> {
    let mut pairs = Map::new();
    for pair in body.split('&') {
        let (name, value) = pair.split_once('=').ok_or(format!("no pair: {pair}"))?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~%".contains(&b);
        if !value.bytes().all(plain) {
            return Err(format!("not encoded: {pair}"));
        }
        let value = percent_decode_str(value)
            .decode_utf8()
            .map_err(|error| error.to_string())?;
        if pairs.insert(name.into(), value.as_ref().into()).is_some() {
            return Err(format!("twice: {name}"));
        }
    }
    Ok(pairs)
}

/// Our own verifier judges the request as STS would.
pub fn check_signature(recorded: &Recorded, signed: &Value, now: i64) -> Result<(), String> {
    let part = |name: &str| signed[name].as_str().unwrap_or_default();
    let pair = |(name, value): &'_ (String, String)| (name.clone(), value.clone());
    let headers: Vec<(String, String)> = recorded.headers.iter().map(pair).collect();
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let (path, query) = recorded
        .target
        .split_once('?')
        .unwrap_or((&recorded.target, ""));
    let text = |error: &dyn std::error::Error| format!("signature: {error}");
    let request = Request::new(
        &recorded.method,
        path,
        query,
        &headers,
        Payload::Bytes(&recorded.body),
    )
    .map_err(|error| text(&error))?;
    let authorization = Authorization::from_request(&request).map_err(|error| text(&error))?;
    if authorization.access_key_id() != part("key") {
        return Err(format!("signed by {}", authorization.access_key_id()));
    }
    let now = Date::from_unix_seconds(now).map_err(|error| text(&error))?;
    Verifier::new(part("region"), "sts")
        .map_err(|error| text(&error))?
        .verify(&authorization, &request, part("secret"), now)
        .map_err(|error| text(&error))?;
    Ok(())
}

#[cfg(feature = "login")]
fn check_dpop(recorded: &Recorded, now: i64) -> Result<(), String> {
    crate::dpop::check(recorded, now)
}

#[cfg(not(feature = "login"))]
fn check_dpop(_: &Recorded, _: i64) -> Result<(), String> {
    Err("a session was renewed without the feature login".into())
}

/// The answer of STS that issues these credentials.
pub fn assumed(value: &Value) -> String {
    let part = |name: &str| value[name].as_str().unwrap_or_default();
    let action = part("action");
    let action = if action.is_empty() {
        "AssumeRole"
    } else {
        action
    };
    format!(
        "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <{action}Result>\n    \
         <AssumedRoleUser>\n      <AssumedRoleId>AROA:s</AssumedRoleId>\n      <Arn>{}</Arn>\n    </AssumedRoleUser>\n    \
         <Credentials>\n      <AccessKeyId>{}</AccessKeyId>\n      <SecretAccessKey>{}</SecretAccessKey>\n      \
         <SessionToken>{}</SessionToken>\n      <Expiration>{}</Expiration>\n    </Credentials>\n  </{action}Result>\n  \
         <ResponseMetadata>\n    <RequestId>r</RequestId>\n  </ResponseMetadata>\n</{action}Response>\n",
        part("arn"),
        part("key"),
        part("secret"),
        part("token"),
        part("expires")
    )
}
