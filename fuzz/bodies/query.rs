//! Query strings of presigned URLs.

use sigv4_kit::signing::{Authorization, SignatureLocation};

pub fn run(data: &[u8]) {
    let Ok(query) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(authorization) = Authorization::from_query(query) else {
        return;
    };
    let SignatureLocation::Query { expires_seconds } = authorization.location() else {
        panic!("read from the query, but located elsewhere");
    };
    assert!((1..=604_800).contains(&expires_seconds));
    let scope = authorization.scope();
    assert_eq!(scope.day, authorization.date().day());
    assert!(!scope.region.is_empty() && !scope.service.is_empty());
    assert!(!authorization.access_key_id().is_empty());
    assert!(authorization.signed_headers().is_sorted());
    let header = authorization.to_header();
    let again = Authorization::from_header(&header, authorization.date());
    assert_eq!(again.map(|again| again.to_header()), Ok(header));
}
