//! Which certificates are trusted: Mozilla's, built in; a bundle's instead; the platform's.

use std::path::Path;
use std::prelude::rust_2024::*;
use std::{fs, io};

use ureq::tls::{PemItem, RootCerts, parse_pem};

use super::SendError;

/// The certificates of a PEM file, and no others.
pub(super) fn bundle(path: &Path) -> Result<RootCerts, SendError> {
    let fails = |kind| SendError::File {
        path: path.into(),
        kind,
    };
    let pem = fs::read(path).map_err(|error| fails(error.kind()))?;
    let mut certificates = Vec::new();
    for item in parse_pem(&pem) {
        match item {
            Ok(PemItem::Certificate(certificate)) => certificates.push(certificate),
            Ok(_) => (),
            Err(_) => return Err(fails(io::ErrorKind::InvalidData)),
        }
    }
    match certificates.is_empty() {
        true => Err(fails(io::ErrorKind::InvalidData)),
        false => Ok(RootCerts::new_with_certs(&certificates)),
    }
}
