//! The settings of a client.

use std::prelude::rust_2024::*;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::client::Inner;
use super::identity::Identity;
use super::transport::{self, Transport};
use super::{Client, SendError};
use crate::Credentials;
use crate::provider::{Cache, Chain, Clock, Context, ProvideCredentials};
use crate::signing::SigningKeys;

/// The settings of a [`Client`]; start with [`Client::builder`].
#[must_use]
pub struct ClientBuilder {
    identity: Option<Identity>,
    region: Option<String>,
    service: Option<String>,
    clock: Clock,
    timeouts: Timeouts,
    answer_limit: u64,
    connect_to: Option<String>,
    user_agent: String,
}

/// How long each step may take. `None` means without end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeouts {
    /// To connect, TLS included: 10 s.
    pub connect: Option<Duration>,
    /// Between two pieces that are sent or received: 60 s. The wait for the answer's first byte is such a pause too.
    pub idle: Option<Duration>,
    /// From the last byte of the request to the last of the answer's headers: 120 s.
    pub answer: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        Timeouts {
            connect: Some(Duration::from_secs(10)),
            idle: Some(Duration::from_secs(60)),
            answer: Some(Duration::from_secs(120)),
        }
    }
}

impl ClientBuilder {
    pub(super) fn new() -> Self {
        ClientBuilder {
            identity: None,
            region: None,
            service: None,
            clock: Clock::system(),
            timeouts: Timeouts::default(),
            answer_limit: 256 * 1024 * 1024,
            connect_to: None,
            user_agent: concat!("sigv4-kit/", env!("CARGO_PKG_VERSION")).into(),
        }
    }

    /// Signs with these credentials.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.identity = Some(Identity::given(credentials));
        self
    }

    /// Signs with what this provider of the program's own gives.
    pub fn provider(mut self, provider: Arc<dyn ProvideCredentials>) -> Self {
        self.identity = Some(Identity::provider(provider));
        self
    }

    /// Signs with what this chain finds: looked for when first needed, and again before it expires. Its region is used
    /// where neither the caller nor the host tells one.
    pub fn chain(self, chain: Chain) -> Self {
        self.cache(Cache::new(chain))
    }

    /// The same with credentials that other clients use too.
    pub fn cache(mut self, cache: Cache) -> Self {
        self.identity = Some(Identity::cache(cache));
        self
    }

    /// The region to sign for, whatever the host says.
    pub fn region(mut self, region: &str) -> Self {
        self.region = Some(region.into());
        self
    }

    /// The service to sign for, whatever the host says: `es`, `aoss`, `s3`, `execute-api`.
    pub fn service(mut self, service: &str) -> Self {
        self.service = Some(service.into());
        self
    }

    /// What tells the time and waits.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// How long each step may take.
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// How many bytes of an answer are kept in memory at most; 256 MiB unless set. Reading piecewise has no limit.
    pub fn answer_limit(mut self, bytes: u64) -> Self {
        self.answer_limit = bytes;
        self
    }

    /// Dials this `HOST:PORT` instead of the URL's host, as through a tunnel or a VPC endpoint. The name that TLS
    /// checks, the Host header and the signature keep the URL's. No proxy is used.
    pub fn connect_to(mut self, host_and_port: &str) -> Self {
        self.connect_to = Some(host_and_port.into());
        self
    }

    /// The User-Agent header, which is never signed; `sigv4-kit/` with the version unless set, none where empty.
    pub fn user_agent(mut self, user_agent: &str) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// The client.
    ///
    /// # Errors
    /// [`SendError::Setting`] for a setting that cannot be used.
    pub fn build(self) -> Result<Client, SendError> {
        let transport = Transport::new(&transport::Settings {
            timeouts: self.timeouts,
            connect_to: self.connect_to,
            user_agent: self.user_agent,
        })?;
        let identity = self
            .identity
            .unwrap_or_else(|| Identity::cache(Cache::new(Chain::new(Context::from_process()))));
        Ok(Client(Arc::new(Inner {
            identity,
            region: self.region,
            service: self.service,
            clock: self.clock,
            answer_limit: self.answer_limit,
            transport,
            keys: Mutex::new(SigningKeys::new()),
        })))
    }
}
