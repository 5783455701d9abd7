//! What a look for credentials knows: environment, clock, profile, region.

use std::path::PathBuf;
use std::prelude::rust_2024::*;
use std::sync::{Arc, OnceLock};

use super::location::{self, Platform};
use super::{Clock, Environment, MfaPrompt, Profile, Profiles, ProviderError, Warning};

/// What a look for credentials or a region knows. The shared files are read when first needed, and once.
#[derive(Debug, Clone)]
pub struct Context {
    environment: Environment,
    clock: Clock,
    profile: Option<Selected>,
    region: Option<String>,
    profile_only: bool,
    mfa_prompt: Option<MfaPrompt>,
    profiles: Arc<OnceLock<Result<Profiles, ProviderError>>>,
}

#[derive(Debug, Clone)]
struct Selected {
    name: String,
    named_by: String,
}

/// A setting's value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Setting {
    /// The value; never empty.
    pub value: String,
    /// `AWS_REGION`, or `region of profile dev`.
    pub origin: String,
}

impl Context {
    /// Variables, files and clock as given, no profile and no region named beyond them.
    pub fn new(environment: Environment, clock: Clock) -> Self {
        Context {
            environment,
            clock,
            profile: None,
            region: None,
            profile_only: false,
            mfa_prompt: None,
            profiles: Arc::new(OnceLock::new()),
        }
    }

    /// The process's environment and the system's clock.
    pub fn from_process() -> Self {
        Context::new(Environment::from_process(), Clock::system())
    }

    /// The same with a profile named by the caller: it wins over `AWS_PROFILE`, and over keys in variables.
    #[must_use]
    pub fn with_profile(mut self, name: &str) -> Self {
        self.profile = Some(Selected {
            name: name.into(),
            named_by: "the caller".into(),
        });
        self.profile_only = true;
        self
    }

    /// The same with a region named by the caller: it wins over everything else.
    #[must_use]
    pub fn with_region(mut self, region: &str) -> Self {
        self.region = Some(region.into());
        self
    }

    /// The same with somebody to ask for the codes of MFA devices.
    #[must_use]
    pub fn with_mfa_prompt(mut self, prompt: MfaPrompt) -> Self {
        self.mfa_prompt = Some(prompt);
        self
    }

    /// The same files seen through another profile, which `named_by` names, as a source profile is: keys in variables
    /// are not asked.
    #[must_use]
    pub fn for_profile(&self, name: &str, named_by: &str) -> Self {
        let mut other = self.clone();
        other.profile = Some(Selected {
            name: name.into(),
            named_by: named_by.into(),
        });
        other.profile_only = true;
        other
    }

    /// The same with keys in variables asked for, whoever named the profile.
    pub(super) fn asking_variables(&self) -> Self {
        let mut other = self.clone();
        other.profile_only = false;
        other
    }

    /// The same with the shared files yet to be read.
    #[must_use]
    pub fn fresh(&self) -> Self {
        let mut fresh = self.clone();
        fresh.profiles = Arc::new(OnceLock::new());
        fresh
    }

    /// Variables and files.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(super) fn mfa_prompt(&self) -> Option<&MfaPrompt> {
        self.mfa_prompt.as_ref()
    }

    /// The region the caller named.
    pub(super) fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// Whether credentials in variables are left out, because a profile was named by the caller or by another profile.
    pub fn profile_only(&self) -> bool {
        self.profile_only
    }

    /// The profile's name: the caller's, `AWS_PROFILE`, `AWS_DEFAULT_PROFILE`, or `default`.
    pub fn profile_name(&self) -> String {
        match self.selected() {
            Some(selected) => selected.name,
            None => "default".into(),
        }
    }

    fn selected(&self) -> Option<Selected> {
        if let Some(selected) = &self.profile {
            return Some(selected.clone());
        }
        ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"]
            .iter()
            .find_map(|variable| {
                let name = self.environment.variable(variable)?;
                Some(Selected {
                    name: name.as_str().into(),
                    named_by: String::from(*variable),
                })
            })
    }

    /// Both shared files.
    ///
    /// # Errors
    /// A file that exists and cannot be used.
    pub fn profiles(&self) -> Result<&Profiles, ProviderError> {
        let loaded = self
            .profiles
            .get_or_init(|| Profiles::load(&self.environment));
        loaded.as_ref().map_err(Clone::clone)
    }

    /// What a careful user should be told about the shared files, as far as they were read.
    pub fn warnings(&self) -> Vec<Warning> {
        match self.profiles.get() {
            Some(Ok(profiles)) => profiles.warnings().to_vec(),
            _ => Vec::new(),
        }
    }

    /// The profile; `None` where nothing names one and there is no `default`.
    ///
    /// # Errors
    /// A profile that is named and does not exist; a file that exists and cannot be used.
    pub fn profile(&self) -> Result<Option<Profile<'_>>, ProviderError> {
        let profiles = self.profiles()?;
        let Some(selected) = self.selected() else {
            return Ok(profiles.profile("default"));
        };
        match profiles.profile(&selected.name) {
            Some(profile) => Ok(Some(profile)),
            None => Err(ProviderError::ProfileNotFound {
                profile: selected.name,
                named_by: selected.named_by,
                files: profiles.files().to_vec(),
            }),
        }
    }

    /// A setting: the variable, or else the profile's key. Empty values count as unset.
    ///
    /// # Errors
    /// Those of [`Context::profile`], where the variable is unset.
    pub fn setting(&self, variable: &str, key: &str) -> Result<Option<Setting>, ProviderError> {
        if let Some(value) = self.environment.variable(variable) {
            return Ok(Some(Setting {
                value: value.as_str().into(),
                origin: variable.into(),
            }));
        }
        self.profile_setting(key)
    }

    /// The profile's key alone.
    pub(super) fn profile_setting(&self, key: &str) -> Result<Option<Setting>, ProviderError> {
        let Some(profile) = self.profile()? else {
            return Ok(None);
        };
        Ok(profile
            .get(key)
            .filter(|value| !value.is_empty())
            .map(|value| Setting {
                value: value.into(),
                origin: std::format!("{key} of profile {}", profile.name()),
            }))
    }

    /// A path as the shared files write it: `$NAME` and `${NAME}`, then a leading `~`, replaced.
    pub fn expand(&self, path: &str) -> PathBuf {
        location::expand(&self.environment, Platform::current(), path)
    }
}
