//! Refusals of policies: the signature is right (or never arrived), and the caller may not.

use std::format;
use std::prelude::rust_2024::*;

use super::answer::Answer;
use super::redact::shown;
use super::table::{Explanation, Row, say};

pub(super) const ROWS: &[Row] = &[
    Row {
        id: "passrole",
        signature_or_token: false,
        matches: |a| denied(a) && a.text_says("is not authorized to perform: iam:PassRole"),
        explain: |_| {
            say(
                "registering a snapshot repository needs iam:PassRole on its role",
                "allow iam:PassRole and es:ESHttpPut for the caller, and map it to manage_snapshots in fine-grained access control",
            )
        },
    },
    Row {
        id: "anonymous",
        signature_or_token: true,
        matches: |a| denied(a) && a.says("User: anonymous is not authorized to perform: "),
        explain: |_| {
            say(
                "the request arrived unsigned: the service saw an anonymous user",
                "a proxy or redirect removed the Authorization header, or the URL is the Dashboards one: send to the endpoint itself",
            )
        },
    },
    Row {
        id: "exec-deny",
        signature_or_token: false,
        matches: |a| denied(a) && a.says("is not authorized to perform: execute-api:"),
        explain: iam_denied,
    },
    Row {
        id: "iam-deny",
        signature_or_token: false,
        matches: |a| denied(a) && a.says("User: ") && a.says(" is not authorized to perform: "),
        explain: iam_denied,
    },
    Row {
        id: "aoss-net",
        signature_or_token: false,
        matches: |a| denied(a) && hint(a).contains("network-policy-deny"),
        explain: |_| {
            say(
                "the collection's network policy does not admit this source",
                "admit this network or VPC endpoint in the network policy, or connect through the VPC endpoint",
            )
        },
    },
    Row {
        id: "aoss-authz",
        signature_or_token: false,
        matches: |a| {
            denied(a)
                && (a.text_says("User does not have permissions for the requested resource")
                    || is_aoss(a) && a.has_type(&["authorization_exception", "security_exception"]))
        },
        explain: |a| {
            say(
                "the collection's data access policy does not admit the caller",
                format!(
                    "name the caller's ARN as principal in the data access policy; if it is there, check the signed region '{}'",
                    shown(a.refusal.region)
                ),
            )
        },
    },
    Row {
        id: "fgac",
        signature_or_token: false,
        matches: |a| {
            denied(a) && a.has_type(&["security_exception"]) && a.reasons("no permissions for [")
        },
        explain: fgac,
    },
    Row {
        id: "aoss-deny",
        signature_or_token: false,
        matches: |a| {
            denied(a) && is_aoss(a) && (forbidden(a) || hint(a).contains("gw-helper-deny"))
        },
        explain: |_| {
            say(
                "OpenSearch Serverless refuses at its gateway: no aoss:APIAccessAll, or a signature without content hash",
                "allow aoss:APIAccessAll on the collection, and sign for 'aoss' with x-amz-content-sha256",
            )
        },
    },
    Row {
        id: "app-403",
        signature_or_token: false,
        matches: |a| {
            (a.status() == 403 && forbidden(a))
                || (a.status() == 400
                    && hint(a).contains("gw-helper-deny")
                    && a.request_line().1.starts_with("/_login"))
        },
        explain: |a| {
            let fix = "sign for 'opensearch' and allow opensearch:ApplicationAccessAll";
            match a.request_line().1.starts_with("/_login") {
                true => say(
                    "OpenSearch UI's /_login/ works in browsers only",
                    format!("use '/' instead; {fix}"),
                ),
                false => say(
                    "the OpenSearch UI application does not admit the caller",
                    fix,
                ),
            }
        },
    },
    Row {
        id: "401-basic",
        signature_or_token: true,
        matches: |a| {
            a.status() == 401
                && a.header("www-authenticate").is_some_and(|value| {
                    value.contains("X-Security-IdP") || value.contains("OpenSearch Security")
                })
        },
        explain: |a| {
            let service = match a.refusal.service {
                "es" => String::new(),
                other => format!(" for 'es', not '{}',", shown(other)),
            };
            say(
                "fine-grained access control asks for a login: it did not see an IAM signature",
                format!(
                    "sign{service} with the domain's own Host; IAM must be enabled as a backend"
                ),
            )
        },
    },
    Row {
        id: "appsync",
        signature_or_token: true,
        matches: |a| a.status() == 401 && a.has_code(&["UnauthorizedException"]),
        explain: |_| {
            say(
                "AppSync saw no valid authorization",
                "sign for 'appsync', and enable the AWS_IAM authorization mode of the API",
            )
        },
    },
    Row {
        id: "lambda-url",
        signature_or_token: false,
        matches: |a| {
            a.status() == 403
                && (a.message == "Forbidden" || a.message.starts_with("Forbidden."))
                && (a.refusal.host.contains(".lambda-url.") || a.refusal.service == "lambda")
        },
        explain: |_| {
            say(
                "the function URL does not admit the caller",
                "allow both lambda:InvokeFunctionUrl and lambda:InvokeFunction; through CloudFront send x-amz-content-sha256",
            )
        },
    },
];

