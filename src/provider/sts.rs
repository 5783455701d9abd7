//! AWS Security Token Service: AssumeRole, AssumeRoleWithWebIdentity, GetCallerIdentity.

use std::prelude::rust_2024::*;
use std::vec;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

use super::endpoints::{Api, GLOBAL};
use super::http::HttpAnswer;
use super::service::{ATTEMPTS, Ask, Service};
use super::sts_answer::{self, error_code};
use super::{Context, Found, ProviderError, Source, region};
use crate::Credentials;
use crate::signing::{Date, Payload, Request, Signer};

/// STS as one source of credentials uses it.
pub(super) struct Sts {
    service: Service,
    signing_region: String,
    source: Source,
}

/// What AssumeRole is asked for.
pub(super) struct AssumeRoleRequest<'a> {
    pub role_arn: &'a str,
    pub role_session_name: &'a str,
    pub external_id: Option<&'a str>,
    pub duration_seconds: Option<u32>,
    /// The device's serial number and its code of this moment.
    pub mfa: Option<(&'a str, &'a str)>,
}

/// What AssumeRoleWithWebIdentity is asked for.
pub(super) struct WebIdentityRequest<'a> {
    pub role_arn: &'a str,
    pub role_session_name: &'a str,
    pub web_identity_token: &'a str,
}

/// Whose credentials these are, as STS sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallerIdentity {
    /// 12 digits.
    pub account: String,
    /// Such as `arn:aws:sts::123456789012:assumed-role/reader/session`.
    pub arn: String,
    /// Such as `AROAIOSFODNN7EXAMPLE:session`.
    pub user_id: String,
}

/// Asks STS (GetCallerIdentity) whose credentials `found` are; every identity may ask this.
///
/// # Errors
/// STS cannot be reached, refuses, or answers something else; settings that cannot be used.
pub fn caller_identity(context: &Context, found: &Found) -> Result<CallerIdentity, ProviderError> {
    let sts = Sts::new(found.source, context)?;
    let form = Form::new("GetCallerIdentity");
    let answer = sts.signed(form, &found.credentials, ATTEMPTS)?;
    sts_answer::caller_identity(&answer).map_err(|cause| sts.malformed(cause))
}

impl Sts {
    /// STS in the context's region; without one the global endpoint, which is signed for `us-east-1`.
    pub(super) fn new(source: Source, context: &Context) -> Result<Self, ProviderError> {
        let region = match region::configured(context)? {
            Some(region) => region.name,
            None => GLOBAL.into(),
        };
        let service = Service::new(Api::Sts, source, context, &region)?;
        Ok(Sts {
            service,
            source,
            signing_region: match region == GLOBAL {
                true => "us-east-1".into(),
                false => region,
            },
        })
    }

    /// AssumeRole, signed with `credentials`.
    pub(super) fn assume_role(
        &self,
        credentials: &Credentials,
        request: &AssumeRoleRequest<'_>,
    ) -> Result<Credentials, ProviderError> {
        let mut form = Form::new("AssumeRole");
        form.add("RoleArn", request.role_arn);
        form.add("RoleSessionName", request.role_session_name);
        if let Some(external_id) = request.external_id {
            form.add("ExternalId", external_id);
        }
        if let Some(seconds) = request.duration_seconds {
            form.add("DurationSeconds", &seconds.to_string());
        }
        let mut attempts = ATTEMPTS;
        if let Some((serial, code)) = request.mfa {
            form.add("SerialNumber", serial);
            form.add("TokenCode", code);
            // A code is good for one call; the second would be refused whatever became of the first.
            attempts = 1;
        }
        let answer = self.signed(form, credentials, attempts)?;
        self.credentials("AssumeRoleResult", &answer)
    }

    /// AssumeRoleWithWebIdentity; unsigned, the token speaks for itself.
    pub(super) fn assume_role_with_web_identity(
        &self,
        request: &WebIdentityRequest<'_>,
    ) -> Result<Credentials, ProviderError> {
        let mut form = Form::new("AssumeRoleWithWebIdentity");
        form.add("RoleArn", request.role_arn);
        form.add("RoleSessionName", request.role_session_name);
        form.add("WebIdentityToken", request.web_identity_token);
        let answer = self.service.ask(&Ask {
            method: "POST",
            url: &self.service.url("/")?,
            headers: &[("content-type", CONTENT_TYPE)],
            body: Some(form.0.as_bytes()),
            attempts: ATTEMPTS,
            code: error_code,
        })?;
        self.credentials("AssumeRoleWithWebIdentityResult", &answer)
    }

