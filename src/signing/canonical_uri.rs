//! CanonicalURI: the path, normalised and encoded as the service wants it.

use super::encode::{push_encoded_path, push_path_encoded_once};
use super::rules::PathRule;
use super::text::Text;

/// Appends the canonical URI of `path`, which starts with `/` and is percent-encoded as sent.
pub(super) fn push_canonical_uri(out: &mut Text, path: &str, rule: PathRule) {
    match rule {
        // CanonicalURI = UriEncode(normalize(path))
        PathRule::NormalizeAndEncode if needs_normalizing(path) => push_normalized(out, path),
        PathRule::NormalizeAndEncode | PathRule::Encode => push_encoded_path(out, path),
        // CanonicalURI = UriEncode(UriDecode(path)), for S3
        PathRule::EncodeOnce => push_path_encoded_once(out, path),
    }
}

/// Whether any segment is empty (but for the last), `.` or `..`.
fn needs_normalizing(path: &str) -> bool {
    let bytes = path.as_bytes();
    bytes
        .windows(2)
        .any(|pair| pair[0] == b'/' && matches!(pair[1], b'/' | b'.'))
}

/// RFC 3986 section 5.2.4, and empty segments removed as AWS does. A path that ends in `/`, `/.` or `/..` keeps a
/// final slash; `..` at the root is dropped.
///
/// Segments are written encoded one after the other; `..` cuts the output back to the slash before the last one,
/// which works because an encoded segment holds no slash.
fn push_normalized(out: &mut Text, path: &str) {
    let root = out.len();
    let mut ends_in_directory = false;
    for segment in path.split('/').skip(1) {
        ends_in_directory = matches!(segment, "" | "." | "..");
        match segment {
            "" | "." => {}
            ".." => {
                let written = &out.as_bytes()[root..];
                let slash = written.iter().rposition(|byte| *byte == b'/');
                out.truncate(root + slash.unwrap_or(0));
            }
            _ => {
                out.push(b'/');
                push_encoded_path(out, segment);
            }
        }
    }
    if ends_in_directory {
        out.push(b'/');
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::{String, ToString};

    use super::*;

    fn canonical_uri(path: &str, rule: PathRule) -> String {
        let mut out = Text::default();
        out.push_str("GET\n");
        push_canonical_uri(&mut out, path, rule);
        out.slice(4, out.len()).to_string()
    }

    #[test]
    fn a_path_is_normalised_then_every_percent_is_encoded() {
        for (path, expected) in [
            ("/", "/"),
            ("//", "/"),
            ("/a//b", "/a/b"),
            ("/a///b/", "/a/b/"),
            ("/./a", "/a"),
            ("/a/./b", "/a/b"),
            ("/a/x/../b", "/a/b"),
            ("/..", "/"),
            ("/a/..", "/"),
            ("/a/b/..", "/a/"),
            ("/a/.", "/a/"),
            ("/../../a", "/a"),
            ("/.hidden/..x", "/.hidden/..x"),
            ("/a%20b", "/a%2520b"),
            ("/%2e%2E/a", "/%252e%252E/a"),
            ("/logs-*/_search", "/logs-%2A/_search"),
            ("/é", "/%C3%A9"),
            ("/a b;v=1@:", "/a%20b%3Bv%3D1%40%3A"),
        ] {
            assert_eq!(
                canonical_uri(path, PathRule::NormalizeAndEncode),
                expected,
                "{path}"
            );
        }
    }

    #[test]
    fn a_path_is_left_as_it_is_where_normalising_is_off() {
        for path in ["//", "/a/../..", "/./", "/a//b"] {
            assert_eq!(canonical_uri(path, PathRule::Encode), path);
            assert_eq!(canonical_uri(path, PathRule::EncodeOnce), path);
        }
    }

    #[test]
    fn an_object_key_is_encoded_once() {
        for (path, expected) in [
            ("/test%20file", "/test%20file"),
            ("/mac@2x.png", "/mac%402x.png"),
            ("/%c3%a9", "/%C3%A9"),
            ("/%41%7e", "/A~"),
            ("/a%2Fb", "/a%2Fb"),
            ("/%zz%", "/%25zz%25"),
            ("/a+b", "/a%2Bb"),
            ("/%FF", "/%FF"),
        ] {
            assert_eq!(
                canonical_uri(path, PathRule::EncodeOnce),
                expected,
                "{path}"
            );
        }
    }
}
