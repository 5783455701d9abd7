//! The cause of a canonical URI or canonical query string that differs.

use std::format;
use std::prelude::rust_2024::*;

use percent_encoding::percent_decode_str;

use super::redact;
use super::table::{Explanation, say};

pub(super) fn of_uri(ours: &str, servers: &str, service: &str) -> Explanation {
    let decoded = |text: &str| -> Vec<u8> { percent_decode_str(text).collect() };
    let twice = |text: &str| -> Vec<u8> {
        percent_decode_str(&percent_decode_str(text).decode_utf8_lossy()).collect()
    };
    if decoded(servers) == ours.as_bytes() && servers.contains("%25") {
        return say(
            "the server percent-encoded the path once more than we did (%25 where we have %)",
            match service.starts_with("s3") {
                true => {
                    "only the S3 family encodes the path once: sign for the endpoint's own service"
                }
                false => "a proxy encoded the path on the way: send straight to the endpoint",
            },
        );
    }
    if decoded(ours) == servers.as_bytes() && ours.contains("%25") {
        return say(
            "the server percent-encoded the path once less than we did (% where we have %25)",
            "an S3-compatible endpoint needs --service s3; else a proxy on the way decoded the path",
        );
    }
    if twice(ours) == twice(servers) {
        let (ours, servers) = first_difference(ours, servers);
        return say(
            format!(
                "the path is percent-encoded differently: the server has '{servers}' where we have '{ours}'"
            ),
            "something rewrote the path on the way, or it was encoded twice before it was given: give it as it is sent",
        );
    }
    if without_double_slashes(ours) == without_double_slashes(servers) {
        return say(
            "the path has a double or final slash on one side only",
            "remove the double slash (a base URL that ends in '/' joined with '/…' makes one)",
        );
    }
    if ours.trim_matches('/').ends_with(servers.trim_matches('/'))
        || servers.trim_matches('/').ends_with(ours.trim_matches('/'))
    {
        return say(
            "the server saw another path: a proxy added or removed the path's beginning",
            "use the endpoint's own URL, without the proxy's path prefix",
        );
    }
    say(
        format!(
            "the server saw the path '{}', signed was '{}'",
            redact::shown(servers),
            redact::shown(ours)
        ),
        "an intermediary rewrote the path; send straight to the endpoint",
    )
}

pub(super) fn of_query(ours: &str, servers: &str) -> Explanation {
    let with_equals = |pair: &str| match pair.contains('=') {
        true => pair.into(),
        false => format!("{pair}="),
    };
    let name = |pair: &str| pair.split('=').next().unwrap_or_default().into();
    let decoded =
        |text: &str| -> Vec<u8> { percent_decode_str(&text.replace("%25", "%")).collect() };
    let plain = "give the query string as it is sent: pairs sorted by encoded name, then value";
    if ours.len() == servers.len() && set(ours, &str::to_owned) == set(servers, &str::to_owned) {
        return say(
            "the query string has the same pairs in another order",
            plain,
        );
    }
    if set(ours, &with_equals) == set(servers, &with_equals) {
        return say(
            "a query parameter without value is signed as 'a=' on one side and as 'a' on the other",
            "write 'a=' in the URL",
        );
    }
    for (a, b) in [("+", "%20"), ("+", "%2B"), ("%20", "%2B")] {
        if ours.replace(a, b) == servers.replace(a, b) {
            return say(
                "a '+' in the query string means a space on one side and a plus on the other",
                "write %20 for a space and %2B for a plus",
            );
        }
    }
    let (our_names, server_names) = (set(ours, &name), set(servers, &name));
    if our_names != server_names && decoded(ours) != decoded(servers) {
        let list = |from: &[String], without: &[String]| -> String {
            let missing = from
                .iter()
                .filter(|name| without.binary_search(name).is_err());
            let names: Vec<&str> = missing.map(String::as_str).take(5).collect();
            redact::shown(&names.join(", "))
        };
        let (lost, added) = (
            list(&our_names, &server_names),
            list(&server_names, &our_names),
        );
        let cause = match (lost.is_empty(), added.is_empty()) {
            (false, true) => format!("the server did not see the query parameters '{lost}'"),
            (true, false) => {
                format!("the server saw query parameters that were not signed: '{added}'")
            }
            _ => format!("the server saw the query parameters '{added}' in place of '{lost}'"),
        };
        return say(
            cause,
            "an intermediary changed the query string; send straight to the endpoint",
        );
    }
    if decoded(ours) == decoded(servers) {
        let (ours, servers) = first_difference(ours, servers);
        return say(
            format!(
                "the query string is percent-encoded differently: the server has '{servers}' where we have '{ours}'"
            ),
            "give each value encoded once, as it is sent",
        );
    }
    say("the server saw another query string than was signed", plain)
}

/// What `read` makes of each pair of a query string, sorted, each once.
fn set(query: &str, read: &dyn Fn(&str) -> String) -> Vec<String> {
    let mut set: Vec<String> = query.split('&').map(read).collect();
    set.sort_unstable();
    set.dedup();
    set
}

fn without_double_slashes(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    parts.join("/")
}

/// The first place where two texts differ: a character, or a percent-escape as a whole.
fn first_difference(ours: &str, servers: &str) -> (String, String) {
    let same = ours
        .bytes()
        .zip(servers.bytes())
        .take_while(|(a, b)| a == b)
        .count();
    let piece = |text: &str| -> String {
        let bytes = text.as_bytes();
        let end = same.min(bytes.len());
        let start = (end.saturating_sub(2)..end)
            .find(|at| bytes[*at] == b'%')
            .unwrap_or(end);
        let length = if bytes.get(start) == Some(&b'%') {
            3
        } else {
            1
        };
        let piece = &bytes[start..bytes.len().min(start + length)];
        redact::shown(&String::from_utf8_lossy(piece))
    };
    (piece(ours), piece(servers))
}
