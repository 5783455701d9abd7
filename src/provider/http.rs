//! The small HTTP client that providers ask with.

use std::fmt;
use std::io::Read;
use std::prelude::rust_2024::*;
use std::time::Duration;

use ureq::http::Request;
use ureq::tls::{PemItem, RootCerts, parse_pem};
use ureq::{Agent, Proxy, Timeout};
use zeroize::Zeroizing;

use super::{Clock, Context, FileError, HttpError, ProviderError, Source};
use crate::tls;

/// The longest answer that is read, in bytes.
pub const ANSWER_LIMIT: usize = 64 * 1024;

/// An HTTP client for credential endpoints: no redirects, every status is an answer, bounded in time and size.
#[derive(Debug, Clone)]
pub struct Http {
    agent: Agent,
}

/// What was answered. The body may hold secrets and is wiped on drop.
pub struct HttpAnswer {
    /// The HTTP status.
    pub status: u16,
    /// At most [`ANSWER_LIMIT`] bytes.
    pub body: Zeroizing<Vec<u8>>,
}

impl HttpAnswer {
    /// The body as text.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.body).ok()
    }
}

impl fmt::Debug for HttpAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpAnswer")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish()
    }
}

impl Http {
    /// For link-local metadata endpoints: never through a proxy, each step within `timeout`.
    pub fn metadata(timeout: Duration) -> Self {
        let config = plain(timeout, timeout).proxy(None).build();
        Http {
            agent: config.new_agent(),
        }
    }

    /// For AWS services (STS, IAM Identity Center, sign-in): the process's proxy where the environment is the
    /// process's, and the certificates of `AWS_CA_BUNDLE` or the profile's `ca_bundle` instead of the built-in ones.
    ///
    /// # Errors
    /// A certificate bundle that cannot be read or holds no certificate; shared files that cannot be used.
    pub fn service(source: Source, context: &Context) -> Result<Self, ProviderError> {
        let proxy = match context.environment().is_process() {
            true => Proxy::try_from_env(),
            false => None,
        };
        let mut config = plain(Duration::from_secs(10), Duration::from_secs(30)).proxy(proxy);
        if let Some(setting) = context.setting("AWS_CA_BUNDLE", "ca_bundle")? {
            let path = context.expand(&setting.value);
            let pem = context
                .environment()
                .read(&path, 8 * 1024 * 1024)
                .map_err(|error| ProviderError::File {
                    path: path.clone(),
                    cause: FileError::Io(error.kind()),
                })?;
            let certificates: Vec<_> = parse_pem(&pem)
                .filter_map(|item| match item {
                    Ok(PemItem::Certificate(certificate)) => Some(certificate),
                    _ => None,
                })
                .collect();
            if certificates.is_empty() {
                return Err(ProviderError::Unusable {
                    source,
                    cause: std::format!("{} holds no PEM certificate", path.display()),
                });
            }
            config = config.tls_config(tls::config(RootCerts::new_with_certs(&certificates)));
        }
        Ok(Http {
            agent: config.build().new_agent(),
        })
    }

