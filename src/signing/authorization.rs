//! Authorization: what signing produces and verification reads, from the header or from the query string.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use super::ALGORITHM;
use super::date::Date;
use super::error::AuthorizationError;
use super::presign::MAX_EXPIRES_SECONDS;
use super::request::{Request, is_lowercase_token};
use super::rules::{TOKEN_HEADERS, TOKEN_PARAMETERS};
use super::scope::{CredentialScope, TERMINATOR, check_part};
use super::signature::Signature;
use crate::credentials::is_key_id;

/// What a signed request says of its signature: whose key, which scope, which headers.
///
/// Parsed, not verified: look up the secret of [`Authorization::access_key_id`], then let a
/// [`Verifier`](super::Verifier) judge.
///
/// AWS: "Create a signed AWS API request", step 5, and "Authenticating requests: using query parameters".
#[derive(Debug, Clone)]
pub struct Authorization {
    access_key_id: String,
    day: String,
    region: String,
    service: String,
    signed_headers: String,
    signature: Signature,
    date: Date,
    location: SignatureLocation,
    session_token: Option<SessionToken>,
}

/// Where the signature stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureLocation {
    /// In the Authorization header.
    Header,
    /// In the query string: a presigned URL.
    Query {
        /// `X-Amz-Expires`, 1 to 604800.
        expires_seconds: u32,
    },
}

#[derive(Clone)]
struct SessionToken(Zeroizing<String>);

impl core::fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("hidden")
    }
}

impl Authorization {
    /// Reads the header form or the query form, whichever the request has.
    ///
    /// # Errors
    /// Neither form or both, and every part that is missing, repeated or malformed.
    pub fn from_request(request: &Request<'_>) -> Result<Self, AuthorizationError> {
        let in_query = request
            .query
            .split('&')
            .any(|pair| decoded_pair(pair).0 == "X-Amz-Signature");
        let mut headers = request.header_values("authorization");
        match (headers.next(), in_query) {
            (None, false) => Err(AuthorizationError::Missing),
            (Some(_), true) => Err(AuthorizationError::Repeated("the signature")),
            (None, true) => Self::from_query(request.query),
            (Some(_), false) if headers.next().is_some() => {
                Err(AuthorizationError::Repeated("Authorization"))
            }
            (Some(header), false) => {
                let Some(date) = request.single_header("x-amz-date") else {
                    return Err(match request.header_values("x-amz-date").next() {
                        None => AuthorizationError::MissingPart("x-amz-date"),
                        Some(_) => AuthorizationError::Repeated("x-amz-date"),
                    });
                };
                let mut authorization = Self::from_header(header, Date::parse(date)?)?;
                authorization.session_token = TOKEN_HEADERS
                    .iter()
                    .find_map(|name| request.single_header(name))
                    .map(|token| SessionToken(Zeroizing::new(token.into())));
                Ok(authorization)
            }
        }
    }

    /// Reads the value of an Authorization header; the date stands elsewhere, in `x-amz-date`.
    ///
    /// # Errors
    /// Every part that is missing, repeated, unknown or malformed.
    pub fn from_header(header: &str, date: Date) -> Result<Self, AuthorizationError> {
        let parts = header
            .trim_matches([' ', '\t'])
            .strip_prefix(ALGORITHM)
            .ok_or(AuthorizationError::Algorithm)?;
        let parts = parts
            .strip_prefix(' ')
            .ok_or(AuthorizationError::Algorithm)?;
        let mut fields = Fields::default();
        for part in parts.split(',') {
            let (name, value) = part
                .trim_matches([' ', '\t'])
                .split_once('=')
                .ok_or(AuthorizationError::UnknownPart)?;
            let slot = match name {
                "Credential" => (&mut fields.credential, "Credential"),
                "SignedHeaders" => (&mut fields.signed_headers, "SignedHeaders"),
                "Signature" => (&mut fields.signature, "Signature"),
                _ => return Err(AuthorizationError::UnknownPart),
            };
            set_once(slot, value.into())?;
        }
        fields.parse(date, SignatureLocation::Header)
    }

