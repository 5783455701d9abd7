//! The way to the network: ureq, told to do nothing on its own.

use std::io;
use std::prelude::rust_2024::*;
use std::time::Duration;

use ureq::config::Config;
use ureq::http::header::{CONTENT_LENGTH, HeaderName, HeaderValue, USER_AGENT};
use ureq::http::{self, Method, Uri};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::typestate::AgentScope;
use ureq::unversioned::transport::{
    ConnectProxyConnector, Connector, RustlsConnector, TcpConnector,
};
use ureq::{Agent, AsSendBody, Proxy, SendBody, Timeout};

use super::dial::Dial;
use super::early_answer::EarlyAnswer;
use super::measured::{Opened, ReadFailed};
use super::one_write::OneWrite;
use super::plan::Plan;
use super::proxy::Proxies;
use super::{SendError, Timeouts, TransportError};
use crate::Credentials;
use crate::signing::Signed;
use crate::tls;

/// The connections of a client.
pub(super) struct Transport {
    dial: Dial,
    direct: Agent,
    by_https_proxy: Option<Agent>,
    by_http_proxy: Option<Agent>,
    proxies: Proxies,
    user_agent: Option<HeaderValue>,
}

pub(super) struct Settings {
    pub timeouts: Timeouts,
    pub connect_to: Option<String>,
    pub proxies: Proxies,
    pub roots: RootCerts,
    pub user_agent: String,
}

/// Threads that share a client, and pause, find their connections again.
const IDLE: usize = 64;

/// Those beside the plan's own: host, those of the signature, user-agent, content-length.
const ADDED_HEADERS: usize = 8;

pub(super) type Answer = http::Response<ureq::Body>;

impl Transport {
    pub fn new(settings: Settings) -> Result<Self, SendError> {
        let dial = Dial::new(settings.connect_to.as_deref())?;
        let tls = tls::config(settings.roots);
        let agent = |proxy: Option<Proxy>| {
            let config = config(&settings.timeouts, tls.clone()).proxy(proxy).build();
            let connector =
                ().chain(ConnectProxyConnector::default())
                    .chain(TcpConnector::default())
                    .chain(EarlyAnswer)
                    .chain(RustlsConnector::default())
                    .chain(OneWrite);
            Agent::with_parts(config, connector, dial.clone())
        };
        let by_proxy = |url: Option<&str>| -> Result<Option<Agent>, SendError> {
            match url {
                Some(url) if dial.fixed().is_none() => Ok(Some(agent(Some(proxy(url)?)))),
                _ => Ok(None),
            }
        };
        Ok(Transport {
            direct: agent(None),
            by_https_proxy: by_proxy(settings.proxies.https())?,
            by_http_proxy: by_proxy(settings.proxies.http())?,
            proxies: settings.proxies,
            user_agent: match settings.user_agent.as_str() {
                "" => None,
                name => Some(HeaderValue::from_str(name).map_err(|_| SendError::Setting {
                    name: "the user agent",
                    allowed: "printable ASCII",
                })?),
            },
            dial,
        })
    }

    /// One attempt: these bytes and no others, and `left` until the end of the answer.
    pub fn send(
        &self,
        plan: &mut Plan,
        signature: Option<(&Signed, &Credentials)>,
        left: Option<Duration>,
    ) -> Result<Answer, SendError> {
        let head = self.head(plan, signature.map(|(signed, _)| signed))?;
        let agent = self.agent(plan);
        let outcome = if plan.body.length == 0 {
            run(agent, head, SendBody::none(), left)
        } else {
            let opened = plan.body.open(signature, &plan.watch);
            match opened.map_err(|cause| SendError::Body { cause })? {
                Opened::Bytes(bytes) => run(agent, head, bytes, left),
                Opened::Reader(mut reader) => {
                    run(agent, head, SendBody::from_reader(&mut reader), left)
                }
            }
        };
        let outcome =
            outcome.map_err(|error| translate(error, plan.url.host(), &self.dialled(plan)));
        if let Err(SendError::Transport(_)) = outcome {
            self.dial.forget();
        }
        outcome
    }

    /// Method, URL and headers as they go out.
    fn head(&self, plan: &Plan, signed: Option<&Signed>) -> Result<http::Request<()>, SendError> {
        let mut request = http::Request::new(());
        *request.method_mut() =
            Method::from_bytes(plan.method.as_bytes()).map_err(|_| SendError::UnsendableUrl)?;
        *request.uri_mut() =
            Uri::try_from(plan.url.to_string()).map_err(|_| SendError::UnsendableUrl)?;
        let headers = request.headers_mut();
        headers.reserve(plan.headers.len() + ADDED_HEADERS);
        for (name, value) in plan.wire_headers(signed) {
            let name = HeaderName::from_bytes(name.as_bytes());
            let value = HeaderValue::from_bytes(value.as_bytes());
            let (Ok(name), Ok(value)) = (name, value) else {
                return Err(SendError::UnsendableUrl);
            };
            headers.append(name, value);
        }
        if let Some(name) = &self.user_agent
            && !plan.has_header("user-agent")
        {
            headers.insert(USER_AGENT, name.clone());
        }
        let expects_body = !matches!(plan.method.as_str(), "GET" | "HEAD" | "DELETE" | "OPTIONS");
        if plan.body.length > 0 || expects_body {
            headers.insert(CONTENT_LENGTH, plan.body.length.into());
        }
        Ok(request)
    }

