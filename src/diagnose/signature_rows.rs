//! Refusals of the signing layer: clock, scope, token, key, signature.

use std::format;
use std::prelude::rust_2024::*;

use super::answer::{Answer, Form};
use super::redact::shown;
use super::table::{Explanation, Row, say};
use super::{Correction, cause, clock};

pub(super) const ROWS: &[Row] = &[
    Row {
        id: "expired-sig",
        signature_or_token: true,
        matches: |a| {
            signing(a) && (a.says("Signature expired: ") || a.has_code(&["RequestExpired"]))
        },
        explain: skewed,
    },
    Row {
        id: "future-sig",
        signature_or_token: true,
        matches: |a| signing(a) && a.says("Signature not yet current: "),
        explain: skewed,
    },
    Row {
        id: "s3-skew",
        signature_or_token: true,
        matches: |a| signing(a) && a.has_code(&["RequestTimeTooSkewed"]),
        explain: skewed,
    },
    Row {
        id: "clock",
        signature_or_token: true,
        matches: |a| {
            signing(a) && clock::intolerable(a).is_some() && (is_bare(a) || says_no_more(a))
        },
        explain: skewed,
    },
    Row {
        id: "s3-region",
        signature_or_token: true,
        matches: |a| s3_region(a).is_some(),
        explain: |a| {
            let region = s3_region(a).unwrap_or_default();
            say(
                format!(
                    "the bucket is in region '{region}', signed was '{}'",
                    shown(a.refusal.region)
                ),
                format!("sign for it: --region {region}"),
            )
            .correct(Correction::Scope {
                region: Some(region),
                service: None,
            })
        },
    },
    Row {
        id: "scope-service",
        signature_or_token: true,
        matches: |a| signing(a) && named_service(a).is_some(),
        explain: scope,
    },
    Row {
        id: "scope-region",
        signature_or_token: true,
        matches: |a| signing(a) && a.says(SCOPE_REGION),
        explain: scope,
    },
    Row {
        id: "scope-date",
        signature_or_token: true,
        matches: |a| signing(a) && a.says("Date in Credential scope does not match"),
        explain: |_| {
            say(
                "the day in the credential scope is not the day of x-amz-date",
                "a signing key or scope was kept past midnight UTC: take both from one date",
            )
        },
    },
    Row {
        id: "scope-terminator",
        signature_or_token: true,
        matches: |a| signing(a) && a.says("Credential should be scoped with a valid terminator"),
        explain: |_| {
            say(
                "the credential scope does not end in 'aws4_request'",
                "the Authorization header was made for another scheme or was cut on the way",
            )
        },
    },
    Row {
        id: "aoss-hash",
        signature_or_token: true,
        matches: |a| signing(a) && a.text_says("x-amz-content-sha256 invalid"),
        explain: |_| {
            say(
                "x-amz-content-sha256 is not the hash of the body that arrived",
                "hash the bytes of this very attempt: a retry may have sent a stale or compressed body under an old hash",
            )
        },
    },
    Row {
        id: "s3-hash",
        signature_or_token: true,
        matches: |a| signing(a) && a.has_code(&["XAmzContentSHA256Mismatch", "BadDigest"]),
        explain: |_| {
            say(
                "x-amz-content-sha256 is not the hash of the body that arrived",
                "hash the bytes that are sent, or send a streamed body unsigned or aws-chunked",
            )
        },
    },
    Row {
        id: "aoss-sig",
        signature_or_token: true,
        matches: |a| {
            signing(a)
                && a.text_says("Customer authentication failed")
                && a.text_says("InvalidSignature")
        },
        explain: |_| {
            say(
                "OpenSearch Serverless does not accept the signature: x-amz-content-sha256 is missing, unsigned or wrong",
                "sign for 'aoss' with x-amz-content-sha256 sent and signed, and content-length not signed",
            )
        },
    },
    Row {
        id: "token-expired",
        signature_or_token: true,
        matches: |a| {
            signing(a)
                && (a.says("security token included in the request is expired")
                    || a.has_code(&[
                        "ExpiredToken",
                        "ExpiredTokenException",
                        "TokenRefreshRequired",
                    ]))
        },
        explain: |_| {
            say(
                "the session token has expired",
                "fetch new credentials (log in again, or let the provider refresh)",
            )
            .correct(Correction::RefreshCredentials)
        },
    },
    Row {
        id: "token-invalid",
        signature_or_token: true,
        matches: |a| {
            signing(a)
                && (a.says("security token included in the request is invalid")
                    || a.has_code(&[
                        "UnrecognizedClientException",
                        "InvalidClientTokenId",
                        "InvalidAccessKeyId",
                        "InvalidToken",
                        "AuthFailure",
                    ]))
        },
        explain: token_invalid,
    },
    Row {
        id: "lattice",
        signature_or_token: true,
        matches: |a| {
            a.status() == 403
                && (a.refusal.service == "vpc-lattice-svcs"
                    || a.refusal.host.contains(".vpc-lattice-svcs."))
                && a.hashed_payload()
                    .is_some_and(|hash| hash != "UNSIGNED-PAYLOAD")
        },
        explain: |_| {
            say(
                "VPC Lattice does not take signed payloads",
                "sign with x-amz-content-sha256: UNSIGNED-PAYLOAD",
            )
        },
    },
    Row {
        id: "missing-token-n",
        signature_or_token: true,
        matches: |a| {
            signing(a) && a.says("Missing Authentication Token") && (a.detailed || is_neptune(a))
        },
        explain: |_| {
            say(
                "Neptune has IAM authentication on, and the request reached it unsigned",
                "sign for 'neptune-db', with the port in Host (…:8182)",
            )
        },
    },
    Row {
        id: "missing-token",
        signature_or_token: true,
        matches: |a| {
            signing(a)
                && (a.says("Missing Authentication Token")
                    || a.has_code(&[
                        "MissingAuthenticationToken",
                        "MissingAuthenticationTokenException",
                    ]))
        },
        explain: missing_token,
    },
    Row {
        id: "unsigned-header",
        signature_or_token: true,
        matches: |a| signing(a) && a.says("headers present in the request which were not signed"),
        explain: |_| {
            say(
                "an x-amz-* header arrived that was not signed",
                "sign every x-amz-* header; a proxy may have added one",
            )
        },
    },
    Row {
        id: "not-sigv4",
        signature_or_token: true,
        matches: |a| {
            signing(a)
                && (a.says("Authorization header requires '")
                    || a.says("in Authorization header")
                    || a.has_code(&[
                        "IncompleteSignature",
                        "IncompleteSignatureException",
                        "AuthorizationHeaderMalformed",
                        "AuthorizationQueryParametersError",
                    ]))
        },
        explain: |_| {
            say(
                "the Authorization header that arrived is not a Signature Version 4 one",
                "Basic or Bearer was sent to a signed endpoint, or something rewrote the header: send one Authorization, the signature's",
            )
        },
    },
    Row {
        id: "sig-mismatch",
        signature_or_token: true,
        matches: |a| {
            signing(a)
                && (a.says(
                    "The request signature we calculated does not match the signature you provided",
                ) || a.has_code(&[
                    "SignatureDoesNotMatch",
                    "InvalidSignatureException",
                    "InvalidSignature",
                ]) || a.server.canonical_request.is_some())
        },
        explain: cause::of_mismatch,
    },
];

