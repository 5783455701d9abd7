//! A server's answer, read once: what each layer of AWS and OpenSearch puts where.

use std::format;
use std::prelude::rust_2024::*;

use serde_json::Value;

use super::Refusal;
use super::canonical_diff::ServerStrings;
use super::clock::retry_after_seconds;

/// What the body is, by its own first bytes; `content-type` is often wrong on refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Empty,
    Json,
    Xml,
    Html,
    Text,
    Binary,
}

/// The parts of an answer that the table looks at.
pub(super) struct Answer<'a> {
    pub refusal: &'a Refusal<'a>,
    pub form: Form,
    /// The error code, without namespace and URL: `InvalidSignatureException`.
    pub code: String,
    /// The message of the signing layer, the policy layer or a service.
    pub message: String,
    /// `{"Message":null}`
    pub null_message: bool,
    /// `detailedMessage`, which Neptune alone uses.
    pub detailed: bool,
    /// The types in an OpenSearch `error` object, root causes included.
    pub error_types: Vec<String>,
    /// The reasons in an OpenSearch `error` object, one a line.
    pub reason: String,
    /// The region in an S3 error.
    pub region: String,
    /// `<ServerTime>` of an S3 error.
    pub server_time: String,
    /// The canonical request and the string to sign that the server computed.
    pub server: ServerStrings,
    body_request_id: String,
}

/// More of a body is never looked at.
const BODY_LIMIT: usize = 256 * 1024;

impl<'a> Answer<'a> {
    pub fn read(refusal: &'a Refusal<'a>) -> Self {
        let body = &refusal.body[..refusal.body.len().min(BODY_LIMIT)];
        let text = String::from_utf8_lossy(body);
        let text = text.trim_start_matches('\u{feff}').trim();
        let mut answer = Answer {
            refusal,
            form: form(body, text, header(refusal.headers, "content-type")),
            code: String::new(),
            message: String::new(),
            null_message: false,
            detailed: false,
            error_types: Vec::new(),
            reason: String::new(),
            region: String::new(),
            server_time: String::new(),
            server: ServerStrings::default(),
            body_request_id: String::new(),
        };
        match answer.form {
            Form::Json => match serde_json::from_str::<Value>(text) {
                Ok(value) => answer.read_json(&value),
                Err(_) => answer.message = message_in_broken_json(text),
            },
            Form::Xml => answer.read_xml(text),
            Form::Text => answer.message = text.into(),
            Form::Binary => answer.read_cbor(body),
            Form::Empty | Form::Html => {}
        }
        if let Some(code) = header(refusal.headers, "x-amzn-errortype") {
            answer.code = bare_code(code);
        }
        answer.server.read_message(&answer.message);
        answer
    }

    /// An error object alone, as an item of a `_bulk` answer has it.
    pub fn of_item(refusal: &'a Refusal<'a>, error: &Value) -> Self {
        let mut answer = Answer::read(refusal);
        answer.form = Form::Json;
        answer.read_error_object(error);
        answer
    }