    fn signed(
        &self,
        form: Form,
        credentials: &Credentials,
        attempts: u32,
    ) -> Result<HttpAnswer, ProviderError> {
        let url = self.service.url("/")?;
        let host = url.host_header();
        let unsigned = [("host", host.as_str()), ("content-type", CONTENT_TYPE)];
        let body = form.0.as_bytes();
        let signed = Date::from_unix_seconds(self.service.clock().now())
            .map_err(|error| self.unusable(&error))
            .and_then(|date| {
                let payload = Payload::Bytes(body);
                let request = Request::new("POST", url.path(), url.query(), &unsigned, payload)
                    .map_err(|error| self.unusable(&error))?;
                Signer::new(credentials, &self.signing_region, "sts")
                    .map_err(|error| self.unusable(&error))?
                    .sign(&request, date)
                    .map_err(|error| self.unusable(&error))
            })?;
        let mut headers = vec![("host", host.as_str()), ("content-type", CONTENT_TYPE)];
        headers.extend(signed.headers());
        self.service.ask(&Ask {
            method: "POST",
            url: &url,
            headers: &headers,
            body: Some(body),
            attempts,
            code: error_code,
        })
    }

    fn credentials(&self, result: &str, answer: &HttpAnswer) -> Result<Credentials, ProviderError> {
        let issued = sts_answer::issued(result, answer).map_err(|cause| self.malformed(cause))?;
        let refused = |cause| ProviderError::Credentials {
            source: self.source,
            cause,
        };
        let mut credentials = Credentials::new(&issued.access_key_id, &issued.secret_access_key)
            .and_then(|credentials| credentials.with_session_token(&issued.session_token))
            .map_err(refused)?
            .with_expiry(issued.expires_at);
        if let Some(account) = &issued.account_id {
            credentials = credentials.with_account_id(account);
        }
        Ok(credentials)
    }

    fn malformed(&self, cause: super::AnswerError) -> ProviderError {
        ProviderError::Malformed {
            source: self.source,
            cause,
        }
    }

    fn unusable(&self, cause: &dyn core::error::Error) -> ProviderError {
        ProviderError::Unusable {
            source: self.source,
            cause: std::format!("the request to STS cannot be signed: {cause}"),
        }
    }
}

const CONTENT_TYPE: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// A request body; wiped on drop, for it may hold a token.
struct Form(Zeroizing<String>);

impl Form {
    fn new(action: &str) -> Self {
        Form(Zeroizing::new(std::format!(
            "Action={action}&Version=2011-06-15"
        )))
    }

    /// The value is sent verbatim, line ends included.
    fn add(&mut self, name: &str, value: &str) {
        // Growing moves the text and leaves an unwiped copy behind: make room in a buffer of its own.
        let room = self.0.len() + name.len() + 2 + 3 * value.len();
        if self.0.capacity() < room {
            let mut larger = Zeroizing::new(String::with_capacity(room));
            larger.push_str(&self.0);
            self.0 = larger;
        }
        self.0.push('&');
        self.0.push_str(name);
        self.0.push('=');
        self.0.extend(utf8_percent_encode(value, NOT_UNRESERVED));
    }
}

const NOT_UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Whether STS accepts this as a role session name: 2 to 64 of `[A-Za-z0-9_+=,.@-]`.
pub(super) fn is_session_name(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b);
    (2..=64).contains(&name.len()) && name.bytes().all(allowed)
}

/// What [`is_session_name`] accepts.
pub(super) const SESSION_NAME: &str = "2 to 64 of the characters A-Z, a-z, 0-9 and _+=,.@-";

/// The role session name where nothing names one; the time tells sessions apart in CloudTrail.
pub(super) fn default_session_name(context: &Context) -> String {
    std::format!("sigv4-kit-{}", context.clock().now())
}

#[cfg(test)]
mod tests {
    use super::{Form, is_session_name};

    #[test]
    fn a_value_is_encoded_byte_by_byte_and_nothing_is_trimmed() {
        let mut form = Form::new("A");
        form.add("T", "a b+c/é\n");
        assert_eq!(
            form.0.as_str(),
            "Action=A&Version=2011-06-15&T=a%20b%2Bc%2F%C3%A9%0A"
        );
    }

    #[test]
    fn a_session_name_is_2_to_64_of_its_characters() {
        for good in ["ab", "me@x", "a_b+c=d,e.f@g-h", &"x".repeat(64)] {
            assert!(is_session_name(good), "{good}");
        }
        for bad in ["", "a", "a b", "a/b", "ä-", &"x".repeat(65)] {
            assert!(!is_session_name(bad), "{bad}");
        }
    }
}
