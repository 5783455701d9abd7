//! A small endpoint on loopback that verifies what it receives: for the demo, for tests, for teaching.
//!
//! [`Server`] speaks HTTP/1.1 on 127.0.0.1. [`Gate`] judges each request's signature with
//! [`signing::Verifier`](crate::signing::Verifier) and refuses in AWS's words, the canonical string included.
//! [`Index`] is what stands behind the gate: a few OpenSearch calls on documents held in memory. It is no
//! OpenSearch, and the server is not meant for any network but loopback.
//!
//! ```
//! use sigv4_kit::serve::{self, Gate};
//! use sigv4_kit::{Credentials, provider::Clock};
//!
//! let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
//! let server = serve::opensearch(Gate::new(credentials, "us-east-1", "es", Clock::system()))?;
//! assert!(server.url().starts_with("http://127.0.0.1:"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::borrow::Cow;
use std::io;
use std::prelude::rust_2024::*;
use std::sync::Arc;

mod bulk;
mod exchange;
mod gate;
mod index;
mod read;
mod search;
mod server;

pub use exchange::{Answer, Received};
pub use gate::{Accepted, Gate};
pub use index::Index;
pub use server::{Handler, Limits, Server};

/// A server that lets verified requests through to an empty [`Index`].
///
/// # Errors
/// No port can be had on loopback.
pub fn opensearch(gate: Gate) -> io::Result<Server> {
    let index = Index::default();
    Server::start(Arc::new(move |received: &Received| {
        let answer = match gate.verify(received) {
            Ok(accepted) => match accepted.body {
                Cow::Borrowed(_) => index.answer(received),
                Cow::Owned(body) => index.answer(&Received {
                    body,
                    ..received.clone()
                }),
            },
            Err(refusal) => refusal,
        };
        answer.with_header("date", &gate.http_date())
    }))
}
