//! Lengths: announced, kept, and what happens otherwise.

use std::io::{self, Read};

use sigv4_kit::aws_chunked::{
    BodyLengthError, ChunkError, ChunkedLayout, ChunkedReader, LayoutError, Trailer,
};
use sigv4_kit::signing::ChunkSignatures;

use crate::{SECRET, body, decode, decoder, encode, layouts, sign};

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
