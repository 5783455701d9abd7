//! aws-chunked bodies: decoding does not depend on the pieces; what is encoded decodes, and not with a byte changed.
//!
//! The first byte chooses the form, the second the size of the pieces, the third a byte to change; the rest is the body.

use sigv4_kit::aws_chunked::{
    ChunkDecoder, ChunkEncoder, ChunkError, ChunkedLayout, Trailer, Trailers,
};
use sigv4_kit::signing::{Authorization, ChunkSignatures, Date};

const HEADER: &str = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20130524/us-east-1/s3/aws4_request, \
    SignedHeaders=host, Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";

pub fn run(data: &[u8]) {
    let [form, piece, at, body @ ..] = data else {
        return;
    };
    let piece = usize::from(*piece % 100) + 1;
    // As a decoder meets it.
    let announced = u64::from(*at);
    let layout = layout(*form, announced);
    let whole = decode(&layout, body, body.len().max(1));
    let pieces = decode(&layout, body, piece);
    assert_eq!(whole, pieces);
    if let (decoded, Ok(_)) = whole {
        assert_eq!(decoded.len() as u64, announced);
    }

    // As an encoder makes it.
    let layout = self::layout(*form, body.len() as u64);
    let mut encoder = ChunkEncoder::new(&layout, signatures());
    let mut encoded = Vec::new();
    for chunk in body.chunks(piece) {
        encoder.chunk(chunk, &mut encoded);
    }
    encoder.finish(&mut encoded);
    let (decoded, result) = decode(&layout, &encoded, piece);
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(decoded, body);
    let at = usize::from(*at) % encoded.len();
    encoded[at] ^= 1;
    let (decoded, result) = decode(&layout, &encoded, piece);
    assert!(result.is_err(), "byte {at} changed");
    if form % 3 < 2 {
        assert!(body.starts_with(&decoded), "byte {at} changed");
    }
}

fn layout(form: u8, length: u64) -> ChunkedLayout {
    match form % 3 {
        0 => ChunkedLayout::signed(length),
        1 => ChunkedLayout::signed_with_trailer(length, Trailer::sha256()),
        _ => ChunkedLayout::unsigned_with_trailer(length, Trailer::sha256()),
    }
    .expect("the body is short")
}

fn signatures() -> ChunkSignatures {
    let date = Date::parse("20130524T000000Z").expect("the date is good");
    let authorization = Authorization::from_header(HEADER, date).expect("the header is good");
    ChunkSignatures::of(&authorization, "secret")
}

fn decode(
    layout: &ChunkedLayout,
    encoded: &[u8],
    piece: usize,
) -> (Vec<u8>, Result<Trailers, ChunkError>) {
    let declared = layout.trailer().map_or("", Trailer::name);
    let length = layout.decoded_length();
    let mut decoder = ChunkDecoder::new(layout.payload(), length, declared, signatures())
        .expect("the layout is whole")
        .with_max_chunk_size(100);
    let mut decoded = Vec::new();
    for piece in encoded.chunks(piece) {
        if let Err(error) = decoder.decode(piece, &mut decoded) {
            return (decoded, Err(error));
        }
    }
    (decoded, decoder.finish())
}
