//! Where credentials and regions come from, one file per source.
//!
//! [`Chain`] asks the places in boto3's order and stops at the first that has something. Each place
//! is a [`Provider`] with three outcomes: nothing here, ask the next one; credentials; something is here and cannot be
//! used, stop and say why.
//!
//! [`Cache`] keeps what was found and renews it ahead of its expiry.
//!
//! ```
//! use sigv4_kit::provider::{Chain, Clock, Context, Environment, Source};
//!
//! let environment = Environment::empty()
//!     .with_variable("HOME", "/home/me")
//!     .with_file("/home/me/.aws/config", "[default]\nregion = eu-west-1\n")
//!     .with_file(
//!         "/home/me/.aws/credentials",
//!         "[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = example\n",
//!     );
//! let report = Chain::new(Context::new(environment, Clock::fixed(1_767_225_600))).report();
//! assert_eq!(report.credentials?.source, Source::SharedCredentialsFile);
//! assert_eq!(report.passed_over[0].reason, "AWS_ACCESS_KEY_ID is not set");
//! assert_eq!(report.region?.unwrap().name, "eu-west-1");
//! # Ok::<(), sigv4_kit::provider::ProviderError>(())
//! ```
//!
//! Nothing here reads the process's variables, files or clock by itself: they come in through a [`Context`].

use std::prelude::rust_2024::*;

mod assume_role;
mod cache;
mod cache_file;
pub mod chain;
mod clock;
mod command_line;
mod container;
mod context;
#[cfg(feature = "login")]
mod dpop;
mod endpoints;
mod env;
mod environment;
mod error;
// Public for this crate's own tests alone: no part of the API.
#[doc(hidden)]
pub mod http;
mod imds;
mod json;
pub mod location;
mod login;
#[cfg(feature = "login")]
mod login_renewal;
mod mfa;
mod process;
mod profile;
pub mod region;
mod role_plan;
mod service;
mod shared_file;
mod source;
mod sso;
mod sso_token;
mod static_keys;
pub mod sts;
mod sts_answer;
pub mod timestamp;
mod unique;
mod web_identity;

pub use assume_role::AssumeRole;
pub use cache::{Cache, ProvideCredentials};
pub use chain::{Chain, Found, Report};
pub use clock::Clock;
pub use container::ContainerEndpoint;
pub use context::{Context, Setting};
pub use env::EnvironmentKeys;
pub use environment::Environment;
pub use error::{AnswerError, FileError, HttpError, ProcessError, ProviderError};
pub use imds::InstanceMetadata;
pub use login::Login;
pub use mfa::MfaPrompt;
pub use process::CredentialProcess;
pub use profile::{FileState, Profile, Profiles, Section, Warning};
pub use region::FoundRegion;
pub use shared_file::{ParseError, ParseErrorKind};
pub use source::{Answer, PassedOver, Provider, Source};
pub use sso::Sso;
pub use static_keys::{ConfigFileKeys, CredentialsFileKeys};
pub use web_identity::WebIdentity;

/// Why there is nothing in the profile when nothing names one and there is no `default`.
fn no_default_profile(context: &Context) -> Result<String, ProviderError> {
    let files: Vec<String> = context
        .profiles()?
        .files()
        .iter()
        .map(|file| file.to_string())
        .collect();
    Ok(match files.is_empty() {
        true => "no profile default, and no home directory to look in".into(),
        false => std::format!("no profile default: {}", files.join(", ")),
    })
}
