//! Signing a request: the four steps of AWS's page, in its order.

use alloc::string::String;
use core::fmt;

use zeroize::{Zeroize, Zeroizing};

use super::ALGORITHM;
use super::canonical_headers::Headers;
use super::canonical_request::CanonicalRequest;
use super::date::Date;
use super::error::{ScopeError, SignError};
use super::payload::Payload;
use super::request::Request;
use super::rules::{Rules, TokenRule};
use super::scope::{CredentialScope, check_part};
use super::signature::Signature;
use super::signing_key::SigningKeys;
use super::string_to_sign::StringToSign;
use super::text::Text;
use crate::Credentials;

/// Signs requests to one service in one region with one set of credentials.
#[derive(Debug, Clone, Copy)]
pub struct Signer<'a> {
    pub(super) credentials: &'a Credentials,
    region: &'a str,
    service: &'a str,
    pub(super) rules: Rules,
}

impl<'a> Signer<'a> {
    /// A signer with the [`Rules`] of the service. `service` is the signing name: `es`, `aoss`, `s3`, `execute-api`.
    ///
    /// # Errors
    /// A region or service that is empty or has a character that no scope can carry.
    pub fn new(
        credentials: &'a Credentials,
        region: &'a str,
        service: &'a str,
    ) -> Result<Self, ScopeError> {
        check_part("region", region)?;
        check_part("service", service)?;
        Ok(Signer {
            credentials,
            region,
            service,
            rules: Rules::for_service(service),
        })
    }

    /// The same signer with other rules.
    #[must_use]
    pub fn with_rules(self, rules: Rules) -> Self {
        Signer { rules, ..self }
    }

    /// Signs in header form: values such that `request` + [`Signed::headers`] is correctly signed at `date`.
    ///
    /// Added and signed: `x-amz-date`; `x-amz-content-sha256` where the [`Rules`] or the payload ask for it; the session
    /// token, where there is one. Any of them may be among the request's headers already, if it says the same.
    ///
    /// # Errors
    /// See [`SignError`].
    pub fn sign(&self, request: &Request<'_>, date: Date) -> Result<Signed, SignError> {
        let mut signed = Signed::default();
        self.sign_into(request, date, &mut SigningKeys::new(), &mut signed)?;
        Ok(signed)
    }

    /// Like [`Signer::sign`], into buffers and with keys that are kept: nothing is allocated once they have grown.
    ///
    /// # Errors
    /// See [`SignError`]; `signed` then has no Authorization.
    pub fn sign_into(
        &self,
        request: &Request<'_>,
        date: Date,
        keys: &mut SigningKeys,
        signed: &mut Signed,
    ) -> Result<(), SignError> {
        self.complete(request, date, signed)?;

        // Step 1: the canonical request.
        self.write_canonical_request(request, date, signed)?;

        // Steps 2 and 3: its hash, in the string to sign.
        let scope = self.scope(&date);
        signed
            .string_to_sign
            .write(date, &scope, &signed.canonical_request);

        // Step 4: the signature.
        let key = keys.get(self.credentials.secret_access_key(), &scope);
        signed.signature = key.sign_text(&mut signed.string_to_sign);

        // Step 5: the Authorization header.
        let out = &mut signed.authorization;
        out.push_str(ALGORITHM);
        out.push_str(" Credential=");
        out.push_str(self.credentials.access_key_id());
        out.push(b'/');
        out.push_bytes(signed.string_to_sign.scope());
        out.push_str(", SignedHeaders=");
        out.push_bytes(signed.canonical_request.headers.signed.as_bytes());
        out.push_str(", Signature=");
        signed.signature.push_hex(out);
        Ok(())
    }

    /// What has to be known before step 1: the hashed payload, and which headers are added.
    fn complete(
        &self,
        request: &Request<'_>,
        date: Date,
        signed: &mut Signed,
    ) -> Result<(), SignError> {
        signed.reset(date, self.rules.token_header);
        let token = self.credentials.session_token();
        let given = self.check(request, date, token)?;
        request.payload.write_hashed(&mut signed.hashed_payload);
        given.check_content_sha256(&signed.hashed_payload)?;
        signed.adds_date = given.date.is_none();
        signed.adds_content_sha256 = given.content_sha256.is_none()
            && (self.rules.content_sha256_header
                || !matches!(request.payload, Payload::Bytes(_) | Payload::Sha256(_)));
        if let (Some(token), None) = (token, given.token) {
            signed.keep_token(token);
        }
        Ok(())
    }

    fn write_canonical_request(
        &self,
        request: &Request<'_>,
        date: Date,
        signed: &mut Signed,
    ) -> Result<(), SignError> {
        let mut added = [("", &[][..]); 3];
        let mut count = 0;
        let mut add = |name, value| {
            added[count] = (name, value);
            count += 1;
        };
        if signed.adds_date {
            add("x-amz-date", &date.as_bytes()[..]);
        }
        if signed.adds_content_sha256 {
            add("x-amz-content-sha256", signed.hashed_payload.as_bytes());
        }
        if !signed.session_token.is_empty() && self.rules.token == TokenRule::Signed {
            add(self.rules.token_header, signed.session_token.as_bytes());
        }
        let canonical_request = &mut signed.canonical_request;
        canonical_request.begin(Headers::new(request, &added[..count]), |name| {
            self.signs(name)
        });
        let mut already_signed = false;
        canonical_request
            .parameters
            .add_query(request.query, |name| {
                already_signed |= name == b"X-Amz-Signature";
                true
            });
        if already_signed {
            return Err(SignError::AlreadySigned);
        }
        canonical_request.write(request, self.rules.path, &signed.hashed_payload);
        Ok(())
    }

