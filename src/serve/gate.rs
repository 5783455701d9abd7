//! The judge before the door: verifies a request's signature and refuses in AWS's words.

use std::borrow::Cow;
use std::prelude::rust_2024::*;
use std::{fmt, format};

use super::exchange::{Answer, Received, object};
use crate::Credentials;
use crate::aws_chunked::ChunkDecoder;
use crate::provider::Clock;
use crate::signing::{
    Authorization, AuthorizationError, CanonicalRequest, ChunkSignatures, Date, Payload, Request,
    StringToSign, Verified, Verifier, VerifyError,
};

/// Lets through what was signed with one set of credentials for one region and service.
///
/// Refusals have the status, the JSON and the `x-amzn-errortype` of Amazon's own endpoints; a wrong signature is
/// answered with the canonical string and the string to sign that this side computed.
#[derive(Debug, Clone)]
pub struct Gate {
    credentials: Credentials,
    region: String,
    service: String,
    clock: Clock,
}

/// A request that the gate lets through.
///
/// `Debug` does not show the body.
#[non_exhaustive]
pub struct Accepted<'r> {
    /// The proof.
    pub verified: Verified,
    /// The body, out of the aws-chunked encoding where it was in that.
    pub body: Cow<'r, [u8]>,
}

impl fmt::Debug for Accepted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accepted")
            .field("verified", &self.verified)
            .field("bytes", &self.body.len())
            .finish()
    }
}

impl Gate {
    /// A gate for these credentials, region and service, judging times by `clock`.
    pub fn new(credentials: Credentials, region: &str, service: &str, clock: Clock) -> Self {
        Gate {
            credentials,
            region: region.into(),
            service: service.into(),
            clock,
        }
    }

