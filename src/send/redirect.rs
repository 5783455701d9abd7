//! Redirects: where to, and what travels there.

use std::fmt;
use std::prelude::rust_2024::*;

use super::measured::Measured;
use super::plan::Plan;
use crate::url::{Url, UrlError};

/// Why a redirect was not followed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RedirectError {
    /// There were more than allowed.
    TooMany {
        /// How many were allowed.
        limit: u32,
    },
    /// Its target is no URL.
    Url(UrlError),
    /// It leads from HTTPS to HTTP.
    Downgrade,
    /// The body can be sent once only, and was.
    Body,
}

impl fmt::Display for RedirectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RedirectError::TooMany { limit } => {
                write!(f, "the server redirects more than {limit} times")
            }
            RedirectError::Url(cause) => {
                write!(f, "the server redirects to no usable URL: {cause}")
            }
            RedirectError::Downgrade => f.write_str("the server redirects from https to http"),
            RedirectError::Body => {
                f.write_str("the server redirects, and the body cannot be read a second time")
            }
        }
    }
}

impl core::error::Error for RedirectError {}

/// Whether a status with a `location` header is a redirect.
pub(super) fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// Turns the plan towards the target of a redirect.
///
/// To the same host it will be signed anew. To another host go neither the signature nor the session token nor any
/// other `x-amz-*` header or cookie, and nothing after that is signed again.
pub(super) fn turn(plan: &mut Plan, status: u16, location: &str) -> Result<(), RedirectError> {
    let target = resolve(&plan.url, location).map_err(RedirectError::Url)?;
    if plan.url.is_https() && !target.is_https() {
        return Err(RedirectError::Downgrade);
    }
    let same_host = is_same_host(&plan.url, &target);
    let to_get = match status {
        303 => plan.method != "HEAD",
        301 | 302 => plan.method == "POST",
        _ => false,
    };
    if to_get {
        plan.method = "GET".into();
        plan.body = Measured::empty();
        plan.headers.retain(|header| header.name != "content-type");
    } else if !plan.body.is_repeatable() {
        return Err(RedirectError::Body);
    }
    if !same_host {
        plan.unsigned = true;
        plan.host = target.host_header();
        let stays = |name: &str| !(name.starts_with("x-amz-") || name == "cookie");
        plan.headers.retain(|header| stays(&header.name));
    } else if plan.host == plan.url.host_header() {
        plan.host = target.host_header();
    }
    plan.url = target;
    Ok(())
}

/// Host, port and scheme are the same, or the default port of `http` became that of `https`.
fn is_same_host(from: &Url, to: &Url) -> bool {
    let same_port = match (from.is_https(), to.is_https()) {
        (false, true) => from.port() == 80 && to.port() == 443,
        _ => from.port() == to.port(),
    };
    from.host() == to.host() && same_port
}

/// The target of a `location` header (RFC 3986 section 5.2).
fn resolve(base: &Url, location: &str) -> Result<Url, UrlError> {
    let location = location.trim();
    let scheme_end = location
        .find("://")
        .filter(|end| location[..*end].bytes().all(|b| b.is_ascii_alphanumeric()));
    if scheme_end.is_some() {
        return Url::parse(location);
    }
    if location.starts_with("//") {
        return Url::parse(&std::format!("{}:{location}", base.scheme()));
    }
    let root = std::format!("{}://{}", base.scheme(), base.host_header());
    let path = base.path();
    let target = match location.bytes().next() {
        Some(b'/') => location.into(),
        Some(b'?') => std::format!("{path}{location}"),
        Some(b'#') | None => base.request_target(),
        Some(_) => {
            let folder = &path[..path.rfind('/').map_or(0, |at| at + 1)];
            without_dots(&std::format!("{folder}{location}"))
        }
    };
    Url::parse(&(root + &target))
}

/// The path of a relative reference without its `.` and `..`.
fn without_dots(target: &str) -> String {
    let (path, query) = match target.find('?') {
        Some(at) => target.split_at(at),
        None => (target, ""),
    };
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                if is_last {
                    kept.push("");
                }
            }
            other => kept.push(other),
        }
    }
    std::format!("/{}{query}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_port_or_name_is_another_host() {
        for (from, to, expected) in [
            ("https://h/", "https://h/x", true),
            ("https://h/", "https://h:443/", true),
            ("https://h/", "https://H/", true),
            ("http://h/", "https://h/", true),
            ("https://h/", "https://h:8443/", false),
            ("http://h/", "https://h:8443/", false),
            ("http://h:9200/", "https://h/", false),
            ("http://h:9200/", "http://h:9201/", false),
            ("https://h/", "https://h.evil.example/", false),
            ("https://a.h/", "https://b.h/", false),
        ] {
            let parse = |text| Url::parse(text).unwrap();
            assert_eq!(
                is_same_host(&parse(from), &parse(to)),
                expected,
                "{from} {to}"
            );
        }
    }

    #[test]
    fn a_location_is_taken_relative_to_the_url() {
        let base = Url::parse("https://h:9200/a/b/c?d=e").unwrap();
        for (location, target) in [
            ("https://other/x", "https://other/x"),
            ("//other/x", "https://other/x"),
            ("/x?y", "https://h:9200/x?y"),
            ("?y", "https://h:9200/a/b/c?y"),
            ("", "https://h:9200/a/b/c?d=e"),
            ("x", "https://h:9200/a/b/x"),
            ("../x", "https://h:9200/a/x"),
            ("./", "https://h:9200/a/b/"),
            ("../../../..", "https://h:9200/"),
            ("x?u=http://v", "https://h:9200/a/b/x?u=http://v"),
        ] {
            assert_eq!(
                resolve(&base, location).unwrap().to_string(),
                target,
                "{location}"
            );
        }
        assert!(resolve(&base, "ftp://h/").is_err());
        assert_eq!(resolve(&base, "https://u:p@h/"), Err(UrlError::UserInfo));
    }
}
