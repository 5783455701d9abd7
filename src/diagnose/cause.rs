//! The cause of a signature that does not match, from the lines that differ.

use std::format;
use std::prelude::rust_2024::*;

use super::answer::Answer;
use super::canonical_diff::{Canonical, Difference, canonical_diff, string_to_sign_diff};
use super::clock;
use super::table::{Explanation, say};
use super::{Correction, cause_url, redact};

/// SHA-256 of no bytes.
const EMPTY_HASH: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Why the signature does not match.
pub(super) fn of_mismatch(answer: &Answer<'_>) -> Explanation {
    let ours = answer.refusal.canonical_request;
    let servers = answer.server.canonical_request.as_deref();
    let mut differences = match (ours, servers) {
        (Some(ours), Some(servers)) => canonical_diff(ours, servers),
        _ => Vec::new(),
    };
    let strings_to_sign = (
        answer.refusal.string_to_sign,
        answer.server.string_to_sign.as_deref(),
    );
    if differences.is_empty()
        && let (Some(ours), Some(servers)) = strings_to_sign
    {
        differences = string_to_sign_diff(ours, servers);
    }
    let named = match (
        ours.and_then(Canonical::parse),
        servers.and_then(Canonical::parse),
    ) {
        (Some(ours), Some(servers)) => of_canonical(&ours, &servers, &differences, answer),
        _ => None,
    };
    let compared = servers.is_some() && ours.is_some()
        || strings_to_sign.0.is_some() && strings_to_sign.1.is_some();
    let mut explanation = match named {
        Some(explanation) => explanation,
        None if !differences.is_empty() => of_string_to_sign(&differences),
        None if compared => say(
            "the server signed the same text and got another signature: \
             the secret access key does not belong to the access key ID",
            "check the secret access key (cut, or with a space or line break at its end), \
             and that key ID and secret come from one source",
        ),
        None => without_server_strings(answer),
    };
    let others = differences.len().saturating_sub(1);
    if others > 0 {
        let lines = if others == 1 {
            "line differs"
        } else {
            "lines differ"
        };
        explanation
            .cause
            .push_str(&format!("; {others} more {lines}"));
    }
    explanation.differences = differences;
    explanation
}

// The order in which one difference explains the others: a proxy that changed the host also changed headers.
fn of_canonical(
    ours: &Canonical<'_>,
    servers: &Canonical<'_>,
    differences: &[Difference],
    answer: &Answer<'_>,
) -> Option<Explanation> {
    let value = |headers: &[(&str, &str)], wanted: &str| -> Option<String> {
        let found = headers.iter().find(|(name, _)| *name == wanted)?;
        Some(found.1.into())
    };
    let hosts = (
        value(&ours.headers, "host"),
        value(&servers.headers, "host"),
    );
    if hosts.0 != hosts.1 {
        return Some(of_host(
            &hosts.0.unwrap_or_default(),
            &hosts.1.unwrap_or_default(),
        ));
    }
    if ours.method != servers.method {
        return Some(say(
            format!(
                "the server received the method '{}', not '{}'",
                redact::shown(servers.method),
                redact::shown(ours.method)
            ),
            "an intermediary or a redirect changed the method; send straight to the endpoint",
        ));
    }
    if ours.uri != servers.uri {
        return Some(cause_url::of_uri(
            ours.uri,
            servers.uri,
            answer.refusal.service,
        ));
    }
    if ours.query != servers.query {
        return Some(cause_url::of_query(ours.query, servers.query));
    }
    if let Some(explanation) = of_headers(differences) {
        return Some(explanation);
    }
    (ours.hashed_payload != servers.hashed_payload).then(|| of_payload(ours, servers))
}

fn of_host(ours: &str, servers: &str) -> Explanation {
    let name = |host: &str| -> String {
        let end = host
            .rfind(':')
            .filter(|at| host[at + 1..].bytes().all(|b| b.is_ascii_digit()));
        host[..end.unwrap_or(host.len())].into()
    };
    let cause = format!(
        "the server saw the host '{}', signed was '{}'",
        redact::shown(servers),
        redact::shown(ours)
    );
    if name(ours) == name(servers) {
        return say(
            format!("{cause}: only the port differs"),
            "sign the name without a tunnel's port: give the endpoint's own URL and --connect-to HOST:PORT",
        );
    }
    if name(ours) == "localhost" || name(ours).parse::<core::net::IpAddr>().is_ok() {
        return say(
            cause,
            "give the endpoint's own URL and dial the tunnel with --connect-to HOST:PORT",
        );
    }
    say(
        cause,
        "a custom domain or a proxy rewrote Host: sign that name with --sign-host, or use the endpoint's own name",
    )
}

