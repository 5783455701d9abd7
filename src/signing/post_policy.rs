//! POST policies: what a browser may upload with a form, signed.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use zeroize::Zeroizing;

use super::ALGORITHM;
use super::authorization::parse_credential;
use super::date::Date;
use super::error::{AuthorizationError, ScopeError, VerifyError};
use super::scope::{CredentialScope, check_part};
use super::signature::Signature;
use super::signing_key::SigningKey;
use crate::{Credentials, base64};

/// Signs the policy of a form with which a browser uploads a file.
///
/// AWS: "Authenticating requests: browser-based uploads using POST". The string to sign is the Base64 of the policy:
///
/// ```text
/// signature = HexEncode(HMAC(kSigning, Base64(policy)))
/// ```
///
/// ```
/// # use sigv4_kit::Credentials;
/// use sigv4_kit::signing::{Date, PostPolicy};
/// # let credentials = Credentials::new("AKIDEXAMPLE", "secret")?;
/// let form = PostPolicy::new(&credentials, "us-east-1", "s3", Date::parse("20151229T000000Z")?)?;
/// let mut policy = String::from(r#"{"expiration": "2015-12-30T12:00:00.000Z", "conditions": [{"bucket": "b"}"#);
/// for (name, value) in form.conditions() {
///     policy += &format!(r#", {{"{name}": "{value}"}}"#);
/// }
/// policy += "]}";
/// for (name, value) in form.sign(&policy).fields() {
///     println!(r#"<input type="hidden" name="{name}" value="{value}">"#);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct PostPolicy {
    key: SigningKey,
    credential: String,
    date: Date,
    session_token: Option<Zeroizing<String>>,
}

/// A signed policy: the fields of the form.
pub struct SignedPolicy {
    form: PostPolicy,
    policy: String,
    signature: String,
}

/// The policy of a form that was received. Parsed, not verified.
pub struct ReceivedPolicy<'a> {
    policy: &'a str,
    access_key_id: &'a str,
    scope: CredentialScope<'a>,
    date: Date,
    session_token: Option<&'a str>,
    signature: Signature,
}

impl PostPolicy {
    /// A policy that is signed at `date`, with the credentials' key for a region and a service.
    ///
    /// # Errors
    /// A region or service that could stand in no scope.
    pub fn new(
        credentials: &Credentials,
        region: &str,
        service: &str,
        date: Date,
    ) -> Result<Self, ScopeError> {
        check_part("region", region)?;
        check_part("service", service)?;
        let scope = CredentialScope {
            day: date.day(),
            region,
            service,
        };
        let credential = format!("{}/{scope}", credentials.access_key_id());
        Ok(PostPolicy {
            key: SigningKey::derive(credentials.secret_access_key(), &scope),
            credential,
            date,
            session_token: credentials
                .session_token()
                .map(|token| Zeroizing::new(token.to_string())),
        })
    }

    /// What the policy must name among its conditions, each with exactly this value: `x-amz-algorithm`,
    /// `x-amz-credential`, `x-amz-date` and, where there is a session token, `x-amz-security-token`.
    pub fn conditions(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let token = self.session_token.as_ref();
        [
            ("x-amz-algorithm", ALGORITHM),
            ("x-amz-credential", &self.credential),
            ("x-amz-date", self.date.as_str()),
        ]
        .into_iter()
        .chain(token.map(|token| ("x-amz-security-token", token.as_str())))
    }

    /// Signs a policy: a JSON text, taken as it is.
    pub fn sign(self, policy: &str) -> SignedPolicy {
        let policy = base64::encode(policy.as_bytes());
        SignedPolicy {
            signature: self.key.sign(&policy).to_hex(),
            form: self,
            policy,
        }
    }
}

impl SignedPolicy {
    /// The fields of the form besides `key` and `file`, which comes last: `policy`, the conditions of
    /// [`PostPolicy::conditions`], `x-amz-signature`.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, &str)> {
        core::iter::once(("policy", self.policy.as_str()))
            .chain(self.form.conditions())
            .chain([("x-amz-signature", self.signature.as_str())])
    }
}

impl<'a> ReceivedPolicy<'a> {
    /// Reads the fields of a form; their names are compared without regard to case.
    ///
    /// # Errors
    /// Every part that is missing, repeated or malformed.
    pub fn from_fields(fields: &[(&str, &'a str)]) -> Result<Self, AuthorizationError> {
        let optional = |wanted: &'static str| {
            let mut values = fields
                .iter()
                .filter(|(name, _)| name.eq_ignore_ascii_case(wanted))
                .map(|(_, value)| *value);
            match (values.next(), values.next()) {
                (_, Some(_)) => Err(AuthorizationError::Repeated(wanted)),
                (value, None) => Ok(value),
            }
        };
        let field = |wanted| optional(wanted)?.ok_or(AuthorizationError::MissingPart(wanted));
        if field("x-amz-algorithm")? != ALGORITHM {
            return Err(AuthorizationError::Algorithm);
        }
        let date = Date::parse(field("x-amz-date")?)?;
        let (access_key_id, scope) = parse_credential(field("x-amz-credential")?, date)?;
        Ok(ReceivedPolicy {
            policy: field("policy")?,
            access_key_id,
            scope,
            date,
            session_token: optional("x-amz-security-token")?,
            signature: Signature::from_hex(field("x-amz-signature")?)
                .ok_or(AuthorizationError::Signature)?,
        })
    }

    /// Whose secret signed.
    pub fn access_key_id(&self) -> &'a str {
        self.access_key_id
    }

    /// Day, region and service that the signing key is good for.
    pub fn scope(&self) -> CredentialScope<'a> {
        self.scope
    }

    /// When it was signed. How long it is good the policy says itself.
    pub fn date(&self) -> Date {
        self.date
    }

    /// The session token that came with the form.
    pub fn session_token(&self) -> Option<&'a str> {
        self.session_token
    }

    /// Verifies the signature and returns the policy as received, in Base64. Its expiration and whether the form meets
    /// its conditions are then the caller's to judge.
    ///
    /// # Errors
    /// [`VerifyError::Region`], [`VerifyError::Service`] and [`VerifyError::SignatureMismatch`].
    pub fn verify(
        &self,
        region: &str,
        service: &str,
        secret_access_key: &str,
    ) -> Result<&'a str, VerifyError> {
        if self.scope.region != region {
            return Err(VerifyError::Region {
                found: self.scope.region.into(),
            });
        }
        if self.scope.service != service {
            return Err(VerifyError::Service {
                found: self.scope.service.into(),
            });
        }
        let key = SigningKey::derive(secret_access_key, &self.scope);
        if !key.verifies(self.policy, &self.signature) {
            return Err(VerifyError::SignatureMismatch);
        }
        Ok(self.policy)
    }
}

impl fmt::Debug for PostPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostPolicy")
            .field("credential", &self.credential)
            .field("date", &self.date)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for SignedPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedPolicy")
            .field("form", &self.form)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ReceivedPolicy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceivedPolicy")
            .field("access_key_id", &self.access_key_id)
            .field("scope", &self.scope)
            .field("date", &self.date)
            .finish_non_exhaustive()
    }
}
