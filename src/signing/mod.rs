//! The signing process, written to be read beside AWS's page "Create a signed AWS API request".
//!
//! Pure: no clock, no environment, no I/O; `no_std` with `alloc`. The files, in reading order:
//!
//! 1. What goes in: [`Date`], [`CredentialScope`], [`Rules`], [`Payload`], [`Request`].
//! 2. The canonical request: its URI, query string and headers, then [`CanonicalRequest`] itself.
//! 3. [`StringToSign`], [`SigningKey`], [`Signature`], [`Authorization`].
//! 4. [`Signer`] does all of it in AWS's order; [`Verifier`] does it again on the other side.
//!
//! ```
//! use sigv4_kit::Credentials;
//! use sigv4_kit::signing::{Date, Payload, Request, Signer};
//!
//! let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
//! let headers = [("host", "example.amazonaws.com")];
//! let request = Request::new("GET", "/", "", &headers, Payload::Bytes(b""))?;
//! let signed = Signer::new(&credentials, "us-east-1", "service")?.sign(&request, Date::parse("20150830T123600Z")?)?;
//! assert!(signed.authorization().ends_with("5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod authorization;
mod canonical_headers;
mod canonical_query_string;
mod canonical_request;
mod canonical_uri;
mod chunk_signatures;
mod date;
mod encode;
mod error;
mod hmac;
mod payload;
mod post_policy;
mod presign;
mod request;
mod rules;
mod scope;
mod signature;
mod signer;
mod signing_key;
mod string_to_sign;
mod text;
mod verify;

pub use authorization::{Authorization, SignatureLocation};
pub use canonical_request::CanonicalRequest;
pub use chunk_signatures::ChunkSignatures;
pub use date::Date;
pub use error::{AuthorizationError, DateError, RequestError, ScopeError, SignError, VerifyError};
pub use payload::Payload;
pub use post_policy::{PostPolicy, ReceivedPolicy, SignedPolicy};
pub use presign::{Presigned, SIGNING_PARAMETERS};
pub use request::Request;
pub use rules::{PathRule, Rules, TokenRule};
pub use scope::CredentialScope;
pub use signature::Signature;
pub use signer::{Signed, Signer};
pub use signing_key::{SigningKey, SigningKeys};
pub use string_to_sign::StringToSign;
pub use verify::{Verified, Verifier};

/// The algorithm that starts every Authorization header and string to sign of Signature Version 4.
pub const ALGORITHM: &str = "AWS4-HMAC-SHA256";
