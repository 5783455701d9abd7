//! URLs as they go on the wire: what a request line may not carry is percent-encoded before it is signed.

use alloc::string::String;
use core::fmt::{self, Write};

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

/// An `http` or `https` URL, taken apart; path and query are the very bytes to send and to sign.
///
/// ```
/// use sigv4_kit::url::Url;
/// let url = Url::parse("https://search-x.us-east-1.es.amazonaws.com:443/logs-é/_search?q=a+b&&v")?;
/// assert_eq!(url.host_header(), "search-x.us-east-1.es.amazonaws.com");
/// assert_eq!((url.path(), url.query()), ("/logs-%C3%A9/_search", "q=a%20b&v"));
/// # Ok::<(), sigv4_kit::url::UrlError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Url {
    https: bool,
    host: String,
    port: Option<u16>,
    path: String,
    query: String,
}

/// What no path may hold raw (RFC 3986 section 3.3); a `%` is judged apart.
const NOT_IN_PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The same for a query (RFC 3986 section 3.4), which may hold `?`.
const NOT_IN_QUERY: &AsciiSet = &NOT_IN_PATH.remove(b'?');

/// What a name or value given by a program has encoded: everything but the unreserved characters.
const NOT_UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

impl Url {
    /// Takes a URL apart.
    ///
    /// Raw characters that a URL may not carry, and a `%` that starts no escape, are percent-encoded; escapes stay as
    /// they are. In the query a `+` means a space and becomes `%20`, and empty pairs (`&&`) are dropped. The fragment
    /// is dropped. The host becomes lower case. The path is not normalised.
    ///
    /// # Errors
    /// See [`UrlError`].
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        if text.bytes().any(|b| b.is_ascii_control()) {
            return Err(UrlError::ControlCharacter);
        }
        let (scheme, rest) = text.split_once("://").ok_or(UrlError::Scheme)?;
        let https = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(UrlError::Scheme),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (host, port) = parse_authority(&rest[..end])?;
        let target = rest[end..].split('#').next().unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let path = if path.is_empty() {
            "/".into()
        } else {
            encode_raw(path, NOT_IN_PATH)
        };
        let mut wire_query = String::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            if !wire_query.is_empty() {
                wire_query.push('&');
            }
            wire_query.push_str(&encode_raw(pair, NOT_IN_QUERY).replace('+', "%20"));
        }
        Ok(Url {
            https,
            host,
            port,
            path,
            query: wire_query,
        })
    }

    /// Adds a query parameter given as plain text: a `+` in it is a plus and goes out as `%2B`.
    pub fn add_query_pair(&mut self, name: &str, value: &str) {
        if !self.query.is_empty() {
            self.query.push('&');
        }
        self.query.extend(utf8_percent_encode(name, NOT_UNRESERVED));
        self.query.push('=');
        self.query
            .extend(utf8_percent_encode(value, NOT_UNRESERVED));
    }

    /// The same URL with another query string, given as it goes on the wire.
    #[must_use]
    pub fn with_wire_query(mut self, query: &str) -> Self {
        self.query = query.into();
        self
    }

    /// `https` or `http`.
    pub fn scheme(&self) -> &'static str {
        if self.https { "https" } else { "http" }
    }

    /// Whether the scheme is `https`.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// The host in lower case; an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port to dial, 443 or 80 where the URL names none.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(self.default_port())
    }

    /// The value of the Host header: the host, with the port unless it is the scheme's own.
    pub fn host_header(&self) -> String {
        text(|out| self.write_host_header(out))
    }

    /// The path on the wire; at least `/`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The query string on the wire, without the `?`; empty if there is none.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// Path and query: the target of the request line.
    pub fn request_target(&self) -> String {
        text(|out| self.write_request_target(out))
    }

    fn write_host_header(&self, out: &mut dyn Write) -> fmt::Result {
        out.write_str(&self.host)?;
        match self.port {
            Some(port) if port != self.default_port() => write!(out, ":{port}"),
            _ => Ok(()),
        }
    }

    fn write_request_target(&self, out: &mut dyn Write) -> fmt::Result {
        out.write_str(&self.path)?;
        if !self.query.is_empty() {
            out.write_str("?")?;
            out.write_str(&self.query)?;
        }
        Ok(())
    }

    fn default_port(&self) -> u16 {
        if self.https { 443 } else { 80 }
    }
}

/// Without the query, which holds signature and session token where the URL is a presigned one.
impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Url")
            .field("https", &self.https)
            .field("host", &self.host)
            .field("port", &self.port)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.scheme())?;
        f.write_str("://")?;
        self.write_host_header(f)?;
        self.write_request_target(f)
    }
}

fn text(write: impl FnOnce(&mut dyn Write) -> fmt::Result) -> String {
    let mut text = String::new();
    write(&mut text).expect("writing into a String does not fail");
    text
}

