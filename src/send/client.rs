//! The client: what is kept between requests.

use std::fmt;
use std::prelude::rust_2024::*;
use std::sync::{Arc, Mutex, PoisonError};

use super::identity::Identity;
use super::plan::Plan;
use super::transport::Transport;
use super::{Body, ClientBuilder, Prepared, RequestBuilder, Response, SendError};
use crate::provider::Clock;
use crate::signing::{Date, Signed, SigningKeys};

/// Sends signed requests. Cheap to clone; clones share connections, credentials and signing keys, and may be used from
/// several threads at once.
#[derive(Clone)]
pub struct Client(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub identity: Identity,
    pub region: Option<String>,
    pub service: Option<String>,
    pub clock: Clock,
    pub answer_limit: u64,
    pub transport: Transport,
    pub keys: Mutex<SigningKeys>,
}

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

    /// Signs the planned request as of now.
    pub(super) fn sign(&self, plan: &Plan) -> Result<Signed, SendError> {
        let now = self.0.clock.now();
        let date = match plan.given_date {
            Some(date) => date,
            None => Date::from_unix_seconds(now)?,
        };
        let credentials = self.0.identity.credentials()?;
        let mut signed = Signed::default();
        let mut keys = self.0.keys.lock().unwrap_or_else(PoisonError::into_inner);
        plan.sign_into(&credentials, date, &mut keys, &mut signed)?;
        Ok(signed)
    }

    pub(super) fn send(&self, mut plan: Plan) -> Result<Response, SendError> {
        let signed = self.sign(&plan)?;
        self.0
            .transport
            .send(&mut plan, &signed)
            .map(|answer| Response::new(answer, self.0.answer_limit))
    }

    pub(super) fn prepare(&self, plan: Plan) -> Result<Prepared, SendError> {
        let signed = self.sign(&plan)?;
        Ok(Prepared::new(plan, signed))
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
