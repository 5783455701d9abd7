//! Asking a person for the code of an MFA device.

use std::prelude::rust_2024::*;
use std::sync::{Arc, Mutex, PoisonError};
use std::{fmt, format, io};

use zeroize::Zeroizing;

use super::{ProviderError, Source};

/// Asks for the code that an MFA device shows; a program hands it in with
/// [`Context::with_mfa_prompt`](super::Context::with_mfa_prompt).
///
/// A code is good for one call, and a renewal in the middle of work would ask again when nobody expects it. So each
/// profile's code is asked for once; when that session has run out, the look stops with an error.
#[derive(Clone)]
pub struct MfaPrompt {
    ask: Arc<Ask>,
    used: Arc<Mutex<Vec<String>>>,
}

type Ask = dyn Fn(&str) -> io::Result<Zeroizing<String>> + Send + Sync;

impl MfaPrompt {
    /// `ask` gets the device's serial number (`mfa_serial`) and gives the code; white space around it is dropped.
    pub fn new(
        ask: impl Fn(&str) -> io::Result<Zeroizing<String>> + Send + Sync + 'static,
    ) -> Self {
        MfaPrompt {
            ask: Arc::new(ask),
            used: Arc::default(),
        }
    }

    pub(super) fn code(
        &self,
        profile: &str,
        serial: &str,
    ) -> Result<Zeroizing<String>, ProviderError> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.iter().any(|used| used == profile) {
            return Err(unusable(format!(
                "the session of profile {profile} was opened with an MFA code, which cannot be used again; start anew \
                 to be asked for another"
            )));
        }
        let answered = (self.ask)(serial).map_err(|error| {
            unusable(format!(
                "profile {profile} needs an MFA code (mfa_serial) and none was given: {error}"
            ))
        })?;
        let code = answered.trim();
        if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) {
            return Err(unusable(format!(
                "the MFA code for profile {profile} has {} characters; it must be 6 digits",
                code.chars().count()
            )));
        }
        used.push(profile.into());
        Ok(Zeroizing::new(code.into()))
    }
}

pub(super) fn unusable(cause: String) -> ProviderError {
    ProviderError::Unusable {
        source: Source::AssumeRole,
        cause,
    }
}

impl fmt::Debug for MfaPrompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MfaPrompt").finish_non_exhaustive()
    }
}