/// Host in lower case, and the port if one is given.
fn parse_authority(authority: &str) -> Result<(String, Option<u16>), UrlError> {
    if authority.contains('@') {
        return Err(UrlError::UserInfo);
    }
    let bracket = authority.find(']').map_or(0, |at| at + 1);
    let colon = authority[bracket..]
        .find(':')
        .map_or(authority.len(), |at| bracket + at);
    let host = &authority[..colon];
    let port = match authority[colon..].strip_prefix(':') {
        None | Some("") => None,
        Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
            Some(digits.parse().map_err(|_| UrlError::Port)?)
        }
        Some(_) => return Err(UrlError::Port),
    };
    if host.is_empty() {
        return Err(UrlError::NoHost);
    }
    if !is_host(host) {
        return Err(UrlError::Host);
    }
    Ok((host.to_ascii_lowercase(), port))
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[') {
        let address = address.strip_suffix(']').unwrap_or_default();
        return address.parse::<core::net::Ipv6Addr>().is_ok();
    }
    host.bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
}

/// Percent-encodes what `not_allowed` names and everything outside ASCII; a `%` only where it starts no escape.
fn encode_raw(text: &str, not_allowed: &'static AsciiSet) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, piece) in text.split('%').enumerate() {
        if index > 0 {
            let digits = piece.as_bytes().get(..2);
            let is_escape = digits.is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit));
            out.push_str(if is_escape { "%" } else { "%25" });
        }
        out.extend(utf8_percent_encode(piece, not_allowed));
    }
    out
}

/// Why a text is no URL that a request can be sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum UrlError {
    /// It does not start with `https://` or `http://`.
    Scheme,
    /// There is no host.
    NoHost,
    /// The host is neither a name of letters, digits, `-`, `.` and `_`, nor an address.
    Host,
    /// The port is no number from 0 to 65535.
    Port,
    /// It holds a user name or password.
    UserInfo,
    /// It holds a control character such as CR, LF or NUL.
    ControlCharacter,
}

impl UrlError {
    fn text(self) -> &'static str {
        match self {
            UrlError::Scheme => "the URL does not start with https:// or http://",
            UrlError::NoHost => "the URL has no host",
            UrlError::Host => {
                "the host of the URL is neither a name of letters, digits, -, . and _ nor an address (write other names in punycode)"
            }
            UrlError::Port => "the port of the URL is not a number from 0 to 65535",
            UrlError::UserInfo => {
                "the URL holds a user name or password, which a signed request cannot use"
            }
            UrlError::ControlCharacter => "the URL holds a control character such as CR, LF or NUL",
        }
    }
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl core::error::Error for UrlError {}

impl core::str::FromStr for Url {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        Url::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn what_a_url_may_not_carry_is_encoded_and_the_rest_left_alone() {
        for (given, wire) in [
            ("https://h", "https://h/"),
            ("https://h?x=1", "https://h/?x=1"),
            ("HTTP://H:80/A", "http://h/A"),
            ("http://h:443/", "http://h:443/"),
            ("https://h:/", "https://h/"),
            ("https://[::1]:9200/", "https://[::1]:9200/"),
            ("https://h/a//b/../c/./", "https://h/a//b/../c/./"),
            ("https://h/é b", "https://h/%C3%A9%20b"),
            ("https://h/%c3%a9%zz%", "https://h/%c3%a9%25zz%25"),
            ("https://h/%é", "https://h/%25%C3%A9"),
            (
                "https://h/a[0]{}|\\^`\"<>",
                "https://h/a%5B0%5D%7B%7D%7C%5C%5E%60%22%3C%3E",
            ),
            ("https://h/!$&'()*+,;=:@~", "https://h/!$&'()*+,;=:@~"),
            (
                "https://h/?q=a+b%2Bc&&r=[x]&",
                "https://h/?q=a%20b%2Bc&r=%5Bx%5D",
            ),
            ("https://h/?", "https://h/"),
            ("https://h/a?b#c?d", "https://h/a?b"),
            ("https://h/a#b", "https://h/a"),
        ] {
            let url = Url::parse(given).unwrap();
            assert_eq!(url.to_string(), wire, "{given}");
            assert_eq!(
                Url::parse(wire).unwrap().to_string(),
                wire,
                "{wire} is a fixed point"
            );
        }
    }

    #[test]
    fn what_is_no_url_is_refused() {
        for (text, expected) in [
            ("", UrlError::Scheme),
            ("h/path", UrlError::Scheme),
            ("ftp://h/", UrlError::Scheme),
            ("https://", UrlError::NoHost),
            ("https:///path", UrlError::NoHost),
            ("https://:443/", UrlError::NoHost),
            ("https://u:p@h/", UrlError::UserInfo),
            ("https://h:70000/", UrlError::Port),
            ("https://h:+1/", UrlError::Port),
            ("https://h:8x/", UrlError::Port),
            ("https://münchen/", UrlError::Host),
            ("https://h h/", UrlError::Host),
            ("https://[::1/", UrlError::Port),
            ("https://[::1]x/", UrlError::Host),
            ("https://h/a\r\nX: y", UrlError::ControlCharacter),
            ("https://h/\0", UrlError::ControlCharacter),
        ] {
            assert_eq!(Url::parse(text), Err(expected), "{text:?}");
        }
    }

    #[test]
    fn a_plus_in_a_pair_is_a_plus() {
        let mut url = Url::parse("https://h/?a=1").unwrap();
        url.add_query_pair("q", "x+y z&é");
        assert_eq!(url.query(), "a=1&q=x%2By%20z%26%C3%A9");
    }
}
