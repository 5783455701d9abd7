//! Hosts: what is inferred can stand in a credential scope.

use sigv4_kit::Credentials;
use sigv4_kit::endpoint::infer;
use sigv4_kit::signing::Signer;

pub fn run(data: &[u8]) {
    let Ok(host) = std::str::from_utf8(data) else {
        return;
    };
    let Some(scope) = infer(host) else {
        return;
    };
    let credentials = Credentials::new("AKIDEXAMPLE", "secret").expect("the credentials are good");
    Signer::new(&credentials, scope.region(None), &scope.service)
        .expect("an inferred scope can be signed for");
    _ = scope.require_v4();
}
