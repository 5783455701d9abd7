//! `sigv4 credentials`: which source has credentials, and why others do not.

use serde_json::{Map, Value, json};
use sigv4_kit::Credentials;
use sigv4_kit::provider::{Chain, PassedOver, ProviderError, Report};
use sigv4_kit::signing::Date;

use super::dry_run::quoted;
use super::exit::{Exit, Failure};
use super::options::Id;
use super::output::{note, print};
use super::parse::Arguments;
use super::setup;

pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let report = Chain::new(setup::context(arguments)).report();
    let warnings = report.warnings.iter();
    for warning in warnings.filter(|_| !arguments.has(Id::JsonError)) {
        note(&format!("warning: {warning}"));
    }
    if let Some(format) = arguments.text(Id::Format) {
        let found = report.credentials.as_ref().map_err(setup::of_provider)?;
        print(with_secrets(&found.credentials, format))?;
        return Ok(Exit::Done);
    }
    print(match arguments.has(Id::Json) {
        true => format!("{}\n", as_json(&report)),
        false => as_text(&report),
    })?;
    match &report.credentials {
        Ok(_) => Ok(Exit::Done),
        // The places that were asked are told above.
        Err(ProviderError::NoCredentials(_)) => {
            Err(Failure::new(Exit::NoCredentials, "no credentials found")
                .hint(setup::NO_CREDENTIALS))
        }
        Err(error) => Err(setup::of_provider(error)),
    }
}

fn as_text(report: &Report) -> String {
    let mut out = String::new();
    let mut line = |name: &str, value: &str| out.push_str(&format!("{name:<14} {value}\n"));
    if let Ok(found) = &report.credentials {
        let credentials = &found.credentials;
        line("source", &found.source.to_string());
        line("access key ID", &masked(credentials.access_key_id()));
        line("account", credentials.account_id().unwrap_or("not told"));
        let token = match credentials.session_token() {
            Some(_) => "yes",
            None => "no",
        };
        line("session token", token);
        let expiry = credentials.expires_at().and_then(rfc3339);
        line("expiry", expiry.as_deref().unwrap_or("none told"));
    }
    match &report.region {
        Ok(Some(region)) => line("region", &format!("{} ({})", region.name, region.origin)),
        Ok(None) => line("region", "none"),
        Err(error) => line("region", &format!("cannot be told: {error}")),
    }
    for PassedOver { source, reason, .. } in passed_over(report) {
        line("passed over", &format!("{source}: {reason}"));
    }
    out
}

fn as_json(report: &Report) -> Value {
    let mut object = Map::new();
    let mut set = |name: &str, value: Value| object.insert(name.into(), value);
    match &report.credentials {
        Ok(found) => {
            let credentials = &found.credentials;
            set("source", found.source.to_string().into());
            set("method", found.source.method().into());
            set("access_key_id", masked(credentials.access_key_id()).into());
            set("account_id", credentials.account_id().into());
            set(
                "session_token",
                credentials.session_token().is_some().into(),
            );
            set(
                "expires_at",
                credentials.expires_at().and_then(rfc3339).into(),
            );
        }
        Err(error) => {
            set("error", error.to_string().into());
        }
    }
    if let Ok(region) = &report.region {
        let region = region.as_ref();
        set("region", region.map(|region| region.name.clone()).into());
        set(
            "region_origin",
            region.map(|region| region.origin.clone()).into(),
        );
    }
    let passed_over: Vec<Value> = passed_over(report)
        .iter()
        .map(|one| json!({ "source": one.source.to_string(), "reason": one.reason }))
        .collect();
    set("passed_over", Value::Array(passed_over));
    Value::Object(object)
}

fn passed_over(report: &Report) -> &[PassedOver] {
    match &report.credentials {
        Err(ProviderError::NoCredentials(all)) => all,
        _ => &report.passed_over,
    }
}

/// The first and the last four characters; fewer where that would be all of it.
fn masked(access_key_id: &str) -> String {
    let characters: Vec<char> = access_key_id.chars().collect();
    match characters.len() {
        12.. => {
            let first: String = characters[..4].iter().collect();
            let last: String = characters[characters.len() - 4..].iter().collect();
            format!("{first}…{last}")
        }
        _ => format!("{}…", characters.iter().take(2).collect::<String>()),
    }
}

/// `2026-01-31T12:00:00Z`
fn rfc3339(unix_seconds: i64) -> Option<String> {
    let date = Date::from_unix_seconds(unix_seconds).ok()?;
    let text = date.as_str();
    let (year, month, day) = (&text[..4], &text[4..6], &text[6..8]);
    let (hour, minute, second) = (&text[9..11], &text[11..13], &text[13..15]);
    Some(format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"))
}

/// What other programs read.
fn with_secrets(credentials: &Credentials, format: &str) -> String {
    let expiry = credentials.expires_at().and_then(rfc3339);
    if format == "process" {
        let mut object = json!({
            "Version": 1,
            "AccessKeyId": credentials.access_key_id(),
            "SecretAccessKey": credentials.secret_access_key(),
        });
        for (name, value) in [
            ("SessionToken", credentials.session_token()),
            ("Expiration", expiry.as_deref()),
            ("AccountId", credentials.account_id()),
        ] {
            if let Some(value) = value {
                object[name] = value.into();
            }
        }
        return format!("{object}\n");
    }
    let variables = [
        ("AWS_ACCESS_KEY_ID", Some(credentials.access_key_id())),
        (
            "AWS_SECRET_ACCESS_KEY",
            Some(credentials.secret_access_key()),
        ),
        ("AWS_SESSION_TOKEN", credentials.session_token()),
        ("AWS_CREDENTIAL_EXPIRATION", expiry.as_deref()),
        ("AWS_ACCOUNT_ID", credentials.account_id()),
    ];
    let given = variables
        .iter()
        .filter_map(|(name, value)| Some((name, (*value)?)));
    given
        .map(|(name, value)| match format {
            "export" => format!("export {name}={}\n", quoted(value)),
            _ => format!("{name}={value}\n"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_id_is_masked_whatever_its_length() {
        assert_eq!(masked("AKIAIOSFODNN7EXAMPLE"), "AKIA…MPLE");
        assert_eq!(masked("AKIDEXAMPLE"), "AK…");
        assert_eq!(masked("a"), "a…");
    }

    #[test]
    fn an_expiry_has_the_form_of_rfc_3339() {
        assert_eq!(rfc3339(1_440_938_160).unwrap(), "2015-08-30T12:36:00Z");
    }
}
