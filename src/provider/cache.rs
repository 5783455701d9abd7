//! Credentials kept, and renewed ahead of their expiry.

use std::fmt;
use std::prelude::rust_2024::*;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::{Chain, Found, ProviderError, Report};
use crate::Credentials;

/// Renewal begins this long before expiry; who asks meanwhile is given the old ones.
const ADVISORY_SECONDS: i64 = 15 * 60;
/// From here on who asks waits for the renewal.
const MANDATORY_SECONDS: i64 = 10 * 60;
/// While old credentials are valid, a renewal that failed is not tried again for this long.
const PAUSE_SECONDS: i64 = 60;

/// What a client signs with: fixed [`Credentials`], or a [`Cache`] that renews them.
pub trait ProvideCredentials: Send + Sync {
    /// One consistent set, valid now.
    ///
    /// # Errors
    /// There is none, and why.
    fn credentials(&self) -> Result<Arc<Credentials>, ProviderError>;

    /// Another set, after a service refused `refused` as expired. Where `refused` is not the set now in use, that
    /// one is returned and nothing is asked.
    ///
    /// # Errors
    /// There is none, and why.
    fn force_refresh(&self, refused: &Arc<Credentials>) -> Result<Arc<Credentials>, ProviderError>;
}

/// Fixed credentials: a renewal finds the same.
impl ProvideCredentials for Credentials {
    fn credentials(&self) -> Result<Arc<Credentials>, ProviderError> {
        Ok(Arc::new(self.clone()))
    }

    fn force_refresh(&self, _: &Arc<Credentials>) -> Result<Arc<Credentials>, ProviderError> {
        self.credentials()
    }
}

/// The credentials of a [`Chain`], one snapshot at a time. Clones share it.
///
/// The first look asks the whole chain; renewals ask only the place that answered. Of many threads one renews:
/// between 15 and 10 minutes before expiry the others go on with the old set, later they wait. Both windows are
/// narrower for short lives: a third and a sixth of it at most. When a renewal fails, the old set is kept while it is
/// valid.
///
/// ```
/// use sigv4_kit::provider::{Cache, Chain, Clock, Context, Environment, ProvideCredentials};
///
/// let environment = Environment::empty()
///     .with_variable("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
///     .with_variable("AWS_SECRET_ACCESS_KEY", "example");
/// let cache = Cache::new(Chain::new(Context::new(environment, Clock::system())));
/// assert_eq!(cache.credentials()?.access_key_id(), "AKIDEXAMPLE");
/// # Ok::<(), sigv4_kit::provider::ProviderError>(())
/// ```
#[derive(Clone)]
pub struct Cache {
    shared: Arc<Shared>,
}

struct Shared {
    chain: Chain,
    state: Mutex<State>,
    renewed: Condvar,
}

#[derive(Default)]
struct State {
    current: Option<Snapshot>,
    renewing: bool,
    /// Counts renewals that ended, well or not.
    round: u64,
    /// The outcome of the last round, if it failed.
    failure: Option<ProviderError>,
    /// No renewal before this time while the current set is valid.
    not_before: i64,
}

#[derive(Clone)]
struct Snapshot {
    credentials: Arc<Credentials>,
    found: super::Source,
    obtained_at: i64,
}

enum Freshness {
    Fresh,
    Advisory,
    Mandatory,
    Expired,
}

impl Snapshot {
    fn freshness(&self, now: i64) -> Freshness {
        let Some(expires_at) = self.credentials.expires_at() else {
            return Freshness::Fresh;
        };
        let life = expires_at.saturating_sub(self.obtained_at).max(0);
        let left = expires_at.saturating_sub(now);
        if left <= 0 {
            Freshness::Expired
        } else if left <= MANDATORY_SECONDS.min(life / 6) {
            Freshness::Mandatory
        } else if left <= ADVISORY_SECONDS.min(life / 3) {
            Freshness::Advisory
        } else {
            Freshness::Fresh
        }
    }
}

