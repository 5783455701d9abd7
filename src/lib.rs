// Where the documentation stands without the sources, the README's links lead to their published copies: of two
// definitions of a link the first counts.
#![doc = "[DEVIATIONS.md]: https://docs.rs/crate/sigv4-kit/latest/source/DEVIATIONS.md"]
#![doc = "[DEPENDENCIES.md]: https://docs.rs/crate/sigv4-kit/latest/source/DEPENDENCIES.md"]
#![doc = "[`examples`]: https://docs.rs/crate/sigv4-kit/latest/source/examples/"]
#![doc = "[`examples/no_std`]: https://github.com/sigv4-kit/sigv4-kit/tree/main/examples/no_std"]
#![doc = "[`examples/sign_http_request.rs`]: https://docs.rs/crate/sigv4-kit/latest/source/examples/sign_http_request.rs"]
#![doc = "[`src/signing/date.rs`]: https://docs.rs/crate/sigv4-kit/latest/source/src/signing/date.rs"]
#![doc = "[`src/signing/verify.rs`]: https://docs.rs/crate/sigv4-kit/latest/source/src/signing/verify.rs"]
#![doc = include_str!("../README.md")]
//! # Modules
//!
//! [`signing`] is the core, with every step under AWS's name; [`explain`] shows the steps of one signature;
//! [`aws_chunked`] encodes and decodes streamed bodies; [`url`] and [`endpoint`] read URLs and host names.
#![cfg_attr(
    feature = "client",
    doc = "[`provider`] finds credentials, [`send`] sends, [`diagnose`] explains refusals, [`http_request`] signs for other clients, [`serve`] verifies on loopback."
)]
#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod aws_chunked;
mod base64;
mod credentials;
#[cfg(feature = "client")]
pub mod diagnose;
pub mod endpoint;
pub mod explain;
#[cfg(feature = "client")]
pub mod http_request;
#[cfg(feature = "client")]
mod named;
#[cfg(feature = "client")]
pub mod provider;
#[cfg(feature = "client")]
pub mod send;
#[cfg(feature = "client")]
pub mod serve;
pub mod signing;
#[cfg(feature = "client")]
mod tls;
pub mod url;

pub use credentials::{Credentials, CredentialsError};
#[cfg(feature = "client")]
pub use send::{Client, send_signed};
