//! The published table of source profiles: which keys and which roles a profile leads to. Each case runs against one
//! server that is STS, the IAM Identity Center portal and the instance metadata service.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};
use sigv4_kit::provider::{AssumeRole, Chain, Clock, Context, Environment, Provider, chain};

use crate::server::{Recorded, Reply, Server};
use crate::strict::{assumed, check_signature, decoded};

/// How many cases the table has.
const CASES: usize = 24;

const NOW: i64 = 1_767_225_600;

#[test]
fn every_profile_leads_where_the_table_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("test-vectors/credentials/assume-role-tests.json");
    let text = fs::read_to_string(path).expect("the table");
    let Value::Array(cases) = serde_json::from_str(&text).expect("JSON") else {
        panic!("no array")
    };
    assert_eq!(cases.len(), CASES);
    let mut failures = Vec::new();
    for case in &cases {
        let (got, expected) = (run(case), &case["output"]);
        let same = match &got {
            Ok(steps) => expected["ProfileChain"] == Value::from(steps.clone()),
            Err(_) => expected["Error"].is_string(),
        };
        if !same {
            failures.push(format!(
                "{}\n  expected: {expected}\n  got:      {got:?}",
                case["docs"]
            ));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The steps that were taken, in the table's words.
fn run(case: &Value) -> Result<Vec<Value>, String> {
    let profiles = case["input"]["profile"].as_object().ok_or("no profiles")?;
    let mut config = String::new();
    for (name, settings) in profiles {
        config.push_str(&format!("[profile {name}]\n"));
        for (key, value) in settings.as_object().ok_or("no settings")? {
            config.push_str(&format!("{key} = {}\n", value.as_str().unwrap_or_default()));
        }
    }
    let steps = Arc::new(Mutex::new(Vec::new()));
    let taken = steps.clone();
    let keys = keys(profiles);
    let server = Server::start(move |recorded| match answer(recorded, &keys) {
        Ok((step, reply)) => {
            taken.lock().unwrap().extend(step);
            reply
        }
        Err(why) => Reply::Body(400, why.into_bytes()),
    });
    let environment = Environment::empty()
        .with_variable("HOME", "/home")
        .with_file("/home/.aws/config", config)
        .with_file("/var/token.jwt", "token")
        // The token of `https://foo.bar`.
        .with_file(
            "/home/.aws/sso/cache/7c459196c60f9c8b83244ac9c88b673bfec5eece.json",
            r#"{"accessToken": "bearer", "expiresAt": "2027-01-01T00:00:00Z"}"#,
        )
        .with_variable("AWS_REGION", "us-east-1")
        .with_variable("AWS_ENDPOINT_URL", &server.url())
        .with_variable("AWS_EC2_METADATA_SERVICE_ENDPOINT", &server.url());
    let selected = case["input"]["selected_profile"]
        .as_str()
        .ok_or("no profile")?;
    let context = Context::new(environment, Clock::fixed(NOW)).with_profile(selected);
    // The table is about one profile alone.
    let mut providers: Vec<Box<dyn Provider>> = vec![Box::new(AssumeRole)];
    providers.extend(chain::profile_providers());
    let found = Chain::of(context, providers)
        .resolve()
        .map_err(|error| error.to_string())?;
    assert!(found.credentials.session_token().is_some(), "{found:?}");
    Ok(Arc::try_unwrap(steps).map_or_else(
        |shared| shared.lock().unwrap().clone(),
        |own| own.into_inner().unwrap(),
    ))
}

/// The secrets of all keys that may sign: the profiles' and the server's own.
fn keys(profiles: &Map<String, Value>) -> Map<String, Value> {
    let mut keys = Map::from_iter([(String::from("issued"), Value::from("issued-secret"))]);
    for settings in profiles.values() {
        if let (Some(key), secret @ Value::String(_)) = (
            settings["aws_access_key_id"].as_str(),
            &settings["aws_secret_access_key"],
        ) {
            keys.insert(key.into(), secret.clone());
        }
    }
    keys
}

type Step = (Vec<Value>, Reply);

fn answer(recorded: &Recorded, keys: &Map<String, Value>) -> Result<Step, String> {
    let issued = json!({"key": "issued", "secret": "issued-secret", "token": "issued-token",
        "expires": "2026-01-01T01:00:00Z", "arn": "arn:aws:sts::1:assumed-role/r/s"});
    let metadata = "/latest/meta-data/iam/security-credentials/";
    let (path, _) = recorded
        .target
        .split_once('?')
        .unwrap_or((&recorded.target, ""));
    match (recorded.method.as_str(), path) {
        ("PUT", "/latest/api/token") => Ok((vec![], Reply::ok("metadata-token"))),
        ("GET", path) if path == metadata => Ok((vec![], Reply::ok("instance-role"))),
        ("GET", path) if path.starts_with(metadata) => Ok((
            vec![json!({"NamedSource": "Ec2InstanceMetadata"})],
            Reply::ok(
                &json!({"Code": "Success", "AccessKeyId": "issued", "SecretAccessKey": "issued-secret",
                    "Token": "issued-token", "Expiration": "2026-01-01T06:00:00Z"})
                .to_string(),
            ),
        )),
        ("GET", "/federation/credentials") => {
            if recorded.header("x-amz-sso_bearer_token") != Some("bearer")
                || recorded.target != "/federation/credentials?role_name=testrole&account_id=0123"
            {
                return Err(recorded.line());
            }
            Ok((
                vec![json!({"Sso": {"sso_account_id": "0123", "sso_region": "us-east-7",
                    "sso_role_name": "testrole", "sso_start_url": "https://foo.bar"}})],
                Reply::ok(
                    &json!({"roleCredentials": {"accessKeyId": "issued", "secretAccessKey": "s",
                        "sessionToken": "t", "expiration": 1_767_229_200_000_i64}})
                    .to_string(),
                ),
            ))
        }
        ("POST", "/") => sts(recorded, keys, issued),
        _ => Err(recorded.line()),
    }
}

fn sts(recorded: &Recorded, keys: &Map<String, Value>, mut issued: Value) -> Result<Step, String> {
    let form = decoded(&String::from_utf8_lossy(&recorded.body))?;
    let mut role = Map::from_iter([("role_arn".into(), form["RoleArn"].clone())]);
    for (name, key) in [
        ("RoleSessionName", "role_session_name"),
        ("ExternalId", "external_id"),
    ] {
        match form.get(name) {
            Some(value) if *value != format!("sigv4-kit-{NOW}") => {
                role.insert(key.into(), value.clone())
            }
            _ => None,
        };
    }
    if form["Action"] == "AssumeRoleWithWebIdentity" {
        if form["WebIdentityToken"] != "token" || recorded.header("authorization").is_some() {
            return Err("web identity".into());
        }
        role.insert("web_identity_token_file".into(), "/var/token.jwt".into());
        issued["action"] = form["Action"].clone();
        return Ok((
            vec![json!({"WebIdentityToken": role})],
            Reply::ok(&assumed(&issued)),
        ));
    }
    let authorization = recorded.header("authorization").unwrap_or_default();
    let (_, credential) = authorization.split_once("Credential=").ok_or("unsigned")?;
    let (key, _) = credential.split_once('/').ok_or("no scope")?;
    let secret = keys.get(key).ok_or("unknown key")?;
    let signed = json!({"key": key, "secret": secret, "region": "us-east-1"});
    check_signature(recorded, &signed, NOW)?;
    let token = (key == "issued").then_some("issued-token");
    if recorded.header("x-amz-security-token") != token {
        return Err("session token".into());
    }
    let mut steps = vec![json!({"AssumeRole": role})];
    if key != "issued" {
        steps.insert(
            0,
            json!({"AccessKey": {"access_key_id": key, "secret_access_key": secret}}),
        );
    }
    Ok((steps, Reply::ok(&assumed(&issued))))
}