    /// Verifies a request, chunk by chunk where it was signed so.
    ///
    /// # Errors
    /// The refusal to answer with.
    pub fn verify<'r>(&self, received: &'r Received) -> Result<Accepted<'r>, Answer> {
        let headers: Vec<(&str, &str)> = received
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let request = Request::new(
            &received.method,
            received.path(),
            received.query(),
            &headers,
            Payload::Bytes(&received.body),
        )
        .map_err(|error| told(400, "message", &error.to_string()))?;
        let authorization = Authorization::from_request(&request)
            .map_err(|error| self.unusable(&received.method, &error))?;
        let scope = self.scope_complaints(&authorization);
        if !scope.is_empty() {
            return Err(refuse("SignatureDoesNotMatch", &scope));
        }
        if authorization.access_key_id() != self.credentials.access_key_id()
            || authorization.session_token() != self.credentials.session_token()
        {
            return Err(refuse(
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            ));
        }
        let verifier = Verifier::new(&self.region, &self.service)
            .map_err(|error| told(500, "message", &error.to_string()))?;
        let now = Date::from_unix_seconds(self.clock.now())
            .map_err(|error| told(500, "message", &error.to_string()))?;
        let secret = self.credentials.secret_access_key();
        let verified = verifier
            .verify(&authorization, &request, secret, now)
            .map_err(|error| self.refused(&error, &verifier, &authorization, &request, now))?;
        let body = match verified.payload().is_streaming() {
            true => Cow::Owned(self.decoded(received, &verified, &authorization)?),
            false => Cow::Borrowed(&received.body[..]),
        };
        Ok(Accepted { verified, body })
    }

    /// The body out of its aws-chunked encoding, every chunk verified.
    fn decoded(
        &self,
        received: &Received,
        verified: &Verified,
        authorization: &Authorization,
    ) -> Result<Vec<u8>, Answer> {
        let length = received.header("x-amz-decoded-content-length");
        let length = length.and_then(|text| text.parse().ok()).ok_or_else(|| {
            refuse(
                "MissingContentLength",
                "x-amz-decoded-content-length is no number.",
            )
        })?;
        let trailers = received.header("x-amz-trailer").unwrap_or_default();
        let secret = self.credentials.secret_access_key();
        let signatures = ChunkSignatures::of(authorization, secret);
        let mut body = Vec::new();
        ChunkDecoder::new(verified.payload(), length, trailers, signatures)
            .and_then(|mut decoder| {
                decoder.decode(&received.body, &mut body)?;
                decoder.finish()
            })
            .map_err(|error| refuse("SignatureDoesNotMatch", &format!("{error}.")))?;
        Ok(body)
    }

    /// The value of the `date` header, such as `Sun, 30 Aug 2015 12:36:00 GMT`.
    pub fn http_date(&self) -> String {
        http_date(self.clock.now())
    }

    fn unusable(&self, method: &str, error: &AuthorizationError) -> Answer {
        match error {
            AuthorizationError::Missing => {
                let action = format!("{}:ESHttp{}", self.service, capitalized(method));
                let text = format!(
                    "User: anonymous is not authorized to perform: {action} because no resource-based policy allows the {action} action"
                );
                told(403, "Message", &text).with_header("x-amzn-errortype", "AccessDeniedException")
            }
            AuthorizationError::MissingPart("x-amz-date") => refuse(
                "IncompleteSignatureException",
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
            ),
            AuthorizationError::MissingPart(part) => refuse(
                "IncompleteSignatureException",
                &format!("Authorization header requires '{part}' parameter."),
            ),
            other => refuse("IncompleteSignatureException", &format!("{other}.")),
        }
    }

    /// What AWS says of a scope that is not this endpoint's; both sentences if both parts are wrong.
    fn scope_complaints(&self, authorization: &Authorization) -> String {
        let scope = authorization.scope();
        let mut text = String::new();
        if scope.region != self.region {
            text.push_str(&format!(
                "Credential should be scoped to a valid region, not '{}'. ",
                scope.region
            ));
        }
        if scope.service != self.service {
            text.push_str(&format!(
                "Credential should be scoped to correct service: '{}'. ",
                self.service
            ));
        }
        text
    }

    fn refused(
        &self,
        error: &VerifyError,
        verifier: &Verifier<'_>,
        authorization: &Authorization,
        request: &Request<'_>,
        now: Date,
    ) -> Answer {
        let signed_at = authorization.date();
        let skew = i64::from(Verifier::CLOCK_SKEW_SECONDS);
        let minutes = skew / 60;
        let bound = |seconds: i64| match Date::from_unix_seconds(now.unix_seconds() + seconds) {
            Ok(date) => date.to_string(),
            Err(_) => now.to_string(),
        };
        let text = match error {
            VerifyError::Expired { .. } => format!(
                "Signature expired: {signed_at} is now earlier than {} ({now} - {minutes} min.)",
                bound(-skew)
            ),
            VerifyError::NotYetCurrent { .. } => format!(
                "Signature not yet current: {signed_at} is still later than {} ({now} + {minutes} min.)",
                bound(skew)
            ),
            VerifyError::SignatureMismatch => {
                match verifier.expected_canonical_request(authorization, request) {
                    Ok(canonical_request) => mismatch(authorization, &canonical_request),
                    Err(other) => format!("{other}."),
                }
            }
            VerifyError::ContentSha256Mismatch => {
                "The provided 'x-amz-content-sha256' header does not match what was computed."
                    .into()
            }
            other => format!("{other}."),
        };
        refuse("InvalidSignatureException", &text)
    }
}

fn mismatch(authorization: &Authorization, canonical_request: &CanonicalRequest) -> String {
    let scope = authorization.scope();
    let string_to_sign = StringToSign::new(authorization.date(), &scope, canonical_request);
    format!(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.\n\nThe Canonical String for this request should have been\n'{}'\n\nThe String-to-Sign should have been\n'{}'\n",
        canonical_request.text(),
        string_to_sign.text()
    )
}

fn refuse(error_type: &str, message: &str) -> Answer {
    told(403, "message", message).with_header("x-amzn-errortype", error_type)
}

fn told(status: u16, field: &str, text: &str) -> Answer {
    Answer::json(status, &object([(field, text.into())]))
}

/// `GET` as IAM writes it in an action's name: `Get`.
fn capitalized(method: &str) -> String {
    let mut letters = method.chars();
    let first = letters.next();
    first
        .into_iter()
        .chain(letters.map(|letter| letter.to_ascii_lowercase()))
        .collect()
}

