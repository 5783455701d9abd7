//! What the decoder refuses, and why.

use sigv4_kit::aws_chunked::{ChunkDecoder, ChunkError, ChunkedLayout, Trailer};
use sigv4_kit::signing::{ChunkSignatures, Payload};

use crate::{SECRET, body, decode, decoder, encode, layouts, sign};

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
