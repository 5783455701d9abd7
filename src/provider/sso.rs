//! IAM Identity Center: a role's credentials for the access token that `aws sso login` left in its cache.

use std::format;
use std::prelude::rust_2024::*;

use zeroize::Zeroizing;

use super::endpoints::Api;
use super::http::HttpAnswer;
use super::json::Document;
use super::service::{ATTEMPTS, Ask, Service, json_code};
use super::sso_token::CachedToken;
use super::{Answer, AnswerError, Context, Profile, Provider, ProviderError, Section, Source};
use super::{Profiles, region};
use crate::Credentials;

/// The account and role that a profile's `sso_account_id` and `sso_role_name` name, through the `[sso-session]` that its
/// `sso_session` names or through its own `sso_start_url` and `sso_region`.
#[derive(Debug, Clone, Copy)]
pub struct Sso;

pub(super) const SOURCE: Source = Source::Sso;

/// What a profile says about IAM Identity Center, complete.
#[derive(Debug)]
pub(super) struct Settings<'a> {
    pub account_id: &'a str,
    pub role_name: &'a str,
    pub start_url: &'a str,
    pub region: &'a str,
    pub session: Option<&'a str>,
}

impl Provider for Sso {
    fn source(&self) -> Source {
        SOURCE
    }

    fn provide(&self, context: &Context) -> Result<Answer, ProviderError> {
        let Some(profile) = context.profile()? else {
            return Ok(Answer::Nothing(super::no_default_profile(context)?));
        };
        if profile
            .value("sso_account_id")
            .or(profile.value("sso_role_name"))
            .is_none()
        {
            return Ok(Answer::Nothing(format!(
                "profile {} has neither sso_account_id nor sso_role_name",
                profile.name()
            )));
        }
        let settings = settings(context.profiles()?, &profile)?;
        let token = CachedToken::current(context, &settings)?;
        role_credentials(context, &settings, &token).map(Answer::Credentials)
    }
}

/// GetRoleCredentials.
fn role_credentials(
    context: &Context,
    settings: &Settings<'_>,
    token: &CachedToken,
) -> Result<Credentials, ProviderError> {
    let service = Service::new(Api::Sso, SOURCE, context, settings.region)?;
    let mut url = service.url("/federation/credentials")?;
    url.add_query_pair("role_name", settings.role_name);
    url.add_query_pair("account_id", settings.account_id);
    let answer = service.ask(&Ask {
        method: "GET",
        url: &url,
        headers: &[("x-amz-sso_bearer_token", token.access_token()?)],
        body: None,
        attempts: ATTEMPTS,
        code: json_code,
    })?;
    let issued = Issued::read(&answer).map_err(|cause| ProviderError::Malformed {
        source: SOURCE,
        cause,
    })?;
    Credentials::new(&issued.key_id, &issued.secret)
        .and_then(|credentials| credentials.with_session_token(&issued.token))
        .map_err(|cause| ProviderError::Credentials {
            source: SOURCE,
            cause,
        })
        .map(|credentials| credentials.with_expiry(issued.expires_at))
        .map(|credentials| credentials.with_account_id(settings.account_id))
}

/// What GetRoleCredentials answers; secrets are wiped on drop.
struct Issued {
    key_id: String,
    secret: Zeroizing<String>,
    token: Zeroizing<String>,
    expires_at: i64,
}

impl Issued {
    fn read(answer: &HttpAnswer) -> Result<Self, AnswerError> {
        let document = Document::parse(&answer.body)?;
        let Some(role) = document.object("roleCredentials") else {
            return Err(match json_code(answer) {
                Some(code) => AnswerError::Code(code),
                None => AnswerError::Missing("roleCredentials"),
            });
        };
        let expiration = role.field("expiration");
        let expiration = expiration.ok_or(AnswerError::Missing("expiration"))?;
        let milliseconds = expiration.as_i64().ok_or(AnswerError::Field {
            name: "expiration",
            expected: "milliseconds since 1970-01-01T00:00:00Z",
        })?;
        Ok(Issued {
            key_id: role.required("accessKeyId")?.into(),
            secret: Zeroizing::new(role.required("secretAccessKey")?.into()),
            token: Zeroizing::new(role.required("sessionToken")?.into()),
            expires_at: milliseconds.div_euclid(1000),
        })
    }
}

