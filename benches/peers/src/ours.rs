//! This crate, into reused buffers.

use std::hint::black_box;

use sigv4_kit::Credentials;
use sigv4_kit::signing::{Date, Payload, Presigned, Request, Rules, Signed, Signer, SigningKeys};

use crate::timing::Contender;
use crate::workload::Workload;

/// The signing key is found among those kept.
pub fn kept_key(workload: &Workload) -> Contender<'_> {
    contender(workload, true)
}

/// The signing key is derived in each call.
pub fn cold(workload: &Workload) -> Contender<'_> {
    contender(workload, false)
}

fn contender(workload: &Workload, keep: bool) -> Contender<'_> {
    let mut credentials = Credentials::new(&workload.access_key, &workload.secret_key).unwrap();
    if let Some(token) = &workload.session_token {
        credentials = credentials.with_session_token(token).unwrap();
    }
    let headers: Vec<(&str, &str)> = workload
        .headers
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    let payload = if workload.unsigned {
        Payload::Unsigned
    } else {
        Payload::Bytes(&workload.body)
    };
    let rules = Rules {
        content_sha256_header: workload.content_sha256,
        ..Rules::for_service(&workload.service)
    };
    let mut keys = SigningKeys::new();
    let mut signed = Signed::default();
    let mut presigned = Presigned::default();
    let mut sign = move || {
        if !keep {
            keys.clear();
        }
        let request = Request::new(
            &workload.method,
            &workload.path,
            &workload.query,
            &headers,
            black_box(payload),
        )
        .unwrap();
        let date = Date::from_unix_seconds(workload.unix_seconds).unwrap();
        let signer = Signer::new(&credentials, &workload.region, &workload.service)
            .unwrap()
            .with_rules(rules);
        let output = if workload.presigned {
            let expires = workload.expires_seconds;
            signer
                .presign_into(&request, date, expires, &mut keys, &mut presigned)
                .unwrap();
            presigned.query()
        } else {
            signer
                .sign_into(&request, date, &mut keys, &mut signed)
                .unwrap();
            signed.authorization()
        };
        black_box(output).ends_with(&workload.signature)
    };
    assert!(sign(), "{}: the signature is the expected one", workload.id);
    Box::new(move || {
        black_box(sign());
    })
}
