//! Whose credentials sign, and when they are fetched anew.

use std::prelude::rust_2024::*;
use std::sync::{Arc, Mutex, PoisonError};

use crate::Credentials;
use crate::provider::{Chain, ProviderError};

/// How long before their expiry credentials are fetched anew, in seconds.
const AHEAD_SECONDS: i64 = 300;

/// Where the client's credentials come from.
pub(super) enum Identity {
    Given(Arc<Credentials>),
    Chain {
        chain: Arc<Chain>,
        kept: Mutex<Option<Arc<Credentials>>>,
    },
}

impl Identity {
    pub fn chain(chain: Arc<Chain>) -> Self {
        Identity::Chain {
            chain,
            kept: Mutex::new(None),
        }
    }

    /// One consistent set, fetched when first needed and again shortly before it expires.
    pub fn credentials(&self, now: i64) -> Result<Arc<Credentials>, ProviderError> {
        match self {
            Identity::Given(credentials) => Ok(credentials.clone()),
            Identity::Chain { chain, kept } => {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(credentials) = kept.as_ref()
                    && credentials
                        .expires_at()
                        .is_none_or(|expiry| expiry - AHEAD_SECONDS > now)
                {
                    return Ok(credentials.clone());
                }
                let fetched = match chain.resolve() {
                    Ok(found) => Arc::new(found.credentials),
                    Err(error) => {
                        let still_good = kept
                            .as_ref()
                            .filter(|kept| kept.expires_at().is_some_and(|expiry| expiry > now));
                        return still_good.cloned().ok_or(error);
                    }
                };
                *kept = Some(fetched.clone());
                Ok(fetched)
            }
        }
    }

    /// The region that the environment or profile names.
    pub fn region(&self) -> Result<Option<String>, ProviderError> {
        match self {
            Identity::Given(_) => Ok(None),
            Identity::Chain { chain, .. } => Ok(chain.region()?.map(|found| found.name)),
        }
    }
}
