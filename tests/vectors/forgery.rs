//! What is done to a signed request by those who did not sign it: to get more than was signed, which has to be refused,
//! or on its way, which has to be let through.

use sigv4_kit::signing::{Date, Verifier};

use crate::case::Case;
use crate::change::Change;
use crate::wire::WireRequest;

/// A signed request with something added, removed or repeated, or at the wrong time: none of these may verify.
pub fn forgeries(case: &Case, signed: &WireRequest, signed_headers: &[&str]) -> Vec<Change> {
    let mut made = Vec::new();
    let mut add =
        |what: &str, reasons: &'static [&'static str], edit: &dyn Fn(&mut WireRequest)| {
            let mut change = Change::none(case, signed, what, reasons);
            edit(&mut change.request);
            made.push(change);
        };
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    add(
        "an x-amz header that is not signed",
        &["UnsignedHeader"],
        &|request| {
            request.headers.push(header("X-Amz-Acl2", "public-read"));
        },
    );
    add(
        "another value for host",
        &["SignatureMismatch"],
        &|request| {
            request.headers.push(header("Host", "elsewhere.example"));
        },
    );
    add(
        "a content type",
        &["UnsignedHeader", "SignatureMismatch"],
        &|request| {
            request.headers.push(header("Content-Type", "text/html"));
        },
    );
    for name in signed_headers.iter().filter(|name| **name != "x-amz-date") {
        add(&format!("{name} removed"), &["MissingHeader"], &|request| {
            request
                .headers
                .retain(|(given, _)| !given.eq_ignore_ascii_case(name));
        });
    }
    if case.expires_seconds.is_none() {
        for (what, name, value) in [
            ("two dates", "X-Amz-Date", case.date.as_str()),
            (
                "two Authorization headers",
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=a",
            ),
        ] {
            add(what, &["Repeated"], &|request| {
                request.headers.push(header(name, value))
            });
        }
        add("no Authorization header", &["Missing"], &|request| {
            request.headers.retain(|(name, _)| name != "authorization");
        });
        add(
            "a signature in the query string too",
            &["Repeated"],
            &|request| {
                request.query.insert_str(0, "X-Amz-Signature=00&");
            },
        );
        add("the same, its name encoded", &["Repeated"], &|request| {
            request.query.insert_str(0, "X%2dAmz-Signature=00&");
        });
    } else {
        for parameter in [
            "Algorithm",
            "Credential",
            "Date",
            "Expires",
            "SignedHeaders",
            "Signature",
        ] {
            let again = format!("X%2DAmz-{parameter}=1&");
            add(
                &format!("two of X-Amz-{parameter}"),
                &["Repeated"],
                &|request| request.query.insert_str(0, &again),
            );
            let name = format!("X-Amz-{parameter}=");
            add(&format!("no X-Amz-{parameter}"), &["Missing"], &|request| {
                let kept: Vec<&str> = request
                    .query
                    .split('&')
                    .filter(|pair| !pair.starts_with(&name))
                    .collect();
                request.query = kept.join("&");
            });
        }
        add("an Authorization header too", &["Repeated"], &|request| {
            request
                .headers
                .push(header("Authorization", "AWS4-HMAC-SHA256 Credential=a"));
        });
    }
    for (what, reasons, seconds) in [
        ("a second too late", &["Expired"], good_for(case) + 1),
        (
            "a second too early",
            &["NotYetCurrent"],
            -i64::from(Verifier::CLOCK_SKEW_SECONDS) - 1,
        ),
    ] {
        made.push(Change {
            now: later(case.date, seconds),
            ..Change::none(case, signed, what, reasons)
        });
    }
    made
}

/// What happens to requests on their way and changes nothing that was signed: all of these verify.
pub fn harmless(case: &Case, signed: &WireRequest) -> Vec<Change> {
    let mut made = Vec::new();
    let mut add = |what: &str, edit: &dyn Fn(&mut WireRequest)| {
        let mut change = Change::none(case, signed, what, &[]);
        edit(&mut change.request);
        made.push(change);
    };
    add("headers that proxies add", &|request| {
        for name in ["Via", "X-Forwarded-For", "Connection", "Traceparent"] {
            request.headers.push((name.to_owned(), "1".to_owned()));
        }
    });
    add("header names in capitals", &|request| {
        for (name, _) in &mut request.headers {
            name.make_ascii_uppercase();
        }
    });
    add("white space around header values", &|request| {
        for (_, value) in &mut request.headers {
            *value = format!(" \t{value}  ");
        }
    });
    add("parameters in another order", &|request| {
        let reversed: Vec<&str> = request.query.split('&').rev().collect();
        request.query = reversed.join("&");
    });
    for (what, seconds) in [
        ("in its last second", good_for(case)),
        (
            "in its first second",
            -i64::from(Verifier::CLOCK_SKEW_SECONDS),
        ),
    ] {
        made.push(Change {
            now: later(case.date, seconds),
            ..Change::none(case, signed, what, &[])
        });
    }
    made
}

/// How long a request is good for after it was signed.
fn good_for(case: &Case) -> i64 {
    i64::from(case.expires_seconds.unwrap_or(Verifier::CLOCK_SKEW_SECONDS))
}

fn later(date: Date, seconds: i64) -> Date {
    Date::from_unix_seconds(date.unix_seconds() + seconds).unwrap()
}
