//! Which roles lead to which: a profile's `role_arn`, its source, that one's `role_arn`, and so on to the first keys.

use std::format;
use std::prelude::rust_2024::*;

use super::mfa::unusable;
use super::sts::{SESSION_NAME, is_session_name};
use super::{Profile, Profiles, ProviderError, Source};

/// How many profiles may lead from the one asked for to the first keys.
const MOST_HOPS: usize = 16;

/// The roles to assume, the one that was asked for first, and what signs the call for the last.
pub(super) struct Plan<'a> {
    pub hops: Vec<Hop<'a>>,
    pub base: Base<'a>,
}

/// One role, as its profile describes it.
pub(super) struct Hop<'a> {
    pub profile: String,
    pub role_arn: &'a str,
    pub role_session_name: Option<&'a str>,
    pub external_id: Option<&'a str>,
    pub duration_seconds: Option<u32>,
    pub mfa_serial: Option<&'a str>,
}

/// Where the first keys are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base<'a> {
    /// `credential_source`.
    Source(Source),
    /// `source_profile`: what that profile has beside a role.
    Profile(&'a str),
}

/// Whether this profile is a role to assume from a source. With `web_identity_token_file` its role is assumed with
/// that token.
pub(super) fn assumes_role(profile: &Profile<'_>) -> bool {
    profile.value("role_arn").is_some() && profile.value("web_identity_token_file").is_none()
}

/// From `profile`, which assumes a role, to the first keys.
pub(super) fn plan<'a>(
    profiles: &'a Profiles,
    mut profile: Profile<'a>,
) -> Result<Plan<'a>, ProviderError> {
    let mut hops: Vec<Hop<'a>> = Vec::new();
    loop {
        hops.push(hop(&profile)?);
        let base = source(&profile)?;
        let Base::Profile(name) = base else {
            return Ok(Plan { hops, base });
        };
        let Some(next) = profiles.profile(name) else {
            return Err(ProviderError::ProfileNotFound {
                profile: name.into(),
                named_by: format!("source_profile of profile {}", profile.name()),
                files: profiles.files().to_vec(),
            });
        };
        // A profile's own keys go before its role, once it is a source; so it may name itself.
        let own_keys = ["aws_access_key_id", "aws_secret_access_key"]
            .iter()
            .any(|key| next.get(key).is_some());
        let known = hops.iter().any(|hop| hop.profile == name);
        if known && !(own_keys && name == profile.name()) {
            let circle: Vec<&str> = hops.iter().map(|hop| hop.profile.as_str()).collect();
            return Err(unusable(format!(
                "profiles name each other as source_profile in a circle: {} -> {name}",
                circle.join(" -> ")
            )));
        }
        if own_keys || !assumes_role(&next) {
            return Ok(Plan { hops, base });
        }
        if hops.len() == MOST_HOPS {
            return Err(unusable(format!(
                "more than {MOST_HOPS} roles would have to be assumed, one from the other"
            )));
        }
        profile = next;
    }
}

fn source<'a>(profile: &Profile<'a>) -> Result<Base<'a>, ProviderError> {
    let name = profile.name();
    let credential_source = profile.value("credential_source");
    match (profile.value("source_profile"), credential_source) {
        (Some(source_profile), None) => Ok(Base::Profile(source_profile)),
        (None, Some(text)) => CREDENTIAL_SOURCES
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(text))
            .map(|(_, source)| Base::Source(*source))
            .ok_or(ProviderError::Setting {
                name: format!("credential_source of profile {name}"),
                expected: "Environment, Ec2InstanceMetadata or EcsContainer",
            }),
        (Some(_), Some(_)) => Err(unusable(format!(
            "profile {name} has both source_profile and credential_source; a role needs one of them"
        ))),
        (None, None) => Err(unusable(format!(
            "profile {name} has role_arn and neither source_profile nor credential_source"
        ))),
    }
}

const CREDENTIAL_SOURCES: &[(&str, Source)] = &[
    ("Environment", Source::Environment),
    ("Ec2InstanceMetadata", Source::Imds),
    ("EcsContainer", Source::Container),
];

