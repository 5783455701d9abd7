//! TLS as every client here speaks it: rustls on *ring*.

use std::prelude::rust_2024::*;
use std::sync::{Arc, LazyLock};

use rustls::crypto::{CryptoProvider, KeyProvider, ring};
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::SigningKey;
use ureq::tls::{RootCerts, TlsConfig};

pub(crate) fn config(roots: RootCerts) -> TlsConfig {
    static PROVIDER: LazyLock<Arc<CryptoProvider>> = LazyLock::new(|| {
        Arc::new(CryptoProvider {
            key_provider: &NoClientKeys,
            ..ring::default_provider()
        })
    });
    TlsConfig::builder()
        .root_certs(roots)
        .unversioned_rustls_crypto_provider(PROVIDER.clone())
        .build()
}

/// Signature Version 4 is what identifies a client: without certificates of clients, what signs with their RSA, ECDSA
/// and Ed25519 keys is not linked in.
#[derive(Debug)]
struct NoClientKeys;

impl KeyProvider for NoClientKeys {
    fn load_private_key(
        &self,
        _: PrivateKeyDer<'static>,
    ) -> Result<Arc<dyn SigningKey>, rustls::Error> {
        Err(rustls::Error::General("no client certificates".into()))
    }
}
