//! The string to sign: what the signing key is applied to.

use super::ALGORITHM;
use super::canonical_request::CanonicalRequest;
use super::date::Date;
use super::scope::CredentialScope;
use super::text::Text;

/// The string to sign.
///
/// AWS: "Create a signed AWS API request", step 3:
///
/// ```text
/// Algorithm \n RequestDateTime \n CredentialScope \n HashedCanonicalRequest
/// ```
#[derive(Default)]
pub struct StringToSign {
    pub(super) text: Text,
}

impl StringToSign {
    /// The string to sign of a canonical request, at a date, within a scope (whose day is the date's own).
    pub fn new(
        date: Date,
        scope: &CredentialScope<'_>,
        canonical_request: &CanonicalRequest,
    ) -> Self {
        let mut string_to_sign = StringToSign::default();
        string_to_sign.write(date, scope, canonical_request);
        string_to_sign
    }

    pub(super) fn write(
        &mut self,
        date: Date,
        scope: &CredentialScope<'_>,
        canonical_request: &CanonicalRequest,
    ) {
        self.text.clear();
        // Algorithm
        self.text.push_str(ALGORITHM);
        // RequestDateTime
        self.text.push(b'\n');
        self.text.push_bytes(date.as_bytes());
        // CredentialScope
        self.text.push(b'\n');
        scope.write(&mut self.text);
        // HashedCanonicalRequest = HexEncode(Hash(CanonicalRequest))
        self.text.push(b'\n');
        self.text.push_hex(&canonical_request.hash());
    }

    /// AWS's name for each of the four values, and the value; joined with newlines they are the text that is signed.
    pub fn lines(&self) -> [(&'static str, &str); 4] {
        const NAMES: [&str; 4] = [
            "Algorithm",
            "RequestDateTime",
            "CredentialScope",
            "HashedCanonicalRequest",
        ];
        let mut values = self.text().split('\n');
        NAMES.map(|name| (name, values.next().unwrap_or_default()))
    }

    /// The credential scope, as it stands in the text.
    pub(super) fn scope(&self) -> &[u8] {
        let start = ALGORITHM.len() + "\nYYYYMMDDThhmmssZ\n".len();
        &self.text.as_bytes()[start..self.text.len() - "\n".len() - 64]
    }

    /// The text that is signed.
    pub fn text(&self) -> &str {
        self.text.as_str()
    }
}

impl core::fmt::Debug for StringToSign {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("StringToSign").field(&self.text()).finish()
    }
}
