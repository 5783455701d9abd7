//! What differs between services, as data. The only place of the signing process that knows a service by name.

/// How one service wants its requests signed.
///
/// [`Rules::for_service`] knows the services that differ; any field may be set otherwise for one call.
///
/// ```
/// use sigv4_kit::signing::{PathRule, Rules};
/// assert_eq!(Rules::for_service("s3").path, PathRule::EncodeOnce);
/// let single = Rules { path: PathRule::EncodeOnce, ..Rules::for_service("es") };
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// How the path on the wire becomes the canonical URI.
    pub path: PathRule,
    /// Whether the header `x-amz-content-sha256` is added and signed.
    pub content_sha256_header: bool,
    /// Whether a presigned URL states `UNSIGNED-PAYLOAD` instead of the hash of its (usually empty) body.
    pub presigned_payload_unsigned: bool,
    /// Whether only `UNSIGNED-PAYLOAD` is accepted.
    pub payload_unsigned_only: bool,
    /// What happens to the session token.
    pub token: TokenRule,
    /// The header that carries the session token, in lower case.
    pub token_header: &'static str,
    /// The parameter that carries the session token of a presigned URL.
    pub token_parameter: &'static str,
}

/// How the path on the wire becomes the canonical URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathRule {
    /// Dot segments and empty segments removed (RFC 3986 section 5.2.4), then every byte but unreserved ones and `/`
    /// percent-encoded: a `%` on the wire becomes `%25`. Every service but the S3 family.
    NormalizeAndEncode,
    /// Nothing removed; percent-encoded as above. What AWS's test suite calls `normalize: false`.
    Encode,
    /// Nothing removed; percent-decoded and encoded once. The S3 family, where a path is an object's key.
    EncodeOnce,
}

/// What happens to the session token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenRule {
    /// It is signed with the other headers or parameters.
    Signed,
    /// It is added after signing, and not signed.
    AppendedAfterSigning,
}

/// Every header that may carry a session token, in lower case.
pub(super) const TOKEN_HEADERS: [&str; 2] = [DEFAULT.token_header, S3_EXPRESS.token_header];

/// Every parameter that may carry a session token.
pub(super) const TOKEN_PARAMETERS: [&str; 2] =
    [DEFAULT.token_parameter, S3_EXPRESS.token_parameter];

const DEFAULT: Rules = Rules {
    path: PathRule::NormalizeAndEncode,
    content_sha256_header: false,
    presigned_payload_unsigned: false,
    payload_unsigned_only: false,
    token: TokenRule::Signed,
    token_header: "x-amz-security-token",
    token_parameter: "X-Amz-Security-Token",
};

const S3: Rules = Rules {
    path: PathRule::EncodeOnce,
    content_sha256_header: true,
    presigned_payload_unsigned: true,
    ..DEFAULT
};

const S3_EXPRESS: Rules = Rules {
    token_header: "x-amz-s3session-token",
    token_parameter: "X-Amz-S3session-Token",
    ..S3
};

impl Rules {
    /// The rules of a service, by its signing name.
    ///
    /// `s3tables` is no member of the S3 family. An unknown service has the rules that all but a few share.
    pub fn for_service(service: &str) -> Rules {
        match service {
            "s3" | "s3-object-lambda" | "s3-outposts" => S3,
            "s3express" => S3_EXPRESS,
            "vpc-lattice-svcs" => Rules {
                content_sha256_header: true,
                presigned_payload_unsigned: true,
                payload_unsigned_only: true,
                ..DEFAULT
            },
            "iotdevicegateway" => Rules {
                token: TokenRule::AppendedAfterSigning,
                ..DEFAULT
            },
            _ => DEFAULT,
        }
    }
}
