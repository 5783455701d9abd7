use std::process::Command;
use std::time::{Duration, Instant};

use sigv4_kit::provider::HttpError;
use sigv4_kit::provider::{
    AnswerError, Chain, Clock, Context, InstanceMetadata, ProviderError, Source, region,
};

use crate::server::{Recorded, Reply, Server, nobody};
use crate::{NOW, context, credentials, environment, error, nothing};

const ENDPOINT: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
const V1_DISABLED: &str = "AWS_EC2_METADATA_V1_DISABLED";
const ROLES: &str = "/latest/meta-data/iam/security-credentials/";

pub const ANSWER: &str = r#"{"Code":"Success","LastUpdated":"2026-01-01T00:00:00Z","Type":"AWS-HMAC","AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"hunter2","Token":"hunter2token","Expiration":"2026-01-01T06:00:00Z"}"#;

/// An instance with the role `web`, version 2 only.
fn instance() -> Server {
    Server::start(|request| v2(request, ANSWER))
}

pub fn v2(request: &Recorded, document: &str) -> Reply {
    let ttl = request.header("x-aws-ec2-metadata-token-ttl-seconds");
    if request.header("x-forwarded-for").is_some() {
        return Reply::status(403);
    }
    if request.line() == "PUT /latest/api/token" {
        let empty = request.body.is_empty() && request.header("content-length") == Some("0");
        return match ttl {
            Some("21600") if empty => Reply::ok("TOKEN=="),
            _ => Reply::status(400),
        };
    }
    if request.header("x-aws-ec2-metadata-token") != Some("TOKEN==") {
        return Reply::status(401);
    }
    match request.line().as_str() {
        "GET /latest/meta-data/iam/security-credentials/" => Reply::ok("web"),
        "GET /latest/meta-data/iam/security-credentials/web" => Reply::ok(document),
        "GET /latest/meta-data/placement/region" => Reply::ok("ap-south-1"),
        _ => Reply::status(404),
    }
}

fn at(server: &Server, more: &[(&str, &str)]) -> Context {
    context(&[&[(ENDPOINT, server.url().as_str())], more].concat())
}

#[test]
fn the_instances_role_is_found_in_three_requests() {
    let server = instance();
    let found = credentials(&InstanceMetadata, &at(&server, &[]));
    assert_eq!(found.access_key_id(), "ASIAEXAMPLE");
    assert_eq!(found.secret_access_key(), "hunter2");
    assert_eq!(found.session_token(), Some("hunter2token"));
    assert_eq!(found.expires_at(), Some(NOW + 6 * 3600));
    let role = format!("GET {ROLES}web");
    assert_eq!(
        server.lines(),
        [
            "PUT /latest/api/token".to_string(),
            format!("GET {ROLES}"),
            role
        ]
    );
}

#[test]
fn settings_come_from_the_profile_too_and_a_path_prefix_is_kept() {
    let server = Server::start(|request| {
        let mut inner = request.clone();
        match request.target.strip_prefix("/prefix") {
            Some(target) => {
                inner.target = target.into();
                v2(&inner, ANSWER)
            }
            None => Reply::status(404),
        }
    });
    let config = format!(
        "[default]\nec2_metadata_service_endpoint = {}/prefix/\n",
        server.url()
    );
    let environment = environment(&[("HOME", "/h")]).with_file("/h/.aws/config", config);
    credentials(
        &InstanceMetadata,
        &Context::new(environment, Clock::fixed(NOW)),
    );
}

#[test]
fn disabled_means_true_and_nothing_else() {
    let server = instance();
    let disabled = |value| at(&server, &[("AWS_EC2_METADATA_DISABLED", value)]);
    assert_eq!(
        nothing(&InstanceMetadata, &disabled("TRUE")),
        "AWS_EC2_METADATA_DISABLED is true"
    );
    assert!(server.requests().is_empty());
    credentials(&InstanceMetadata, &disabled("1"));
}

