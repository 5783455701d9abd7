//! Fields of a form, a line each: `name=value`.

use sigv4_kit::signing::ReceivedPolicy;

pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let fields: Vec<(&str, &str)> = text
        .split('\n')
        .filter_map(|line| line.split_once('='))
        .collect();
    let Ok(received) = ReceivedPolicy::from_fields(&fields) else {
        return;
    };
    let scope = received.scope();
    assert_eq!(scope.day, received.date().day());
    assert!(!received.access_key_id().is_empty());
    _ = received.verify(scope.region, scope.service, "secret");
}
