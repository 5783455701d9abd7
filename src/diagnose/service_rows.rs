//! Refusals of the service behind the signature: load, size, content, API surface.

use std::format;
use std::prelude::rust_2024::*;

use super::Correction;
use super::answer::{Answer, Form};
use super::table::{Explanation, Row, say};

pub(super) const ROWS: &[Row] = &[
    Row {
        id: "throttle-403",
        signature_or_token: false,
        matches: |a| a.status() == 403 && a.text_says("Request throttled due to too many requests"),
        explain: |a| {
            retry(
                a,
                "the domain throttles requests, under status 403",
                "back off; fewer requests at a time",
            )
        },
    },
    Row {
        id: "read-only",
        signature_or_token: false,
        matches: |a| {
            a.has_type(&["cluster_block_exception"])
                && (a.reasons("read-only")
                    || a.reasons("FORBIDDEN/")
                    || a.reasons("create-index blocked"))
        },
        explain: |_| {
            say(
                "the index or cluster is blocked for writing: disk watermark, or JVM memory above 92 %",
                "free or add storage; repeating does not help until the block is lifted",
            )
        },
    },
    Row {
        id: "throttle-429",
        signature_or_token: false,
        matches: |a| {
            matches!(a.status(), 429 | 503)
                && a.has_type(&[
                    "rejected_execution_exception",
                    "es_rejected_execution_exception",
                    "opensearch_rejected_execution_exception",
                    "circuit_breaking_exception",
                ])
        },
        explain: |a| {
            retry(
                a,
                "the cluster rejects work that it has no room for",
                "back off, and send fewer bytes at a time",
            )
        },
    },
    Row {
        id: "throttle-429-txt",
        signature_or_token: false,
        matches: |a| a.status() == 429 && a.form == Form::Text,
        explain: |a| retry(a, "too many requests", "back off; fewer requests at a time"),
    },
    Row {
        id: "throttle",
        signature_or_token: false,
        matches: |a| {
            a.status() == 429
                || a.has_code(&[
                    "Throttling",
                    "ThrottlingException",
                    "ThrottledException",
                    "TooManyRequestsException",
                    "RequestLimitExceeded",
                    "ProvisionedThroughputExceededException",
                    "RequestThrottled",
                    "SlowDown",
                ])
        },
        explain: |a| {
            retry(
                a,
                "the service throttles requests",
                "back off; fewer requests at a time",
            )
        },
    },
    Row {
        id: "size",
        signature_or_token: false,
        matches: |a| a.status() == 413,
        explain: size,
    },
    Row {
        id: "newline",
        signature_or_token: false,
        matches: |a| a.status() == 400 && a.reasons("must be terminated by a newline"),
        explain: |_| {
            say(
                "the body of a bulk request must end in a line break",
                "append '\\n' before signing",
            )
        },
    },
    Row {
        id: "ctype",
        signature_or_token: false,
        matches: |a| {
            matches!(a.status(), 406 | 415)
                && a.reasons("Content-Type header [")
                && a.reasons("is not supported")
        },
        explain: |_| {
            say(
                "the Content-Type is not one that OpenSearch reads",
                "set Content-Type: application/json, or application/x-ndjson for _bulk and _msearch",
            )
        },
    },
    Row {
        id: "host",
        signature_or_token: false,
        matches: |a| matches!(a.status(), 400 | 403) && a.text_says("Invalid Host Header"),
        explain: |_| {
            say(
                "the domain does not know the Host it was called by (an IP address, localhost, another name)",
                "give the domain's own URL, and dial a tunnel with --connect-to HOST:PORT",
            )
        },
    },
    Row {
        id: "elb-400",
        signature_or_token: false,
        matches: |a| {
            a.status() == 400
                && a.form == Form::Html
                && a.header("server")
                    .is_some_and(|server| server.starts_with("awselb"))
        },
        explain: |_| {
            say(
                "a load balancer refused the request before any service saw it",
                "a wrong Host or a header sent twice, often through a tunnel: give the endpoint's URL and --connect-to",
            )
        },
    },
    Row {
        id: "aoss-id",
        signature_or_token: false,
        matches: |a| {
            a.status() == 400 && a.reasons("Document ID is not supported in create/index operation")
        },
        explain: |_| {
            say(
                "time-series and vector collections make document ids themselves",
                "leave out _id; repeating a lost request may then store a document twice",
            )
        },
    },
    Row {
        id: "aoss-404",
        signature_or_token: false,
        matches: |a| {
            a.status() == 404
                && (a.refusal.service == "aoss" || a.refusal.host.contains(".aoss"))
                && not_in_aoss(a.request_line().1)
        },
        explain: |_| {
            say(
                "OpenSearch Serverless does not offer this API",
                "the signature is not at fault; use an API that the collection has, such as _cat/indices or _search",
            )
        },
    },
    Row {
        id: "snapshot-504",
        signature_or_token: false,
        matches: |a| a.status() == 504 && a.request_line().1.starts_with("/_snapshot"),
        explain: |_| {
            say(
                "the gateway stopped waiting; the snapshot operation goes on",
                "poll GET /_snapshot/_status until it is done, and do not repeat the request",
            )
        },
    },
    Row {
        id: "transient",
        signature_or_token: false,
        matches: |a| {
            matches!(a.status(), 502..=504)
                || a.null_message
                || a.text_says("Call to Authorization engine failed")
                || (a.status() == 500
                    && a.has_code(&[
                        "InternalError",
                        "InternalFailure",
                        "InternalServerError",
                        "InternalServerException",
                        "InternalServerErrorException",
                        "ServiceUnavailable",
                    ]))
        },
        explain: |a| retry(a, "the service failed for a moment", "repeat it"),
    },
];

fn retry(answer: &Answer<'_>, cause: &str, fix: &str) -> Explanation {
    let after_seconds = answer.retry_after_seconds();
    let fix = match after_seconds {
        Some(seconds) => format!("{fix}; the server asks for {seconds} s"),
        None => fix.into(),
    };
    say(cause, fix).correct(Correction::Retry { after_seconds })
}

// Request size exceeded 10485760 bytes
fn size(answer: &Answer<'_>) -> Explanation {
    let number = answer
        .message
        .split_once("Request size exceeded ")
        .map(|(_, rest)| rest.bytes().take_while(u8::is_ascii_digit).count());
    let limit_bytes: Option<u64> = number.and_then(|length| {
        let (_, rest) = answer.message.split_once("Request size exceeded ")?;
        rest.get(..length)?.parse().ok()
    });
    let cause = match limit_bytes {
        Some(limit) => format!("the body is larger than the {limit} bytes that the endpoint takes"),
        None => "the body is larger than the endpoint takes".into(),
    };
    say(
        cause,
        "send it in smaller parts; a larger instance type takes 100 MiB instead of 10",
    )
    .correct(Correction::SplitBody { limit_bytes })
}

fn not_in_aoss(path: &str) -> bool {
    let path = path.trim_matches('/');
    let first = path.split('/').next().unwrap_or_default();
    path.is_empty()
        || path.starts_with("_cat/health")
        || path.starts_with("_cat/nodes")
        || path.starts_with("_cat/shards")
        || matches!(first, "_cluster" | "_nodes" | "_snapshot")
        || path.split('/').next_back() == Some("_refresh")
}