#[test]
fn settings_that_are_not_allowed_are_errors() {
    for (name, value) in [
        (ENDPOINT, "nonsense"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ipv5"),
        ("AWS_METADATA_SERVICE_TIMEOUT", "1.5"),
        ("AWS_METADATA_SERVICE_TIMEOUT", "0"),
        ("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "many"),
    ] {
        let refused = error(&InstanceMetadata, &context(&[(name, value)]));
        assert!(
            matches!(&refused, ProviderError::Setting { name: named, .. } if named == name),
            "{refused:?}"
        );
    }
}

#[test]
fn an_instance_without_a_role_is_nothing() {
    let server = Server::start(|request| match request.target.as_str() {
        ROLES => Reply::status(404),
        _ => v2(request, ANSWER),
    });
    assert_eq!(
        nothing(&InstanceMetadata, &at(&server, &[])),
        "the instance has no role"
    );
}

#[test]
fn where_nobody_listens_there_is_nothing_and_the_reason_says_so() {
    let url = nobody();
    let reason = nothing(&InstanceMetadata, &context(&[(ENDPOINT, url.as_str())]));
    assert_eq!(reason, format!("{url}: connection refused"));
}

#[test]
fn silence_ends_after_the_timeout_and_the_reason_names_the_hop_limit() {
    let server = Server::start(|_| Reply::Silence);
    let start = Instant::now();
    let reason = nothing(
        &InstanceMetadata,
        &at(&server, &[("AWS_METADATA_SERVICE_TIMEOUT", "1")]),
    );
    assert!(start.elapsed() < Duration::from_secs(3));
    assert_eq!(
        reason,
        format!(
            "no answer from {} in 1 s; in a container raise the hop limit",
            server.url()
        )
    );
    assert_eq!(server.requests().len(), 1);
}

/// An instance that knows version 1 only.
fn v1() -> Server {
    Server::start(|request| match request.line().as_str() {
        "GET /latest/meta-data/iam/security-credentials/" => Reply::ok("web\nother\n"),
        "GET /latest/meta-data/iam/security-credentials/web" => Reply::ok(ANSWER),
        _ => Reply::status(404),
    })
}

#[test]
fn version_1_is_used_only_where_it_is_asked_for() {
    let server = v1();
    let reason = nothing(&InstanceMetadata, &at(&server, &[]));
    assert!(
        reason.starts_with("the token request was answered with 404; IMDSv1"),
        "{reason}"
    );
    assert_eq!(server.requests().len(), 1);
    credentials(&InstanceMetadata, &at(&server, &[(V1_DISABLED, "false")]));
    let requests = server.requests();
    assert!(
        requests
            .iter()
            .all(|one| one.header("x-aws-ec2-metadata-token").is_none())
    );
}

#[test]
fn case_15_no_token_with_version_1_disabled_is_an_error() {
    let server = v1();
    let refused = error(&InstanceMetadata, &at(&server, &[(V1_DISABLED, "true")]));
    assert_eq!(
        refused.to_string(),
        format!("IMDS: {}/latest/api/token answered 404", server.url())
    );
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_token_request_answered_with_400_is_nothing() {
    let server = Server::start(|_| Reply::status(400));
    nothing(&InstanceMetadata, &at(&server, &[]));
}

#[test]
fn attempts_are_as_many_as_the_setting_says() {
    let mut fails = 2;
    let server = Server::start(move |request| {
        if fails > 0 {
            fails -= 1;
            return Reply::status(500);
        }
        v2(request, ANSWER)
    });
    credentials(
        &InstanceMetadata,
        &at(&server, &[("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "3")]),
    );
    assert_eq!(server.requests().len(), 5);
}

#[test]
fn case_18_a_document_whose_code_is_not_success_is_refused() {
    let failed = ANSWER.replace("Success", "Failed");
    let server = Server::start(move |request| v2(request, &failed));
    let refused = error(&InstanceMetadata, &at(&server, &[]));
    assert_eq!(refused.to_string(), "IMDS: the answer's Code is \"Failed\"");
    let without = ANSWER.replace(r#""Code":"Success","#, "");
    let server = Server::start(move |request| v2(request, &without));
    credentials(&InstanceMetadata, &at(&server, &[]));
}

#[test]
fn answers_that_are_not_what_was_asked_for_are_refused() {
    let cause = |document: &[u8]| {
        let document = document.to_vec();
        let server = Server::start(move |request| match request.target.ends_with("/web") {
            true => Reply::Body(200, document.clone()),
            false => v2(request, ""),
        });
        error(&InstanceMetadata, &at(&server, &[]))
    };
    let malformed = |document: &[u8]| match cause(document) {
        ProviderError::Malformed {
            source: Source::Imds,
            cause,
        } => cause,
        other => panic!("{other:?}"),
    };
    assert_eq!(malformed(b""), AnswerError::Empty);
    assert_eq!(malformed(b"<html>hunter2</html>"), AnswerError::NotJson);
    assert_eq!(malformed(&ANSWER.as_bytes()[..90]), AnswerError::NotJson);
    assert_eq!(malformed(b"\xfe\xff"), AnswerError::NotUtf8);
    assert_eq!(malformed(b"{}"), AnswerError::Missing("AccessKeyId"));
    assert!(matches!(
        cause(&[b' '; 65537]),
        ProviderError::Http {
            cause: HttpError::TooLarge,
            ..
        }
    ));
    let page = Server::start(|_| Reply::ok("<html>\nhunter2</html>"));
    assert!(matches!(
        error(&InstanceMetadata, &at(&page, &[])),
        ProviderError::Malformed {
            cause: AnswerError::Field { name: "token", .. },
            ..
        }
    ));
}

#[test]
fn case_16_and_17_expired_instance_credentials_are_used_for_17_to_25_minutes() {
    for expired in ["2025-12-31T23:00:00Z", "2025-12-31T23:00:00.123Z"] {
        let document = ANSWER.replace("2026-01-01T06:00:00Z", expired);
        let server = Server::start(move |request| v2(request, &document));
        // Through the chain, which refuses what has expired.
        let found = Chain::of(at(&server, &[]), vec![Box::new(InstanceMetadata)])
            .resolve()
            .unwrap();
        let left = found.credentials.expires_at().unwrap() - NOW;
        assert!((17 * 60..25 * 60).contains(&left), "{left}");
    }
}

#[test]
fn the_instances_region_is_the_last_resort() {
    let server = instance();
    let found = region::resolve(&at(&server, &[])).unwrap().unwrap();
    assert_eq!(
        (found.name.as_str(), found.origin.as_str()),
        ("ap-south-1", "IMDS")
    );
    let requests = server.requests().len();
    let found = region::resolve(&at(&server, &[("AWS_REGION", "eu-west-1")]))
        .unwrap()
        .unwrap();
    assert_eq!(found.origin, "AWS_REGION");
    assert_eq!(server.requests().len(), requests);
    let url = nobody();
    assert_eq!(
        region::resolve(&context(&[(ENDPOINT, url.as_str())])).unwrap(),
        None
    );
}

/// Runs in a process of its own, started by the next test with a proxy in its environment.
#[test]
#[ignore = "needs the variables that case_19 gives it"]
fn child_of_case_19() {
    let endpoint = std::env::var("TEST_ENDPOINT").unwrap();
    let context = Context::new(
        sigv4_kit::provider::Environment::from_process(),
        Clock::fixed(NOW),
    );
    assert_eq!(
        context.environment().variable(ENDPOINT).unwrap().as_str(),
        endpoint
    );
    credentials(&InstanceMetadata, &context);
}

#[test]
fn case_19_a_proxy_never_carries_metadata_requests() {
    let (instance, proxy) = (instance(), Server::script(vec![]));
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "imds::child_of_case_19", "--ignored"])
        .env_clear()
        .env("TEST_ENDPOINT", instance.url())
        .env(ENDPOINT, instance.url())
        .env("HTTP_PROXY", proxy.url())
        .env("http_proxy", proxy.url())
        .env("ALL_PROXY", proxy.url())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    assert_eq!(instance.requests().len(), 3);
    assert!(proxy.requests().is_empty());
}
