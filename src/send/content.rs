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