fn hop<'a>(profile: &Profile<'a>) -> Result<Hop<'a>, ProviderError> {
    let name = profile.name();
    let setting = |key: &str, expected| ProviderError::Setting {
        name: format!("{key} of profile {name}"),
        expected,
    };
    let role_session_name = profile.value("role_session_name");
    if role_session_name.is_some_and(|name| !is_session_name(name)) {
        return Err(setting("role_session_name", SESSION_NAME));
    }
    let duration_seconds = match profile.value("duration_seconds") {
        None => None,
        Some(text) => match text.parse::<u32>() {
            Ok(seconds) if (900..=43_200).contains(&seconds) => Some(seconds),
            _ => {
                return Err(setting(
                    "duration_seconds",
                    "whole seconds from 900 to 43200",
                ));
            }
        },
    };
    Ok(Hop {
        profile: name.into(),
        role_arn: profile.value("role_arn").unwrap_or_default(),
        role_session_name,
        external_id: profile.value("external_id"),
        duration_seconds,
        mfa_serial: profile.value("mfa_serial"),
    })
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::prelude::rust_2024::*;

    use super::{Base, MOST_HOPS, plan};
    use crate::provider::{Profiles, ProviderError, Source};

    fn planned(config: &str) -> Result<String, String> {
        let profiles = Profiles::parse(config, "").map_err(|error| error.to_string())?;
        let profile = profiles.profile("a").ok_or("no profile a")?;
        let plan = plan(&profiles, profile).map_err(|error: ProviderError| error.to_string())?;
        let mut text = match plan.base {
            Base::Source(source) => format!("{source:?}"),
            Base::Profile(name) => String::from(name),
        };
        for hop in plan.hops.iter().rev() {
            text.push_str(&format!(" > {}", hop.role_arn));
        }
        Ok(text)
    }

    #[test]
    fn sources_are_followed_to_the_first_keys() {
        let keys = "aws_access_key_id = k\naws_secret_access_key = s\n";
        let a = "[profile a]\nrole_arn = A\nsource_profile = b\n";
        for (config, expected) in [
            (format!("{a}[profile b]\n{keys}"), "b > A"),
            (
                format!("{a}[profile b]\nrole_arn = B\nsource_profile = c\n[profile c]\n"),
                "c > B > A",
            ),
            // A source's own keys go before its role.
            (
                format!("{a}[profile b]\nrole_arn = B\nsource_profile = c\n{keys}"),
                "b > A",
            ),
            // Half a pair as well: asking that profile then says what is missing.
            (
                format!("{a}[profile b]\nrole_arn = B\naws_access_key_id = k\n"),
                "b > A",
            ),
            (
                format!("{a}[profile b]\nrole_arn = B\nweb_identity_token_file = t\n"),
                "b > A",
            ),
            (
                format!("{a}[profile b]\nrole_arn = B\ncredential_source = ecscontainer\n"),
                "Container > B > A",
            ),
            (
                format!("[profile a]\nrole_arn = A\nsource_profile = a\n{keys}"),
                "a > A",
            ),
            (
                "[profile a]\nrole_arn = A\ncredential_source = environment".into(),
                "Environment > A",
            ),
            (
                "[profile a]\nrole_arn = A\ncredential_source = Ec2InstanceMetadata".into(),
                "Imds > A",
            ),
        ] {
            assert_eq!(planned(&config).as_deref(), Ok(expected), "{config}");
        }
    }

    #[test]
    fn what_leads_nowhere_says_which_setting_of_which_profile() {
        let a = "[profile a]\nrole_arn = A\n";
        for (rest, expected) in [
            (
                "source_profile = a",
                "profiles name each other as source_profile in a circle: a -> a",
            ),
            (
                "source_profile = b\n[profile b]\nrole_arn = B\nsource_profile = a",
                "in a circle: a -> b -> a",
            ),
            (
                "aws_access_key_id = k\nsource_profile = b\n[profile b]\nrole_arn = B\nsource_profile = a",
                "circle",
            ),
            (
                "aws_access_key_id = k",
                "profile a has role_arn and neither source_profile nor credential_source",
            ),
            (
                "source_profile = b\ncredential_source = Environment",
                "profile a has both source_profile and",
            ),
            (
                "source_profile = b",
                "there is no profile \"b\", which source_profile of profile a names",
            ),
            (
                "source_profile = b\n[profile b]\nrole_arn = B",
                "profile b has role_arn and neither",
            ),
            (
                "credential_source = Nowhere",
                "credential_source of profile a is not allowed; it must be Environment,",
            ),
            (
                "source_profile = b\nduration_seconds = 899",
                "duration_seconds of profile a is not allowed",
            ),
            (
                "source_profile = b\nduration_seconds = 1h",
                "it must be whole seconds from 900 to 43200",
            ),
            (
                "source_profile = b\nrole_session_name = a b",
                "role_session_name of profile a is not allowed",
            ),
        ] {
            let error = planned(&format!("{a}{rest}")).err().unwrap_or_default();
            assert!(error.contains(expected), "{rest}: {error}");
        }
        assert_eq!(Source::AssumeRole.method(), "assume-role");
    }

    #[test]
    fn a_chain_without_end_is_cut() {
        let mut config = String::from("[profile a]\nrole_arn = A\nsource_profile = p0\n");
        for i in 0..20_000 {
            config.push_str(&format!(
                "[profile p{i}]\nrole_arn = R{i}\nsource_profile = p{}\n",
                i + 1
            ));
        }
        let error = planned(&config).err().unwrap_or_default();
        assert!(
            error.contains(&format!("more than {MOST_HOPS} roles")),
            "{error}"
        );
    }
}
