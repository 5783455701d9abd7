//! Which proxy a request goes through. Requests for credentials never ask here.

use std::net::IpAddr;
use std::prelude::rust_2024::*;

use crate::provider::Environment;
use crate::url::Url;

/// The proxies of a client, by the scheme of the URL.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    https: Option<String>,
    http: Option<String>,
    exceptions: Vec<String>,
}

impl Proxies {
    /// No proxy.
    pub fn none() -> Self {
        Proxies::default()
    }

    /// This proxy for every URL: `http://[USER:PASSWORD@]HOST:PORT`.
    pub fn all(url: &str) -> Self {
        Proxies {
            https: Some(url.into()),
            http: Some(url.into()),
            exceptions: Vec::new(),
        }
    }

    /// `HTTPS_PROXY` for `https` URLs, `HTTP_PROXY` for `http` URLs, `ALL_PROXY` where these are unset, and the
    /// exceptions of `NO_PROXY`; each in capitals or small letters, small ones first.
    pub fn from_environment(environment: &Environment) -> Self {
        let variable = |name: &str| {
            let small = environment.variable(&name.to_ascii_lowercase());
            let value = small.or_else(|| environment.variable(name))?;
            Some(String::from(value.as_str()))
        };
        let all = variable("ALL_PROXY");
        let exceptions = variable("NO_PROXY").unwrap_or_default();
        Proxies {
            https: variable("HTTPS_PROXY").or_else(|| all.clone()),
            http: variable("HTTP_PROXY").or(all),
            exceptions: exceptions
                .split([',', ' '])
                .filter(|entry| !entry.is_empty())
                .map(str::to_ascii_lowercase)
                .collect(),
        }
    }

    /// The same with one more exception: a name with everything below it, an address, a network as `10.0.0.0/8`, any of
    /// them with a port, or `*`.
    #[must_use]
    pub fn except(mut self, entry: &str) -> Self {
        self.exceptions.push(entry.to_ascii_lowercase());
        self
    }

    pub(super) fn https(&self) -> Option<&str> {
        self.https.as_deref()
    }

    pub(super) fn http(&self) -> Option<&str> {
        self.http.as_deref()
    }

    /// Whether a URL is dialled without proxy: an exception, or this machine itself.
    pub(super) fn spares(&self, url: &Url) -> bool {
        let host = url.host().trim_start_matches('[').trim_end_matches(']');
        let host = host.trim_end_matches('.');
        let address: Option<IpAddr> = host.parse().ok();
        if host == "localhost" || address.is_some_and(|address| address.is_loopback()) {
            return true;
        }
        self.exceptions
            .iter()
            .any(|entry| matches(entry, host, address, url.port()))
    }
}

/// Credentials may stand in a proxy's URL.
impl std::fmt::Debug for Proxies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proxies")
            .field("https", &self.https.is_some())
            .field("http", &self.http.is_some())
            .field("exceptions", &self.exceptions)
            .finish()
    }
}

fn matches(entry: &str, host: &str, address: Option<IpAddr>, port: u16) -> bool {
    if entry == "*" {
        return true;
    }
    if let Some((network, bits)) = entry.split_once('/') {
        let network = network.parse().ok();
        return match (network, address, bits.parse()) {
            (Some(network), Some(address), Ok(bits)) => is_within(address, network, bits),
            _ => false,
        };
    }
    if let (Some(address), Ok(entry)) = (address, entry.parse::<IpAddr>()) {
        return address == entry;
    }
    let name = match entry.rsplit_once(':') {
        Some((name, digits)) => match digits.parse::<u16>() {
            Ok(number) if number == port => name,
            _ => return false,
        },
        None => entry,
    };
    let name = name.trim_start_matches('*').trim_start_matches('.');
    let name = name.trim_start_matches('[').trim_end_matches(']');
    let below = host.strip_suffix(name);
    !name.is_empty()
        && below.is_some_and(|rest| rest.is_empty() || (address.is_none() && rest.ends_with('.')))
}

fn is_within(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    let (address, network, width): (_, _, u32) = match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(n)) => {
            (u128::from(a.to_bits()), u128::from(n.to_bits()), 32_u32)
        }
        (IpAddr::V6(a), IpAddr::V6(n)) => (a.to_bits(), n.to_bits(), 128),
        _ => return false,
    };
    match width.checked_sub(bits) {
        None => false,
        Some(128) => true,
        Some(free) => (address ^ network) >> free == 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_are_names_with_what_is_below_them_addresses_and_networks() {
        for (entry, url, spared) in [
            ("*", "https://h/", true),
            ("example.com", "https://example.com/", true),
            ("example.com", "https://a.example.com/", true),
            (".example.com", "https://a.example.com/", true),
            ("*.example.com", "https://a.example.com/", true),
            ("example.com", "https://notexample.com/", false),
            ("EXAMPLE.com", "https://Example.COM/", true),
            ("example.com:9200", "https://example.com:9200/", true),
            ("example.com:9200", "https://example.com/", false),
            ("10.0.0.0/8", "https://10.1.2.3/", true),
            ("10.0.0.0/8", "https://11.1.2.3/", false),
            ("10.0.0.0/33", "https://10.0.0.0/", false),
            ("0.0.0.0/0", "https://11.1.2.3/", true),
            ("fd00::/8", "https://[fd12::1]/", true),
            ("::/0", "https://[fd12::1]/", true),
            ("10.1.2.3", "https://10.1.2.3/", true),
            ("2.3", "https://10.1.2.3/", false),
            ("other", "http://localhost:9200/", true),
            ("other", "http://127.0.0.1:9200/", true),
            ("other", "http://[::1]:9200/", true),
            (".", "https://h/", false),
        ] {
            let proxies = Proxies::all("http://proxy:3128").except(entry);
            let url = Url::parse(url).unwrap();
            assert_eq!(proxies.spares(&url), spared, "{entry} {url}");
        }
    }

    #[test]
    fn the_environment_names_one_proxy_a_scheme() {
        let environment = Environment::empty()
            .with_variable("HTTPS_PROXY", "http://a:1")
            .with_variable("https_proxy", "http://b:1")
            .with_variable("ALL_PROXY", "http://c:1")
            .with_variable("NO_PROXY", "x, .Y.z,,");
        let proxies = Proxies::from_environment(&environment);
        assert_eq!(
            (proxies.https(), proxies.http()),
            (Some("http://b:1"), Some("http://c:1"))
        );
        assert_eq!(proxies.exceptions, ["x", ".y.z"]);
        assert_eq!(
            Proxies::from_environment(&Environment::empty()),
            Proxies::none()
        );
    }
}
