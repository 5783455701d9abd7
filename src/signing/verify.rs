//! Verification: the same steps again, and a typed reason for every refusal.

use alloc::string::{String, ToString};

use super::authorization::{Authorization, SignatureLocation};
use super::canonical_headers::Headers;
use super::canonical_request::CanonicalRequest;
use super::date::Date;
use super::error::{ScopeError, VerifyError};
use super::payload::Payload;
use super::request::Request;
use super::rules::{Rules, TokenRule};
use super::scope::check_part;
use super::signing_key::SigningKey;
use super::string_to_sign::StringToSign;
use super::text::Text;

/// Judges signed requests to one service in one region.
///
/// ```
/// # use sigv4_kit::Credentials;
/// use sigv4_kit::signing::{Authorization, Date, Payload, Request, Signer, Verifier};
/// # let credentials = Credentials::new("AKIDEXAMPLE", "secret")?;
/// # let date = Date::parse("20150830T123600Z")?;
/// # let sent = [("host", "h")];
/// # let request = Request::new("PUT", "/i", "", &sent, Payload::Bytes(b"{}"))?;
/// # let signed = Signer::new(&credentials, "us-east-1", "es")?.sign(&request, date)?;
/// # let headers: Vec<(&str, &str)> = sent.into_iter().chain(signed.headers()).collect();
/// # let secret_of = |_: &str| "secret";
/// # let now = date;
/// let request = Request::new("PUT", "/i", "", &headers, Payload::Bytes(b"{}"))?;
/// let authorization = Authorization::from_request(&request)?;
/// let secret = secret_of(authorization.access_key_id());
/// let verified = Verifier::new("us-east-1", "es")?.verify(&authorization, &request, secret, now)?;
/// assert_eq!(verified.access_key_id(), "AKIDEXAMPLE");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Verifier<'a> {
    region: &'a str,
    service: &'a str,
    rules: Rules,
    clock_skew_seconds: u32,
}

/// Proof that a request was verified: only [`Verifier::verify`] makes one.
#[derive(Debug, Clone)]
pub struct Verified {
    access_key_id: String,
    payload: Payload<'static>,
}

impl Verified {
    /// Whose secret signed.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// What the signature says of the body: its hash, which was compared with the body if the request had one to compare
    /// ([`Payload::Bytes`] or [`Payload::Sha256`]), or that it is unsigned or signed chunk by chunk. What was not compared
    /// is left to the caller.
    pub fn payload(&self) -> Payload<'static> {
        self.payload
    }
}

impl<'a> Verifier<'a> {
    /// How far the two clocks may be apart unless [`Verifier::with_clock_skew`] says otherwise: 15 minutes.
    pub const CLOCK_SKEW_SECONDS: u32 = 900;

    /// A verifier with the [`Rules`] of the service.
    ///
    /// # Errors
    /// A region or service that could stand in no scope.
    pub fn new(region: &'a str, service: &'a str) -> Result<Self, ScopeError> {
        check_part("region", region)?;
        check_part("service", service)?;
        let rules = Rules::for_service(service);
        Ok(Verifier {
            region,
            service,
            rules,
            clock_skew_seconds: Self::CLOCK_SKEW_SECONDS,
        })
    }

    /// The same verifier with other rules.
    #[must_use]
    pub fn with_rules(self, rules: Rules) -> Self {
        Verifier { rules, ..self }
    }

    /// The same verifier with another tolerance between the clocks, in seconds.
    #[must_use]
    pub fn with_clock_skew(self, clock_skew_seconds: u32) -> Self {
        Verifier {
            clock_skew_seconds,
            ..self
        }
    }

    /// Verifies that `request` was signed with `secret_access_key` for this region and service and is current at `now`.
    ///
    /// The request's payload is the body as received (or its SHA-256), [`Payload::Unsigned`] if a body without a stated
    /// hash was signed as unsigned. Signed must be: `host`, `content-type` where present, and every `x-amz-*` header.
    ///
    /// # Errors
    /// The first reason to refuse, in the order of [`VerifyError`].
    pub fn verify(
        &self,
        authorization: &Authorization,
        request: &Request<'_>,
        secret_access_key: &str,
        now: Date,
    ) -> Result<Verified, VerifyError> {
        let scope = authorization.scope();
        if scope.region != self.region {
            return Err(VerifyError::Region {
                found: scope.region.into(),
            });
        }
        if scope.service != self.service {
            return Err(VerifyError::Service {
                found: scope.service.into(),
            });
        }
        self.check_time(authorization, now)?;
        self.check_signed_headers(authorization, request)?;
        let payload = self.stated_payload(authorization, request)?;

        let canonical_request = self.canonical_request(authorization, request, &payload);
        let string_to_sign = StringToSign::new(authorization.date(), &scope, &canonical_request);
        let key = SigningKey::derive(secret_access_key, &scope);
        if !key.verifies(string_to_sign.text(), authorization.signature()) {
            return Err(VerifyError::SignatureMismatch);
        }
        Ok(Verified {
            access_key_id: authorization.access_key_id().to_string(),
            payload,
        })
    }

