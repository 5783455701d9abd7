//! The credential scope: where and when a signing key is good.

use core::fmt;

use super::encode::{ByteSet, byte_set, has_byte, push_query_encoded};
use super::error::ScopeError;
use super::text::Text;

/// `<yyyymmdd>/<region>/<service>/aws4_request`, borrowed from whoever knows the parts.
///
/// AWS: "Create a string to sign", CredentialScope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CredentialScope<'a> {
    /// `20150830`
    pub day: &'a str,
    /// `us-east-1`
    pub region: &'a str,
    /// `es`
    pub service: &'a str,
}

/// What every credential scope ends with.
pub(super) const TERMINATOR: &str = "aws4_request";

impl CredentialScope<'_> {
    /// As a part of the parameter X-Amz-Credential.
    pub(super) fn write_encoded(&self, out: &mut Text) {
        out.push_str(self.day);
        for part in [self.region, self.service] {
            out.push_str("%2F");
            push_query_encoded(out, part.as_bytes());
        }
        out.push_str("%2F");
        out.push_str(TERMINATOR);
    }

    pub(super) fn write(&self, out: &mut Text) {
        out.push_str(self.day);
        out.push(b'/');
        out.push_str(self.region);
        out.push(b'/');
        out.push_str(self.service);
        out.push(b'/');
        out.push_str(TERMINATOR);
    }
}

impl fmt::Display for CredentialScope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}/{}/{}/{TERMINATOR}",
            self.day, self.region, self.service
        )
    }
}

/// A region or a service name travels inside a header between slashes and commas.
pub(super) fn check_part(name: &'static str, text: &str) -> Result<(), ScopeError> {
    if text.is_empty() {
        return Err(ScopeError::Empty(name));
    }
    if has_byte(text.as_bytes(), |byte| !IN_PART[usize::from(byte)]) {
        return Err(ScopeError::Character(name));
    }
    Ok(())
}

static IN_PART: ByteSet = byte_set(b"-_.*");
