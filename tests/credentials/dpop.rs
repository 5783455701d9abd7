//! Judges a DPoP proof as the sign-in service would: RFC 9449 section 4.3.

use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use serde_json::Value;

use crate::server::Recorded;

pub fn check(recorded: &Recorded, now: i64) -> Result<(), String> {
    let proof = recorded.header("dpop").ok_or("no header dpop")?;
    let parts: Vec<&str> = proof.split('.').collect();
    let [header, claims, signature] = parts.as_slice() else {
        return Err("dpop: three parts are needed".into());
    };
    let json = |part: &str| -> Result<Value, String> {
        serde_json::from_slice(&base64url(part)?).map_err(|error| format!("dpop: {error}"))
    };
    let (fields, claimed) = (json(header)?, json(claims)?);
    let key = &fields["jwk"];
    let fixed = [
        (&fields["typ"], "dpop+jwt"),
        (&fields["alg"], "ES256"),
        (&key["kty"], "EC"),
        (&key["crv"], "P-256"),
        (&claimed["htm"], "POST"),
    ];
    if let Some((found, _)) = fixed.iter().find(|(found, expected)| *found != expected) {
        return Err(format!("dpop: {found}"));
    }
    let host = recorded.header("host").unwrap_or_default();
    if claimed["htu"] != format!("http://{host}{}", recorded.target) || claimed["iat"] != now {
        return Err(format!("dpop: {claimed}"));
    }
    if claimed["jti"].as_str().map(str::len) != Some(36) {
        return Err("dpop: jti is no UUID".into());
    }
    let mut point = vec![4];
    for name in ["x", "y"] {
        let coordinate = base64url(key[name].as_str().unwrap_or_default())?;
        if coordinate.len() != 32 {
            return Err(format!("dpop: {name} has {} bytes", coordinate.len()));
        }
        point.extend(coordinate);
    }
    let key = VerifyingKey::from_sec1_bytes(&point).map_err(|_| "dpop: not on the curve")?;
    let signature = Signature::from_slice(&base64url(signature)?).map_err(|_| "dpop: signature")?;
    key.verify(format!("{header}.{claims}").as_bytes(), &signature)
        .map_err(|_| "dpop: the signature is not that of the key".into())
}

fn base64url(text: &str) -> Result<Vec<u8>, String> {
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return Err("dpop: not base64url".into()),
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    Ok(bytes)
}
