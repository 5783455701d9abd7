//! A certificate authority of the test's own: X.509 written by hand, signed with ECDSA on P-256.

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

const ECDSA_WITH_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const COMMON_NAME: &[u8] = &[0x55, 4, 3];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];

pub struct Authority {
    key: EcdsaKeyPair,
    certificate: Vec<u8>,
}

pub struct Issued {
    pub certificate: CertificateDer<'static>,
    pub key: PrivateKeyDer<'static>,
}

impl Authority {
    pub fn new() -> Self {
        let (key, _) = new_key();
        let constraints = sequence(&[sequence(&[
            tlv(6, BASIC_CONSTRAINTS),
            tlv(1, &[0xff]),
            tlv(4, &sequence(&[tlv(1, &[0xff])])),
        ])]);
        let body = to_be_signed("Test authority", &key, "491231235959Z", &constraints);
        let certificate = signed(&body, &key);
        Authority { key, certificate }
    }

    /// A certificate for one name.
    pub fn issue(&self, name: &str) -> Issued {
        self.issue_until(name, "491231235959Z")
    }

    pub fn issue_until(&self, name: &str, until: &str) -> Issued {
        let (key, pkcs8) = new_key();
        let names = sequence(&[tlv(0x82, name.as_bytes())]);
        let extension = sequence(&[sequence(&[tlv(6, SUBJECT_ALT_NAME), tlv(4, &names)])]);
        let body = to_be_signed(name, &key, until, &extension);
        Issued {
            certificate: signed(&body, &self.key).into(),
            key: PrivatePkcs8KeyDer::from(pkcs8).into(),
        }
    }

    pub fn pem(&self) -> String {
        let lines: Vec<String> = base64(&self.certificate)
            .as_bytes()
            .chunks(64)
            .map(|line| String::from_utf8(line.to_vec()).unwrap())
            .collect();
        let text = lines.join("\n");
        format!("# A comment\n-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
    }
}

fn new_key() -> (EcdsaKeyPair, Vec<u8>) {
    let random = SystemRandom::new();
    let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
    let key = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap();
    (key, pkcs8.as_ref().to_vec())
}

fn to_be_signed(subject: &str, key: &EcdsaKeyPair, until: &str, extensions: &[u8]) -> Vec<u8> {
    let algorithm = sequence(&[tlv(6, ECDSA_WITH_SHA256)]);
    let mut point = vec![0];
    point.extend(key.public_key().as_ref());
    let key_algorithm = sequence(&[tlv(6, EC_PUBLIC_KEY), tlv(6, P256)]);
    sequence(&[
        tlv(0xa0, &tlv(2, &[2])),
        tlv(2, &[1]),
        algorithm,
        name("Test authority"),
        sequence(&[tlv(0x17, b"150101000000Z"), tlv(0x17, until.as_bytes())]),
        name(subject),
        sequence(&[key_algorithm, tlv(3, &point)]),
        tlv(0xa3, extensions),
    ])
}

fn signed(body: &[u8], key: &EcdsaKeyPair) -> Vec<u8> {
    let mut signature = vec![0];
    signature.extend(key.sign(&SystemRandom::new(), body).unwrap().as_ref());
    let algorithm = sequence(&[tlv(6, ECDSA_WITH_SHA256)]);
    sequence(&[body.to_vec(), algorithm, tlv(3, &signature)])
}

fn name(text: &str) -> Vec<u8> {
    let pair = sequence(&[tlv(6, COMMON_NAME), tlv(0x0c, text.as_bytes())]);
    sequence(&[tlv(0x31, &pair)])
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

/// DER: tag, length, value.
fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(value.len()).unwrap().to_be_bytes();
    let mut out = match value.len() {
        0..=127 => vec![tag, length[1]],
        128..=255 => vec![tag, 0x81, length[1]],
        _ => vec![tag, 0x82, length[0], length[1]],
    };
    out.extend(value);
    out
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (at, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let digit = DIGITS[(bits >> shift) as usize & 63];
            out.push(if at <= group.len() { digit.into() } else { '=' });
        }
    }
    out
}