/// IMF-fixdate, RFC 9110 section 5.6.7; the epoch for a moment that has no such form.
fn http_date(unix_seconds: i64) -> String {
    let moment = time::OffsetDateTime::from_unix_timestamp(unix_seconds)
        .unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
    let weekday = moment.weekday().to_string();
    let month = moment.month().to_string();
    format!(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
        &weekday[..3],
        moment.day(),
        &month[..3],
        moment.year(),
        moment.hour(),
        moment.minute(),
        moment.second()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::Signer;

    const NOW: i64 = 1_440_938_160;
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    fn gate() -> Gate {
        let credentials = Credentials::new("AKIDEXAMPLE", SECRET).unwrap();
        Gate::new(credentials, "eu-west-1", "es", Clock::fixed(NOW))
    }

    fn signed(secret: &str, region: &str, service: &str, date: &str) -> Received {
        let credentials = Credentials::new("AKIDEXAMPLE", secret).unwrap();
        let headers = [("host", "h"), ("content-type", "application/json")];
        let request =
            Request::new("PUT", "/movies/_doc/1", "", &headers, Payload::Bytes(b"{}")).unwrap();
        let signed = Signer::new(&credentials, region, service)
            .unwrap()
            .sign(&request, Date::parse(date).unwrap())
            .unwrap();
        Received {
            method: "PUT".into(),
            target: "/movies/_doc/1".into(),
            headers: headers
                .into_iter()
                .chain(signed.headers())
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            body: b"{}".into(),
        }
    }

    fn refusal(received: &Received) -> String {
        let answer = gate().verify(received).unwrap_err();
        assert_eq!(answer.status, 403);
        String::from_utf8(answer.body).unwrap()
    }

    #[test]
    fn a_right_signature_passes() {
        let received = signed(SECRET, "eu-west-1", "es", "20150830T123600Z");
        assert_eq!(
            gate().verify(&received).unwrap().verified.access_key_id(),
            "AKIDEXAMPLE"
        );
    }

    #[test]
    fn a_wrong_secret_is_shown_the_canonical_string() {
        let text = refusal(&signed("other", "eu-west-1", "es", "20150830T123600Z"));
        assert!(text.contains(
            "The Canonical String for this request should have been\\n'PUT\\n/movies/_doc/1\\n"
        ));
        assert!(text.contains(
            "The String-to-Sign should have been\\n'AWS4-HMAC-SHA256\\n20150830T123600Z\\n"
        ));
        assert!(!text.contains(SECRET));
    }

    #[test]
    fn a_wrong_scope_is_named() {
        let text = refusal(&signed(SECRET, "us-east-1", "s3tables", "20150830T123600Z"));
        assert_eq!(
            text,
            r#"{"message":"Credential should be scoped to a valid region, not 'us-east-1'. Credential should be scoped to correct service: 'es'. "}"#
        );
    }

    #[test]
    fn clocks_that_are_apart_are_told_by_how_much() {
        let late = refusal(&signed(SECRET, "eu-west-1", "es", "20150830T122000Z"));
        assert!(late.contains("Signature expired: 20150830T122000Z is now earlier than 20150830T122100Z (20150830T123600Z - 15 min.)"), "{late}");
        let early = refusal(&signed(SECRET, "eu-west-1", "es", "20150830T130000Z"));
        assert!(early.contains("Signature not yet current: 20150830T130000Z is still later than 20150830T125100Z (20150830T123600Z + 15 min.)"), "{early}");
    }

    #[test]
    fn a_changed_body_and_an_unsigned_request_are_refused() {
        let mut received = signed(SECRET, "eu-west-1", "es", "20150830T123600Z");
        received.body = b"{ }".into();
        assert!(refusal(&received).contains("does not match the signature"));
        received.headers.retain(|(name, _)| name != "authorization");
        assert!(
            refusal(&received)
                .contains("User: anonymous is not authorized to perform: es:ESHttpPut")
        );
    }

    #[test]
    fn a_date_has_the_form_of_http() {
        assert_eq!(gate().http_date(), "Sun, 30 Aug 2015 12:36:00 GMT");
    }
}
