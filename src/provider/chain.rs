//! The places, asked in boto3's order.

use std::fmt;
use std::prelude::rust_2024::*;
use std::vec;

use super::region::FoundRegion;
use super::{
    Answer, AssumeRole, ConfigFileKeys, ContainerEndpoint, Context, CredentialProcess,
    CredentialsFileKeys, EnvironmentKeys, InstanceMetadata, Login, PassedOver, Provider,
    ProviderError, Source, Sso, Warning, WebIdentity, region,
};
use crate::Credentials;

/// Every place where credentials may be found, in the order in which boto3 asks them.
pub fn providers() -> Vec<Box<dyn Provider>> {
    let mut all: Vec<Box<dyn Provider>> = Vec::new();
    all.push(Box::new(EnvironmentKeys));
    all.push(Box::new(AssumeRole));
    all.extend(profile_providers());
    all.push(Box::new(ContainerEndpoint::new()));
    all.push(Box::new(InstanceMetadata));
    all
}

/// The places inside one profile, in order; what a source profile is asked through.
pub fn profile_providers() -> Vec<Box<dyn Provider>> {
    vec![
        Box::new(WebIdentity),
        Box::new(Sso),
        Box::new(CredentialsFileKeys),
        Box::new(Login),
        Box::new(CredentialProcess::new()),
        Box::new(ConfigFileKeys),
    ]
}

/// The places in order, with what a look needs to know.
pub struct Chain {
    context: Context,
    providers: Vec<Box<dyn Provider>>,
}

/// Credentials, and the place that had them.
#[derive(Debug, Clone)]
pub struct Found {
    /// One consistent set.
    pub credentials: Credentials,
    /// Where.
    pub source: Source,
}

/// What a look for credentials saw on its way.
#[derive(Debug)]
#[non_exhaustive]
pub struct Report {
    /// The credentials, or why there are none.
    pub credentials: Result<Found, ProviderError>,
    /// The places asked before, and why each had nothing.
    pub passed_over: Vec<PassedOver>,
    /// The region, `None` where nothing names one, or why it cannot be told.
    pub region: Result<Option<FoundRegion>, ProviderError>,
    /// What a careful user should be told.
    pub warnings: Vec<Warning>,
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sources = self.providers.iter().map(|provider| provider.source());
        f.debug_struct("Chain")
            .field("context", &self.context)
            .field("providers", &sources.collect::<Vec<_>>())
            .finish()
    }
}

impl Chain {
    /// Every place, in boto3's order.
    pub fn new(context: Context) -> Self {
        Chain::of(context, providers())
    }

    /// Only these places, in this order.
    pub fn of(context: Context, providers: Vec<Box<dyn Provider>>) -> Self {
        Chain { context, providers }
    }

    /// What the look knows.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// The credentials of the first place that has any.
    ///
    /// # Errors
    /// The first place that has something unusable stops the look; otherwise [`ProviderError::NoCredentials`].
    pub fn resolve(&self) -> Result<Found, ProviderError> {
        self.look(&self.context.fresh(), &mut Vec::new())
    }

    /// The same, with everything seen on the way. The instance metadata service is asked for a region only where the
    /// credentials came from it.
    pub fn report(&self) -> Report {
        let context = self.context.fresh();
        let mut passed_over = Vec::new();
        let credentials = self.look(&context, &mut passed_over);
        let on_instance = matches!(&credentials, Ok(found) if found.source == Source::Imds);
        let region = match on_instance {
            true => region::resolve(&context),
            false => region::configured(&context),
        };
        Report {
            credentials,
            passed_over,
            region,
            warnings: context.warnings(),
        }
    }

    /// New credentials from one place only, as a renewal needs them.
    ///
    /// # Errors
    /// Those of [`Chain::resolve`], of that place.
    pub fn renew(&self, source: Source) -> Result<Found, ProviderError> {
        let context = self.context.fresh();
        let mut passed_over = Vec::new();
        for provider in self.providers.iter().filter(|one| one.source() == source) {
            if let Some(found) = ask(provider.as_ref(), &context, &mut passed_over)? {
                return Ok(found);
            }
        }
        Err(ProviderError::NoCredentials(passed_over))
    }

    /// The region: the caller's, `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile's, the instance's.
    ///
    /// # Errors
    /// A text that is no region; shared files that are needed and cannot be used.
    pub fn region(&self) -> Result<Option<FoundRegion>, ProviderError> {
        region::resolve(&self.context.fresh())
    }

    fn look(
        &self,
        context: &Context,
        passed_over: &mut Vec<PassedOver>,
    ) -> Result<Found, ProviderError> {
        for provider in &self.providers {
            if let Some(found) = ask(provider.as_ref(), context, passed_over)? {
                return Ok(found);
            }
        }
        Err(ProviderError::NoCredentials(passed_over.clone()))
    }
}

fn ask(
    provider: &dyn Provider,
    context: &Context,
    passed_over: &mut Vec<PassedOver>,
) -> Result<Option<Found>, ProviderError> {
    let source = provider.source();
    match provider.provide(context)? {
        Answer::Nothing(reason) => {
            passed_over.push(PassedOver { source, reason });
            Ok(None)
        }
        Answer::Credentials(credentials) => match credentials.expires_at() {
            Some(expired_at) if expired_at <= context.clock().now() => {
                Err(ProviderError::Expired { source, expired_at })
            }
            _ => Ok(Some(Found {
                credentials,
                source,
            })),
        },
    }
}