    /// Reads the parameters of a presigned URL from its query string.
    ///
    /// # Errors
    /// Every part that is missing, repeated or malformed.
    pub fn from_query(query: &str) -> Result<Self, AuthorizationError> {
        let mut fields = Fields::default();
        let (mut algorithm, mut date, mut expires, mut token) = (None, None, None, None);
        for (name, value) in query.split('&').map(decoded_pair) {
            let slot = match &*name {
                "X-Amz-Algorithm" => (&mut algorithm, "X-Amz-Algorithm"),
                "X-Amz-Credential" => (&mut fields.credential, "X-Amz-Credential"),
                "X-Amz-Date" => (&mut date, "X-Amz-Date"),
                "X-Amz-Expires" => (&mut expires, "X-Amz-Expires"),
                "X-Amz-SignedHeaders" => (&mut fields.signed_headers, "X-Amz-SignedHeaders"),
                "X-Amz-Signature" => (&mut fields.signature, "X-Amz-Signature"),
                name if TOKEN_PARAMETERS.contains(&name) => (&mut token, "the session token"),
                _ => continue,
            };
            set_once(slot, value)?;
        }
        if algorithm.ok_or(AuthorizationError::MissingPart("X-Amz-Algorithm"))? != ALGORITHM {
            return Err(AuthorizationError::Algorithm);
        }
        let date = Date::parse(&date.ok_or(AuthorizationError::MissingPart("X-Amz-Date"))?)?;
        let expires = expires.ok_or(AuthorizationError::MissingPart("X-Amz-Expires"))?;
        let expires_seconds = Some(expires)
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|digits| digits.parse().ok())
            .filter(|seconds| (1..=MAX_EXPIRES_SECONDS).contains(seconds))
            .ok_or(AuthorizationError::Expires)?;
        let mut authorization = fields.parse(date, SignatureLocation::Query { expires_seconds })?;
        authorization.session_token =
            token.map(|token| SessionToken(Zeroizing::new(token.into_owned())));
        Ok(authorization)
    }

    /// The value of an Authorization header that says the same.
    pub fn to_header(&self) -> String {
        format!(
            "{ALGORITHM} Credential={}/{}, SignedHeaders={}, Signature={}",
            self.access_key_id,
            self.scope(),
            self.signed_headers,
            self.signature.to_hex()
        )
    }

    /// Whose secret signed, such as `AKIDEXAMPLE`.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// Day, region and service that the signing key is good for.
    pub fn scope(&self) -> CredentialScope<'_> {
        CredentialScope {
            day: &self.day,
            region: &self.region,
            service: &self.service,
        }
    }

    /// The signed headers: lowercase names, sorted.
    pub fn signed_headers(&self) -> impl Iterator<Item = &str> {
        self.signed_headers.split(';')
    }

    /// When it was signed.
    pub fn date(&self) -> Date {
        self.date
    }

    /// The signature; in header form also the seed of the signatures of chunks.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    /// Header or query string.
    pub fn location(&self) -> SignatureLocation {
        self.location
    }

    /// The session token that came with the request. Whoever knows the secret knows whether it belongs to it.
    pub fn session_token(&self) -> Option<&str> {
        self.session_token.as_ref().map(|token| token.0.as_str())
    }

    /// Whether a lowercase header name is among the signed headers.
    pub(super) fn signs(&self, name: &str) -> bool {
        self.signed_headers()
            .any(|signed| signed.eq_ignore_ascii_case(name))
    }
}

/// The parts that both forms share, as text.
#[derive(Default)]
struct Fields<'a> {
    credential: Option<Cow<'a, str>>,
    signed_headers: Option<Cow<'a, str>>,
    signature: Option<Cow<'a, str>>,
}

impl Fields<'_> {
    fn parse(
        self,
        date: Date,
        location: SignatureLocation,
    ) -> Result<Authorization, AuthorizationError> {
        let credential = self
            .credential
            .ok_or(AuthorizationError::MissingPart("Credential"))?;
        let signed_headers = self
            .signed_headers
            .ok_or(AuthorizationError::MissingPart("SignedHeaders"))?;
        let signature = self
            .signature
            .ok_or(AuthorizationError::MissingPart("Signature"))?;

        let (access_key_id, scope) = parse_credential(&credential, date)?;
        let names: Vec<&str> = signed_headers.split(';').collect();
        // A query can say what no header may: a comma, a line feed.
        if !names.iter().all(|name| is_lowercase_token(name)) || !names.is_sorted_by(|a, b| a < b) {
            return Err(AuthorizationError::SignedHeaders);
        }
        Ok(Authorization {
            access_key_id: access_key_id.into(),
            day: scope.day.into(),
            region: scope.region.into(),
            service: scope.service.into(),
            signature: Signature::from_hex(&signature).ok_or(AuthorizationError::Signature)?,
            signed_headers: signed_headers.into_owned(),
            date,
            location,
            session_token: None,
        })
    }
}

/// `<key ID>/<yyyymmdd>/<region>/<service>/aws4_request`, whose day is that of `date`.
pub(super) fn parse_credential(
    credential: &str,
    date: Date,
) -> Result<(&str, CredentialScope<'_>), AuthorizationError> {
    // From the right, since a key ID may hold a slash.
    let mut parts = credential.rsplitn(5, '/');
    let mut part = || parts.next().unwrap_or_default();
    let [terminator, service, region, day, access_key_id] =
        [part(), part(), part(), part(), part()];
    let is_day = day.len() == 8 && day.bytes().all(|b| b.is_ascii_digit());
    let is_scope = check_part("region", region).is_ok() && check_part("service", service).is_ok();
    if terminator != TERMINATOR || !is_day || !is_scope || !is_key_id(access_key_id) {
        return Err(AuthorizationError::Credential);
    }
    if day != date.day() {
        return Err(AuthorizationError::DayMismatch);
    }
    let scope = CredentialScope {
        day,
        region,
        service,
    };
    Ok((access_key_id, scope))
}

