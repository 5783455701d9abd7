//! The chunked uploads and the POST policy of the S3 documentation, with the public steps alone.

use sigv4_kit::signing::{CredentialScope, SigningKey};

use crate::case::body;
use crate::cases;
use crate::compare::same_text;
use crate::encoding::{base64, sha256};
use crate::json::{Object, list, strings};
use crate::read_json;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const DAY: CredentialScope<'static> = CredentialScope {
    day: "20130524",
    region: "us-east-1",
    service: "s3",
};

#[test]
fn the_chunk_signatures_of_the_s3_documentation_follow_from_their_seeds() {
    let path = "s3-documentation/chunks.json";
    let seeds = cases("s3-documentation/requests.json");
    let key = SigningKey::derive(SECRET, &DAY);
    let (mut uploads, mut chunks, mut trailers) = (0, 0, 0);
    for upload in list(read_json(path), path) {
        let mut upload = Object::new(upload, path);
        let name = upload.string("name");
        let seed_name = upload.string("seed");
        let seed = seeds
            .iter()
            .find(|case| case.name == seed_name)
            .unwrap_or_else(|| panic!("no case {seed_name:?}"));
        let mut previous = seed.expected.signature.clone().unwrap();
        let (mut decoded, mut encoded) = (0, 0);
        for chunk in list(upload.value("chunks"), &name) {
            let mut chunk = Object::new(chunk, &name);
            let data = body(&mut chunk, &name);
            let string_to_sign = chunk_string_to_sign(&previous, &data);
            same_text(
                &name,
                &strings(chunk.value("string_to_sign"), &name).join("\n"),
                &string_to_sign,
            )
            .unwrap();
            previous = key.sign(&string_to_sign).to_hex();
            same_text(&name, &chunk.string("signature"), &previous).unwrap();
            let header = format!("{:x};chunk-signature={previous}", data.len());
            same_text(&name, &chunk.string("chunk_header"), &header).unwrap();
            chunk.finish();
            decoded += data.len() as u64;
            encoded += (header.len() + 2 + data.len() + 2) as u64;
            chunks += 1;
        }
        assert_eq!(
            upload.optional_number("decoded_content_length"),
            Some(decoded),
            "{name}"
        );
        if let Some(content_length) = upload.optional_number("content_length") {
            assert_eq!(content_length, encoded, "{name}");
        }
        if let Some(trailer) = upload.optional("trailer") {
            let mut trailer = Object::new(trailer, &name);
            let canonical = trailer
                .strings("canonical")
                .iter()
                .fold(String::new(), |text, line| text + line + "\n");
            let string_to_sign = trailer_string_to_sign(&previous, &canonical);
            same_text(
                &name,
                &trailer.strings("string_to_sign").join("\n"),
                &string_to_sign,
            )
            .unwrap();
            same_text(
                &name,
                &trailer.string("signature"),
                &key.sign(&string_to_sign).to_hex(),
            )
            .unwrap();
            trailer.finish();
            trailers += 1;
        }
        upload.finish();
        uploads += 1;
    }
    // With the seven requests these are the ten examples of the documentation.
    assert_eq!((uploads, chunks, trailers), (2, 6, 1));
    println!("S3 documentation, chunks: {chunks} of 6, trailers: {trailers} of 1");
}

#[test]
fn the_post_policy_of_the_s3_documentation_is_signed() {
    let path = "s3-documentation/post-policy.json";
    let mut case = Object::new(read_json(path), path);
    let name = case.string("name");
    let [id, secret] = <[String; 2]>::try_from(case.strings("key")).unwrap();
    let (date, region, service) = (
        case.string("date"),
        case.string("region"),
        case.string("service"),
    );
    let scope = CredentialScope {
        day: &date[..8],
        region: &region,
        service: &service,
    };
    same_text(&name, &case.string("credential"), &format!("{id}/{scope}")).unwrap();
    let string_to_sign = base64(case.string("policy").as_bytes());
    same_text(&name, &case.string("string_to_sign"), &string_to_sign).unwrap();
    let signature = SigningKey::derive(&secret, &scope)
        .sign(&string_to_sign)
        .to_hex();
    same_text(&name, &case.string("signature"), &signature).unwrap();
    case.finish();
    println!("S3 documentation, POST policy: 1 of 1");
}

/// "AWS4-HMAC-SHA256-PAYLOAD" \n date \n scope \n previous signature \n hash of nothing \n hash of the chunk
fn chunk_string_to_sign(previous: &str, data: &[u8]) -> String {
    let (nothing, hash) = (sha256(b""), sha256(data));
    format!("AWS4-HMAC-SHA256-PAYLOAD\n20130524T000000Z\n{DAY}\n{previous}\n{nothing}\n{hash}")
}

/// "AWS4-HMAC-SHA256-TRAILER" \n date \n scope \n previous signature \n hash of the trailing headers
fn trailer_string_to_sign(previous: &str, canonical_trailer: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256-TRAILER\n20130524T000000Z\n{DAY}\n{previous}\n{}",
        sha256(canonical_trailer.as_bytes())
    )
}
