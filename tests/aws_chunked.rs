//! aws-chunked bodies: the examples of the S3 documentation, both ways, and everything that must be refused.
#![cfg(feature = "client")]

use std::io::{self, Read};

use sigv4_kit::Credentials;
use sigv4_kit::aws_chunked::{
    BodyLengthError, ChunkDecoder, ChunkEncoder, ChunkError, ChunkedLayout, ChunkedReader,
    LayoutError, Trailer, Trailers,
};
use sigv4_kit::signing::{
    Authorization, ChunkSignatures, Date, Payload, Request, Signed, Signer, Verifier,
};

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
fn a_body_with_any_byte_changed_is_refused_and_no_altered_signed_data_is_handed_out() {
    let body = body(8200);
    for layout in layouts(8200) {
        let (encoded, authorization) = encode(&layout, &body);
        let framing = |at: &usize| *at < 100 || *at > 8270 || at.is_multiple_of(97);
        for at in (0..encoded.len()).filter(framing) {
            let mut altered = encoded.clone();
            altered[at] ^= 1;
            let (decoded, result) = decode(decoder(&layout, &authorization), &altered, 4096);
            assert!(result.is_err(), "byte {at} of {:?}", layout.payload());
            if layout.payload() != Payload::StreamingUnsignedTrailer {
                assert!(body.starts_with(&decoded), "byte {at}");
            }
        }
    }
}

#[test]
fn a_body_cut_short_or_with_bytes_after_its_end_is_refused() {
    let body = body(8200);
    for layout in layouts(8200) {
        let (encoded, authorization) = encode(&layout, &body);
        for length in (0..encoded.len()).rev().take(300).chain([0, 50, 4000]) {
            let (_, result) = decode(decoder(&layout, &authorization), &encoded[..length], 4096);
            assert_eq!(result, Err(ChunkError::Truncated), "{length}");
        }
        let longer = [&encoded[..], b"\r\n"].concat();
        let (_, result) = decode(decoder(&layout, &authorization), &longer, 4096);
        assert_eq!(result, Err(ChunkError::AfterEnd));
    }
}

#[test]
fn chunks_that_change_places_are_refused() {
    let [layout, ..] = layouts(16384);
    let (encoded, authorization) = encode(&layout, &body(16384));
    let chunk = "2000;chunk-signature=".len() + 64 + 2 + 8192 + 2;
    let swapped = [
        &encoded[chunk..2 * chunk],
        &encoded[..chunk],
        &encoded[2 * chunk..],
    ]
    .concat();
    let (decoded, result) = decode(decoder(&layout, &authorization), &swapped, 4096);
    assert_eq!(result, Err(ChunkError::ChunkSignatureMismatch { index: 0 }));
    assert!(decoded.is_empty());
    // A chunk left out, and the body ended early.
    let shorter = [&encoded[..chunk], &encoded[2 * chunk..]].concat();
    let (_, result) = decode(decoder(&layout, &authorization), &shorter, 4096);
    assert_eq!(result, Err(ChunkError::ChunkSignatureMismatch { index: 1 }));
}

