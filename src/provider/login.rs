//! A session of `aws login`: credentials in its cache, renewed with its refresh token.

use std::format;
use std::path::PathBuf;
use std::prelude::rust_2024::*;

use sha2::{Digest, Sha256};

use super::cache_file::{self, failed, of_file};
use super::json::Document;
use super::location::Platform;
use super::{Answer, AnswerError, Context, FileError, Provider, ProviderError, Source, timestamp};
use crate::Credentials;

/// The session that a profile's `login_session` names.
///
/// Renewing it takes the feature `login`; credentials that have not expired are used without it.
#[derive(Debug, Clone, Copy)]
pub struct Login;

pub(super) const SOURCE: Source = Source::Login;

/// A session is renewed from this many seconds before its credentials expire.
const RENEWAL_WINDOW: i64 = 5 * 60;

/// A session's file, complete.
pub(super) struct Session {
    #[cfg(feature = "login")]
    pub path: PathBuf,
    #[cfg(feature = "login")]
    pub document: Document,
    pub profile: String,
    pub credentials: Credentials,
}

impl Provider for Login {
    fn source(&self) -> Source {
        SOURCE
    }

    fn provide(&self, context: &Context) -> Result<Answer, ProviderError> {
        let Some(profile) = context.profile()? else {
            return Ok(Answer::Nothing(super::no_default_profile(context)?));
        };
        let login_session = profile.get("login_session").map(str::trim);
        let Some(login_session) = login_session.filter(|name| !name.is_empty()) else {
            return Ok(Answer::Nothing(format!(
                "profile {} has no login_session",
                profile.name()
            )));
        };
        let session = Session::read(context, profile.name(), login_session)?;
        let left = session.credentials.expires_at().unwrap_or(0) - context.clock().now();
        if left > RENEWAL_WINDOW {
            return Ok(Answer::Credentials(session.credentials));
        }
        let error = match renewed(context, &session) {
            Ok(credentials) => return Ok(Answer::Credentials(credentials)),
            Err(error) => error,
        };
        // Another process may have renewed it in the meantime, and with that have spent the refresh token.
        let again = Session::read(context, profile.name(), login_session);
        match again.map(|session| session.credentials) {
            Ok(again) if again.expires_at() > Some(context.clock().now()) => {
                Ok(Answer::Credentials(again))
            }
            _ => Err(error),
        }
    }
}

#[cfg(feature = "login")]
use super::login_renewal::renewed;

#[cfg(not(feature = "login"))]
fn renewed(_: &Context, session: &Session) -> Result<Credentials, ProviderError> {
    Err(unusable(format!(
        "the session of profile {} has expired, and this build renews none (it was built without the feature login); \
         run aws login",
        session.profile
    )))
}

impl Session {
    fn read(context: &Context, profile: &str, login_session: &str) -> Result<Self, ProviderError> {
        let environment = context.environment();
        let directory = match environment.variable("AWS_LOGIN_CACHE_DIRECTORY") {
            Some(directory) => context.expand(&directory),
            None => match environment.home(Platform::current()) {
                Some(home) => PathBuf::from(home).join(".aws/login/cache"),
                None => {
                    return Err(unusable(
                        "there is no home directory with a login cache".into(),
                    ));
                }
            },
        };
        let path = directory.join(format!(
            "{}.json",
            hex::encode(Sha256::digest(login_session))
        ));
        let Some(document) = cache_file::read(environment, &path)? else {
            return Err(unusable(format!(
                "there is no session in {}, where that of profile {profile} would be; run aws login",
                path.display()
            )));
        };
        let field = |cause| failed(&path, of_file(cause));
        for name in ["clientId", "refreshToken", "dpopKey"] {
            document.required(name).map_err(field)?;
        }
        let token = document
            .object("accessToken")
            .ok_or(field(AnswerError::Missing("accessToken")))?;
        let expires_at = token.required("expiresAt").map_err(field)?;
        let expires_at = timestamp::parse(expires_at).ok_or_else(|| {
            let (name, expected) = ("expiresAt", timestamp::EXPECTED);
            failed(&path, FileError::Field { name, expected })
        })?;
        let account_id = token.required("accountId").map_err(field)?;
        let credentials = Keys::read(&token)
            .map_err(field)?
            .credentials()?
            .with_account_id(account_id)
            .with_expiry(expires_at);
        Ok(Session {
            #[cfg(feature = "login")]
            path,
            #[cfg(feature = "login")]
            document,
            profile: profile.into(),
            credentials,
        })
    }
}

/// What an `accessToken` object holds to sign with.
pub(super) struct Keys<'a> {
    pub key_id: &'a str,
    pub secret: &'a str,
    pub session_token: &'a str,
}

impl<'a> Keys<'a> {
    pub(super) fn read(token: &'a Document) -> Result<Self, AnswerError> {
        Ok(Keys {
            key_id: token.required("accessKeyId")?,
            secret: token.required("secretAccessKey")?,
            session_token: token.required("sessionToken")?,
        })
    }

    pub(super) fn credentials(&self) -> Result<Credentials, ProviderError> {
        Credentials::new(self.key_id, self.secret)
            .and_then(|credentials| credentials.with_session_token(self.session_token))
            .map_err(|cause| ProviderError::Credentials {
                source: SOURCE,
                cause,
            })
    }
}

pub(super) fn unusable(cause: String) -> ProviderError {
    ProviderError::Unusable {
        source: SOURCE,
        cause,
    }
}
