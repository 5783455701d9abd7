//! The signing key: the secret narrowed to one day, region and service.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

use super::hmac::{BLOCK, KeyBlocks, KeyedHmac, sha256};
use super::scope::{CredentialScope, TERMINATOR};
use super::signature::Signature;
use super::string_to_sign::StringToSign;

/// The key that signs for one day, region and service, with its HMAC state ready. Wiped on drop.
///
/// AWS: "Create a signed AWS API request", step 4.
#[derive(Clone)]
pub struct SigningKey {
    k_signing: Zeroizing<[u8; 32]>,
    keyed: KeyedHmac,
}

impl SigningKey {
    /// Derives the key from the secret access key.
    pub fn derive(secret_access_key: &str, scope: &CredentialScope<'_>) -> Self {
        let mut blocks = KeyBlocks::new();
        let k_signing = derivation(secret_access_key, scope, &mut blocks, |_, _| {});
        let keyed = blocks.keyed([&*k_signing, &[]]);
        SigningKey { k_signing, keyed }
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
        let mut chain = core::array::from_fn(|_| ("", Zeroizing::new([0; 32])));
        let mut entries = chain.iter_mut();
        let blocks = &mut KeyBlocks::new();
        derivation(secret_access_key, scope, blocks, |name, key| {
            if let Some(entry) = entries.next() {
                *entry = (name, key.clone());
            }
        });
        chain
    }

    /// HMAC(kSigning, text), for the text of a string to sign.
    pub fn sign(&self, string_to_sign: &str) -> Signature {
        // signature = HexEncode(HMAC(kSigning, StringToSign))
        Signature(self.keyed.mac(string_to_sign.as_bytes()))
    }

    /// The same for a string to sign of this module's own.
    pub(super) fn sign_text(&self, string_to_sign: &mut StringToSign) -> Signature {
        Signature(self.keyed.mac_of_text(&mut string_to_sign.text))
    }

    /// Whether `signature` is that of the text, compared in constant time.
    pub fn verifies(&self, string_to_sign: &str, signature: &Signature) -> bool {
        let keyed = Hmac::<Sha256>::new_from_slice(&*self.k_signing)
            .expect("HMAC takes a key of any length");
        keyed
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

/// kSigning; the keys on the way there are shown to `each` under AWS's name, then overwritten by the next.
fn derivation(
    secret_access_key: &str,
    scope: &CredentialScope<'_>,
    blocks: &mut KeyBlocks,
    mut each: impl FnMut(&'static str, &Zeroizing<[u8; 32]>),
) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    // kDate = HMAC("AWS4" + kSecret, Date)
    *key = mac_by_secret(secret_access_key.as_bytes(), scope.day.as_bytes(), blocks);
    each("kDate", &key);
    // kRegion = HMAC(kDate, Region)
    // kService = HMAC(kRegion, Service)
    // kSigning = HMAC(kService, "aws4_request")
    let steps = [
        ("kRegion", scope.region),
        ("kService", scope.service),
        ("kSigning", TERMINATOR),
    ];
    for (name, message) in steps {
        *key = blocks.mac([&*key, &[]], message.as_bytes());
        each(name, &key);
    }
    key
}

fn mac_by_secret(secret: &[u8], message: &[u8], blocks: &mut KeyBlocks) -> [u8; 32] {
    if PREFIX.len() + secret.len() <= BLOCK {
        return blocks.mac([PREFIX, secret], message);
    }
    // RFC 2104 section 2: a key longer than a block is hashed first. AWS issues none that long.
    let long_key = Zeroizing::new([PREFIX, secret].concat());
    blocks.mac([&*Zeroizing::new(sha256(&long_key)), &[]], message)
}

const PREFIX: &[u8] = b"AWS4";

/// Signing keys that were derived, found again by secret, day, region and service.
///
/// Holds [`SigningKeys::CAPACITY`] keys; the oldest gives way. Secrets and keys are wiped on drop.
#[derive(Default)]
pub struct SigningKeys {
    kept: Vec<Kept>,
    /// How many of the entries are in use; the others only keep their buffers.
    used: usize,
    oldest: usize,
}

#[derive(Default)]
struct Kept {
    secret_access_key: Zeroizing<String>,
    day: String,
    region: String,
    service: String,
    key: Option<SigningKey>,
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
        let found = self.kept[..self.used].iter().position(|kept| {
            kept.day == scope.day
                && kept.region == scope.region
                && kept.service == scope.service
                && *kept.secret_access_key == secret_access_key
        });
        let index = found.unwrap_or_else(|| self.free_entry());
        let kept = &mut self.kept[index];
        if found.is_none() {
            kept.secret_access_key.push_str(secret_access_key);
            kept.day.push_str(scope.day);
            kept.region.push_str(scope.region);
            kept.service.push_str(scope.service);
        }
        kept.key
            .get_or_insert_with(|| SigningKey::derive(secret_access_key, scope))
    }

    /// Wipes every key.
    pub fn clear(&mut self) {
        self.kept[..self.used].iter_mut().for_each(Kept::clear);
        self.used = 0;
        self.oldest = 0;
    }

    fn free_entry(&mut self) -> usize {
        let index = if self.used < Self::CAPACITY {
            self.used += 1;
            self.used - 1
        } else {
            self.oldest = (self.oldest + 1) % Self::CAPACITY;
            (self.oldest + Self::CAPACITY - 1) % Self::CAPACITY
        };
        if index == self.kept.len() {
            // All room at once: growing later would leave copies of the keys behind.
            self.kept.reserve_exact(Self::CAPACITY - index);
            self.kept.push(Kept::default());
        }
        self.kept[index].clear();
        index
    }
}

impl Kept {
    /// Wipes the secret and the key; the buffers stay.
    fn clear(&mut self) {
        self.secret_access_key.zeroize();
        self.day.clear();
        self.region.clear();
        self.service.clear();
        self.key = None;
    }
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKeys")
            .field("kept", &self.used)
            .finish_non_exhaustive()
    }
}