const SCOPE_REGION: &str = "Credential should be scoped to a valid region";

/// The statuses under which signatures are refused.
fn signing(answer: &Answer<'_>) -> bool {
    matches!(answer.status(), 400 | 401 | 403)
}

/// An answer to HEAD, which has neither body nor code.
fn is_bare(answer: &Answer<'_>) -> bool {
    answer.form == Form::Empty && answer.code.is_empty() && answer.request_line().0 == "HEAD"
}

/// A code that services use for a date they do not take, among other things.
fn says_no_more(answer: &Answer<'_>) -> bool {
    answer.has_code(&["AuthFailure", "AccessDeniedException", "RequestInTheFuture"])
        && !answer.says("is not authorized to perform")
        && !answer.says("Missing Authentication Token")
}

fn is_neptune(answer: &Answer<'_>) -> bool {
    answer.refusal.service == "neptune-db" || answer.refusal.host.contains(".neptune.")
}

fn skewed(answer: &Answer<'_>) -> Explanation {
    const FIX: &str = "correct the clock (NTP); a request that waited long before it was sent must be signed anew";
    match (answer.refusal.signed_at, clock::server_time(answer)) {
        (Some(ours), Some(servers)) => say(
            format!(
                "the signature's date is refused: {}",
                clock::skew_in_words(ours, servers)
            ),
            FIX,
        )
        .correct(Correction::Clock {
            server_unix_seconds: servers,
        }),
        (None, Some(servers)) => say("the signature's date is refused: clocks differ", FIX)
            .correct(Correction::Clock {
                server_unix_seconds: servers,
            }),
        (_, None) => say(
            "the signature's date is refused, and the server's clock is not known",
            FIX,
        ),
    }
}