    /// A header of the answer, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        header(self.refusal.headers, name)
    }

    pub fn status(&self) -> u16 {
        self.refusal.status
    }

    pub fn says(&self, text: &str) -> bool {
        self.message.contains(text)
    }

    /// The same in whatever layer's text: proxies in front of OpenSearch wrap one into the other.
    pub fn text_says(&self, text: &str) -> bool {
        self.message.contains(text) || self.reason.contains(text)
    }

    pub fn reasons(&self, text: &str) -> bool {
        self.reason.contains(text)
    }

    pub fn has_code(&self, codes: &[&str]) -> bool {
        codes.contains(&self.code.as_str())
    }

    pub fn has_type(&self, types: &[&str]) -> bool {
        self.error_types.iter().any(|t| types.contains(&t.as_str()))
    }

    /// The method and the path that were signed, where known.
    pub fn request_line(&self) -> (&'a str, &'a str) {
        let mut lines = self.refusal.canonical_request.unwrap_or_default().lines();
        (
            lines.next().unwrap_or_default(),
            lines.next().unwrap_or_default(),
        )
    }

    /// The hashed payload that was signed, where known.
    pub fn hashed_payload(&self) -> Option<&'a str> {
        self.refusal.canonical_request?.lines().next_back()
    }

    pub fn retry_after_seconds(&self) -> Option<u64> {
        retry_after_seconds(self.header("retry-after")?, self.header("date"))
    }

    pub fn request_id(&self) -> Option<String> {
        const HEADERS: [&str; 5] = [
            "x-amzn-requestid",
            "x-amz-request-id",
            "x-amzn-request-id",
            "x-request-id",
            "request-id",
        ];
        HEADERS
            .iter()
            .filter_map(|name| self.header(name))
            .chain([self.body_request_id.as_str()])
            .chain(self.header("x-amz-id-2"))
            .map(str::trim)
            .find(|id| {
                !id.is_empty() && id.len() <= 200 && id.bytes().all(|b| b.is_ascii_graphic())
            })
            .map(String::from)
    }

    fn read_json(&mut self, value: &Value) {
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        self.code = ["__type", "code", "Code"]
            .iter()
            .find_map(|key| text(key))
            .map(bare_code)
            .unwrap_or_default();
        self.message = ["message", "Message", "detailedMessage", "errorMessage"]
            .iter()
            .find_map(|key| text(key))
            .unwrap_or_default()
            .into();
        self.detailed = text("detailedMessage").is_some();
        self.null_message = value.get("Message").is_some_and(Value::is_null);
        self.body_request_id = ["requestId", "RequestId", "requestID", "request-id"]
            .iter()
            .find_map(|key| text(key))
            .unwrap_or_default()
            .into();
        match value.get("error") {
            Some(Value::String(reason)) => self.reason = reason.clone(),
            Some(error) => self.read_error_object(error),
            None => {}
        }
        // GraphQL: {"errors":[{"errorType":"UnauthorizedException","message":"…"}]}
        if let Some(first) = value.get("errors").and_then(|errors| errors.get(0)) {
            let text = |key: &str| first.get(key).and_then(Value::as_str).unwrap_or_default();
            if self.message.is_empty() {
                self.code = bare_code(text("errorType"));
                self.message = text("message").into();
            }
        }
    }

    fn read_error_object(&mut self, error: &Value) {
        const DEEPEST: usize = 8;
        let roots = error.get("root_cause").and_then(Value::as_array);
        let causes =
            std::iter::successors(Some(error), |error| error.get("caused_by")).take(DEEPEST);
        for error in causes.chain(roots.into_iter().flatten().take(DEEPEST)) {
            let text = |key: &str| error.get(key).and_then(Value::as_str);
            self.error_types.extend(text("type").map(String::from));
            if let Some(reason) = text("reason") {
                self.reason.push_str(reason);
                self.reason.push('\n');
            }
        }
    }

    fn read_xml(&mut self, text: &str) {
        let options = roxmltree::ParsingOptions {
            nodes_limit: 10_000,
            ..Default::default()
        };
        let parsed = roxmltree::Document::parse_with_options(text, options);
        let element = |name: &str| -> String {
            match &parsed {
                Ok(document) => document
                    .descendants()
                    .find(|node| node.tag_name().name().eq_ignore_ascii_case(name))
                    .and_then(|node| node.text())
                    .unwrap_or_default()
                    .into(),
                Err(_) => element_in_broken_xml(text, name),
            }
        };
        self.code = bare_code(&element("Code"));
        self.message = element("Message");
        self.region = element("Region");
        self.server_time = element("ServerTime");
        self.body_request_id = element("RequestId");
        self.server.read_element(
            false,
            &element("CanonicalRequest"),
            &element("CanonicalRequestBytes"),
        );
        self.server.read_element(
            true,
            &element("StringToSign"),
            &element("StringToSignBytes"),
        );
    }

    // RFC 8949: a short text string is its length in the head byte, a longer one is 0x78 and a length byte or
    // 0x79 and two.
    fn read_cbor(&mut self, body: &[u8]) {
        let value = |key: &str| -> Option<String> {
            let mut head = Vec::from([0x60 + key.len() as u8]);
            head.extend_from_slice(key.as_bytes());
            let at = body.windows(head.len()).position(|w| w == head)? + head.len();
            let rest = &body[at..];
            let (start, length) = match *rest {
                [head @ 0x60..=0x77, ..] => (1, usize::from(head - 0x60)),
                [0x78, length, ..] => (2, usize::from(length)),
                [0x79, high, low, ..] => (3, usize::from(u16::from_be_bytes([high, low]))),
                _ => return None,
            };
            let text = rest.get(start..start + length)?;
            Some(String::from_utf8_lossy(text).into_owned())
        };
        self.code = value("__type")
            .as_deref()
            .map(bare_code)
            .unwrap_or_default();
        self.message = value("message")
            .or_else(|| value("Message"))
            .unwrap_or_default();
    }
}

/// A header of an answer, by its lower-case name.
pub(super) fn header<'a>(headers: &[(&str, &'a str)], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(n, _)| n.eq_ignore_ascii_case(name))
        .map(|(_, value)| *value)
}

fn form(body: &[u8], text: &str, content_type: Option<&str>) -> Form {
    const HTML: [&str; 5] = ["<!doctype html", "<html", "<head", "<title", "<body"];
    let starts_with = |start: &str| {
        text.as_bytes()
            .get(..start.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(start.as_bytes()))
    };
    match text.as_bytes().first() {
        None => Form::Empty,
        Some(b'{' | b'[') => Form::Json,
        Some(b'<') if HTML.iter().any(|start| starts_with(start)) => Form::Html,
        Some(b'<') => Form::Xml,
        _ if content_type.is_some_and(|t| t.contains("html")) => Form::Html,
        _ if content_type.is_some_and(|t| t.contains("cbor")) => Form::Binary,
        // The body may be cut inside a character, which is no reason to call it binary.
        _ => match core::str::from_utf8(body) {
            Err(error) if error.error_len().is_some() => Form::Binary,
            _ => Form::Text,
        },
    }
}

// com.amazon.coral.service#InvalidSignatureException, or InvalidSignatureException:http://…
fn bare_code(code: &str) -> String {
    let code = code.split(':').next().unwrap_or_default();
    code.rsplit('#').next().unwrap_or_default().trim().into()
}

/// The message of JSON that is cut off, or that a gateway's template filled with raw line breaks.
fn message_in_broken_json(text: &str) -> String {
    let Some(rest) = ["\"message\"", "\"Message\""]
        .iter()
        .find_map(|key| text.split_once(key))
        .and_then(|(_, rest)| rest.trim_start().strip_prefix(':'))
        .and_then(|rest| rest.trim_start().strip_prefix('"'))
    else {
        return String::new();
    };
    let mut message = String::new();
    let mut characters = rest.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => match characters.next() {
                Some('n') => message.push('\n'),
                Some('r') => message.push('\r'),
                Some('t') => message.push('\t'),
                Some(other) => message.push(other),
                None => break,
            },
            other => message.push(other),
        }
    }
    message
}

fn element_in_broken_xml(text: &str, name: &str) -> String {
    let start = format!("<{name}>");
    let Some((value, _)) = text
        .split_once(&start)
        .and_then(|(_, rest)| rest.split_once('<'))
    else {
        return String::new();
    };
    value
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&apos;", "'")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}
