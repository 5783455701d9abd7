//! Authorization headers: what is read and written again reads the same.

use sigv4_kit::signing::{Authorization, Date};

pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (date, header) = text.split_once('\n').unwrap_or(("20150830T123600Z", text));
    let Ok(date) = Date::parse(date) else {
        return;
    };
    let Ok(authorization) = Authorization::from_header(header, date) else {
        return;
    };
    let written = authorization.to_header();
    let again = Authorization::from_header(&written, date).expect("what is written is read");
    assert_eq!(again.to_header(), written);
    assert_eq!(again.access_key_id(), authorization.access_key_id());
    assert_eq!(again.scope(), authorization.scope());
    assert!(authorization.signed_headers().is_sorted());
    assert_eq!(authorization.scope().day, date.day());
}
