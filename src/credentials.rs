//! What signs a request: access key ID, secret access key, session token.

use alloc::string::String;
use core::fmt;

use zeroize::Zeroizing;

/// An access key ID with its secret, and what came with it.
///
/// The secret access key and the session token are wiped from memory when the value is dropped, and `Debug`
/// shows neither. A value is one snapshot: key, secret and token that were issued together.
///
/// ```
/// let credentials = sigv4_kit::Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
/// assert!(!format!("{credentials:?}").contains("wJalr"));
/// # Ok::<(), sigv4_kit::CredentialsError>(())
/// ```
#[derive(Clone)]
pub struct Credentials {
    access_key_id: String,
    secret_access_key: Zeroizing<String>,
    session_token: Option<Zeroizing<String>>,
    account_id: Option<String>,
    expires_at: Option<i64>,
}

impl Credentials {
    /// Long-lived credentials: an access key ID and its secret access key.
    ///
    /// # Errors
    /// A part that is empty, an ID with white space, `,` or a control character (it travels inside the
    /// Authorization header), or a secret with a control character.
    pub fn new(access_key_id: &str, secret_access_key: &str) -> Result<Self, CredentialsError> {
        if access_key_id.is_empty() {
            return Err(CredentialsError::Empty("access key ID"));
        }
        if !is_key_id(access_key_id) {
            return Err(CredentialsError::Character("access key ID"));
        }
        if secret_access_key.is_empty() {
            return Err(CredentialsError::Empty("secret access key"));
        }
        if secret_access_key.bytes().any(|b| b.is_ascii_control()) {
            return Err(CredentialsError::Character("secret access key"));
        }
        Ok(Credentials {
            access_key_id: access_key_id.into(),
            secret_access_key: Zeroizing::new(secret_access_key.into()),
            session_token: None,
            account_id: None,
            expires_at: None,
        })
    }

    /// The same with the session token that temporary credentials need.
    ///
    /// # Errors
    /// A token that is empty or has a character that no header value may carry.
    pub fn with_session_token(mut self, session_token: &str) -> Result<Self, CredentialsError> {
        if session_token.is_empty() {
            return Err(CredentialsError::Empty("session token"));
        }
        if !session_token.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(CredentialsError::Character("session token"));
        }
        self.session_token = Some(Zeroizing::new(session_token.into()));
        Ok(self)
    }

    /// The same with the account they belong to (12 digits).
    #[must_use]
    pub fn with_account_id(mut self, account_id: &str) -> Self {
        self.account_id = Some(account_id.into());
        self
    }

    /// The same with their expiry, in seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn with_expiry(mut self, unix_seconds: i64) -> Self {
        self.expires_at = Some(unix_seconds);
        self
    }

    /// The access key ID, such as `AKIDEXAMPLE`. Not a secret.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The secret access key. Never print it.
    pub fn secret_access_key(&self) -> &str {
        &self.secret_access_key
    }

    /// The session token of temporary credentials. Treat it as a secret.
    pub fn session_token(&self) -> Option<&str> {
        self.session_token.as_ref().map(|token| token.as_str())
    }

    /// The account, where the source told it.
    pub fn account_id(&self) -> Option<&str> {
        self.account_id.as_deref()
    }

    /// When they expire, in seconds since 1970-01-01T00:00:00Z; `None` where the source told no expiry.
    pub fn expires_at(&self) -> Option<i64> {
        self.expires_at
    }
}

/// Whether a text can stand for an access key ID between the commas of an Authorization header.
pub(crate) fn is_key_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic() && b != b',')
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id)
            .field(
                "session_token",
                &self.session_token.as_ref().map(|_| "hidden"),
            )
            .field("account_id", &self.account_id)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Why a text cannot be part of [`Credentials`]. Names the part, never shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialsError {
    /// The named part is empty.
    Empty(&'static str),
    /// The named part has a character that could not travel in a header.
    Character(&'static str),
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CredentialsError::Empty(part) => write!(f, "the {part} is empty"),
            CredentialsError::Character(part) => write!(
                f,
                "the {part} contains white space or another character that cannot be sent in a header"
            ),
        }
    }
}

impl core::error::Error for CredentialsError {}
