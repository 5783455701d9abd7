//! Sending signed requests: one call ([`send_signed`]), or a [`Client`] that is kept.
//!
//! What goes out is what was signed: the client percent-encodes what a URL may not carry, writes the Host header, and
//! signs `host`, `content-type` and every `x-amz-*` header. An answer of 4xx or 5xx is a [`Response`] like any other;
//! [`Response::error_for_status`] makes it an error that keeps the server's body.
//!
//! ```no_run
//! use sigv4_kit::Credentials;
//! use sigv4_kit::send::Client;
//!
//! let client = Client::builder()
//!     .credentials(Credentials::new("AKIDEXAMPLE", "secret")?)
//!     .region("us-east-1")
//!     .service("es")
//!     .build()?;
//! let answer = client
//!     .request("PUT", "https://search-x.us-east-1.es.amazonaws.com/movies/_doc/1")
//!     .body(r#"{"title": "Moneyball"}"#)
//!     .send()?
//!     .error_for_status()?;
//! println!("{}", answer.text()?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answer_body;
mod attempts;
mod body;
mod builder;
mod client;
mod content;
mod dial;
mod early_answer;
mod error;
mod identity;
mod measured;
mod note;
mod one_write;
mod part_file;
mod plan;
mod prepared;
mod progress;
mod proxy;
mod redirect;
mod request;
mod response;
mod retry;
mod roots;
mod spool;
mod transport;

pub use body::Body;
pub use builder::{ClientBuilder, Timeouts};
pub use client::{Client, send_signed};
pub use error::{SendError, StatusError, TransportError};
pub use note::{Note, RetryCause};
pub use part_file::PartFile;
pub use prepared::{Prepared, PreparedBody};
pub use progress::Progress;
pub use proxy::Proxies;
pub use redirect::RedirectError;
pub use request::RequestBuilder;
pub use response::Response;
pub use retry::RetryPolicy;
