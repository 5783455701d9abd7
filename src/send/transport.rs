//! The way to the network: ureq, told to do nothing on its own.

use std::io;
use std::net::ToSocketAddrs;
use std::prelude::rust_2024::*;

use ureq::config::Config;
use ureq::http::{self, Uri};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, SendBody, Timeout};

use super::body::{EndedEarly, Opened};
use super::plan::Plan;
use super::{SendError, Timeouts, TransportError};
use crate::signing::Signed;

pub(super) struct Transport {
    agent: Agent,
    user_agent: String,
}

pub(super) struct Settings {
    pub timeouts: Timeouts,
    pub connect_to: Option<String>,
    pub user_agent: String,
}

pub(super) type Answer = http::Response<ureq::Body>;

impl Transport {
    pub fn new(settings: &Settings) -> Result<Self, SendError> {
        let connect_to = match &settings.connect_to {
            Some(text) => Some(host_and_port(text)?),
            None => None,
        };
        let config = config(&settings.timeouts);
        Ok(Transport {
            agent: Agent::with_parts(config, DefaultConnector::default(), Dial { connect_to }),
            user_agent: settings.user_agent.clone(),
        })
    }

    /// One attempt: these bytes and no others.
    pub fn send(&self, plan: &mut Plan, signed: &Signed) -> Result<Answer, SendError> {
        let mut request = http::Request::builder()
            .method(plan.method.as_str())
            .uri(plan.url.to_string());
        for (name, value) in plan.wire_headers(signed) {
            request = request.header(name, value.as_bytes());
        }
        if !self.user_agent.is_empty() && !plan.has_header("user-agent") {
            request = request.header("user-agent", self.user_agent.as_str());
        }
        let expects_body = !matches!(plan.method.as_str(), "GET" | "HEAD" | "DELETE" | "OPTIONS");
        if plan.body.length > 0 || expects_body {
            request = request.header("content-length", plan.body.length);
        }
        let host = plan.url.host();
        let cannot = |_| SendError::Header {
            name: "or URL of this request".into(),
            allowed: "must be shorter, or of other characters",
        };
        let answered = if plan.body.length == 0 {
            self.agent
                .run(request.body(SendBody::none()).map_err(cannot)?)
        } else {
            let host: String = host.into();
            let opened = plan
                .body
                .open()
                .map_err(|cause| SendError::Body { cause })?;
            return match opened {
                Opened::Bytes(bytes) => self.agent.run(request.body(bytes).map_err(cannot)?),
                Opened::Reader(mut reader) => self.agent.run(
                    request
                        .body(SendBody::from_reader(&mut reader))
                        .map_err(cannot)?,
                ),
            }
            .map_err(|error| translate(error, &host));
        };
        answered.map_err(|error| translate(error, host))
    }
}

fn config(timeouts: &Timeouts) -> Config {
    // No timeout_global, timeout_per_call or timeout_resolve: each of them starts a thread for every request, even for
    // an address, which costs six requests of seven on a kept connection.
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .allow_non_standard_methods(true)
        .proxy(None)
        .user_agent("")
        .accept("")
        .accept_encoding("")
        .timeout_connect(timeouts.connect)
        .timeout_per_read(timeouts.idle)
        .timeout_per_write(timeouts.idle)
        .timeout_recv_response(timeouts.answer)
        .build()
}

/// What is dialled: the URL's host, or another address in its place.
#[derive(Debug)]
struct Dial {
    connect_to: Option<(String, u16)>,
}

impl Resolver for Dial {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let Some((host, port)) = &self.connect_to else {
            return DefaultResolver::default().resolve(uri, config, timeout);
        };
        let mut addresses = self.empty();
        let found = (host.as_str(), *port).to_socket_addrs()?;
        found.take(16).for_each(|address| addresses.push(address));
        match addresses.is_empty() {
            true => Err(ureq::Error::HostNotFound),
            false => Ok(addresses),
        }
    }
}

/// `HOST:PORT`, the host of an IPv6 address in brackets.
fn host_and_port(text: &str) -> Result<(String, u16), SendError> {
    let wrong = SendError::Setting {
        name: "connect-to",
        allowed: "HOST:PORT, such as localhost:9200 or [::1]:9200",
    };
    let Some((host, port)) = text.rsplit_once(':') else {
        return Err(wrong);
    };
    let host = match host.strip_prefix('[').map(|host| host.strip_suffix(']')) {
        Some(Some(address)) => address,
        Some(None) => return Err(wrong),
        None if host.contains(':') => return Err(wrong),
        None => host,
    };
    match port.parse() {
        Ok(port) if !host.is_empty() && port > 0 => Ok((host.into(), port)),
        _ => Err(wrong),
    }
}

/// ureq's error as ours.
pub(super) fn translate(error: ureq::Error, host: &str) -> SendError {
    use ureq::Error as E;
    let transport = match error {
        E::HostNotFound => TransportError::HostNotFound { host: host.into() },
        E::ConnectionFailed => TransportError::Connect {
            host: host.into(),
            kind: io::ErrorKind::ConnectionRefused,
        },
        E::Timeout(step) => TransportError::Timeout(match step {
            Timeout::Resolve | Timeout::Connect => "connecting",
            Timeout::SendRequest | Timeout::SendBody | Timeout::PerWrite => "sending",
            Timeout::RecvBody => "reading the answer",
            _ => "waiting for the answer",
        }),
        E::Tls(words) => TransportError::Tls(words.into()),
        E::Rustls(error) => TransportError::Tls(error.to_string()),
        E::Pem(error) => TransportError::Tls(std::format!("{error:?}")),
        E::TlsRequired => TransportError::Tls("the connection is not protected".into()),
        E::ConnectProxyFailed(words) => TransportError::Proxy(words),
        E::InvalidProxyUrl => TransportError::Proxy("its URL is not understood".into()),
        E::Io(error) => return translate_io(error, host),
        E::Other(error) => TransportError::NotHttp(error.to_string()),
        other => TransportError::NotHttp(other.to_string()),
    };
    SendError::Transport(transport)
}

fn translate_io(error: io::Error, host: &str) -> SendError {
    use io::ErrorKind as K;
    if error
        .get_ref()
        .is_some_and(|inner| inner.is::<EndedEarly>())
    {
        return SendError::Body { cause: error };
    }
    let host = host.into();
    SendError::Transport(match error.kind() {
        K::ConnectionRefused
        | K::HostUnreachable
        | K::NetworkUnreachable
        | K::NetworkDown
        | K::AddrNotAvailable
        | K::PermissionDenied => TransportError::Connect {
            host,
            kind: error.kind(),
        },
        // A rustls error inside an I/O error, as a handshake reports it.
        K::InvalidData => TransportError::Tls(error.to_string()),
        // What getaddrinfo says has no kind of its own.
        _ if is_lookup(&error) => TransportError::HostNotFound { host },
        kind => TransportError::Broken(kind),
    })
}

fn is_lookup(error: &io::Error) -> bool {
    error.to_string().contains("lookup address")
}
