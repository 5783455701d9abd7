//! What a body is taken for when the caller does not say: its content type, and the final newline of NDJSON.

/// Whether the call that a path names takes newline-delimited JSON: `_bulk`, `_bulk/stream`, `_msearch`,
/// `_msearch/template`, with or without an index in front.
pub(super) fn is_ndjson(path: &str) -> bool {
    let mut segments = path.trim_end_matches('/').rsplit('/');
    matches!(
        (segments.next(), segments.next()),
        (Some("_bulk" | "_msearch"), _)
            | (Some("template"), Some("_msearch"))
            | (Some("stream"), Some("_bulk"))
    )
}

/// Whether a path names `_bulk`.
pub(super) fn is_bulk(path: &str) -> bool {
    path.trim_end_matches('/').ends_with("/_bulk")
}

/// Whether the call that a path names only reads, and takes its question as a body.
pub(super) fn is_search(path: &str) -> bool {
    let mut segments = path.trim_end_matches('/').rsplit('/');
    match (segments.next(), segments.next()) {
        (Some(last), _) if SEARCHES.contains(&last) => true,
        (Some("query"), Some("_validate")) => true,
        (Some("template"), Some("_search" | "_msearch")) => true,
        (Some(_), Some("_explain")) => true,
        _ => false,
    }
}

/// Calls that only read. `_search/scroll` moves its cursor, and is none of them.
const SEARCHES: [&str; 10] = [
    "_search",
    "_msearch",
    "_count",
    "_mget",
    "_analyze",
    "_field_caps",
    "_search_shards",
    "_termvectors",
    "_mtermvectors",
    "_rank_eval",
];

/// Whether a body may be compressed: Amazon OpenSearch Service takes `_cluster/settings` plain only.
pub(super) fn may_be_compressed(path: &str) -> bool {
    !path.trim_end_matches('/').ends_with("/_cluster/settings")
}

/// The content type of a body that was given without one.
pub(super) fn content_type(path: &str) -> &'static str {
    match is_ndjson(path) {
        true => "application/x-ndjson",
        false => "application/json",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bulk_and_multi_search_are_ndjson_and_nothing_else_is() {
        for path in [
            "/_bulk",
            "/movies/_bulk",
            "/movies/_bulk/",
            "/_msearch",
            "/a,b/_msearch/template",
            "/_bulk/stream",
        ] {
            assert_eq!(content_type(path), "application/x-ndjson", "{path}");
        }
        for path in [
            "/",
            "/movies/_doc/_bulk2",
            "/_search",
            "/_search/template",
            "/_bulk/x",
        ] {
            assert_eq!(content_type(path), "application/json", "{path}");
        }
    }
}
