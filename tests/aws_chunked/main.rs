//! aws-chunked bodies: the examples of the S3 documentation, both ways, and everything that must be refused.
#![cfg(feature = "client")]

mod length;
mod refused;

use std::io::Read;

use sigv4_kit::Credentials;
use sigv4_kit::aws_chunked::{
    ChunkDecoder, ChunkEncoder, ChunkError, ChunkedLayout, ChunkedReader, Trailer, Trailers,
};
use sigv4_kit::signing::{Authorization, ChunkSignatures, Date, Request, Signed, Signer, Verifier};

const KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

fn date() -> Date {
    Date::parse("20130524T000000Z").unwrap()
}

/// An upload signed as the documentation's examples are.
fn sign(layout: &ChunkedLayout, content_length: Option<&str>) -> (Signed, Authorization) {
    let credentials = Credentials::new(KEY_ID, SECRET).unwrap();
    let mut headers = vec![
        ("host", "s3.amazonaws.com"),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
    ];
    headers.extend(content_length.map(|length| ("content-length", length)));
    headers.extend(layout.headers());
    let path = "/examplebucket/chunkObject.txt";
    let request = Request::new("PUT", path, "", &headers, layout.payload()).unwrap();
    let signed = Signer::new(&credentials, "us-east-1", "s3")
        .unwrap()
        .sign(&request, date())
        .unwrap();

    let added: Vec<(&str, &str)> = signed.headers().collect();
    headers.extend(added);
    let received = Request::new("PUT", path, "", &headers, layout.payload()).unwrap();
    let authorization = Authorization::from_request(&received).unwrap();
    let verified = Verifier::new("us-east-1", "s3")
        .unwrap()
        .verify(&authorization, &received, SECRET, date())
        .unwrap();
    assert_eq!(verified.payload(), layout.payload());
    (signed, authorization)
}

fn encode(layout: &ChunkedLayout, body: &[u8]) -> (Vec<u8>, Authorization) {
    let (signed, authorization) = sign(layout, None);
    let signatures = ChunkSignatures::after(&signed, SECRET);
    let mut encoded = Vec::new();
    ChunkedReader::new(body, layout, signatures)
        .read_to_end(&mut encoded)
        .unwrap();
    assert_eq!(encoded.len() as u64, layout.encoded_length());
    (encoded, authorization)
}

fn decoder(layout: &ChunkedLayout, authorization: &Authorization) -> ChunkDecoder {
    ChunkDecoder::new(
        layout.payload(),
        layout.decoded_length(),
        layout.trailer().map_or("", Trailer::name),
        ChunkSignatures::of(authorization, SECRET),
    )
    .unwrap()
}

fn decode(
    mut decoder: ChunkDecoder,
    encoded: &[u8],
    piece: usize,
) -> (Vec<u8>, Result<Trailers, ChunkError>) {
    let mut body = Vec::new();
    for piece in encoded.chunks(piece) {
        if let Err(error) = decoder.decode(piece, &mut body) {
            assert_eq!(decoder.decode(b"x", &mut body), Err(error.clone()));
            assert_eq!(decoder.finish(), Err(error.clone()));
            return (body, Err(error));
        }
    }
    (body, decoder.finish())
}

/// The three forms, over a body of two full chunks and a rest.
fn layouts(length: u64) -> [ChunkedLayout; 3] {
    [
        ChunkedLayout::signed(length),
        ChunkedLayout::signed_with_trailer(length, Trailer::sha256()),
        ChunkedLayout::unsigned_with_trailer(length, Trailer::sha256()),
    ]
    .map(|layout| layout.unwrap().with_chunk_size(8192).unwrap())
}

fn body(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index % 251) as u8).collect()
}

#[test]
fn the_documentations_chunked_upload_is_encoded_byte_for_byte() {
    let layout = ChunkedLayout::signed(66560).unwrap();
    let (signed, authorization) = sign(&layout, Some("66824"));
    assert_eq!(
        signed.signature().to_hex(),
        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
    );
    let expected = [
        "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n",
        &"a".repeat(65536),
        "\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n",
        &"a".repeat(1024),
        "\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n",
    ]
    .concat();
    let signatures = ChunkSignatures::after(&signed, SECRET);
    let body = vec![b'a'; 66560];
    let mut encoded = String::new();
    ChunkedReader::new(&body[..], &layout, signatures)
        .read_to_string(&mut encoded)
        .unwrap();
    assert_eq!(encoded, expected);
    assert_eq!(layout.encoded_length(), 66824);

    let (decoded, trailers) = decode(decoder(&layout, &authorization), encoded.as_bytes(), 1000);
    assert_eq!(decoded, body);
    assert_eq!(trailers.unwrap().iter().count(), 0);
}

#[test]
fn the_documentations_signed_trailer_is_encoded_byte_for_byte() {
    let trailer = Trailer::known("x-amz-checksum-crc32c", "sOO8/Q==").unwrap();
    let layout = ChunkedLayout::signed_with_trailer(66560, trailer).unwrap();
    let (signed, authorization) = sign(&layout, None);
    assert_eq!(
        signed.signature().to_hex(),
        "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"
    );
    let expected = [
        "10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n",
        &"a".repeat(65536),
        "\r\n400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n",
        &"a".repeat(1024),
        "\r\n0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n",
        "x-amz-checksum-crc32c:sOO8/Q==\r\n",
        "x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n",
    ]
    .concat();
    let signatures = ChunkSignatures::after(&signed, SECRET);
    let body = vec![b'a'; 66560];
    let mut encoded = String::new();
    ChunkedReader::new(&body[..], &layout, signatures)
        .read_to_string(&mut encoded)
        .unwrap();
    assert_eq!(encoded, expected);
    assert_eq!(layout.encoded_length(), encoded.len() as u64);

    let (decoded, trailers) = decode(decoder(&layout, &authorization), encoded.as_bytes(), 1000);
    assert_eq!(decoded, body);
    let trailers = trailers.unwrap();
    assert_eq!(trailers.get("x-amz-checksum-crc32c"), Some("sOO8/Q=="));
}

#[test]
fn what_is_encoded_is_decoded_in_pieces_of_any_size() {
    for length in [0, 1, 8191, 8192, 8193, 20000] {
        for layout in layouts(length) {
            let body = body(length as usize);
            let (encoded, authorization) = encode(&layout, &body);
            for piece in [1, 7, 4096, encoded.len()] {
                let (decoded, trailers) = decode(decoder(&layout, &authorization), &encoded, piece);
                assert_eq!(trailers.map(|_| ()), Ok(()), "{layout:?}, {piece}");
                assert!(decoded == body, "{layout:?}, {piece}");
            }
        }
    }
}

#[test]
fn an_empty_chunk_given_to_the_encoder_does_not_end_the_body() {
    let [layout, ..] = layouts(5);
    let (signed, authorization) = sign(&layout, None);
    let mut encoder = ChunkEncoder::new(&layout, ChunkSignatures::after(&signed, SECRET));
    let mut encoded = Vec::new();
    for part in ["", "hello", ""] {
        encoder.chunk(part.as_bytes(), &mut encoded);
    }
    assert!(
        encoder
            .string_to_sign()
            .starts_with("AWS4-HMAC-SHA256-PAYLOAD\n20130524T000000Z\n")
    );
    encoder.finish(&mut encoded);
    let (decoded, result) = decode(decoder(&layout, &authorization), &encoded, 4096);
    assert!(result.is_ok());
    assert_eq!(decoded, b"hello");
}
