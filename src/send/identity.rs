//! Whose credentials sign, and the region that goes with them.

use std::path::PathBuf;
use std::prelude::rust_2024::*;
use std::sync::{Arc, OnceLock};

use crate::Credentials;
use crate::provider::{Cache, ProvideCredentials, ProviderError};

/// Where the client's credentials come from.
pub(super) struct Identity {
    source: Source,
    /// The region that the environment or profile names, once it was looked for.
    region: OnceLock<Option<String>>,
}

enum Source {
    Given(Arc<Credentials>),
    Provider(Arc<dyn ProvideCredentials>),
    Cache(Cache),
}

impl Identity {
    pub fn given(credentials: Credentials) -> Self {
        Identity::of(Source::Given(Arc::new(credentials)))
    }

    pub fn provider(provider: Arc<dyn ProvideCredentials>) -> Self {
        Identity::of(Source::Provider(provider))
    }

    pub fn cache(cache: Cache) -> Self {
        Identity::of(Source::Cache(cache))
    }

    fn of(source: Source) -> Self {
        Identity {
            source,
            region: OnceLock::new(),
        }
    }

    /// One consistent set.
    pub fn credentials(&self) -> Result<Arc<Credentials>, ProviderError> {
        match &self.source {
            Source::Given(credentials) => Ok(credentials.clone()),
            Source::Provider(provider) => provider.credentials(),
            Source::Cache(cache) => cache.credentials(),
        }
    }

    /// Another set, after a service refused this one; the same where there is no other.
    pub fn refresh(&self, refused: &Arc<Credentials>) -> Result<Arc<Credentials>, ProviderError> {
        match &self.source {
            Source::Given(credentials) => Ok(credentials.clone()),
            Source::Provider(provider) => provider.force_refresh(refused),
            Source::Cache(cache) => cache.force_refresh(refused),
        }
    }

    /// A setting of the environment, or else of the profile, as far as the shared files can be read.
    pub fn setting(&self, variable: &str, key: &str) -> Option<PathBuf> {
        let Source::Cache(cache) = &self.source else {
            return None;
        };
        let context = cache.chain().context();
        let setting = context.setting(variable, key).ok()??;
        Some(context.expand(&setting.value))
    }

    /// The region that the environment or profile names.
    pub fn region(&self) -> Result<Option<String>, ProviderError> {
        let Source::Cache(cache) = &self.source else {
            return Ok(None);
        };
        if let Some(region) = self.region.get() {
            return Ok(region.clone());
        }
        let found = cache.chain().region()?.map(|found| found.name);
        Ok(self.region.get_or_init(|| found).clone())
    }
}