    /// The canonical request as this side computes it: what a refusal may show, never a secret of the verifier's.
    ///
    /// # Errors
    /// `x-amz-content-sha256` of an unknown form, or not that of the body.
    pub fn expected_canonical_request(
        &self,
        authorization: &Authorization,
        request: &Request<'_>,
    ) -> Result<CanonicalRequest, VerifyError> {
        let payload = self.stated_payload(authorization, request)?;
        Ok(self.canonical_request(authorization, request, &payload))
    }

    fn check_time(&self, authorization: &Authorization, now: Date) -> Result<(), VerifyError> {
        let skew = i64::from(self.clock_skew_seconds);
        let signed_at = authorization.date().unix_seconds();
        let ahead_seconds = signed_at - now.unix_seconds();
        if ahead_seconds > skew {
            return Err(VerifyError::NotYetCurrent { ahead_seconds });
        }
        let good_for = match authorization.location() {
            SignatureLocation::Header => skew,
            SignatureLocation::Query { expires_seconds } => i64::from(expires_seconds),
        };
        let late_seconds = now.unix_seconds() - signed_at - good_for;
        if late_seconds > 0 {
            return Err(VerifyError::Expired { late_seconds });
        }
        Ok(())
    }

    fn check_signed_headers(
        &self,
        authorization: &Authorization,
        request: &Request<'_>,
    ) -> Result<(), VerifyError> {
        for name in authorization.signed_headers() {
            if request.header_values(name).next().is_none() {
                return Err(VerifyError::MissingHeader { name: name.into() });
            }
        }
        if !authorization.signs("host") {
            return Err(VerifyError::UnsignedHeader {
                name: "host".into(),
            });
        }
        for (name, _) in request.headers {
            if self.must_be_signed(name) && !authorization.signs(name) {
                return Err(VerifyError::UnsignedHeader {
                    name: name.to_ascii_lowercase(),
                });
            }
        }
        Ok(())
    }

    fn must_be_signed(&self, name: &str) -> bool {
        const PREFIX: &str = "x-amz-";
        let token_apart = self.rules.token == TokenRule::AppendedAfterSigning
            && name.eq_ignore_ascii_case(self.rules.token_header);
        let is_amz = name
            .get(..PREFIX.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(PREFIX));
        (is_amz && !token_apart) || name.eq_ignore_ascii_case("content-type")
    }

    /// The hashed payload as the signer stated it, compared with the body where it is a hash.
    fn stated_payload(
        &self,
        authorization: &Authorization,
        request: &Request<'_>,
    ) -> Result<Payload<'static>, VerifyError> {
        let received = request.payload.hashed();
        let Some(value) = request.header_values("x-amz-content-sha256").next() else {
            let in_query = authorization.location() != SignatureLocation::Header;
            let unsigned = in_query && self.rules.presigned_payload_unsigned;
            return Ok(if unsigned {
                Payload::Unsigned
            } else {
                received
            });
        };
        // A second value would be joined in the canonical request; a body has one hash.
        let value = request
            .single_header("x-amz-content-sha256")
            .filter(|single| *single == value.trim());
        let stated = value
            .and_then(Payload::from_header)
            .ok_or(VerifyError::ContentSha256Form)?;
        match (stated, received) {
            (Payload::Sha256(signed), Payload::Sha256(received)) if signed != received => {
                Err(VerifyError::ContentSha256Mismatch)
            }
            _ => Ok(stated),
        }
    }

    fn canonical_request(
        &self,
        authorization: &Authorization,
        request: &Request<'_>,
        payload: &Payload<'_>,
    ) -> CanonicalRequest {
        let in_query = authorization.location() != SignatureLocation::Header;
        let token_apart = self.rules.token == TokenRule::AppendedAfterSigning;
        let mut canonical_request = CanonicalRequest::default();
        canonical_request.begin(Headers::new(request, &[]), |name| authorization.signs(name));
        canonical_request
            .parameters
            .add_query(request.query, |name| match name {
                b"X-Amz-Signature" => !in_query,
                name if name == self.rules.token_parameter.as_bytes() => !(in_query && token_apart),
                _ => true,
            });
        let mut hashed_payload = Text::default();
        payload.write_hashed(&mut hashed_payload);
        canonical_request.write(request, self.rules.path, &hashed_payload);
        canonical_request
    }
}
