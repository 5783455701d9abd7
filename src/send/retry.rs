//! When a request is sent again, and after how long.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use super::plan::Plan;
use super::{Response, TransportError, content};
use crate::diagnose::{Correction, retry_after_seconds};

/// When a request is sent again, and after how long.
///
/// Sent again are: what found no connection; what was answered 429, "403 Request throttled", a throttling error code,
/// or 503 with `Retry-After`, since the server then did nothing. What may have had effect (a connection that broke, a
/// wait that ended, 500, 502, 503, 504) is sent again only where a second time does no harm: GET, HEAD, PUT, DELETE
/// and OPTIONS; a POST that only reads (`_search`, `_msearch`, `_count`, `_mget`, `_validate/query`, `_analyze`,
/// `_explain`, `_field_caps`, `_search_shards`, `_termvectors`, `_rank_eval`), or that names its document
/// (`_doc/ID`), of OpenSearch; and what the caller calls
/// [`idempotent`](super::RequestBuilder::idempotent). `_bulk` is not among them: without document IDs it would store
/// twice. A body from a reader can be sent once only.
///
/// Every attempt is signed anew. The wait is a random part of `first_wait`, doubled with every attempt, and at least
/// what `Retry-After` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How many attempts there are in all; 1 means no retries.
    pub attempts: u32,
    /// The longest first wait: 250 ms.
    pub first_wait: Duration,
    /// The longest wait that the client chooses: 20 s. `Retry-After` may ask for more.
    pub longest_wait: Duration,
    /// No attempt begins later than this after the first: 120 s.
    pub deadline: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        RetryPolicy {
            attempts: 4,
            first_wait: Duration::from_millis(250),
            longest_wait: Duration::from_secs(20),
            deadline: Duration::from_secs(120),
        }
    }
}

impl RetryPolicy {
    /// Every request is attempted once.
    pub fn none() -> Self {
        RetryPolicy {
            attempts: 1,
            ..RetryPolicy::default()
        }
    }

    /// wait = random(0, min(longest, first * 2^retry)), at least what the server asks for.
    pub(super) fn wait(&self, retry: u32, asked: Option<Duration>) -> Duration {
        let factor = 1_u32.checked_shl(retry).unwrap_or(u32::MAX);
        let longest = self
            .first_wait
            .saturating_mul(factor)
            .min(self.longest_wait);
        longest
            .mul_f64(random_fraction())
            .max(asked.unwrap_or_default())
    }
}

/// From 0 to 1. Jitter needs no more than the standard library's hash seed.
fn random_fraction() -> f64 {
    let random = RandomState::new().build_hasher().finish();
    (random >> 11) as f64 / (1_u64 << 53) as f64
}

/// What an answer or its absence says about another attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// It would end the same, or cannot be told from success.
    No,
    /// The server did nothing.
    Safe,
    /// The server may have done something.
    MayRepeat,
}

pub(super) fn after_error(error: &TransportError) -> Again {
    match error {
        TransportError::HostNotFound { .. }
        | TransportError::Connect { .. }
        | TransportError::Timeout("connecting") => Again::Safe,
        // Nothing is left of the time.
        TransportError::Timeout("the whole request") => Again::No,
        TransportError::Broken(_) | TransportError::Timeout(_) => Again::MayRepeat,
        TransportError::Tls { .. }
        | TransportError::Proxy(_)
        | TransportError::NotHttp(_)
        | TransportError::Truncated => Again::No,
    }
}

/// Also how long the server asks to wait.
pub(super) fn after_answer(response: &Response) -> (Again, Option<Duration>) {
    let status = response.status();
    let diagnosis = response.diagnosis();
    let after_seconds = match diagnosis.and_then(|diagnosis| diagnosis.correction.as_ref()) {
        Some(Correction::Retry { after_seconds }) => *after_seconds,
        _ => None,
    }
    .or_else(|| retry_after_seconds(response.header("retry-after")?, response.header("date")));
    let throttled = diagnosis.is_some_and(|diagnosis| diagnosis.id.starts_with("throttle"));
    let again = match status {
        429 => Again::Safe,
        _ if throttled => Again::Safe,
        503 if after_seconds.is_some() => Again::Safe,
        // The operation goes on at the server.
        504 if diagnosis.is_some_and(|diagnosis| diagnosis.correction.is_none()) => Again::No,
        500 | 502 | 503 | 504 => Again::MayRepeat,
        _ => Again::No,
    };
    (again, after_seconds.map(Duration::from_secs))
}

/// Whether sending twice what may have had effect once does no harm.
pub(super) fn is_idempotent(plan: &Plan) -> bool {
    matches!(
        plan.method.as_str(),
        "GET" | "HEAD" | "PUT" | "DELETE" | "OPTIONS"
    ) || plan.idempotent
        || (plan.method == "POST"
            && SEARCH_SERVICES.contains(&plan.service.as_str())
            && is_harmless_post(plan.url.path()))
}

const SEARCH_SERVICES: [&str; 2] = ["es", "aoss"];

fn is_harmless_post(path: &str) -> bool {
    let mut segments = path.trim_end_matches('/').rsplit('/');
    let names_document = match (segments.next(), segments.next()) {
        (Some(id), Some("_doc")) => !id.is_empty(),
        _ => false,
    };
    names_document || content::is_search(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_up_to_its_limit_and_heeds_the_server() {
        let policy = RetryPolicy::default();
        for retry in 0..40 {
            let longest = Duration::from_millis(250 << retry.min(20)).min(policy.longest_wait);
            for _ in 0..50 {
                assert!(policy.wait(retry, None) <= longest);
            }
        }
        let asked = Duration::from_secs(30);
        assert_eq!(policy.wait(0, Some(asked)), asked);
    }

    #[test]
    fn waits_are_not_all_the_same() {
        let policy = RetryPolicy::default();
        let first = policy.wait(5, None);
        assert!((0..20).any(|_| policy.wait(5, None) != first));
    }

    #[test]
    fn only_posts_that_read_or_name_their_document_are_harmless() {
        for path in [
            "/_search",
            "/a,b/_search/",
            "/_msearch/template",
            "/i/_count",
            "/i/_doc/1",
            "/i/_explain/1",
            "/i/_validate/query",
        ] {
            assert!(is_harmless_post(path), "{path}");
        }
        for path in [
            "/",
            "/_bulk",
            "/i/_doc",
            "/i/_doc/",
            "/i/_create/1",
            "/i/_update/1",
            "/_search/scroll",
            "/i/_search/point_in_time",
            "/i/_update_by_query",
        ] {
            assert!(!is_harmless_post(path), "{path}");
        }
    }
}
