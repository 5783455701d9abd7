//! Static keys in the shared files. Each file is a place of its own: a pair is never put together from both.

use std::prelude::rust_2024::*;

use super::{Answer, Context, Provider, ProviderError, Source};
use crate::Credentials;

const KEY_ID: &str = "aws_access_key_id";
const SECRET: &str = "aws_secret_access_key";

/// A profile's static keys in the shared credentials file.
#[derive(Debug, Clone, Copy)]
pub struct CredentialsFileKeys;

/// A profile's static keys in the shared config file.
#[derive(Debug, Clone, Copy)]
pub struct ConfigFileKeys;

impl Provider for CredentialsFileKeys {
    fn source(&self) -> Source {
        Source::SharedCredentialsFile
    }

    fn provide(&self, context: &Context) -> Result<Answer, ProviderError> {
        provide(context, Source::SharedCredentialsFile)
    }
}

impl Provider for ConfigFileKeys {
    fn source(&self) -> Source {
        Source::ConfigFile
    }

    fn provide(&self, context: &Context) -> Result<Answer, ProviderError> {
        provide(context, Source::ConfigFile)
    }
}

fn provide(context: &Context, source: Source) -> Result<Answer, ProviderError> {
    let Some(profile) = context.profile()? else {
        return Ok(Answer::Nothing(super::no_default_profile(context)?));
    };
    let get = |key: &str| match source {
        Source::SharedCredentialsFile => profile.in_credentials_file(key),
        _ => profile.in_config_file(key),
    };
    let half = |found: &str, missing: &str| {
        let elsewhere = match profile.get(missing) {
            Some(_) => " (it stands in the other file; a pair must stand in one)",
            None => "",
        };
        ProviderError::HalfKeyPair {
            source,
            found: std::format!("{found} of profile {}", profile.name()),
            missing: std::format!("its {missing}{elsewhere}"),
        }
    };
    let (key_id, secret) = match (get(KEY_ID), get(SECRET)) {
        (Some(key_id), Some(secret)) => (key_id, secret),
        (None, None) => {
            return Ok(Answer::Nothing(std::format!(
                "profile {} has no {KEY_ID} there",
                profile.name()
            )));
        }
        (Some(_), None) => return Err(half(KEY_ID, SECRET)),
        (None, Some(_)) => return Err(half(SECRET, KEY_ID)),
    };
    let refused = |cause| ProviderError::Credentials { source, cause };
    let mut credentials = Credentials::new(key_id, secret).map_err(refused)?;
    let token = ["aws_session_token", "aws_security_token"]
        .iter()
        .find_map(|name| get(name).filter(|token| !token.is_empty()));
    if let Some(token) = token {
        credentials = credentials.with_session_token(token).map_err(refused)?;
    }
    if let Some(account) = get("aws_account_id").filter(|account| !account.is_empty()) {
        credentials = credentials.with_account_id(account);
    }
    Ok(Answer::Credentials(credentials))
}