fn settings<'a>(
    profiles: &'a Profiles,
    profile: &Profile<'a>,
) -> Result<Settings<'a>, ProviderError> {
    let name = profile.name();
    let session = profile.value("sso_session");
    let section = match session {
        None => None,
        Some(session) => match profiles.sso_session(session) {
            Some(section) => Some(section),
            None => {
                return Err(unusable(format!(
                    "sso_session of profile {name} names {session:?}, and there is no [sso-session {session}] in the \
                     config file"
                )));
            }
        },
    };
    let settings = Settings {
        account_id: required(profile, None, "sso_account_id")?,
        role_name: required(profile, None, "sso_role_name")?,
        start_url: required(profile, section, "sso_start_url")?,
        region: required(profile, section, "sso_region")?,
        session,
    };
    match region::is_region(settings.region) {
        true => Ok(settings),
        false => Err(ProviderError::Setting {
            name: format!("sso_region of profile {name}"),
            expected: "a region such as eu-west-1: letters, digits and hyphens",
        }),
    }
}

/// A setting of the session's section, or of the profile; where both have it, they agree.
fn required<'a>(
    profile: &Profile<'a>,
    section: Option<&'a Section>,
    key: &str,
) -> Result<&'a str, ProviderError> {
    let of_section = section
        .and_then(|section| section.get(key))
        .filter(|value| !value.is_empty());
    match (of_section, profile.value(key)) {
        (Some(one), Some(other)) if one != other => Err(unusable(format!(
            "{key} of profile {} differs from that of its sso_session",
            profile.name()
        ))),
        (Some(found), _) | (None, Some(found)) => Ok(found),
        (None, None) => Err(unusable(format!(
            "profile {} lacks {key}; sso_account_id, sso_role_name, sso_start_url and sso_region go together",
            profile.name()
        ))),
    }
}

pub(super) fn unusable(cause: String) -> ProviderError {
    ProviderError::Unusable {
        source: SOURCE,
        cause,
    }
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::prelude::rust_2024::*;

    use super::{Settings, settings};
    use crate::provider::{Profiles, ProviderError};

    fn of<T>(config: &str, look: impl FnOnce(Settings<'_>) -> T) -> Result<T, String> {
        let profiles = Profiles::parse(config, "").map_err(|error| error.to_string())?;
        let profile = profiles.profile("default").ok_or("no profile")?;
        settings(&profiles, &profile)
            .map(look)
            .map_err(|error: ProviderError| error.to_string())
    }

    const ROLE: &str = "[default]\nsso_account_id = 1\nsso_role_name = r\n";

    #[test]
    fn a_session_and_its_profile_may_say_the_same_and_nothing_else() {
        let session =
            "[sso-session s]\nsso_start_url = https://x/start #/\nsso_region = eu-west-1\n";
        let looked = of(
            &format!("{ROLE}sso_session = s\nsso_region = eu-west-1\n{session}"),
            |one| (one.session == Some("s"), one.region == "eu-west-1"),
        );
        assert_eq!(looked, Ok((true, true)));
        for (config, expected) in [
            (
                format!("{ROLE}sso_session = s\nsso_region = us-east-1\n{session}"),
                "sso_region of profile default differs",
            ),
            (
                format!("{ROLE}sso_session = t\n{session}"),
                "there is no [sso-session t]",
            ),
            (
                format!("{ROLE}sso_session = s\n[sso-session s]\nsso_region = x"),
                "lacks sso_start_url",
            ),
            (format!("{ROLE}sso_start_url = u"), "lacks sso_region"),
            (
                "[default]\nsso_account_id = 1\n".into(),
                "lacks sso_role_name",
            ),
            (
                format!("{ROLE}sso_start_url = u\nsso_region = a.b"),
                "sso_region of profile default is not allowed",
            ),
        ] {
            let error = of(&config, |_| ()).err().unwrap_or_default();
            assert!(error.contains(expected), "{config}: {error}");
        }
    }
}