    fn agent(&self, plan: &Plan) -> &Agent {
        self.by_proxy(plan).map_or(&self.direct, |(agent, _)| agent)
    }

    /// The proxy for a request, and its URL.
    fn by_proxy(&self, plan: &Plan) -> Option<(&Agent, &str)> {
        let (agent, url) = match plan.url.is_https() {
            true => (&self.by_https_proxy, self.proxies.https()),
            false => (&self.by_http_proxy, self.proxies.http()),
        };
        let agent = agent.as_ref().filter(|_| !self.proxies.spares(&plan.url))?;
        Some((agent, url?))
    }

    /// What a connection for a request is made to, as errors name it.
    fn dialled(&self, plan: &Plan) -> String {
        if let Some((_, url)) = self.by_proxy(plan) {
            // Credentials may stand before the @.
            let authority = url.rsplit(['/', '@']).find(|part| !part.is_empty());
            return std::format!("the proxy {}", authority.unwrap_or_default());
        }
        match self.dial.fixed() {
            Some((host, port)) => std::format!("{host}:{port}"),
            None => plan.url.host().into(),
        }
    }
}

fn run(
    agent: &Agent,
    head: http::Request<()>,
    body: impl AsSendBody,
    left: Option<Duration>,
) -> Result<Answer, ureq::Error> {
    let request = head.map(|()| body);
    match left {
        None => agent.run(request),
        Some(left) => {
            let configured = agent.configure_request(request).timeout_global(Some(left));
            agent.run(configured.build())
        }
    }
}

fn config(timeouts: &Timeouts, tls: TlsConfig) -> ureq::config::ConfigBuilder<AgentScope> {
    Config::builder()
        .http_status_as_error(false)
        .max_idle_connections(IDLE)
        .max_idle_connections_per_host(IDLE)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .allow_non_standard_methods(true)
        .tls_config(tls)
        .user_agent("")
        .accept("")
        .accept_encoding("")
        .timeout_connect(timeouts.connect)
        .timeout_per_read(timeouts.idle)
        .timeout_per_write(timeouts.idle)
        .timeout_recv_response(timeouts.answer)
}

fn proxy(url: &str) -> Result<Proxy, SendError> {
    let wrong = SendError::Setting {
        name: "the proxy",
        allowed: "http://[USER:PASSWORD@]HOST:PORT",
    };
    match url.split_once("://") {
        None => Proxy::new(&std::format!("http://{url}")).map_err(|_| wrong),
        Some(("http" | "https", _)) => Proxy::new(url).map_err(|_| wrong),
        Some(_) => Err(wrong),
    }
}

/// ureq's error as ours: of the URL's host, and of what was dialled for it.
pub(super) fn translate(error: ureq::Error, host: &str, dialled: &str) -> SendError {
    use ureq::Error as E;
    let transport = match error {
        E::HostNotFound => TransportError::HostNotFound {
            host: dialled.into(),
        },
        E::ConnectionFailed => TransportError::Connect {
            host: dialled.into(),
            kind: io::ErrorKind::ConnectionRefused,
        },
        E::Timeout(step) => TransportError::Timeout(match step {
            Timeout::Resolve | Timeout::Connect => "connecting",
            Timeout::SendRequest | Timeout::SendBody | Timeout::PerWrite => "sending",
            Timeout::RecvBody => "reading the answer",
            Timeout::Global | Timeout::PerCall => "the whole request",
            _ => "waiting for the answer",
        }),
        E::Tls(words) => tls(host, words),
        E::Rustls(error) => tls(host, &error.to_string()),
        E::TlsRequired => tls(host, "the connection is not protected"),
        E::ConnectProxyFailed(words) => TransportError::Proxy(words),
        E::InvalidProxyUrl => TransportError::Proxy("its URL is not understood".into()),
        E::BadUri(_) | E::Http(_) => return SendError::UnsendableUrl,
        E::Io(error) => return translate_io(error, host, dialled),
        other => TransportError::NotHttp(other.to_string()),
    };
    SendError::Transport(transport)
}

fn translate_io(error: io::Error, host: &str, dialled: &str) -> SendError {
    use io::ErrorKind as K;
    let error = match error.downcast::<ReadFailed>() {
        Ok(ReadFailed(cause)) => return SendError::Body { cause },
        Err(error) => error,
    };
    SendError::Transport(match error.kind() {
        K::ConnectionRefused
        | K::HostUnreachable
        | K::NetworkUnreachable
        | K::NetworkDown
        | K::AddrNotAvailable
        | K::PermissionDenied => TransportError::Connect {
            host: dialled.into(),
            kind: error.kind(),
        },
        // A TLS error inside an I/O error, as a handshake reports it.
        K::InvalidData => tls(host, &error.to_string()),
        kind => TransportError::Broken(kind),
    })
}

fn tls(host: &str, words: &str) -> TransportError {
    TransportError::Tls {
        host: host.into(),
        words: words.into(),
    }
}
