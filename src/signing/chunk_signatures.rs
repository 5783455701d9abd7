//! The signatures of chunks: each covers the one before it, the first one the request's own.

use super::authorization::Authorization;
use super::hmac::sha256;
use super::payload::EMPTY_SHA256;
use super::scope::CredentialScope;
use super::signature::Signature;
use super::signer::Signed;
use super::signing_key::SigningKey;
use super::text::Text;

/// The chain of signatures of a body that is signed chunk by chunk, at the point that it has reached.
///
/// AWS: "Signature calculations for the Authorization header: transferring payload in multiple chunks", and "Signature
/// calculations for trailing headers".
#[derive(Debug, Clone)]
pub struct ChunkSignatures {
    key: SigningKey,
    /// Date and credential scope, a line each.
    date_and_scope: Text,
    previous: Signature,
    string_to_sign: Text,
}

impl ChunkSignatures {
    /// The chain that continues a request signed in header form; its signature is the seed.
    ///
    /// ```
    /// # use sigv4_kit::Credentials;
    /// use sigv4_kit::signing::{ChunkSignatures, Date, Payload, Request, Signer};
    /// # let credentials = Credentials::new("AKIDEXAMPLE", "secret")?;
    /// let headers = [("host", "b.s3.amazonaws.com"), ("x-amz-decoded-content-length", "5")];
    /// let request = Request::new("PUT", "/key", "", &headers, Payload::StreamingSigned)?;
    /// let signed = Signer::new(&credentials, "us-east-1", "s3")?.sign(&request, Date::parse("20130524T000000Z")?)?;
    /// let mut chunks = ChunkSignatures::after(&signed, credentials.secret_access_key());
    /// let (first, last) = (chunks.chunk(b"hello"), chunks.chunk(b""));
    /// # let _ = (first, last);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn after(signed: &Signed, secret_access_key: &str) -> Self {
        let [_, (_, date), (_, scope), _] = signed.string_to_sign().lines();
        let mut parts = scope.split('/');
        let mut part = || parts.next().unwrap_or_default();
        let parsed = CredentialScope {
            day: part(),
            region: part(),
            service: part(),
        };
        Self::new(date, &parsed, signed.signature(), secret_access_key)
    }

    /// The same chain on the other side, from the Authorization that was received (and verified).
    pub fn of(authorization: &Authorization, secret_access_key: &str) -> Self {
        let date = authorization.date();
        Self::new(
            date.as_str(),
            &authorization.scope(),
            authorization.signature(),
            secret_access_key,
        )
    }

    fn new(
        date: &str,
        scope: &CredentialScope<'_>,
        seed: &Signature,
        secret_access_key: &str,
    ) -> Self {
        let mut date_and_scope = Text::default();
        date_and_scope.push_str(date);
        date_and_scope.push(b'\n');
        scope.write(&mut date_and_scope);
        ChunkSignatures {
            key: SigningKey::derive(secret_access_key, scope),
            date_and_scope,
            previous: *seed,
            string_to_sign: Text::default(),
        }
    }

    /// Signs the next chunk; the last one is empty.
    pub fn chunk(&mut self, data: &[u8]) -> Signature {
        self.write_chunk(&sha256(data));
        self.sign()
    }

    /// Signs the trailer, which follows the last chunk: a line `name:value\n` for each field, names in lower case and
    /// sorted, values trimmed.
    pub fn trailer(&mut self, canonical_trailer: &str) -> Signature {
        self.write_trailer(canonical_trailer);
        self.sign()
    }

    /// Whether `signature` is that of the next chunk, whose SHA-256 is given. The chain goes on only if it is.
    pub fn verifies_chunk(&mut self, chunk_sha256: &[u8; 32], signature: &Signature) -> bool {
        self.write_chunk(chunk_sha256);
        self.verifies(signature)
    }

    /// Whether `signature` is that of the trailer.
    pub fn verifies_trailer(&mut self, canonical_trailer: &str, signature: &Signature) -> bool {
        self.write_trailer(canonical_trailer);
        self.verifies(signature)
    }

    /// The text that was signed or verified last.
    pub fn string_to_sign(&self) -> &str {
        self.string_to_sign.as_str()
    }

    // "AWS4-HMAC-SHA256-PAYLOAD" \n date \n scope \n previous-signature \n SHA256("") \n SHA256(current-chunk-data)
    fn write_chunk(&mut self, chunk_sha256: &[u8; 32]) {
        self.start("AWS4-HMAC-SHA256-PAYLOAD\n");
        self.string_to_sign.push_str(EMPTY_SHA256);
        self.string_to_sign.push(b'\n');
        self.string_to_sign.push_hex(chunk_sha256);
    }

    // "AWS4-HMAC-SHA256-TRAILER" \n date \n scope \n previous-signature \n SHA256(trailer)
    fn write_trailer(&mut self, canonical_trailer: &str) {
        self.start("AWS4-HMAC-SHA256-TRAILER\n");
        self.string_to_sign
            .push_hex(&sha256(canonical_trailer.as_bytes()));
    }

    fn start(&mut self, algorithm_line: &str) {
        self.string_to_sign.clear();
        self.string_to_sign.push_str(algorithm_line);
        self.string_to_sign
            .push_bytes(self.date_and_scope.as_bytes());
        self.string_to_sign.push(b'\n');
        self.previous.push_hex(&mut self.string_to_sign);
        self.string_to_sign.push(b'\n');
    }

    fn sign(&mut self) -> Signature {
        self.previous = self.key.sign(self.string_to_sign.as_str());
        self.previous
    }

    fn verifies(&mut self, signature: &Signature) -> bool {
        let verified = self.key.verifies(self.string_to_sign.as_str(), signature);
        if verified {
            self.previous = *signature;
        }
        verified
    }
}
