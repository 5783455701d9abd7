//! Credentials from a place of one's own, asked before the usual ones, kept, and renewed before they expire.
//!
//! `cargo run --example custom_provider` prints:
//!
//! ```text
//! first: AKIDVAULT1
//! again: AKIDVAULT1
//! later: AKIDVAULT2
//! ```

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering::Relaxed};

use sigv4_kit::Credentials;
use sigv4_kit::provider::{Answer, Cache, Chain, Clock, Context, Environment};
use sigv4_kit::provider::{ProvideCredentials, Provider, ProviderError, Source, chain};

/// Stands for a vault whose keys are good for an hour.
struct Vault {
    issued: AtomicU32,
}

impl Provider for Vault {
    fn source(&self) -> Source {
        Source::Given
    }

    fn provide(&self, context: &Context) -> Result<Answer, ProviderError> {
        // Where there is nothing: Ok(Answer::nothing("the vault is closed")), and the next place is asked.
        let number = self.issued.fetch_add(1, Relaxed) + 1;
        let credentials = Credentials::new(&format!("AKIDVAULT{number}"), "secret");
        let credentials = credentials.map_err(|cause| ProviderError::Credentials {
            source: self.source(),
            cause,
        })?;
        let expires_at = context.clock().now() + 3600;
        Ok(Answer::Credentials(credentials.with_expiry(expires_at)))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let issued = AtomicU32::new(0);
    let mut places: Vec<Box<dyn Provider>> = vec![Box::new(Vault { issued })];
    places.extend(chain::providers());

    // A program takes Context::from_process() instead: its own environment and the system's clock.
    let seconds = Arc::new(AtomicI64::new(1_767_225_600));
    let of_clock = Arc::clone(&seconds);
    let clock = Clock::new(move || of_clock.load(Relaxed), |_| ());
    let context = Context::new(Environment::empty(), clock);

    // For a client: Client::builder().cache(cache)
    let cache = Cache::new(Chain::of(context, places));
    println!("first: {}", cache.credentials()?.access_key_id());
    println!("again: {}", cache.credentials()?.access_key_id());
    seconds.fetch_add(3000, Relaxed); // ten minutes before its expiry
    println!("later: {}", cache.credentials()?.access_key_id());
    Ok(())
}
