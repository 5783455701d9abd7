//! TLS as every client here speaks it: rustls on *ring*, and of that what a client needs.
//!
//! `rustls::crypto::ring::default_provider` would link in 90 kB more: signing with RSA, ECDSA and Ed25519 keys, and a
//! cipher that no server insists on.

use std::prelude::rust_2024::*;
use std::sync::{Arc, LazyLock};

use ::ring::rand::{SecureRandom as _, SystemRandom};
use rustls::crypto::{
    CryptoProvider, GetRandomFailed, KeyProvider, SecureRandom, WebPkiSupportedAlgorithms, ring,
};
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::SigningKey;
use rustls::{SignatureScheme, SupportedCipherSuite};
use ureq::tls::{RootCerts, TlsConfig};
use webpki::ring as algorithm;

pub(crate) fn config(roots: RootCerts) -> TlsConfig {
    static PROVIDER: LazyLock<Arc<CryptoProvider>> = LazyLock::new(|| {
        Arc::new(CryptoProvider {
            cipher_suites: CIPHER_SUITES.to_vec(),
            kx_groups: ring::ALL_KX_GROUPS.to_vec(),
            signature_verification_algorithms: SIGNATURES,
            secure_random: &Client,
            key_provider: &Client,
        })
    });
    TlsConfig::builder()
        .root_certs(roots)
        .unversioned_rustls_crypto_provider(PROVIDER.clone())
        .build()
}

const CIPHER_SUITES: &[SupportedCipherSuite] = match cfg!(target_arch = "x86_64") {
    // These processors do AES faster than ChaCha20, which is 50 kB there; TLS 1.3 makes every server offer AES-GCM.
    true => &[
        ring::cipher_suite::TLS13_AES_256_GCM_SHA384,
        ring::cipher_suite::TLS13_AES_128_GCM_SHA256,
        ring::cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        ring::cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        ring::cipher_suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        ring::cipher_suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    ],
    false => ring::ALL_CIPHER_SUITES,
};

/// What a server's certificates and handshake may be signed with: all that *ring* verifies.
const SIGNATURES: WebPkiSupportedAlgorithms = WebPkiSupportedAlgorithms {
    all: &[
        algorithm::ECDSA_P256_SHA256,
        algorithm::ECDSA_P256_SHA384,
        algorithm::ECDSA_P384_SHA256,
        algorithm::ECDSA_P384_SHA384,
        algorithm::ED25519,
        algorithm::RSA_PKCS1_2048_8192_SHA256,
        algorithm::RSA_PKCS1_2048_8192_SHA384,
        algorithm::RSA_PKCS1_2048_8192_SHA512,
        algorithm::RSA_PKCS1_2048_8192_SHA256_ABSENT_PARAMS,
        algorithm::RSA_PKCS1_2048_8192_SHA384_ABSENT_PARAMS,
        algorithm::RSA_PKCS1_2048_8192_SHA512_ABSENT_PARAMS,
        algorithm::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
        algorithm::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
        algorithm::RSA_PSS_2048_8192_SHA512_LEGACY_KEY,
    ],
    // TLS 1.2 leaves the curve of an ECDSA scheme open; of TLS 1.3 only the first counts.
    mapping: &[
        (
            SignatureScheme::ECDSA_NISTP384_SHA384,
            &[algorithm::ECDSA_P384_SHA384, algorithm::ECDSA_P256_SHA384],
        ),
        (
            SignatureScheme::ECDSA_NISTP256_SHA256,
            &[algorithm::ECDSA_P256_SHA256, algorithm::ECDSA_P384_SHA256],
        ),
        (SignatureScheme::ED25519, &[algorithm::ED25519]),
        (
            SignatureScheme::RSA_PSS_SHA512,
            &[algorithm::RSA_PSS_2048_8192_SHA512_LEGACY_KEY],
        ),
        (
            SignatureScheme::RSA_PSS_SHA384,
            &[algorithm::RSA_PSS_2048_8192_SHA384_LEGACY_KEY],
        ),
        (
            SignatureScheme::RSA_PSS_SHA256,
            &[algorithm::RSA_PSS_2048_8192_SHA256_LEGACY_KEY],
        ),
        (
            SignatureScheme::RSA_PKCS1_SHA512,
            &[algorithm::RSA_PKCS1_2048_8192_SHA512],
        ),
        (
            SignatureScheme::RSA_PKCS1_SHA384,
            &[algorithm::RSA_PKCS1_2048_8192_SHA384],
        ),
        (
            SignatureScheme::RSA_PKCS1_SHA256,
            &[algorithm::RSA_PKCS1_2048_8192_SHA256],
        ),
    ],
};

/// Signature Version 4 is what identifies a client, so there are no client certificates, and no keys of theirs.
#[derive(Debug)]
struct Client;

impl SecureRandom for Client {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), GetRandomFailed> {
        SystemRandom::new().fill(bytes).map_err(|_| GetRandomFailed)
    }
}

impl KeyProvider for Client {
    fn load_private_key(
        &self,
        _: PrivateKeyDer<'static>,
    ) -> Result<Arc<dyn SigningKey>, rustls::Error> {
        Err(rustls::Error::General("no client certificates".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signatures_that_are_verified_are_those_of_rustls() {
        let theirs = ring::default_provider().signature_verification_algorithms;
        let schemes = |given: WebPkiSupportedAlgorithms| {
            given
                .mapping
                .iter()
                .map(|(scheme, algorithms)| {
                    let ids = algorithms
                        .iter()
                        .map(|one| (one.public_key_alg_id(), one.signature_alg_id()));
                    (*scheme, ids.collect::<Vec<_>>())
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(schemes(SIGNATURES), schemes(theirs));
        assert_eq!(SIGNATURES.all.len(), theirs.all.len());
    }
}
