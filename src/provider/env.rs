//! Keys in environment variables.

use std::prelude::rust_2024::*;

use super::{Answer, Context, Provider, ProviderError, Source, timestamp};
use crate::Credentials;

const KEY_ID: &str = "AWS_ACCESS_KEY_ID";
const SECRET: &str = "AWS_SECRET_ACCESS_KEY";

/// `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, with `AWS_SESSION_TOKEN` (or the older `AWS_SECURITY_TOKEN`),
/// `AWS_ACCOUNT_ID` and `AWS_CREDENTIAL_EXPIRATION` where they are set.
#[derive(Debug, Clone, Copy)]
pub struct EnvironmentKeys;

impl Provider for EnvironmentKeys {
    fn source(&self) -> Source {
        Source::Environment
    }

    fn provide(&self, context: &Context) -> Result<Answer, ProviderError> {
        let source = Source::Environment;
        if context.profile_only() {
            let name = context.profile_name();
            return Ok(Answer::nothing(std::format!(
                "not asked, because profile {name} was asked for"
            )));
        }
        let environment = context.environment();
        let half = |found: &str, missing: &str| ProviderError::HalfKeyPair {
            source,
            found: found.into(),
            missing: missing.into(),
        };
        let (key_id, secret) = match (environment.variable(KEY_ID), environment.variable(SECRET)) {
            (Some(key_id), Some(secret)) => (key_id, secret),
            (None, None) => return Ok(Answer::nothing("AWS_ACCESS_KEY_ID is not set")),
            (Some(_), None) => return Err(half(KEY_ID, SECRET)),
            (None, Some(_)) => return Err(half(SECRET, KEY_ID)),
        };
        if secret.contains(char::REPLACEMENT_CHARACTER) {
            return Err(ProviderError::Setting {
                name: SECRET.into(),
                expected: "UTF-8",
            });
        }
        let refused = |cause| ProviderError::Credentials { source, cause };
        let mut credentials = Credentials::new(&key_id, &secret).map_err(refused)?;
        let token = environment
            .variable("AWS_SESSION_TOKEN")
            .or_else(|| environment.variable("AWS_SECURITY_TOKEN"));
        if let Some(token) = token {
            credentials = credentials.with_session_token(&token).map_err(refused)?;
        }
        if let Some(account) = environment.variable("AWS_ACCOUNT_ID") {
            credentials = credentials.with_account_id(&account);
        }
        if let Some(expiry) = environment.variable("AWS_CREDENTIAL_EXPIRATION") {
            let seconds = timestamp::parse(&expiry).ok_or(ProviderError::Setting {
                name: "AWS_CREDENTIAL_EXPIRATION".into(),
                expected: timestamp::EXPECTED,
            })?;
            credentials = credentials.with_expiry(seconds);
        }
        Ok(Answer::Credentials(credentials))
    }
}