// Credential should be scoped to correct service: 'es'.   or, S3:   This endpoint belongs to "s3"
fn named_service(answer: &Answer<'_>) -> Option<String> {
    between(&answer.message, "scoped to correct service: '", '\'')
        .or_else(|| between(&answer.message, "This endpoint belongs to \"", '"'))
        .filter(|name| is_scope_name(name))
        .map(String::from)
}

// the region 'eu-central-1' is wrong; expecting 'us-east-1'
fn s3_region(answer: &Answer<'_>) -> Option<String> {
    let malformed = answer.has_code(&[
        "AuthorizationHeaderMalformed",
        "AuthorizationQueryParametersError",
    ]);
    let redirected = answer.has_code(&["PermanentRedirect", "TemporaryRedirect", "Redirect"]);
    let in_header = answer.header("x-amz-bucket-region");
    let in_text = between(&answer.message, "; expecting '", '\'');
    let region = match answer.status() {
        400 | 403 if malformed => in_text
            .or(Some(answer.region.as_str()))
            .filter(|r| !r.is_empty())
            .or(in_header),
        301 | 307 if redirected => in_header.or(Some(answer.region.as_str())),
        // The answer to HEAD has no body.
        301 | 400 if answer.refusal.body.is_empty() => in_header,
        _ => None,
    }?;
    (is_scope_name(region) && region != answer.refusal.region).then(|| region.into())
}

fn scope(answer: &Answer<'_>) -> Explanation {
    let refusal = answer.refusal;
    let service = named_service(answer).filter(|name| name != refusal.service);
    let region_refused = answer.says(SCOPE_REGION);
    // The message names the region that is wrong, the host's name the right one.
    let region = refusal
        .host_region
        .filter(|region| region_refused && *region != refusal.region && is_scope_name(region))
        .map(String::from);
    let mut causes = Vec::new();
    let mut fixes = Vec::new();
    if region_refused {
        causes.push(format!(
            "region '{}' is not the endpoint's",
            shown(refusal.region)
        ));
        fixes.push(match &region {
            Some(region) => format!("--region {region}"),
            None if refusal.host_region == Some(refusal.region) => {
                "--region with another region than the host's name has, or another URL".into()
            }
            None => "--region with the region of the endpoint".into(),
        });
    }
    if let Some(service) = &service {
        causes.push(format!(
            "service '{}' is not the endpoint's, '{service}' is",
            shown(refusal.service)
        ));
        fixes.push(format!("--service {service}"));
    } else if !region_refused {
        causes.push("the endpoint refuses the credential scope for its service".into());
        fixes.push("--service with the endpoint's signing name".into());
    }
    let correction =
        (region.is_some() || service.is_some()).then_some(Correction::Scope { region, service });
    say(
        format!("signed for the wrong scope: {}", causes.join("; ")),
        format!("sign for the endpoint: {}", fixes.join(" ")),
    )
    .correct(correction)
}

fn token_invalid(answer: &Answer<'_>) -> Explanation {
    let signed_token = answer.refusal.canonical_request.map(|text| {
        text.contains("x-amz-security-token:") || text.contains("X-Amz-Security-Token=")
    });
    let china = answer.refusal.host.ends_with(".cn") != answer.refusal.region.starts_with("cn-");
    let fix = match signed_token {
        _ if china && !answer.refusal.region.is_empty() => {
            "keys of one partition (China, GovCloud) are unknown in another: use that partition's"
        }
        Some(false) => {
            "a key that begins with ASIA needs its session token (AWS_SESSION_TOKEN); \
             else the key was deleted or is of another partition (China, GovCloud)"
        }
        _ => {
            "fetch new credentials: key, secret and session token must be of one issue; \
             else the key was deleted or is of another partition (China, GovCloud)"
        }
    };
    say(
        "the access key or its session token is not known to AWS",
        fix,
    )
    .correct(Correction::RefreshCredentials)
}

fn missing_token(answer: &Answer<'_>) -> Explanation {
    let is_api =
        answer.refusal.service == "execute-api" || answer.refusal.host.contains(".execute-api.");
    if is_api {
        return say(
            "API Gateway has no such route: stage, path or method do not exist, or the request was unsigned",
            "check stage, path and method of the URL first; only then the signature",
        );
    }
    say(
        "the request arrived without a signature",
        "something on the way removed the Authorization header, or the client did not sign",
    )
}

fn between<'a>(text: &'a str, start: &str, end: char) -> Option<&'a str> {
    text.split_once(start)?.1.split(end).next()
}

/// What a server may put into our credential scope: it becomes part of a header.
fn is_scope_name(name: &str) -> bool {
    (1..=63).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_' || b == b'.')
}
