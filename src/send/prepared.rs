//! A signed request that is not sent.

use std::fmt;
use std::path::Path;
use std::prelude::rust_2024::*;

use super::measured::{Measured, Source};
use super::plan::Plan;
use super::{Client, Note, Response, SendError};
use crate::signing::Signed;
use crate::url::Url;

/// A request as it would go out, with every step of its signature; made by
/// [`RequestBuilder::prepare`](super::RequestBuilder::prepare).
///
/// `Debug` shows no header, since one may hold a session token.
pub struct Prepared {
    client: Client,
    plan: Plan,
    signed: Signed,
}

/// Where the body of a [`Prepared`] request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PreparedBody<'a> {
    /// There is none.
    Empty,
    /// Here.
    Bytes(&'a [u8]),
    /// In a file.
    File(&'a Path),
    /// In a temporary file, or in a reader that is read when the request is sent.
    Reader,
}

impl Prepared {
    pub(super) fn new(client: Client, plan: Plan, signed: Signed) -> Self {
        Prepared {
            client,
            plan,
            signed,
        }
    }

    /// Sends it after all, signed anew. The body is not hashed again.
    ///
    /// # Errors
    /// See [`SendError`].
    pub fn send(self) -> Result<Response, SendError> {
        self.client.send(self.plan)
    }

    /// The method.
    pub fn method(&self) -> &str {
        &self.plan.method
    }

    /// The URL; path and query as they go out.
    pub fn url(&self) -> &Url {
        &self.plan.url
    }

    /// The region signed for.
    pub fn region(&self) -> &str {
        &self.plan.region
    }

    /// The service signed for.
    pub fn service(&self) -> &str {
        &self.plan.service
    }

    /// Every header to send but `content-length` and `user-agent`: lowercase names, values as sent. The session token
    /// is among them.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.plan.wire_headers(Some(&self.signed))
    }

    /// How many bytes the body has.
    pub fn content_length(&self) -> u64 {
        self.plan.body.length
    }

    /// The body.
    pub fn body(&self) -> PreparedBody<'_> {
        match &self.plan.body {
            Measured { length: 0, .. } => PreparedBody::Empty,
            Measured { source, .. } => match source {
                Source::Bytes(bytes) => PreparedBody::Bytes(bytes),
                Source::File { path, .. } => PreparedBody::File(path),
                Source::Spool(spooled) => match spooled.bytes() {
                    Some(bytes) => PreparedBody::Bytes(bytes),
                    None => PreparedBody::Reader,
                },
                Source::Once(_) | Source::Chunked { .. } => PreparedBody::Reader,
            },
        }
    }

    /// What was changed of what was asked for.
    pub fn notes(&self) -> &[Note] {
        &self.plan.notes
    }

    /// Every step of the signature.
    pub fn signed(&self) -> &Signed {
        &self.signed
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared")
            .field("method", &self.plan.method)
            .field("url", &self.plan.url)
            .field("region", &self.plan.region)
            .field("service", &self.plan.service)
            .finish_non_exhaustive()
    }
}
