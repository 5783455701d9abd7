//! The derived signing key of the IAM documentation.

use sigv4_kit::signing::{CredentialScope, SigningKey};

use crate::encoding::to_hex;
use crate::json::Object;
use crate::read_json;

#[test]
fn the_signing_key_of_the_iam_documentation_is_derived() {
    let path = "iam/signing-key.json";
    let mut case = Object::new(read_json(path), path);
    let (day, region, service) = (
        case.string("day"),
        case.string("region"),
        case.string("service"),
    );
    let scope = CredentialScope {
        day: &day,
        region: &region,
        service: &service,
    };
    let chain = SigningKey::chain(&case.string("secret_access_key"), &scope);
    let names = [0, 1, 2, 3].map(|step| chain[step].0);
    assert_eq!(names, ["kDate", "kRegion", "kService", "kSigning"]);
    assert_eq!(to_hex(&*chain[3].1), case.string("k_signing"));
    case.finish();
    println!("derived signing key: 1 of 1");
}
