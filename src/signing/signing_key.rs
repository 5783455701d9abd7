//! The signing key: the secret narrowed to one day, region and service.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::scope::{CredentialScope, TERMINATOR};
use super::signature::Signature;

type HmacSha256 = Hmac<Sha256>;

/// The key that signs for one day, region and service, with its HMAC state ready. Wiped on drop.
///
/// AWS: "Create a signed AWS API request", step 4.
#[derive(Clone)]
pub struct SigningKey {
    keyed: HmacSha256,
}

impl SigningKey {
    /// Derives the key from the secret access key.
    pub fn derive(secret_access_key: &str, scope: &CredentialScope<'_>) -> Self {
        let [_, _, _, k_signing] = Self::chain(secret_access_key, scope);
        SigningKey {
            keyed: keyed(&*k_signing.1),
        }
    }

    /// Every key of the derivation under AWS's name: `kDate`, `kRegion`, `kService`, `kSigning`. All are secrets.
    ///
    /// ```
    /// use sigv4_kit::signing::{CredentialScope, SigningKey};
    /// let scope = CredentialScope { day: "20150830", region: "us-east-1", service: "iam" };
    /// let chain = SigningKey::chain("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", &scope);
    /// assert_eq!(chain[3].0, "kSigning");
    /// assert_eq!(chain[3].1[..4], [0xc4, 0xaf, 0xb1, 0xcc]);
    /// ```
    pub fn chain(
        secret_access_key: &str,
        scope: &CredentialScope<'_>,
    ) -> [(&'static str, Zeroizing<[u8; 32]>); 4] {
        let CredentialScope {
            day,
            region,
            service,
        } = *scope;
        // kDate = HMAC("AWS4" + kSecret, Date)
        let k_date = hmac(keyed_by_secret(secret_access_key), day);
        // kRegion = HMAC(kDate, Region)
        let k_region = hmac(keyed(&*k_date), region);
        // kService = HMAC(kRegion, Service)
        let k_service = hmac(keyed(&*k_region), service);
        // kSigning = HMAC(kService, "aws4_request")
        let k_signing = hmac(keyed(&*k_service), TERMINATOR);
        [
            ("kDate", k_date),
            ("kRegion", k_region),
            ("kService", k_service),
            ("kSigning", k_signing),
        ]
    }

    /// HMAC(kSigning, text), for the text of a string to sign.
    pub fn sign(&self, string_to_sign: &str) -> Signature {
        // signature = HexEncode(HMAC(kSigning, StringToSign))
        Signature(
            self.keyed
                .clone()
                .chain_update(string_to_sign)
                .finalize()
                .into_bytes()
                .into(),
        )
    }

    /// Whether `signature` is that of the text, compared in constant time.
    pub fn verifies(&self, string_to_sign: &str, signature: &Signature) -> bool {
        self.keyed
            .clone()
            .chain_update(string_to_sign)
            .verify_slice(&signature.0)
            .is_ok()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(hidden)")
    }
}

fn hmac(keyed: HmacSha256, message: &str) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(keyed.chain_update(message).finalize().into_bytes().into())
}

fn keyed(key: &[u8]) -> HmacSha256 {
    HmacSha256::new_from_slice(key).expect("HMAC takes a key of any length")
}

/// Keyed by "AWS4" + kSecret, put together without the heap.
fn keyed_by_secret(secret_access_key: &str) -> HmacSha256 {
    const BLOCK: usize = 64;
    let length = 4 + secret_access_key.len();
    if length > BLOCK {
        // RFC 2104: a key longer than a block is hashed first.
        let hashed = Sha256::new()
            .chain_update("AWS4")
            .chain_update(secret_access_key)
            .finalize();
        return keyed(&hashed);
    }
    let mut key = Zeroizing::new([0; BLOCK]);
    key[..4].copy_from_slice(b"AWS4");
    key[4..length].copy_from_slice(secret_access_key.as_bytes());
    keyed(&key[..length])
}

/// Signing keys that were derived, found again by secret, day, region and service.
///
/// Holds [`SigningKeys::CAPACITY`] keys; the oldest gives way. Secrets and keys are wiped on drop.
#[derive(Default)]
pub struct SigningKeys {
    kept: Vec<Kept>,
    oldest: usize,
}

struct Kept {
    secret_access_key: Zeroizing<String>,
    day: String,
    region: String,
    service: String,
    key: SigningKey,
}

impl SigningKeys {
    /// How many keys are kept.
    pub const CAPACITY: usize = 8;

    /// No keys yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The key for a secret and a scope, derived if it is not kept.
    pub fn get(&mut self, secret_access_key: &str, scope: &CredentialScope<'_>) -> &SigningKey {
        let found = self.kept.iter().position(|kept| {
            kept.day == scope.day
                && kept.region == scope.region
                && kept.service == scope.service
                && kept.secret_access_key.as_str() == secret_access_key
        });
        let index = found.unwrap_or_else(|| self.keep(secret_access_key, scope));
        &self.kept[index].key
    }

    /// Forgets every key.
    pub fn clear(&mut self) {
        self.kept.clear();
        self.oldest = 0;
    }

    fn keep(&mut self, secret_access_key: &str, scope: &CredentialScope<'_>) -> usize {
        let kept = Kept {
            secret_access_key: Zeroizing::new(secret_access_key.into()),
            day: scope.day.into(),
            region: scope.region.into(),
            service: scope.service.into(),
            key: SigningKey::derive(secret_access_key, scope),
        };
        if self.kept.len() < Self::CAPACITY {
            self.kept.push(kept);
            return self.kept.len() - 1;
        }
        let index = self.oldest;
        self.oldest = (self.oldest + 1) % Self::CAPACITY;
        self.kept[index] = kept;
        index
    }
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKeys")
            .field("kept", &self.kept.len())
            .finish_non_exhaustive()
    }
}
