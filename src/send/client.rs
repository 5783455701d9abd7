//! The client: what is kept between requests.

use std::fmt;
use std::prelude::rust_2024::*;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::attempts::Exchange;
use super::identity::Identity;
use super::plan::Plan;
use super::transport::Transport;
use super::{
    Body, ClientBuilder, Note, Prepared, RequestBuilder, Response, RetryPolicy, SendError,
};
use crate::Credentials;
use crate::provider::Clock;
use crate::signing::{Date, Signed, SigningKeys};

/// Sends signed requests. Cheap to clone; clones share connections, credentials and signing keys, and may be used from
/// several threads at once.
#[derive(Clone)]
pub struct Client(pub(super) Arc<Inner>);

/// Told of everything that a client does of its own accord.
pub(super) type Observer = Box<dyn Fn(&Note) + Send + Sync>;

pub(super) struct Inner {
    pub identity: Identity,
    pub region: Option<String>,
    pub service: Option<String>,
    pub clock: Clock,
    pub answer_limit: u64,
    pub retries: RetryPolicy,
    pub follow_redirects: Option<u32>,
    pub total: Option<Duration>,
    pub observer: Option<Observer>,
    /// The servers' time less this machine's, in seconds, once a server told it.
    pub skew: AtomicI64,
    pub transport: Transport,
    pub kept: Mutex<Kept>,
}

/// What signing needs again: the keys, and buffers that have grown. All are wiped on drop.
#[derive(Default)]
pub(super) struct Kept {
    keys: SigningKeys,
    buffers: Vec<Signed>,
}

const MOST_BUFFERS: usize = 8;

/// One signed request with the credentials, and the region, that the environment and the shared files give; service
/// and region are taken from the host.
///
/// For more than one request keep a [`Client`]: it keeps connections and credentials.
///
/// ```no_run
/// let url = "https://search-x.us-east-1.es.amazonaws.com/movies/_search";
/// let answer = sigv4_kit::send::send_signed("POST", url, r#"{"query": {"match_all": {}}}"#)?;
/// println!("{} {}", answer.status(), answer.text()?);
/// # Ok::<(), sigv4_kit::send::SendError>(())
/// ```
///
/// # Errors
/// See [`SendError`]; a status of 4xx or 5xx is no error here.
pub fn send_signed(method: &str, url: &str, body: impl Into<Body>) -> Result<Response, SendError> {
    Client::builder()
        .build()?
        .request(method, url)
        .body(body)
        .send()
}

impl Client {
    /// A client with the credentials and region that the environment and the shared files give.
    ///
    /// # Errors
    /// Those of [`ClientBuilder::build`].
    pub fn new() -> Result<Self, SendError> {
        Client::builder().build()
    }

    /// The settings of a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    /// A request, to be completed and sent.
    pub fn request(&self, method: &str, url: &str) -> RequestBuilder {
        RequestBuilder::new(self.clone(), method, url)
    }

    pub(super) fn send(&self, plan: Plan) -> Result<Response, SendError> {
        Exchange::new(&self.0, plan).run()
    }

    pub(super) fn prepare(&self, plan: Plan) -> Result<Prepared, SendError> {
        let credentials = self.0.identity.credentials()?;
        let date = self.0.date(&plan)?;
        let signed = self.0.sign(&plan, &credentials, date)?;
        Ok(Prepared::new(self.clone(), plan, signed))
    }
}

impl Inner {
    /// The request's own date, or now by the server's clock.
    pub fn date(&self, plan: &Plan) -> Result<Date, SendError> {
        match plan.given_date {
            Some(date) => Ok(date),
            None => {
                let skew = self.skew.load(Ordering::Relaxed);
                Ok(Date::from_unix_seconds(
                    self.clock.now().saturating_add(skew),
                )?)
            }
        }
    }

    pub fn sign(
        &self,
        plan: &Plan,
        credentials: &Credentials,
        date: Date,
    ) -> Result<Signed, SendError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut signed = kept.buffers.pop().unwrap_or_default();
        plan.sign_into(credentials, date, &mut kept.keys, &mut signed)?;
        Ok(signed)
    }

    /// Keeps the buffers of a signature for the next one.
    pub fn keep(&self, signed: Signed) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.buffers.len() < MOST_BUFFERS {
            kept.buffers.push(signed);
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("region", &self.0.region)
            .field("service", &self.0.service)
            .finish_non_exhaustive()
    }
}
