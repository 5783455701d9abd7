//! URLs: what is parsed is a fixed point, and fit for a request line.

use sigv4_kit::signing::{Payload, Request};
use sigv4_kit::url::Url;

pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(mut url) = Url::parse(text) else {
        return;
    };
    check(&url);
    url.add_query_pair(text, text);
    check(&url);
}

fn check(url: &Url) {
    let text = url.to_string();
    let again = Url::parse(&text).expect("a parsed URL parses");
    assert_eq!(again.to_string(), text);
    assert_eq!(again.port(), url.port());
    assert!(text.bytes().all(|b| b.is_ascii_graphic()), "{text}");
    assert!(!url.query().contains('+'), "{text}");
    let host = url.host_header();
    let headers = [("host", host.as_str())];
    Request::new("GET", url.path(), url.query(), &headers, Payload::Unsigned)
        .expect("a parsed URL can be requested");
}