    /// One request, one answer. A `body` of `Some(&[])` is sent as `content-length: 0`.
    ///
    /// # Errors
    /// No connection, no answer in time, an answer beyond [`ANSWER_LIMIT`], a header value that cannot be sent.
    pub fn send(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Result<HttpAnswer, HttpError> {
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answered = match body {
            None => self
                .agent
                .run(request.body(()).map_err(|_| HttpError::Request)?),
            Some(bytes) => {
                let request = request.header("content-length", bytes.len());
                self.agent
                    .run(request.body(bytes).map_err(|_| HttpError::Request)?)
            }
        };
        let mut answered = answered.map_err(HttpError::of)?;
        // Room for all of it: a buffer that grows leaves copies behind that nobody wipes.
        let mut body = Zeroizing::new(Vec::with_capacity(ANSWER_LIMIT + 1));
        answered
            .body_mut()
            .as_reader()
            .take(ANSWER_LIMIT as u64 + 1)
            .read_to_end(&mut body)
            .map_err(|error| match ureq::Error::from(error) {
                ureq::Error::Timeout(_) => HttpError::Timeout("body"),
                _ => HttpError::Truncated,
            })?;
        match body.len() > ANSWER_LIMIT {
            true => Err(HttpError::TooLarge),
            false => Ok(HttpAnswer {
                status: answered.status().as_u16(),
                body,
            }),
        }
    }
}

fn plain(
    connect: Duration,
    answer: Duration,
) -> ureq::config::ConfigBuilder<ureq::typestate::AgentScope> {
    // No timeout_global and no timeout_resolve: each of them starts a thread for every request.
    Agent::config_builder()
        .tls_config(tls::config(RootCerts::WebPki))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .allow_non_standard_methods(true)
        .user_agent(concat!("sigv4-kit/", env!("CARGO_PKG_VERSION")))
        .accept("")
        .accept_encoding("")
        .max_idle_connections(1)
        .timeout_connect(Some(connect))
        .timeout_send_request(Some(answer))
        .timeout_send_body(Some(answer))
        .timeout_recv_response(Some(answer))
        .timeout_recv_body(Some(answer))
}

/// The URL as an error may show it: no query, no userinfo.
pub fn without_query(url: &str) -> String {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let url = &url[..end];
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let slash = rest.find('/').unwrap_or(rest.len());
            let at = rest[..slash].rfind('@').map_or(0, |at| at + 1);
            std::format!("{scheme}://{}", &rest[at..])
        }
        None => url.into(),
    }
}

/// Calls `attempt` up to `attempts` times, waiting `pause` by `clock` in between, until it says that its outcome
/// stands.
pub fn retry<T>(
    clock: &Clock,
    attempts: u32,
    pause: Duration,
    mut attempt: impl FnMut() -> Attempt<T>,
) -> T {
    let mut left = attempts.max(1);
    loop {
        left -= 1;
        match attempt() {
            Attempt::Stands(outcome) => return outcome,
            Attempt::Again(outcome) if left == 0 => return outcome,
            Attempt::Again(_) => clock.wait(pause),
        }
    }
}

/// Whether an attempt's outcome is worth another try.
pub enum Attempt<T> {
    /// It is final, good or bad.
    Stands(T),
    /// It may be better next time; this is the outcome if there is none.
    Again(T),
}

impl HttpError {
    fn of(error: ureq::Error) -> Self {
        match error {
            ureq::Error::Timeout(Timeout::Connect) => HttpError::Timeout("connection"),
            ureq::Error::Timeout(_) => HttpError::Timeout("answer"),
            ureq::Error::HostNotFound => HttpError::HostNotFound,
            ureq::Error::ConnectionFailed => {
                HttpError::Connection(std::io::ErrorKind::ConnectionRefused)
            }
            // rustls reports what it refuses as invalid data.
            ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                HttpError::Tls
            }
            // What getaddrinfo refuses has no kind of its own.
            ureq::Error::Io(error)
                if error.raw_os_error().is_none() && error.to_string().contains("lookup") =>
            {
                HttpError::HostNotFound
            }
            ureq::Error::Io(error) => HttpError::Connection(error.kind()),
            ureq::Error::Tls(_) | ureq::Error::Rustls(_) => HttpError::Tls,
            ureq::Error::BadUri(_) | ureq::Error::Http(_) => HttpError::Request,
            _ => HttpError::NotHttp,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Error, ErrorKind};

    #[test]
    fn a_name_that_is_not_known_is_told_from_a_connection_that_fails() {
        // std's words, whatever the C library adds to them.
        let lookup = "failed to lookup address information: Name or service not known";
        let of = |error| HttpError::of(ureq::Error::Io(error));
        assert_eq!(of(Error::other(lookup)), HttpError::HostNotFound);
        let refused = Error::from(ErrorKind::ConnectionRefused);
        let expected = HttpError::Connection(ErrorKind::ConnectionRefused);
        assert_eq!(of(refused), expected);
    }
}
