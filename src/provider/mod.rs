//! Where credentials and regions come from, one file per source.
//!
//! [`Chain`] asks the places in boto3's order and stops at the first that has something. Each place
//! is a [`Provider`] with three outcomes: nothing here, ask the next one; credentials; something is here and cannot be
//! used, stop and say why.
//!
//! [`Cache`] keeps what was found and renews it ahead of its expiry.
//!
//! Nothing here reads the process's variables, files or clock by itself: they come in through a [`Context`].

use std::prelude::rust_2024::*;

mod cache;
pub mod chain;
mod clock;
mod command_line;
mod container;
mod context;
mod env;
mod environment;
mod error;
pub mod http;
mod imds;
pub mod json;
pub mod location;
mod process;
mod profile;
pub mod region;
mod shared_file;
mod source;
mod static_keys;
pub mod timestamp;

pub use cache::{Cache, ProvideCredentials};
pub use chain::{Chain, Found, Report};
pub use clock::Clock;
pub use container::ContainerEndpoint;
pub use context::{Context, Setting};
pub use env::EnvironmentKeys;
pub use environment::Environment;
pub use error::{AnswerError, FileError, ProcessError, ProviderError};
pub use imds::InstanceMetadata;
pub use process::CredentialProcess;
pub use profile::{FileState, Profile, Profiles, Section, Warning};
pub use region::FoundRegion;
pub use shared_file::{ParseError, ParseErrorKind};
pub use source::{Answer, PassedOver, Provider, Source};
pub use static_keys::{ConfigFileKeys, CredentialsFileKeys};

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