#[test]
fn each_fault_of_an_unsigned_body_has_its_reason() {
    const SUM: &str = "x-amz-checksum-sha256:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=\r\n";
    let layout = ChunkedLayout::unsigned_with_trailer(5, Trailer::sha256()).unwrap();
    let (_, authorization) = sign(&layout, None);
    let decode = |text: &str| decode(decoder(&layout, &authorization), text.as_bytes(), 3).1;
    assert!(decode(&format!("5\r\nhello\r\n0\r\n{SUM}\r\n")).is_ok());
    assert!(decode(&format!("2\r\nhe\r\n3\r\nllo\r\n0\r\n{SUM}\r\n")).is_ok());
    let undeclared = |name: &str| ChunkError::UndeclaredTrailer { name: name.into() };
    for (text, expected) in [
        ("5\nhello", ChunkError::LineEnd),
        ("5\r\rhello", ChunkError::LineEnd),
        ("\r\nhello", ChunkError::Size),
        ("05\r\nhello", ChunkError::Size),
        ("00\r\n", ChunkError::Size),
        ("+5\r\nhello", ChunkError::Size),
        ("0x5\r\nhello", ChunkError::Size),
        (" 5\r\nhello", ChunkError::Size),
        ("5 \r\nhello", ChunkError::Size),
        ("é\r\nhello", ChunkError::Size),
        ("10000000000000000\r\n", ChunkError::Size),
        ("5;a=b\r\nhello", ChunkError::UnexpectedSignature),
        ("6\r\nhello!\r\n", ChunkError::TooLong { decoded_length: 5 }),
        (
            "ffffffffffffffff\r\n",
            ChunkError::TooLong { decoded_length: 5 },
        ),
        (
            "4\r\nhell\r\n0\r\n",
            ChunkError::TooShort {
                decoded_length: 5,
                found: 4,
            },
        ),
        ("5\r\nhello!\r\n", ChunkError::DataEnd { index: 0 }),
        ("5\r\nhello0\r\n", ChunkError::DataEnd { index: 0 }),
        ("5\r\nhello\n\n", ChunkError::DataEnd { index: 0 }),
        ("5\r\nhello\r\n0\r\nno colon\r\n", ChunkError::TrailerForm),
        ("5\r\nhello\r\n0\r\nUpper: x\r\n", ChunkError::TrailerForm),
        ("5\r\nhello\r\n0\r\nname : x\r\n", ChunkError::TrailerForm),
        ("5\r\nhello\r\n0\r\nname:\r\n", ChunkError::TrailerForm),
        ("5\r\nhello\r\n0\r\nname:x\r\n", undeclared("name")),
        (
            "5\r\nhello\r\n0\r\nx-amz-trailer-signature:x\r\n",
            ChunkError::Signature,
        ),
        (
            &format!(
                "5\r\nhello\r\n0\r\n{SUM}x-amz-trailer-signature:{}\r\n",
                "0".repeat(64)
            ),
            undeclared("x-amz-trailer-signature"),
        ),
        (
            &format!("5\r\nhello\r\n0\r\n{SUM}{SUM}"),
            ChunkError::RepeatedTrailer {
                name: "x-amz-checksum-sha256".into(),
            },
        ),
        (
            "5\r\nhello\r\n0\r\n\r\n",
            ChunkError::MissingTrailer {
                name: "x-amz-checksum-sha256".into(),
            },
        ),
        (
            &format!("5\r\nhellO\r\n0\r\n{SUM}\r\n"),
            ChunkError::ChecksumMismatch,
        ),
        (&"1".repeat(5000), ChunkError::LineTooLong { limit: 1024 }),
    ] {
        assert_eq!(decode(text), Err(expected), "{text:?}");
    }
}

#[test]
fn each_fault_of_a_signed_body_has_its_reason() {
    let body = body(8200);
    let [layout, with_trailer, _] = layouts(8200);
    let (encoded, authorization) = encode(&layout, &body);
    let replaced = |from: &str, to: &str| {
        let text: String = encoded.iter().map(|byte| char::from(*byte)).collect();
        assert!(text.contains(from));
        let text = text.replacen(from, to, 1);
        let bytes: Vec<u8> = text.chars().map(|char| char as u8).collect();
        decode(decoder(&layout, &authorization), &bytes, 4096).1
    };
    for (from, to, expected) in [
        (
            ";chunk-signature=",
            ";chunk-signaturE=",
            ChunkError::Signature,
        ),
        (
            ";chunk-signature=",
            ";chunk-signature= ",
            ChunkError::Signature,
        ),
        (
            ";chunk-signature=",
            ";chunk-signature=0",
            ChunkError::Signature,
        ),
        (
            ";chunk-signature=",
            ";x=y;chunk-signature=",
            ChunkError::Signature,
        ),
        (
            "2000;",
            "1fff;",
            ChunkError::ChunkSignatureMismatch { index: 0 },
        ),
        ("2000;", "2000", ChunkError::Size),
        (
            "\r\n8;",
            "\r\n7;",
            ChunkError::ChunkSignatureMismatch { index: 1 },
        ),
        (
            "\r\n8;",
            "\r\n9;",
            ChunkError::TooLong {
                decoded_length: 8200,
            },
        ),
    ] {
        assert_eq!(replaced(from, to), Err(expected), "{from:?} to {to:?}");
    }
    let without = decode(decoder(&layout, &authorization), b"2000\r\n", 4096).1;
    assert_eq!(without, Err(ChunkError::MissingSignature));
    let limited = decoder(&layout, &authorization).with_max_chunk_size(8191);
    assert_eq!(
        decode(limited, &encoded, 4096).1,
        Err(ChunkError::ChunkTooLarge {
            size: 8192,
            limit: 8191
        })
    );

    let (encoded, authorization) = encode(&with_trailer, &body);
    let signature_line = "x-amz-trailer-signature:".len() + 64 + 2;
    let unsigned = [&encoded[..encoded.len() - 2 - signature_line], b"\r\n"].concat();
    let result = decode(decoder(&with_trailer, &authorization), &unsigned, 4096).1;
    assert_eq!(result, Err(ChunkError::MissingSignature));
    let after = [
        &encoded[..encoded.len() - 2],
        b"x-amz-checksum-sha256:x\r\n\r\n",
    ]
    .concat();
    let result = decode(decoder(&with_trailer, &authorization), &after, 4096).1;
    assert_eq!(result, Err(ChunkError::TrailerForm));
}

