//! Proof of possession of a session's key: DPoP (RFC 9449) with ES256.

use std::format;
use std::prelude::rust_2024::*;

use p256::SecretKey;
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use p256::elliptic_curve::sec1::ToSec1Point;

use super::unique::uuid4;

/// The DPoP header for a POST to `url`; `None` where `pem` is no P-256 private key (SEC1 or PKCS#8).
pub(super) fn proof(pem: &str, url: &str, now: i64) -> Option<String> {
    let key = SecretKey::from_pem(pem.trim()).ok()?;
    let point = key.public_key().to_sec1_point(false);
    // 32 bytes each, leading zeros kept: RFC 7518 section 6.2.1.2.
    let (x, y) = (base64url(point.x()?), base64url(point.y()?));
    let header = format!(
        r#"{{"typ":"dpop+jwt","alg":"ES256","jwk":{{"kty":"EC","x":"{x}","y":"{y}","crv":"P-256"}}}}"#
    );
    let claims = serde_json::json!({"htm": "POST", "htu": url, "iat": now, "jti": uuid4()});
    let mut jwt = base64url(header.as_bytes());
    jwt.push('.');
    jwt.push_str(&base64url(claims.to_string().as_bytes()));
    // ES256 = r || s, 64 bytes
    let signature: Signature = SigningKey::from(&key).sign(jwt.as_bytes());
    jwt.push('.');
    jwt.push_str(&base64url(&signature.to_bytes()));
    Some(jwt)
}

/// Base64 with the URL-safe alphabet, without padding: RFC 4648 section 5.
fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk
            .iter()
            .fold(0_u32, |group, byte| group << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for i in 0..=chunk.len() {
            let index = (group >> (18 - 6 * i)) & 63;
            text.push(char::from(ALPHABET[index as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::prelude::rust_2024::*;

    use p256::SecretKey;
    use p256::elliptic_curve::pkcs8::{EncodePrivateKey, LineEnding};
    use p256::elliptic_curve::sec1::ToSec1Point;

    use super::{base64url, proof};

    #[test]
    fn base64url_has_the_values_of_its_rfc() {
        for (bytes, expected) in [
            (&b""[..], ""),
            (b"f", "Zg"),
            (b"fo", "Zm8"),
            (b"foo", "Zm9v"),
            (b"foobar", "Zm9vYmFy"),
            (b"\xfb\xff\xfe", "-__-"),
        ] {
            assert_eq!(base64url(bytes), expected);
        }
    }

    #[test]
    fn both_forms_of_a_key_are_read_and_nothing_else() {
        let key = SecretKey::from_slice(&[7; 32]).expect("below the order");
        let sec1 = key.to_sec1_pem(LineEnding::LF).expect("pem");
        let pkcs8 = key.to_pkcs8_pem(LineEnding::CRLF).expect("pem");
        let header = |pem: &str| {
            let jwt = proof(pem, "https://h/v1/token", 1).unwrap_or_default();
            jwt.split('.').next().map(String::from)
        };
        assert!(sec1.starts_with("-----BEGIN EC PRIVATE KEY-----"));
        assert!(pkcs8.starts_with("-----BEGIN PRIVATE KEY-----"));
        assert_eq!(header(&sec1), header(&pkcs8));
        for bad in [
            "",
            "no pem",
            &sec1[..80],
            &sec1.replace("EC PRIVATE", "RSA PRIVATE"),
        ] {
            assert_eq!(proof(bad, "https://h/", 1), None);
        }
    }

    #[test]
    fn coordinates_keep_their_leading_zeros() {
        // The public key of 379 has an x that starts with a zero byte, as one key in 256 has.
        let mut number = [0; 32];
        number[30..].copy_from_slice(&379_u16.to_be_bytes());
        let key = SecretKey::from_slice(&number).expect("below the order");
        let first = key.public_key().to_sec1_point(false);
        assert_eq!(first.x().map(|x| x[0]), Some(0));
        let pem = key.to_sec1_pem(LineEnding::LF).expect("pem");
        let jwt = proof(&pem, "https://h/", 1).expect("a proof");
        let point = key.public_key().to_sec1_point(false);
        let x = base64url(point.x().expect("a point"));
        assert_eq!(x.len(), 43);
        let header = jwt.split('.').next().unwrap_or_default();
        let expected = base64url(
            std::format!(
                r#"{{"typ":"dpop+jwt","alg":"ES256","jwk":{{"kty":"EC","x":"{x}","y":"{}","crv":"P-256"}}}}"#,
                base64url(point.y().expect("a point"))
            )
            .as_bytes(),
        );
        assert_eq!(header, expected);
    }
}
