//! The payload, always stated: bytes, a known hash, unsigned, or signed chunk by chunk.

use super::hmac::sha256;
use super::text::Text;

/// What the last line of the canonical request says of the body.
///
/// AWS: "Create a canonical request", HashedPayload; for the streaming forms "Signature calculations for the
/// Authorization header: transferring payload in multiple chunks".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Payload<'a> {
    /// The body itself; its SHA-256 is taken.
    Bytes(&'a [u8]),
    /// The SHA-256 of a body that is elsewhere, such as in a file.
    Sha256([u8; 32]),
    /// `UNSIGNED-PAYLOAD`: the body is not protected by the signature.
    Unsigned,
    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD`: each chunk carries a signature of its own.
    StreamingSigned,
    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER`: the same, with a signed trailer.
    StreamingSignedTrailer,
    /// `STREAMING-UNSIGNED-PAYLOAD-TRAILER`: chunks without signatures, with a trailer that holds a checksum.
    StreamingUnsignedTrailer,
}

/// SHA-256 of nothing: what a request without a body states.
pub(super) const EMPTY_SHA256: &str =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

impl<'a> Payload<'a> {
    /// The value of `x-amz-content-sha256` back to what it states; `None` if it is none of the known forms.
    ///
    /// 64 hex digits, in either case, become [`Payload::Sha256`].
    pub fn from_header(value: &str) -> Option<Payload<'a>> {
        const NAMED: [Payload<'static>; 4] = [
            Payload::Unsigned,
            Payload::StreamingSigned,
            Payload::StreamingSignedTrailer,
            Payload::StreamingUnsignedTrailer,
        ];
        if let Some(payload) = NAMED
            .into_iter()
            .find(|payload| payload.fixed_text() == Some(value))
        {
            return Some(payload);
        }
        let mut hash = [0; 32];
        hex::decode_to_slice(value, &mut hash).ok()?;
        Some(Payload::Sha256(hash))
    }

    /// The text for payloads whose hash needs no computing.
    fn fixed_text(&self) -> Option<&'static str> {
        match self {
            Payload::Bytes([]) => Some(EMPTY_SHA256),
            Payload::Bytes(_) | Payload::Sha256(_) => None,
            Payload::Unsigned => Some("UNSIGNED-PAYLOAD"),
            Payload::StreamingSigned => Some("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
            Payload::StreamingSignedTrailer => Some("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"),
            Payload::StreamingUnsignedTrailer => Some("STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        }
    }

    /// Whether bodies of this form are wrapped in the `aws-chunked` content encoding.
    pub fn is_streaming(&self) -> bool {
        matches!(
            self,
            Payload::StreamingSigned
                | Payload::StreamingSignedTrailer
                | Payload::StreamingUnsignedTrailer
        )
    }

    /// The same with bytes replaced by their SHA-256.
    pub(super) fn hashed(&self) -> Payload<'static> {
        match *self {
            Payload::Bytes(bytes) => Payload::Sha256(sha256(bytes)),
            Payload::Sha256(hash) => Payload::Sha256(hash),
            Payload::Unsigned => Payload::Unsigned,
            Payload::StreamingSigned => Payload::StreamingSigned,
            Payload::StreamingSignedTrailer => Payload::StreamingSignedTrailer,
            Payload::StreamingUnsignedTrailer => Payload::StreamingUnsignedTrailer,
        }
    }

    /// HashedPayload = HexEncode(SHA256Hash(payload)), or the word that stands for it, appended to `out`.
    pub(super) fn write_hashed(&self, out: &mut Text) {
        match (self.fixed_text(), self) {
            (Some(text), _) => out.push_str(text),
            (None, Payload::Sha256(hash)) => out.push_hex(hash),
            (None, Payload::Bytes(bytes)) => out.push_hex(&sha256(bytes)),
            (None, _) => unreachable!("every other form has a fixed text"),
        }
    }
}