impl Cache {
    /// Nothing is asked before the first use.
    pub fn new(chain: Chain) -> Self {
        Cache {
            shared: Arc::new(Shared {
                chain,
                state: Mutex::new(State::default()),
                renewed: Condvar::new(),
            }),
        }
    }

    /// The chain behind it.
    pub fn chain(&self) -> &Chain {
        &self.shared.chain
    }

    /// A full look for display: see [`Chain::report`]. What is kept stays as it is.
    pub fn report(&self) -> Report {
        self.shared.chain.report()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A thread that panicked has left whole values: each change below is one assignment.
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> i64 {
        self.shared.chain.context().clock().now()
    }

    /// Renews, or waits for the one who does. `Err` only where nothing valid is left.
    fn renew<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        forced: bool,
    ) -> Result<Arc<Credentials>, ProviderError> {
        if state.renewing {
            let round = state.round;
            while state.renewing && state.round == round {
                state = self
                    .shared
                    .renewed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
            }
        } else {
            state.renewing = true;
            let place = state.current.as_ref().map(|current| current.found);
            drop(state);
            let end = EndOfRenewal(self);
            let outcome = match place {
                Some(source) => self.shared.chain.renew(source),
                None => self.shared.chain.resolve(),
            };
            state = self.state();
            let now = self.now();
            match outcome {
                Ok(found) => {
                    state.current = Some(Snapshot::of(found, now));
                    state.failure = None;
                    state.not_before = 0;
                }
                Err(error) => {
                    state.failure = Some(error);
                    state.not_before = now.saturating_add(PAUSE_SECONDS);
                }
            }
            drop(state);
            drop(end);
            state = self.state();
        }
        match (&state.current, &state.failure) {
            (_, Some(error)) if forced => Err(error.clone()),
            (Some(current), _) if !matches!(current.freshness(self.now()), Freshness::Expired) => {
                Ok(current.credentials.clone())
            }
            (_, Some(error)) => Err(error.clone()),
            (Some(current), None) => Err(ProviderError::Expired {
                source: current.found,
                expired_at: current.credentials.expires_at().unwrap_or_default(),
            }),
            (None, None) => Err(ProviderError::NoCredentials(Vec::new())),
        }
    }
}

impl Snapshot {
    fn of(found: Found, now: i64) -> Self {
        Snapshot {
            credentials: Arc::new(found.credentials),
            found: found.source,
            obtained_at: now,
        }
    }
}

/// Ends the renewal and wakes who waits, also where a provider of the caller's panics.
struct EndOfRenewal<'a>(&'a Cache);

impl Drop for EndOfRenewal<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.renewing = false;
        state.round = state.round.wrapping_add(1);
        drop(state);
        self.0.shared.renewed.notify_all();
    }
}

impl ProvideCredentials for Cache {
    fn credentials(&self) -> Result<Arc<Credentials>, ProviderError> {
        let state = self.state();
        let now = self.now();
        if let Some(current) = &state.current {
            let paused = now < state.not_before;
            match current.freshness(now) {
                Freshness::Fresh => return Ok(current.credentials.clone()),
                Freshness::Advisory if paused || state.renewing => {
                    return Ok(current.credentials.clone());
                }
                Freshness::Mandatory if paused => return Ok(current.credentials.clone()),
                Freshness::Advisory | Freshness::Mandatory | Freshness::Expired => (),
            }
        }
        self.renew(state, false)
    }

    fn force_refresh(&self, refused: &Arc<Credentials>) -> Result<Arc<Credentials>, ProviderError> {
        let state = self.state();
        match &state.current {
            Some(current) if !Arc::ptr_eq(&current.credentials, refused) => {
                Ok(current.credentials.clone())
            }
            _ => self.renew(state, true),
        }
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("Cache")
            .field("source", &state.current.as_ref().map(|one| one.found))
            .field("renewing", &state.renewing)
            .finish_non_exhaustive()
    }
}
