//! A request that is being put together.

use std::fmt;
use std::prelude::rust_2024::*;
use std::sync::Arc;

use super::plan::Plan;
use super::progress::Watch;
use super::{Body, Client, Prepared, Progress, Response, SendError};
use crate::signing::Rules;

/// A request that is being put together; made by [`Client::request`].
#[must_use]
pub struct RequestBuilder {
    pub(super) client: Client,
    pub(super) method: String,
    pub(super) url: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) signed_headers: Vec<String>,
    pub(super) body: Body,
    pub(super) region: Option<String>,
    pub(super) service: Option<String>,
    pub(super) rules: Option<Rules>,
    pub(super) content_sha256: bool,
    pub(super) default_content_type: bool,
    pub(super) sign_host: Option<String>,
    pub(super) idempotent: bool,
    pub(super) compress: bool,
    pub(super) accept_compressed: bool,
    pub(super) search_post: bool,
    pub(super) watch: Watch,
}

impl RequestBuilder {
    pub(super) fn new(client: Client, method: &str, url: &str) -> Self {
        RequestBuilder {
            client,
            method: method.into(),
            url: url.into(),
            query: Vec::new(),
            headers: Vec::new(),
            signed_headers: Vec::new(),
            body: Body::empty(),
            region: None,
            service: None,
            rules: None,
            content_sha256: true,
            default_content_type: true,
            sign_host: None,
            idempotent: false,
            compress: false,
            accept_compressed: false,
            search_post: false,
            watch: None,
        }
    }

    /// Adds a header. `content-type` and `x-amz-*` are signed, others are not.
    ///
    /// A `host` header is taken as [`RequestBuilder::sign_host`], an `x-amz-date` as the date to sign at.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Adds a header that is signed whatever its name.
    pub fn signed_header(mut self, name: &str, value: &str) -> Self {
        self.signed_headers.push(name.to_ascii_lowercase());
        self.header(name, value)
    }

    /// Adds a query parameter, given as plain text.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// The body. Where the call takes newline-delimited JSON (`_bulk`, `_msearch`) a missing final newline is added, as
    /// the service demands it. Without a `content-type` header it is sent as `application/x-ndjson` there and as
    /// `application/json` elsewhere.
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// The region to sign for, whatever client and host say.
    pub fn region(mut self, region: &str) -> Self {
        self.region = Some(region.into());
        self
    }

    /// The service to sign for, whatever client and host say.
    pub fn service(mut self, service: &str) -> Self {
        self.service = Some(service.into());
        self
    }

    /// Signs by these rules instead of the service's own.
    pub fn rules(mut self, rules: Rules) -> Self {
        self.rules = Some(rules);
        self
    }

    /// Leaves `x-amz-content-sha256` out, where the service does not demand it.
    pub fn no_content_sha256(mut self) -> Self {
        self.content_sha256 = false;
        self
    }

    /// Sends a body without a content type where none is given.
    pub fn no_default_content_type(mut self) -> Self {
        self.default_content_type = false;
        self
    }

    /// The Host header to send and sign, for a URL that must name another host, such as `localhost`. Service and region
    /// are taken from it.
    pub fn sign_host(mut self, host: &str) -> Self {
        self.sign_host = Some(host.into());
        self
    }

    /// Says that sending this twice does no more than sending it once, so that it may be repeated after a failure of
    /// which nobody knows what it did: see [`RetryPolicy`](super::RetryPolicy).
    pub fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }

    /// Compresses the body (gzip), then hashes and signs what goes out. `_cluster/settings` stays as it is, since Amazon
    /// OpenSearch Service takes that plain only.
    #[cfg(feature = "gzip")]
    pub fn compress(mut self) -> Self {
        self.compress = true;
        self
    }

    /// Asks for a compressed answer, and decompresses it. Without this an answer is given as it came.
    #[cfg(feature = "gzip")]
    pub fn accept_compressed(mut self) -> Self {
        self.accept_compressed = true;
        self
    }

    /// Sends a search with a body as POST where GET was asked for: for proxies and services that drop the body of a
    /// GET, or do not sign it.
    pub fn search_post(mut self) -> Self {
        self.search_post = true;
        self
    }

    /// The collection that a request to an account's endpoint of OpenSearch Serverless is for: a signed header
    /// `x-amz-aoss-collection-name`.
    pub fn collection(self, name: &str) -> Self {
        self.header("x-amz-aoss-collection-name", name)
    }

    /// Is told how far hashing, sending and receiving are, after each piece. Bodies given as bytes are sent in one.
    pub fn on_progress(mut self, watch: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.watch = Some(Arc::new(watch));
        self
    }

    /// Signs and sends. A status of 4xx or 5xx is a [`Response`] too.
    ///
    /// # Errors
    /// See [`SendError`].
    pub fn send(self) -> Result<Response, SendError> {
        let client = self.client.clone();
        client.send(Plan::new(self)?)
    }

    /// Signs and does not send: the request as it would go out, with every step of its signature.
    ///
    /// # Errors
    /// See [`SendError`].
    pub fn prepare(self) -> Result<Prepared, SendError> {
        let client = self.client.clone();
        client.prepare(Plan::new(self)?)
    }
}

/// Shows no header, since one may hold a session token, and no query.
impl fmt::Debug for RequestBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestBuilder")
            .field("method", &self.method)
            .field("url", &self.url.split('?').next())
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}
