//! The chunked uploads and the POST policy of the S3 documentation.

use sigv4_kit::signing::{
    Authorization, ChunkSignatures, Date, PostPolicy, ReceivedPolicy, Request, Signature, Signer,
};

use crate::case::{Case, body, credentials};
use crate::cases;
use crate::check::borrowed;
use crate::compare::same_text;
use crate::encoding::{from_hex, sha256};
use crate::json::{Object, list};
use crate::read_json;

#[test]
fn the_chunk_signatures_of_the_s3_documentation_follow_from_their_seeds() {
    let path = "s3-documentation/chunks.json";
    let seeds = cases("s3-documentation/requests.json");
    let (mut uploads, mut chunks, mut trailers) = (0, 0, 0);
    for upload in list(read_json(path), path) {
        let mut upload = Object::new(upload, path);
        let name = upload.string("name");
        let seed_name = upload.string("seed");
        let seed = seeds.iter().find(|case| case.name == seed_name);
        let (mut sender, mut receiver) = both_sides(seed.expect("the seed is among the requests"));
        let (mut decoded, mut encoded) = (0, 0);
        for chunk in list(upload.value("chunks"), &name) {
            let mut chunk = Object::new(chunk, &name);
            let data = body(&mut chunk, &name);
            let signature = sender.chunk(&data);
            let expected = chunk.strings("string_to_sign").join("\n");
            same_text(&name, &expected, sender.string_to_sign()).unwrap();
            same_text(&name, &chunk.string("signature"), &signature.to_hex()).unwrap();
            let header = format!("{:x};chunk-signature={}", data.len(), signature.to_hex());
            same_text(&name, &chunk.string("chunk_header"), &header).unwrap();
            chunk.finish();
            let other = [&data[..], b"x"].concat();
            assert!(
                !receiver.verifies_chunk(&hash(&other), &signature),
                "{name}"
            );
            assert!(
                !receiver.verifies_chunk(&hash(&data), &changed(&signature)),
                "{name}"
            );
            assert!(receiver.verifies_chunk(&hash(&data), &signature), "{name}");
            assert!(
                !receiver.verifies_chunk(&hash(&data), &signature),
                "{name}: the same again"
            );
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
            let lines = trailer.strings("canonical");
            let canonical = lines
                .iter()
                .fold(String::new(), |text, line| text + line + "\n");
            let signature = sender.trailer(&canonical);
            let expected = trailer.strings("string_to_sign").join("\n");
            same_text(&name, &expected, sender.string_to_sign()).unwrap();
            same_text(&name, &trailer.string("signature"), &signature.to_hex()).unwrap();
            trailer.finish();
            let other = canonical.replace("sOO8", "sOO9");
            assert!(!receiver.verifies_trailer(&other, &signature), "{name}");
            assert!(
                !receiver.verifies_trailer(&canonical, &changed(&signature)),
                "{name}"
            );
            assert!(receiver.verifies_trailer(&canonical, &signature), "{name}");
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
    let key = credentials(case.value("key"), &name).unwrap();
    let date = Date::parse(&case.string("date")).unwrap();
    let (region, service) = (case.string("region"), case.string("service"));
    let form = PostPolicy::new(&key, &region, &service, date).unwrap();
    let signed = form.sign(&case.string("policy"));
    let fields: Vec<(&str, &str)> = signed.fields().collect();
    for (field, key) in [
        ("policy", "string_to_sign"),
        ("x-amz-credential", "credential"),
        ("x-amz-signature", "signature"),
    ] {
        let (_, value) = fields.iter().find(|(name, _)| *name == field).expect(field);
        same_text(field, &case.string(key), value).unwrap();
    }
    case.finish();
    let verify = |fields: &[(&str, &str)], secret: &str| {
        let received = ReceivedPolicy::from_fields(fields).map_err(|error| error.to_string())?;
        received
            .verify(&region, &service, secret)
            .map_err(|error| error.to_string())
            .map(drop)
    };
    verify(&fields, key.secret_access_key()).unwrap();
    verify(&fields, "another secret").unwrap_err();
    // The last byte of any field changed: by its form, its scope or its signature the form is refused.
    for place in 0..fields.len() {
        let mut value = fields[place].1.to_owned();
        let last = value.pop().expect("no field is empty");
        value.push(if last == 'a' { 'b' } else { 'a' });
        let mut fields = fields.clone();
        fields[place].1 = &value;
        verify(&fields, key.secret_access_key()).unwrap_err();
    }
    println!("S3 documentation, POST policy: 1 of 1");
}

/// The chain as the sender of a signed request continues it, and as the receiver of that request does.
fn both_sides(seed: &Case) -> (ChunkSignatures, ChunkSignatures) {
    let headers = borrowed(&seed.headers);
    let payload = seed.payload(&[]);
    let request = Request::new(&seed.method, &seed.path, &seed.query, &headers, payload).unwrap();
    let signer = Signer::new(&seed.credentials, &seed.region, &seed.service).unwrap();
    let signed = signer.sign(&request, seed.date).unwrap();
    let authorization = Authorization::from_header(signed.authorization(), seed.date).unwrap();
    let secret = seed.credentials.secret_access_key();
    (
        ChunkSignatures::after(&signed, secret),
        ChunkSignatures::of(&authorization, secret),
    )
}

fn hash(data: &[u8]) -> [u8; 32] {
    from_hex(&sha256(data))
        .try_into()
        .expect("SHA-256 has 32 bytes")
}

/// The signature with another first digit.
fn changed(signature: &Signature) -> Signature {
    let text = signature.to_hex();
    let digit = if text.starts_with('0') { "1" } else { "0" };
    Signature::from_hex(&format!("{digit}{}", &text[1..])).unwrap()
}
