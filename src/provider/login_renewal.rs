//! Renewing a session of `aws login`: CreateOAuth2Token of the sign-in service, with proof of the session's key.

use std::format;
use std::prelude::rust_2024::*;

use serde_json::Value;

use super::cache_file::{Replacement, failed, of_file};
use super::dpop;
use super::endpoints::Api;
use super::json::Document;
use super::login::{Keys, SOURCE, Session, unusable};
use super::service::{Ask, Service, json_code};
use super::sso_token::{EXPIRES_IN, expires_at};
use super::{AnswerError, Context, FileError, ProviderError, region};
use crate::Credentials;

/// New credentials for the session, its file rewritten with all that is not known here kept.
///
/// The refresh token is good for one use, so the file is prepared before it is spent and the request is sent once.
pub(super) fn renewed(context: &Context, session: &Session) -> Result<Credentials, ProviderError> {
    let now = context.clock().now();
    let service = Service::new(Api::SignIn, SOURCE, context, &region(context, session)?)?;
    let url = service.url("/v1/token")?;
    let text = |name| {
        let found = session.document.required(name);
        found.map_err(|cause| failed(&session.path, of_file(cause)))
    };
    let proof = dpop::proof(text("dpopKey")?, &format!("{url}"), now).ok_or_else(|| {
        let (name, expected) = ("dpopKey", "a P-256 private key in PEM, SEC1 or PKCS#8");
        failed(&session.path, FileError::Field { name, expected })
    })?;
    let request = Document::of(&[
        ("clientId", text("clientId")?),
        ("grantType", "refresh_token"),
        ("refreshToken", text("refreshToken")?),
    ]);
    let replacement = Replacement::prepare(context.environment(), &session.path)?;
    let answer = service.ask(&Ask {
        method: "POST",
        url: &url,
        headers: &[("content-type", "application/json"), ("dpop", &proof)],
        body: Some(request.to_text().as_bytes()),
        attempts: 1,
        code: json_code,
    });
    let answer = answer.map_err(|error| refusal(error, session))?;
    let malformed = |cause| ProviderError::Malformed {
        source: SOURCE,
        cause,
    };
    let created = Document::parse(&answer.body).map_err(malformed)?;
    let token = created.object("accessToken").ok_or_else(|| {
        malformed(match json_code(&answer) {
            Some(code) => AnswerError::Code(code),
            None => AnswerError::Missing("accessToken"),
        })
    })?;
    let (expires_at, expires_at_text) = expires_at(&created, now).ok_or(malformed(EXPIRES_IN))?;
    let keys = Keys::read(&token).map_err(malformed)?;
    let document = merged(session, &created, &keys, &expires_at_text).map_err(malformed)?;
    let mut credentials = keys.credentials()?.with_expiry(expires_at);
    if let Some(account_id) = session.credentials.account_id() {
        credentials = credentials.with_account_id(account_id);
    }
    replacement.commit(document.to_text().as_bytes())?;
    Ok(credentials)
}

/// The session's file with what the answer says anew; all else stays.
fn merged(
    session: &Session,
    created: &Document,
    keys: &Keys<'_>,
    expires_at: &str,
) -> Result<Document, AnswerError> {
    let mut document = session.document.clone();
    let stored = document.object("accessToken");
    let mut stored = stored.ok_or(AnswerError::Missing("accessToken"))?;
    stored.set("accessKeyId", Value::from(keys.key_id));
    stored.set("secretAccessKey", Value::from(keys.secret));
    stored.set("sessionToken", Value::from(keys.session_token));
    stored.set("expiresAt", Value::from(expires_at));
    document.set_object("accessToken", stored);
    document.set(
        "refreshToken",
        Value::from(created.required("refreshToken")?),
    );
    if let Some(id_token) = created.text("idToken")? {
        document.set("idToken", Value::from(id_token));
    }
    Ok(document)
}

/// The region that the session was opened in, else the configured one.
fn region(context: &Context, session: &Session) -> Result<String, ProviderError> {
    let field = |cause| failed(&session.path, cause);
    let stored = session.document.text("signInRegion");
    match stored.map_err(|cause| field(of_file(cause)))? {
        Some(stored) if region::is_region(stored) => Ok(stored.into()),
        Some(_) => Err(field(FileError::Field {
            name: "signInRegion",
            expected: "a region",
        })),
        None => match region::configured(context)? {
            Some(region) => Ok(region.name),
            None => Err(unusable(format!(
                "the session of profile {} says no signInRegion and no region is set",
                session.profile
            ))),
        },
    }
}

fn refusal(error: ProviderError, session: &Session) -> ProviderError {
    let ProviderError::Status {
        code: Some(code), ..
    } = &error
    else {
        return error;
    };
    let profile = &session.profile;
    match code.as_str() {
        "TOKEN_EXPIRED" => unusable(format!(
            "the session of profile {profile} has ended (TOKEN_EXPIRED); run aws login"
        )),
        "USER_CREDENTIALS_CHANGED" => unusable(format!(
            "the user's password has changed since profile {profile} logged in (USER_CREDENTIALS_CHANGED); run aws login"
        )),
        "INSUFFICIENT_PERMISSIONS" => unusable(format!(
            "the user of profile {profile} may not renew a session (INSUFFICIENT_PERMISSIONS: \
             signin:CreateOAuth2Token)"
        )),
        _ => error,
    }
}