fn denied(answer: &Answer<'_>) -> bool {
    matches!(answer.status(), 400 | 401 | 403)
}

fn is_aoss(answer: &Answer<'_>) -> bool {
    answer.refusal.service == "aoss" || answer.refusal.host.contains(".aoss")
}

// {"status":403,"error":{"reason":"403 Forbidden","type":"Forbidden"}}
fn forbidden(answer: &Answer<'_>) -> bool {
    answer.has_type(&["Forbidden"]) && answer.reasons("403 Forbidden")
}

fn hint<'a>(answer: &Answer<'a>) -> &'a str {
    answer.header("x-aoss-response-hint").unwrap_or_default()
}

// User: <ARN> is not authorized to perform: <action> on resource: <ARN> with an explicit deny …
fn iam_denied(answer: &Answer<'_>) -> Explanation {
    let after = |start: &str| answer.message.split_once(start).map(|(_, rest)| rest);
    let word = |rest: &str| -> String { shown(rest.split_whitespace().next().unwrap_or_default()) };
    let user = after("User: ").map(word).unwrap_or_default();
    let action = after(" is not authorized to perform: ")
        .map(word)
        .unwrap_or_default();
    let resource = after(" on resource: ").map(word).unwrap_or_default();
    let mut cause = format!("the signature is right, and '{user}' may not {action}");
    if !resource.is_empty() {
        cause.push_str(&format!(" on '{resource}'"));
    }
    let fix = if answer.says("explicit deny") {
        "a policy denies it explicitly: look for a Deny statement, a boundary or an organisation's policy".into()
    } else if action.starts_with("es:") {
        format!(
            "allow {action} in the domain's access policy or the caller's, with '/*' behind the domain's ARN"
        )
    } else {
        format!("allow {action} in the resource's policy or the caller's")
    };
    say(cause, fix)
}

// no permissions for [indices:data/write/bulk] and User [name=arn:aws:iam::…, backend_roles=[…], …]
fn fgac(answer: &Answer<'_>) -> Explanation {
    let part = |start: &str, end: &[char]| -> String {
        let rest = answer.reason.split_once(start).map(|(_, rest)| rest);
        shown(
            rest.and_then(|rest| rest.split(end).next())
                .unwrap_or_default(),
        )
    };
    let action = part("no permissions for [", &[']']);
    let user = part("User [name=", &[',', ']']);
    say(
        format!(
            "signature and IAM are right, and fine-grained access control does not let '{user}' do {action}"
        ),
        "map that ARN (of a role: the role's ARN) to an OpenSearch role that has the permission",
    )
}
