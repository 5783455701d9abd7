//! Where the region comes from.

use std::prelude::rust_2024::*;

use super::{Context, ProviderError, Setting, imds};

/// A region and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FoundRegion {
    /// Such as `eu-west-1`.
    pub name: String,
    /// `the caller`, `AWS_REGION`, `AWS_DEFAULT_REGION`, `region of profile dev`, `IMDS`.
    pub origin: String,
}

/// The caller's, `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile's; nothing is asked over the network.
///
/// # Errors
/// A text that is no region; shared files that are needed and cannot be used.
pub fn configured(context: &Context) -> Result<Option<FoundRegion>, ProviderError> {
    let setting = match context.region() {
        Some(region) => Some(Setting {
            value: region.into(),
            origin: "the caller".into(),
        }),
        None => match context.environment().variable("AWS_REGION") {
            Some(value) => Some(Setting {
                value: value.as_str().into(),
                origin: "AWS_REGION".into(),
            }),
            None => context.setting("AWS_DEFAULT_REGION", "region")?,
        },
    };
    match setting {
        Some(setting) => checked(setting).map(Some),
        None => Ok(None),
    }
}

/// The same, then the instance's own region from the instance metadata service.
///
/// # Errors
/// Those of [`configured`]; settings of the service that are not allowed.
pub fn resolve(context: &Context) -> Result<Option<FoundRegion>, ProviderError> {
    if let Some(region) = configured(context)? {
        return Ok(Some(region));
    }
    match imds::region(context)? {
        Some(value) => checked(Setting {
            value,
            origin: "IMDS".into(),
        })
        .map(Some),
        None => Ok(None),
    }
}

fn checked(setting: Setting) -> Result<FoundRegion, ProviderError> {
    match is_region(&setting.value) {
        true => Ok(FoundRegion {
            name: setting.value,
            origin: setting.origin,
        }),
        false => Err(ProviderError::Setting {
            name: setting.origin,
            expected: "a region such as eu-west-1: letters, digits and hyphens",
        }),
    }
}

/// One label of a host name that is no number.
pub fn is_region(text: &str) -> bool {
    let label = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    label
        && (1..=63).contains(&text.len())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.bytes().all(|b| b.is_ascii_digit())
}