#[test]
fn a_decoder_for_another_form_is_not_made() {
    let [layout, ..] = layouts(5);
    let (_, authorization) = sign(&layout, None);
    let new = |payload, declared| {
        let signatures = ChunkSignatures::of(&authorization, SECRET);
        ChunkDecoder::new(payload, 5, declared, signatures)
            .map(|_| ())
            .unwrap_err()
    };
    for payload in [
        Payload::Unsigned,
        Payload::Bytes(b""),
        Payload::Sha256([0; 32]),
    ] {
        assert_eq!(new(payload, ""), ChunkError::Payload);
    }
    for (payload, declared) in [
        (Payload::StreamingSigned, "x-amz-checksum-crc32"),
        (Payload::StreamingSignedTrailer, ""),
        (Payload::StreamingUnsignedTrailer, ""),
        (Payload::StreamingUnsignedTrailer, "a,,b"),
        (Payload::StreamingUnsignedTrailer, "a b"),
        (Payload::StreamingSignedTrailer, "x-amz-trailer-signature"),
    ] {
        assert_eq!(new(payload, declared), ChunkError::DeclaredTrailer);
    }
}

#[test]
fn a_body_of_another_length_than_announced_fails_before_its_last_chunk() {
    for layout in layouts(20000) {
        for (length, expected) in [
            (
                0,
                BodyLengthError::TooShort {
                    decoded_length: 20000,
                    found: 0,
                },
            ),
            (
                19999,
                BodyLengthError::TooShort {
                    decoded_length: 20000,
                    found: 19999,
                },
            ),
            (
                20001,
                BodyLengthError::TooLong {
                    decoded_length: 20000,
                },
            ),
        ] {
            let (signed, authorization) = sign(&layout, None);
            let body = body(length);
            let mut reader =
                ChunkedReader::new(&body[..], &layout, ChunkSignatures::after(&signed, SECRET));
            let mut encoded = Vec::new();
            for _ in 0..2 {
                let error = reader.read_to_end(&mut encoded).unwrap_err();
                let inner = error.get_ref().unwrap().downcast_ref::<BodyLengthError>();
                assert_eq!(inner, Some(&expected));
            }
            let (_, result) = decode(decoder(&layout, &authorization), &encoded, 4096);
            assert_eq!(result, Err(ChunkError::Truncated));
        }
    }
}

/// Fails once in a while, and reads little at a time.
struct Halting<'a> {
    body: &'a [u8],
    calls: usize,
}

impl Read for Halting<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.calls += 1;
        match self.calls % 7 {
            3 => Err(io::ErrorKind::Interrupted.into()),
            5 => Err(io::ErrorKind::WouldBlock.into()),
            _ => {
                let count = out.len().min(1000);
                self.body.read(&mut out[..count])
            }
        }
    }
}

#[test]
fn a_body_that_halts_is_read_on() {
    let body = body(20000);
    for layout in layouts(20000) {
        let (expected, _) = encode(&layout, &body);
        let (signed, _) = sign(&layout, None);
        let halting = Halting {
            body: &body,
            calls: 0,
        };
        let signatures = ChunkSignatures::after(&signed, SECRET);
        let mut reader = ChunkedReader::new(halting, &layout, signatures);
        let mut encoded = Vec::new();
        while let Err(error) = reader.read_to_end(&mut encoded) {
            assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
        }
        assert!(encoded == expected);
    }
}

#[test]
fn the_length_is_known_up_front_for_any_size() {
    for length in [
        1, 15, 16, 255, 256, 4095, 4096, 8191, 8192, 8193, 16384, 70000,
    ] {
        for layout in layouts(length) {
            encode(&layout, &body(length as usize));
        }
        let trailer = Trailer::known("x-amz-checksum-crc32", "AAAAAA==").unwrap();
        encode(
            &ChunkedLayout::signed_with_trailer(length, trailer).unwrap(),
            &body(length as usize),
        );
    }
    let longest = ChunkedLayout::signed(ChunkedLayout::MAX_DECODED_LENGTH).unwrap();
    assert!(longest.encoded_length() > ChunkedLayout::MAX_DECODED_LENGTH);
}

#[test]
fn what_no_layout_can_hold_is_refused() {
    assert_eq!(
        ChunkedLayout::signed(u64::MAX).unwrap_err(),
        LayoutError::DecodedLength {
            decoded_length: u64::MAX
        }
    );
    assert_eq!(
        ChunkedLayout::signed(1)
            .unwrap()
            .with_chunk_size(8191)
            .unwrap_err(),
        LayoutError::ChunkSize { chunk_size: 8191 }
    );
    for name in [
        "",
        "Upper",
        "a b",
        "a:b",
        "a\r\nb",
        "x-amz-trailer-signature",
    ] {
        assert_eq!(
            Trailer::known(name, "x"),
            Err(LayoutError::TrailerName),
            "{name:?}"
        );
    }
    for value in ["", " x", "x ", "a\r\nb", "é", "\0"] {
        assert_eq!(
            Trailer::known("a", value),
            Err(LayoutError::TrailerValue),
            "{value:?}"
        );
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
