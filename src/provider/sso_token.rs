//! The access token of IAM Identity Center, in the cache that the AWS CLI and the SDKs share.

use std::format;
use std::path::PathBuf;
use std::prelude::rust_2024::*;

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde_json::Value;

use super::cache_file::{self, Replacement, failed, of_file};
use super::endpoints::Api;
use super::json::Document;
use super::location::Platform;
use super::service::{ATTEMPTS, Ask, Service, json_code};
use super::sso::{SOURCE, Settings, unusable};
use super::{AnswerError, Context, FileError, ProviderError, timestamp};

/// A token is renewed from this many seconds before it expires.
const RENEWAL_WINDOW: i64 = 15 * 60;

/// The cached access token, with all that stands beside it in the file.
pub(super) struct CachedToken {
    path: PathBuf,
    document: Document,
    expires_at: i64,
}

impl CachedToken {
    /// The token for these settings, renewed where it needs to be and can be.
    ///
    /// A renewal that fails is no error as long as the old token is valid.
    pub(super) fn current(
        context: &Context,
        settings: &Settings<'_>,
    ) -> Result<Self, ProviderError> {
        let token = CachedToken::read(context, settings)?;
        let now = context.clock().now();
        if token.expires_at - now > RENEWAL_WINDOW {
            return Ok(token);
        }
        let expired = token.expires_at <= now;
        let Some(request) = token.renewal(settings, now) else {
            return match expired {
                false => Ok(token),
                true => Err(unusable(format!(
                    "the token in {} has expired and cannot be renewed; run aws sso login",
                    token.path.display()
                ))),
            };
        };
        let error = match token.renewed(context, settings, &request) {
            Ok(renewed) => return Ok(renewed),
            Err(error) => error,
        };
        // Another process may have renewed it in the meantime, and with that have spent the refresh token.
        match CachedToken::read(context, settings) {
            Ok(again) if again.expires_at > now => Ok(again),
            _ => Err(error),
        }
    }

    pub(super) fn access_token(&self) -> Result<&str, ProviderError> {
        self.document
            .required("accessToken")
            .map_err(|cause| failed(&self.path, of_file(cause)))
    }

    fn read(context: &Context, settings: &Settings<'_>) -> Result<Self, ProviderError> {
        let Some(home) = context.environment().home(Platform::current()) else {
            return Err(unusable(
                "there is no home directory with a token cache".into(),
            ));
        };
        let key = settings.session.unwrap_or(settings.start_url);
        let path = PathBuf::from(home).join(".aws/sso/cache").join(format!(
            "{}.json",
            hex::encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, key.as_bytes()))
        ));
        let Some(document) = cache_file::read(context.environment(), &path)? else {
            return Err(unusable(format!(
                "there is no token in {}, where the one for {key} would be; run aws sso login",
                path.display()
            )));
        };
        let field = |cause| failed(&path, of_file(cause));
        document.required("accessToken").map_err(field)?;
        let expires_at = document.required("expiresAt").map_err(field)?;
        let expires_at = timestamp::parse(expires_at).ok_or_else(|| {
            let (name, expected) = ("expiresAt", timestamp::EXPECTED);
            failed(&path, FileError::Field { name, expected })
        })?;
        Ok(CachedToken {
            path,
            document,
            expires_at,
        })
    }

    /// The body that asks for a new token: of a session, with a registration that is still valid.
    fn renewal(&self, settings: &Settings<'_>, now: i64) -> Option<Document> {
        settings.session?;
        let text = |name| self.document.text(name).ok().flatten();
        let registered_until = timestamp::parse(text("registrationExpiresAt")?)?;
        (registered_until > now).then_some(())?;
        Some(Document::of(&[
            ("grantType", "refresh_token"),
            ("clientId", text("clientId")?),
            ("clientSecret", text("clientSecret")?),
            ("refreshToken", text("refreshToken")?),
        ]))
    }

    /// CreateToken, and the file rewritten: what is not known here stays, the old refresh token too if none came.
    fn renewed(
        &self,
        context: &Context,
        settings: &Settings<'_>,
        request: &Document,
    ) -> Result<Self, ProviderError> {
        let replacement = Replacement::prepare(context.environment(), &self.path)?;
        let service = Service::new(Api::SsoOidc, SOURCE, context, settings.region)?;
        let answer = service.ask(&Ask {
            method: "POST",
            url: &service.url("/token")?,
            headers: &[("content-type", "application/json")],
            body: Some(request.to_text().as_bytes()),
            attempts: ATTEMPTS,
            code: json_code,
        })?;
        let malformed = |cause| ProviderError::Malformed {
            source: SOURCE,
            cause,
        };
        let created = Document::parse(&answer.body).map_err(malformed)?;
        let access_token = match created.required("accessToken") {
            Ok(token) => token,
            Err(cause) => {
                return Err(malformed(
                    json_code(&answer).map_or(cause, AnswerError::Code),
                ));
            }
        };
        let now = context.clock().now();
        let (expires_at, expires_at_text) =
            expires_at(&created, now).ok_or(malformed(EXPIRES_IN))?;
        let mut document = self.document.clone();
        document.set("accessToken", Value::from(access_token));
        document.set("expiresAt", Value::from(expires_at_text));
        if let Some(refresh_token) = created.text("refreshToken").map_err(malformed)? {
            document.set("refreshToken", Value::from(refresh_token));
        }
        replacement.commit(document.to_text().as_bytes())?;
        Ok(CachedToken {
            path: self.path.clone(),
            document,
            expires_at,
        })
    }
}

/// When something expires whose `expiresIn` says so, in seconds from `now` on, as a number and as a text.
pub(super) fn expires_at(answer: &Document, now: i64) -> Option<(i64, String)> {
    let seconds = answer.field("expiresIn")?.as_i64()?;
    let at = now.checked_add(seconds).filter(|at| *at > now)?;
    Some((at, timestamp::format(at)?))
}

/// What [`expires_at`] accepts.
pub(super) const EXPIRES_IN: AnswerError = AnswerError::Field {
    name: "expiresIn",
    expected: "seconds, more than none",
};
