//! Signing in query form: a presigned URL, which whoever has it may use until it expires.
//!
//! AWS: "Authenticating requests: using query parameters (AWS Signature Version 4)".

use core::fmt;

use super::ALGORITHM;
use super::canonical_headers::Headers;
use super::canonical_request::CanonicalRequest;
use super::date::Date;
use super::encode::push_query_encoded;
use super::error::SignError;
use super::payload::Payload;
use super::request::Request;
use super::rules::{TOKEN_PARAMETERS, TokenRule};
use super::signature::Signature;
use super::signer::Signer;
use super::signing_key::SigningKeys;
use super::string_to_sign::StringToSign;
use super::text::Text;

/// The longest that a presigned URL may be good for: seven days.
pub(super) const MAX_EXPIRES_SECONDS: u32 = 604_800;

impl Signer<'_> {
    /// Signs in query form: a query string such that `request` with it is correctly signed from `date` until
    /// `expires_seconds` later.
    ///
    /// The parameters that the request has already are kept. The session token is a parameter too; the [`Rules`](super::Rules) say
    /// whether it is signed.
    ///
    /// # Errors
    /// See [`SignError`].
    pub fn presign(
        &self,
        request: &Request<'_>,
        date: Date,
        expires_seconds: u32,
    ) -> Result<Presigned, SignError> {
        let mut presigned = Presigned::default();
        self.presign_into(
            request,
            date,
            expires_seconds,
            &mut SigningKeys::new(),
            &mut presigned,
        )?;
        Ok(presigned)
    }

    /// Like [`Signer::presign`], into buffers and with keys that are kept.
    ///
    /// # Errors
    /// See [`SignError`]; `presigned` then has no query string.
    pub fn presign_into(
        &self,
        request: &Request<'_>,
        date: Date,
        expires_seconds: u32,
        keys: &mut SigningKeys,
        presigned: &mut Presigned,
    ) -> Result<(), SignError> {
        presigned.query.clear();
        if !(1..=MAX_EXPIRES_SECONDS).contains(&expires_seconds) {
            return Err(SignError::Expires {
                seconds: expires_seconds,
            });
        }
        let token = self.credentials.session_token();
        let given = self.check(request, date, None)?;
        let Presigned {
            canonical_request,
            string_to_sign,
            signature,
            query,
            scratch,
        } = presigned;
        let payload = match given.content_sha256 {
            None if self.rules.presigned_payload_unsigned => Payload::Unsigned,
            _ => request.payload,
        };

        // Step 1: the canonical request, with every parameter but the signature.
        canonical_request.begin(Headers::new(request, &[]), |name| self.signs(name));
        let scope = self.scope(&date);
        let parameters = &mut canonical_request.parameters;
        let mut already_signed = false;
        parameters.add_query(request.query, |name| {
            already_signed |= is_signing_parameter(name);
            true
        });
        if already_signed {
            return Err(SignError::AlreadySigned);
        }
        parameters.add("X-Amz-Algorithm", |out| out.push_str(ALGORITHM));
        parameters.add("X-Amz-Credential", |out| {
            push_query_encoded(out, self.credentials.access_key_id().as_bytes());
            out.push_str("%2F");
            scope.write_encoded(out);
        });
        parameters.add("X-Amz-Date", |out| out.push_bytes(date.as_bytes()));
        parameters.add("X-Amz-Expires", |out| {
            out.push_bytes(decimal(expires_seconds, &mut [0; 10]));
        });
        if let (Some(token), TokenRule::Signed) = (token, self.rules.token) {
            parameters.add(self.rules.token_parameter, |out| {
                push_query_encoded(out, token.as_bytes());
            });
        }
        let signed_headers = canonical_request.headers.signed.as_bytes();
        parameters.add("X-Amz-SignedHeaders", |out| {
            push_query_encoded(out, signed_headers);
        });
        scratch.clear();
        payload.write_hashed(scratch);
        given.check_content_sha256(scratch)?;
        canonical_request.write(request, self.rules.path, scratch);

        // Steps 2 to 4: the string to sign, the signature.
        string_to_sign.write(date, &scope, canonical_request);
        *signature = keys
            .get(self.credentials.secret_access_key(), &scope)
            .sign_text(string_to_sign);

        // Step 5: the signature is the last parameter.
        query.push_bytes(canonical_request.query_string());
        query.push_str("&X-Amz-Signature=");
        signature.push_hex(query);
        if let (Some(token), TokenRule::AppendedAfterSigning) = (token, self.rules.token) {
            query.push(b'&');
            query.push_str(self.rules.token_parameter);
            query.push(b'=');
            push_query_encoded(query, token.as_bytes());
        }
        Ok(())
    }
}

/// Every parameter that presigning may add to a URL; the last two hold session tokens.
pub const SIGNING_PARAMETERS: [&str; 8] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
    TOKEN_PARAMETERS[0],
    TOKEN_PARAMETERS[1],
];

fn is_signing_parameter(name: &[u8]) -> bool {
    name.starts_with(b"X-Amz-")
        && SIGNING_PARAMETERS
            .iter()
            .any(|added| added.as_bytes() == name)
}

fn decimal(mut number: u32, digits: &mut [u8; 10]) -> &[u8] {
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    &digits[start..]
}

/// A presigned request: the query string to send it with, and every step that led there.
///
/// Whoever has the query string may send the request until it expires.
pub struct Presigned {
    canonical_request: CanonicalRequest,
    string_to_sign: StringToSign,
    signature: Signature,
    query: Text,
    scratch: Text,
}

impl Presigned {
    /// The whole query string: the request's own parameters, those of the signature, and the signature last.
    pub fn query(&self) -> &str {
        self.query.as_str()
    }

    /// The signature.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    /// Step 1.
    pub fn canonical_request(&self) -> &CanonicalRequest {
        &self.canonical_request
    }

    /// Step 3.
    pub fn string_to_sign(&self) -> &StringToSign {
        &self.string_to_sign
    }
}

impl Default for Presigned {
    /// Empty buffers for [`Signer::presign_into`].
    fn default() -> Self {
        Presigned {
            canonical_request: CanonicalRequest::default(),
            string_to_sign: StringToSign::default(),
            signature: Signature([0; 32]),
            query: Text::default(),
            scratch: Text::default(),
        }
    }
}

impl fmt::Debug for Presigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presigned")
            .field("canonical_request", &self.canonical_request)
            .finish_non_exhaustive()
    }
}