fn of_headers(differences: &[Difference]) -> Option<Explanation> {
    let found = differences.iter().find(|d| d.header.is_some());
    let Some((found, name)) = found.and_then(|d| Some((d, d.header.as_deref()?))) else {
        return differences.iter().any(|d| d.line == "SignedHeaders").then(|| {
            say(
                "the server reads another list of signed headers than was sent",
                "an intermediary changed the Authorization header; send straight to the endpoint",
            )
        });
    };
    let cause = match (&found.ours, &found.servers) {
        (Some(_), None) => format!("the header '{name}' was signed and did not reach the server"),
        (None, Some(_)) => {
            format!("the server reads a signed header '{name}' that we did not sign")
        }
        _ => format!("the header '{name}' reached the server with another value than was signed"),
    };
    let fix = match name {
        "content-type" => {
            "something changed Content-Type after signing: set it in full, with its charset, and sign that"
        }
        _ => {
            "an intermediary changed it: do not sign this header, or send straight to the endpoint"
        }
    };
    Some(say(cause, fix))
}

fn of_payload(ours: &Canonical<'_>, servers: &Canonical<'_>) -> Explanation {
    if servers.hashed_payload == EMPTY_HASH {
        let cause = "the server saw no body where one was signed";
        return match ours.method {
            "GET" | "HEAD" | "DELETE" => say(
                format!(
                    "{cause}: the body of a {} was dropped on the way",
                    ours.method
                ),
                "send it as POST (--search-post turns a GET of _search into one)",
            ),
            _ => say(
                cause,
                "send the body with Content-Length, not chunked; a redirect or proxy may have dropped it",
            ),
        };
    }
    if ours.hashed_payload == EMPTY_HASH {
        return say(
            "the server saw a body where none was signed",
            "hash the body that is sent: it was added after signing",
        );
    }
    if ours.hashed_payload == "UNSIGNED-PAYLOAD" || servers.hashed_payload == "UNSIGNED-PAYLOAD" {
        return say(
            "the payload is unsigned on one side only",
            "x-amz-content-sha256 must reach the server as it was signed",
        );
    }
    say(
        "the body that the server received is not the body that was hashed",
        "compress first, then hash, then send; nothing may change the body afterwards (an added newline, a re-encoding)",
    )
}

fn of_string_to_sign(differences: &[Difference]) -> Explanation {
    let Some(first) = differences.first() else {
        return Explanation::default();
    };
    let servers = first.servers.as_deref().unwrap_or_default();
    match first.line {
        "RequestDateTime" => say(
            format!("the server reads the date '{servers}', which is not the one that was signed"),
            "an intermediary or a second Date header changed x-amz-date; send it once, as signed",
        ),
        "CredentialScope" => say(
            format!(
                "the server reads the credential scope '{servers}', which is not the one that was signed"
            ),
            "sign for the region and service of that scope",
        ),
        "HashedCanonicalRequest" => say(
            "the server received another request than was signed, and does not show what it received",
            "compare what sigv4 explain shows with what left the last proxy",
        ),
        _ => say(
            "the server reads another algorithm than was signed",
            "an intermediary changed the Authorization header; send straight to the endpoint",
        ),
    }
}

fn without_server_strings(answer: &Answer<'_>) -> Explanation {
    if let Some((ours, servers)) = clock::intolerable(answer) {
        let cause = format!(
            "the signature does not match; {}",
            clock::skew_in_words(ours, servers)
        );
        return say(cause, "correct the clock (NTP)").correct(Correction::Clock {
            server_unix_seconds: servers,
        });
    }
    let cause = "the signature does not match, and the server does not show what it signed";
    let (method, path) = answer.request_line();
    let has_body = answer
        .hashed_payload()
        .is_some_and(|hash| hash != EMPTY_HASH);
    if method == "GET" && has_body {
        let what = if path.ends_with("_search") {
            "the search"
        } else {
            "the request"
        };
        return say(
            cause,
            format!(
                "a GET with a body loses it at some proxies: send {what} as POST (--search-post)"
            ),
        );
    }
    if answer.refusal.service == "opensearch" || answer.refusal.host.contains(".osm.") {
        return say(
            cause,
            "check the service: OpenSearch UI signs as 'opensearch', not 'es' or 'aoss'",
        );
    }
    say(
        cause,
        "check the secret access key; if it is right, a proxy changed the request: compare with what sigv4 explain shows",
    )
}
