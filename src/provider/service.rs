//! Asking one AWS service: where it is, how often, and what its refusals become.

use std::format;
use std::prelude::rust_2024::*;
use std::time::Duration;

use super::endpoints::{Api, endpoint};
use super::http::{Attempt, Http, HttpAnswer, retry, without_query};
use super::json::Document;
use super::{Clock, Context, HttpError, ProviderError, Source};
use crate::url::Url;

/// How often a request is sent before its failure stands.
pub(super) const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_secs(1);

/// One service at one endpoint.
pub(super) struct Service {
    http: Http,
    clock: Clock,
    source: Source,
    base: Url,
}

/// One request.
pub(super) struct Ask<'a> {
    pub method: &'a str,
    pub url: &'a Url,
    pub headers: &'a [(&'a str, &'a str)],
    pub body: Option<&'a [u8]>,
    /// 1 for what must not be sent twice.
    pub attempts: u32,
    /// The error code in an answer that is a refusal.
    pub code: fn(&HttpAnswer) -> Option<String>,
}

impl Service {
    pub(super) fn new(
        api: Api,
        source: Source,
        context: &Context,
        region: &str,
    ) -> Result<Self, ProviderError> {
        Ok(Service {
            base: endpoint(api, context, region)?,
            http: Http::service(source, context)?,
            clock: context.clock().clone(),
            source,
        })
    }

    /// The endpoint's URL with `path` (which starts with `/`) after its own.
    pub(super) fn url(&self, path: &str) -> Result<Url, ProviderError> {
        let (scheme, host) = (self.base.scheme(), self.base.host_header());
        let own = self.base.path().trim_end_matches('/');
        let url = format!("{scheme}://{host}{own}{path}");
        Url::parse(&url).map_err(|_| self.failed(&url, HttpError::Request))
    }

    pub(super) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The answer, if its status is a success.
    pub(super) fn ask(&self, ask: &Ask<'_>) -> Result<HttpAnswer, ProviderError> {
        let url = format!("{}", ask.url);
        retry(&self.clock, ask.attempts, PAUSE, || {
            let answer = match self.http.send(ask.method, &url, ask.headers, ask.body) {
                Ok(answer) => answer,
                Err(cause @ (HttpError::Request | HttpError::TooLarge | HttpError::Tls)) => {
                    return Attempt::Stands(Err(self.failed(&url, cause)));
                }
                Err(cause) => return Attempt::Again(Err(self.failed(&url, cause))),
            };
            if (200..300).contains(&answer.status) {
                return Attempt::Stands(Ok(answer));
            }
            let code = (ask.code)(&answer);
            let again = matches!(answer.status, 429 | 500..)
                || code
                    .as_deref()
                    .is_some_and(|code| TRANSIENT.contains(&code));
            let refused = Err(ProviderError::Status {
                source: self.source,
                url: without_query(&url),
                status: answer.status,
                code,
            });
            match again {
                true => Attempt::Again(refused),
                false => Attempt::Stands(refused),
            }
        })
    }

    fn failed(&self, url: &str, cause: HttpError) -> ProviderError {
        ProviderError::Http {
            source: self.source,
            url: without_query(url),
            cause,
        }
    }
}

/// Codes that may come with status 400 and mean: later perhaps.
const TRANSIENT: &[&str] = &[
    "IDPCommunicationError",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "TooManyRequestsException",
];

/// An error code as it may be shown: short, and nothing but a name.
pub(super) fn plain_code(code: &str) -> Option<String> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-#:".contains(&b);
    (!code.is_empty() && code.len() <= 64 && code.bytes().all(plain)).then(|| code.into())
}

/// The error code in a JSON answer of IAM Identity Center or the sign-in service.
pub(super) fn json_code(answer: &HttpAnswer) -> Option<String> {
    let document = Document::parse(&answer.body).ok()?;
    let code = document.text("error").ok().flatten().and_then(plain_code);
    code.or_else(|| document.code())
}
