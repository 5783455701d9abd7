//! The places where credentials come from, and what one of them answers.

use std::fmt;
use std::prelude::rust_2024::*;

use super::{Context, ProviderError};
use crate::Credentials;

/// One place where credentials may be found.
pub trait Provider: Send + Sync {
    /// Which place this is.
    fn source(&self) -> Source;

    /// Looks there once. Three outcomes: nothing here, ask the next one; credentials; or (the error) something is
    /// here and cannot be used: stop and say why.
    ///
    /// # Errors
    /// What was found and why it cannot be used. The chain stops there.
    fn provide(&self, context: &Context) -> Result<Answer, ProviderError>;
}

/// What a place answers that is in order.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Nothing is here; the text says what was looked for: "AWS_ACCESS_KEY_ID is not set".
    Nothing(String),
    /// One consistent set.
    Credentials(Credentials),
}

impl Answer {
    /// Nothing is here, because `reason`.
    pub fn nothing(reason: impl Into<String>) -> Self {
        Answer::Nothing(reason.into())
    }
}

/// A place that was asked and had nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PassedOver {
    /// Which.
    pub source: Source,
    /// Why: what was looked for and not found.
    pub reason: String,
}

/// The places, in the order in which they are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Source {
    /// Given by the program itself.
    Given,
    /// `AWS_ACCESS_KEY_ID` and its companions.
    Environment,
    /// A profile's `role_arn` with a source.
    AssumeRole,
    /// A web identity token file, from variables or a profile.
    WebIdentity,
    /// IAM Identity Center.
    Sso,
    /// Static keys in the shared credentials file.
    SharedCredentialsFile,
    /// An `aws login` session.
    Login,
    /// A profile's `credential_process`.
    Process,
    /// Static keys in the shared config file.
    ConfigFile,
    /// The container credential endpoint of ECS and EKS.
    Container,
    /// The EC2 instance metadata service.
    Imds,
}

impl Source {
    /// The name botocore reports as the credentials' method, such as `iam-role`.
    pub fn method(self) -> &'static str {
        match self {
            Source::Given => "explicit",
            Source::Environment => "env",
            Source::AssumeRole => "assume-role",
            Source::WebIdentity => "assume-role-with-web-identity",
            Source::Sso => "sso",
            Source::SharedCredentialsFile => "shared-credentials-file",
            Source::Login => "login",
            Source::Process => "custom-process",
            Source::ConfigFile => "config-file",
            Source::Container => "container-role",
            Source::Imds => "iam-role",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Source::Given => "given credentials",
            Source::Environment => "environment variables",
            Source::AssumeRole => "assume role",
            Source::WebIdentity => "web identity",
            Source::Sso => "IAM Identity Center",
            Source::SharedCredentialsFile => "shared credentials file",
            Source::Login => "login session",
            Source::Process => "credential process",
            Source::ConfigFile => "shared config file",
            Source::Container => "container credentials",
            Source::Imds => "IMDS",
        })
    }
}