fn set_once<'a>(
    (slot, name): (&mut Option<Cow<'a, str>>, &'static str),
    value: Cow<'a, str>,
) -> Result<(), AuthorizationError> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(AuthorizationError::Repeated(name)),
    }
}

/// Name and value of one query parameter, decoded; bytes that are no UTF-8 are replaced, and so match nothing.
fn decoded_pair(pair: &str) -> (Cow<'_, str>, Cow<'_, str>) {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    (decoded(name), decoded(value))
}

fn decoded(text: &str) -> Cow<'_, str> {
    if text.contains('+') {
        let spaced = text.replace('+', " ");
        return Cow::Owned(percent_decode_str(&spaced).decode_utf8_lossy().to_string());
    }
    percent_decode_str(text).decode_utf8_lossy()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
        SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";

    fn parse(header: &str) -> Result<Authorization, AuthorizationError> {
        Authorization::from_header(header, Date::parse("20150830T123600Z").unwrap())
    }

    #[test]
    fn what_was_parsed_is_written_as_it_was() {
        assert_eq!(parse(GOOD).unwrap().to_header(), GOOD);
        let compact = GOOD.replace(", ", ",");
        assert_eq!(parse(&compact).unwrap().to_header(), GOOD);
        let slash = GOOD.replace("AKIDEXAMPLE", "team/AKID");
        assert_eq!(parse(&slash).unwrap().access_key_id(), "team/AKID");
    }

    #[test]
    fn a_query_says_nothing_that_a_header_could_not() {
        let query = |credential: &str, signed_headers: &str| {
            Authorization::from_query(&format!(
                "X-Amz-Algorithm={ALGORITHM}&X-Amz-Credential={credential}&X-Amz-Date=20150830T123600Z&X-Amz-Expires=60\
                 &X-Amz-SignedHeaders={signed_headers}&X-Amz-Signature={}",
                "0".repeat(64)
            ))
        };
        let scope = "%2F20150830%2Fr%2Fs%2Faws4_request";
        let good = query(&format!("team%2FAKID{scope}"), "a;host").unwrap();
        assert_eq!(
            parse(&good.to_header()).unwrap().to_header(),
            good.to_header()
        );
        for bad in ["%0D%0A", "%00", "%2C", "%20", "%C3%A9"] {
            for credential in [
                format!("AK{bad}ID{scope}"),
                format!("AKID%2F20150830%2Fr{bad}%2Fs%2Faws4_request"),
                format!("AKID%2F20150830%2Fr%2Fs{bad}%2Faws4_request"),
            ] {
                let error = query(&credential, "host").unwrap_err();
                assert_eq!(error, AuthorizationError::Credential, "{credential}");
            }
            let error = query(&format!("AKID{scope}"), &format!("a{bad};host")).unwrap_err();
            assert_eq!(error, AuthorizationError::SignedHeaders, "{bad}");
        }
    }

    #[test]
    fn each_malformed_part_has_its_error() {
        for (from, to, expected) in [
            (
                "AWS4-HMAC-SHA256 ",
                "AWS4-HMAC-SHA1 ",
                AuthorizationError::Algorithm,
            ),
            (
                "AWS4-HMAC-SHA256 ",
                "AWS4-HMAC-SHA256",
                AuthorizationError::Algorithm,
            ),
            ("AWS4-HMAC-SHA256 ", "Basic ", AuthorizationError::Algorithm),
            (
                "Credential=",
                "credential=",
                AuthorizationError::UnknownPart,
            ),
            ("Credential=", "", AuthorizationError::UnknownPart),
            (
                "/aws4_request",
                "/aws4_reques",
                AuthorizationError::Credential,
            ),
            ("/20150830", "/2015083", AuthorizationError::Credential),
            ("/service", "", AuthorizationError::Credential),
            ("/us-east-1", "/", AuthorizationError::Credential),
            ("AKIDEXAMPLE", "", AuthorizationError::Credential),
            ("/20150830", "/20150831", AuthorizationError::DayMismatch),
            (
                "host;x-amz-date",
                "x-amz-date;host",
                AuthorizationError::SignedHeaders,
            ),
            (
                "host;x-amz-date",
                "host;host",
                AuthorizationError::SignedHeaders,
            ),
            (
                "host;x-amz-date",
                "Host;x-amz-date",
                AuthorizationError::SignedHeaders,
            ),
            ("host;x-amz-date", "", AuthorizationError::SignedHeaders),
            ("5fa0", "5FA0", AuthorizationError::Signature),
            ("5fa0", "5fa", AuthorizationError::Signature),
            ("5fa0", "5fag", AuthorizationError::Signature),
            (
                ", Signature",
                ", Signature=00, Signature",
                AuthorizationError::Repeated("Signature"),
            ),
        ] {
            assert!(GOOD.contains(from), "{from}");
            assert_eq!(
                parse(&GOOD.replacen(from, to, 1)).unwrap_err(),
                expected,
                "{from} -> {to}"
            );
        }
        let without_signature = GOOD.split(", Signature").next().unwrap();
        assert_eq!(
            parse(without_signature).unwrap_err(),
            AuthorizationError::MissingPart("Signature")
        );
    }
}
