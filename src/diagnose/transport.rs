//! What a connection that failed before any answer means.

use std::format;
use std::prelude::rust_2024::*;

use super::Diagnosis;
use super::redact::shown;

pub(super) const IDS: [&str; 2] = ["tls-name", "tls-issuer"];

/// The cause of a connection that failed, from the error's text and the host that was meant.
///
/// Knows a certificate for another name and a certificate of an unknown issuer; `None` for anything else.
pub fn explain_transport(error: &str, host: &str) -> Option<Diagnosis> {
    let other_name = ["not valid for name", "NotValidForName"]
        .iter()
        .any(|text| error.contains(text))
        || (error.contains("certificate is valid for ") && error.contains(", not "));
    let unknown_issuer = [
        "UnknownIssuer",
        "unknown authority",
        "unable to get local issuer",
    ]
    .iter()
    .any(|text| error.contains(text));
    let host = shown(host);
    let (id, cause, fix) = if other_name {
        (
            IDS[0],
            format!("the certificate is not for '{host}'"),
            "a tunnel needs --connect-to HOST:PORT with the endpoint's real name in the URL; \
             the certificate is then checked against that name",
        )
    } else if unknown_issuer {
        (
            IDS[1],
            format!("the certificate for '{host}' is from an issuer that is not trusted here"),
            "a proxy that inspects TLS has its own CA: pass its certificate with --cacert FILE or AWS_CA_BUNDLE",
        )
    } else {
        return None;
    };
    Some(Diagnosis {
        id,
        cause,
        fix: fix.into(),
        request_id: None,
        correction: None,
        differences: Vec::new(),
        signature_or_token: false,
    })
}