    /// Whether a header is signed: each is, but a token that is added after signing.
    pub(super) fn signs(&self, name: &str) -> bool {
        self.rules.token == TokenRule::Signed || !name.eq_ignore_ascii_case(self.rules.token_header)
    }

    /// Where the key of this signer is good, on the day of the date.
    pub(super) fn scope<'s>(&'s self, date: &'s Date) -> CredentialScope<'s> {
        CredentialScope {
            day: date.day(),
            region: self.region,
            service: self.service,
        }
    }

    /// One pass over the headers: what must be there, what must not, and what signing would add.
    pub(super) fn check<'r>(
        &self,
        request: &Request<'r>,
        date: Date,
        token: Option<&str>,
    ) -> Result<Given<'r>, SignError> {
        if self.rules.payload_unsigned_only && request.payload != Payload::Unsigned {
            return Err(SignError::PayloadMustBeUnsigned);
        }
        let mut given = Given::default();
        let mut host = false;
        for (name, value) in request.headers {
            let (slot, name) = if name.eq_ignore_ascii_case("host") {
                host = true;
                continue;
            } else if name.eq_ignore_ascii_case("x-amz-date") {
                (&mut given.date, "x-amz-date")
            } else if name.eq_ignore_ascii_case("x-amz-content-sha256") {
                (&mut given.content_sha256, "x-amz-content-sha256")
            } else if name.eq_ignore_ascii_case(self.rules.token_header) {
                (&mut given.token, self.rules.token_header)
            } else if name.eq_ignore_ascii_case("authorization") {
                return Err(SignError::AlreadySigned);
            } else {
                continue;
            };
            // Twice, its values would be joined, and no verifier takes that for one value.
            if slot.replace(*value).is_some() {
                return Err(SignError::HeaderConflict(name));
            }
        }
        if !host {
            return Err(SignError::MissingHost);
        }
        if given.date.is_some_and(|value| value != date.as_str()) {
            return Err(SignError::HeaderConflict("x-amz-date"));
        }
        if let (Some(value), Some(token)) = (given.token, token)
            && value != token
        {
            return Err(SignError::HeaderConflict(self.rules.token_header));
        }
        Ok(given)
    }
}

/// What signing would add, where the request has it already.
#[derive(Default)]
pub(super) struct Given<'r> {
    date: Option<&'r str>,
    pub(super) content_sha256: Option<&'r str>,
    token: Option<&'r str>,
}

impl Given<'_> {
    /// A hash that the request states already must be that of the payload.
    pub(super) fn check_content_sha256(&self, hashed_payload: &Text) -> Result<(), SignError> {
        match self.content_sha256 {
            Some(value) if value.as_bytes() != hashed_payload.as_bytes() => {
                Err(SignError::HeaderConflict("x-amz-content-sha256"))
            }
            _ => Ok(()),
        }
    }
}

/// A signed request: the headers to send with it, and every step that led there.
///
/// May be signed into again; see [`Signer::sign_into`].
pub struct Signed {
    canonical_request: CanonicalRequest,
    string_to_sign: StringToSign,
    signature: Signature,
    authorization: Text,
    hashed_payload: Text,
    session_token: Zeroizing<String>,
    token_header: &'static str,
    date: Option<Date>,
    adds_date: bool,
    adds_content_sha256: bool,
}

impl Signed {
    fn reset(&mut self, date: Date, token_header: &'static str) {
        self.authorization.clear();
        self.hashed_payload.clear();
        self.session_token.clear();
        self.token_header = token_header;
        self.date = Some(date);
    }

    fn keep_token(&mut self, token: &str) {
        // Growing would leave a copy of the last token behind.
        if token.len() > self.session_token.capacity() {
            self.session_token.zeroize();
        }
        self.session_token.push_str(token);
    }

    /// The headers to send in addition to those of the request: (lowercase name, value).
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let date = self
            .date
            .as_ref()
            .filter(|_| self.adds_date)
            .map(|date| ("x-amz-date", date.as_str()));
        let content_sha256 = self
            .adds_content_sha256
            .then_some(("x-amz-content-sha256", self.hashed_payload.as_str()));
        let token = (!self.session_token.is_empty())
            .then_some((self.token_header, self.session_token.as_str()));
        let authorization = ("authorization", self.authorization());
        [date, content_sha256, token, Some(authorization)]
            .into_iter()
            .flatten()
    }

    /// The value of the Authorization header.
    pub fn authorization(&self) -> &str {
        self.authorization.as_str()
    }

    /// The signature, also the seed of the signatures of chunks.
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

impl Default for Signed {
    /// Empty buffers for [`Signer::sign_into`].
    fn default() -> Self {
        Signed {
            canonical_request: CanonicalRequest::default(),
            string_to_sign: StringToSign::default(),
            signature: Signature([0; 32]),
            authorization: Text::default(),
            hashed_payload: Text::default(),
            session_token: Zeroizing::default(),
            token_header: "",
            date: None,
            adds_date: false,
            adds_content_sha256: false,
        }
    }
}

impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed")
            .field("canonical_request", &self.canonical_request)
            .finish_non_exhaustive()
    }
}
