//! The settings of a client.

use std::fmt;
use std::path::PathBuf;
use std::prelude::rust_2024::*;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ureq::tls::RootCerts;

use super::client::{Inner, Observer};
use super::identity::Identity;
use super::transport::{self, Transport};
use super::{Client, Note, Proxies, RetryPolicy, SendError, roots};
use crate::Credentials;
use crate::provider::{Cache, Chain, Clock, Context, Environment, ProvideCredentials};

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
    retries: RetryPolicy,
    follow_redirects: Option<u32>,
    observer: Option<Observer>,
    environment: Environment,
    proxies: Option<Proxies>,
    roots: Roots,
}

enum Roots {
    /// Those of `AWS_CA_BUNDLE` or the profile's `ca_bundle`; where there is none, Mozilla's, built in.
    Default,
    Bundle(PathBuf),
    #[cfg(feature = "platform-roots")]
    Platform,
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
    /// The whole request with every attempt, to the end of the answer's body: without end.
    pub total: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        Timeouts {
            connect: Some(Duration::from_secs(10)),
            idle: Some(Duration::from_secs(60)),
            answer: Some(Duration::from_secs(120)),
            total: None,
        }
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("region", &self.region)
            .field("service", &self.service)
            .field("timeouts", &self.timeouts)
            .field("retries", &self.retries)
            .finish_non_exhaustive()
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
            retries: RetryPolicy::default(),
            follow_redirects: None,
            observer: None,
            environment: Environment::from_process(),
            proxies: None,
            roots: Roots::Default,
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

    /// When requests are sent again.
    pub fn retries(mut self, policy: RetryPolicy) -> Self {
        self.retries = policy;
        self
    }

    /// Follows up to `limit` redirects; without this none. To the same host a request is signed anew; to another host
    /// go neither `Authorization` nor `X-Amz-Security-Token` nor other `x-amz-*` headers or cookies, and never from
    /// `https` to `http`.
    pub fn follow_redirects(mut self, limit: u32) -> Self {
        self.follow_redirects = Some(limit);
        self
    }

    /// Is told of every retry, correction and redirect as it happens.
    pub fn on_note(mut self, observer: impl Fn(&Note) + Send + Sync + 'static) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Where `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY` and `AWS_CA_BUNDLE` are looked up: the process's environment
    /// unless set.
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// The proxies to use, whatever the environment says.
    pub fn proxies(mut self, proxies: Proxies) -> Self {
        self.proxies = Some(proxies);
        self
    }

    /// Trusts the certificates of this PEM file, and no others, whatever the environment says.
    pub fn ca_bundle(mut self, path: impl Into<PathBuf>) -> Self {
        self.roots = Roots::Bundle(path.into());
        self
    }

    /// Trusts what the platform trusts, whatever the environment says.
    #[cfg(feature = "platform-roots")]
    pub fn platform_roots(mut self) -> Self {
        self.roots = Roots::Platform;
        self
    }

    /// The client.
    ///
    /// # Errors
    /// [`SendError::Setting`] for a setting that cannot be used, [`SendError::File`] for a certificate bundle that
    /// cannot.
    pub fn build(self) -> Result<Client, SendError> {
        let identity = self
            .identity
            .unwrap_or_else(|| Identity::cache(Cache::new(Chain::new(Context::from_process()))));
        let roots = match self.roots {
            Roots::Bundle(path) => roots::bundle(&path)?,
            #[cfg(feature = "platform-roots")]
            Roots::Platform => RootCerts::PlatformVerifier,
            Roots::Default => {
                let variable = self.environment.variable("AWS_CA_BUNDLE");
                let path = variable
                    .map(|path| PathBuf::from(path.as_str()))
                    .or_else(|| identity.setting("AWS_CA_BUNDLE", "ca_bundle"));
                match path {
                    Some(path) => roots::bundle(&path)?,
                    None => RootCerts::WebPki,
                }
            }
        };
        let total = self.timeouts.total;
        let transport = Transport::new(transport::Settings {
            timeouts: self.timeouts,
            connect_to: self.connect_to,
            proxies: self
                .proxies
                .unwrap_or_else(|| Proxies::from_environment(&self.environment)),
            roots,
            user_agent: self.user_agent,
        })?;
        Ok(Client(Arc::new(Inner {
            identity,
            region: self.region,
            service: self.service,
            clock: self.clock,
            answer_limit: self.answer_limit,
            retries: self.retries,
            follow_redirects: self.follow_redirects,
            total,
            observer: self.observer,
            skew: AtomicI64::new(0),
            transport,
            kept: Mutex::default(),
        })))
    }
}
