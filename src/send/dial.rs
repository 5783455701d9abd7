//! Which address is dialled: the URL's host, or another in its place.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::prelude::rust_2024::*;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use super::SendError;

/// Looks names up in the calling thread, and keeps what was found for a short while, so that a kept connection costs no
/// look-up per request.
#[derive(Debug, Clone, Default)]
pub(super) struct Dial {
    connect_to: Option<(String, u16)>,
    found: Arc<Mutex<Vec<Found>>>,
}

/// The addresses of a name, and when it was looked up.
#[derive(Debug)]
struct Found {
    host: String,
    port: u16,
    since: Instant,
    addresses: Vec<SocketAddr>,
}

const KEPT: Duration = Duration::from_secs(30);
const MOST_NAMES: usize = 64;
const MOST_ADDRESSES: usize = 16;

impl Dial {
    pub fn new(connect_to: Option<&str>) -> Result<Self, SendError> {
        Ok(Dial {
            connect_to: match connect_to {
                Some(text) => Some(host_and_port(text)?),
                None => None,
            },
            found: Arc::default(),
        })
    }

    /// What is dialled instead of the URL's host and port.
    pub fn fixed(&self) -> Option<&(String, u16)> {
        self.connect_to.as_ref()
    }

    /// Looks every name up anew: after a connection that failed.
    pub fn forget(&self) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.clear();
    }

    fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, ureq::Error> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = bare.parse::<IpAddr>() {
            return Ok(std::vec![SocketAddr::new(address, port)]);
        }
        {
            let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
            found.retain(|name| name.since.elapsed() < KEPT);
            if let Some(name) = found
                .iter()
                .find(|name| name.host == host && name.port == port)
            {
                return Ok(name.addresses.clone());
            }
        }
        let addresses: Vec<SocketAddr> = (host, port)
            .to_socket_addrs()
            .map_err(|_| ureq::Error::HostNotFound)?
            .take(MOST_ADDRESSES)
            .collect();
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if found.len() >= MOST_NAMES {
            found.clear();
        }
        found.push(Found {
            host: host.into(),
            port,
            since: Instant::now(),
            addresses: addresses.clone(),
        });
        Ok(addresses)
    }
}

impl Resolver for Dial {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let default_port = if uri.scheme_str() == Some("https") {
            443
        } else {
            80
        };
        let (host, port) = match &self.connect_to {
            Some((host, port)) => (host.as_str(), *port),
            None => (
                uri.host().unwrap_or_default(),
                uri.port_u16().unwrap_or(default_port),
            ),
        };
        let addresses = self.addresses(host, port)?;
        let mut resolved = self.empty();
        for address in config.ip_family().keep_wanted(addresses.into_iter()) {
            resolved.push(address);
        }
        match resolved.is_empty() {
            true => Err(ureq::Error::HostNotFound),
            false => Ok(resolved),
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
