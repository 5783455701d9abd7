//! The server's canonical request and string to sign, and where they differ from ours.

use core::fmt;
use std::prelude::rust_2024::*;
use std::vec;

use super::redact;

/// One line that differs between our canonical request or string to sign and the server's.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// AWS's name of the line: `HTTPMethod`, `CanonicalURI`, `CanonicalQueryString`, `CanonicalHeaders`,
    /// `SignedHeaders`, `HashedPayload`, or `Algorithm`, `RequestDateTime`, `CredentialScope`,
    /// `HashedCanonicalRequest`.
    pub line: &'static str,
    /// The header's name, for a line of the canonical headers.
    pub header: Option<String>,
    /// Our line; `None` where we have none. Secrets are redacted.
    pub ours: Option<String>,
    /// The server's line; `None` where it has none. Secrets are redacted.
    pub servers: Option<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.line)?;
        if let Some(header) = &self.header {
            write!(f, " {header}")?;
        }
        for (who, value) in [("ours", &self.ours), ("the server's", &self.servers)] {
            match value {
                Some(value) => write!(f, "; {who}: '{value}'")?,
                None => write!(f, "; {who}: none")?,
            }
        }
        Ok(())
    }
}

/// The lines in which two canonical requests differ, in the order they are hashed; header lines are compared by name.
///
/// Empty if either text has fewer than the five lines that every canonical request has.
pub fn canonical_diff(ours: &str, servers: &str) -> Vec<Difference> {
    let (Some(ours), Some(servers)) = (Canonical::parse(ours), Canonical::parse(servers)) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut compare = |line, ours: &str, servers: &str, show: fn(&str) -> String| {
        if ours != servers {
            found.push(Difference {
                line,
                header: None,
                ours: Some(show(ours)),
                servers: Some(show(servers)),
            });
        }
    };
    compare("HTTPMethod", ours.method, servers.method, redact::shown);
    compare("CanonicalURI", ours.uri, servers.uri, redact::shown);
    compare(
        "CanonicalQueryString",
        ours.query,
        servers.query,
        redact::query,
    );
    let ours_first = ours.headers.iter().map(|(name, value)| (*name, 0, *value));
    let then_servers = servers
        .headers
        .iter()
        .map(|(name, value)| (*name, 1, *value));
    let mut headers: Vec<(&str, u8, &str)> = ours_first.chain(then_servers).collect();
    headers.sort_by_key(|(name, side, _)| (*name, *side));
    for sides in headers.chunk_by(|a, b| a.0 == b.0) {
        let name = sides[0].0;
        let of = |wanted| {
            let of_side = sides.iter().rfind(|(_, side, _)| *side == wanted);
            of_side.map(|(_, _, value)| *value)
        };
        let (ours, servers) = (of(0), of(1));
        if ours != servers {
            let show = |value: &str| redact::header_value(name, value);
            found.push(Difference {
                line: "CanonicalHeaders",
                header: Some(redact::shown(name)),
                ours: ours.map(show),
                servers: servers.map(show),
            });
        }
    }
    let mut compare = |line, ours: &str, servers: &str| {
        if ours != servers {
            found.push(Difference {
                line,
                header: None,
                ours: Some(redact::shown(ours)),
                servers: Some(redact::shown(servers)),
            });
        }
    };
    compare("SignedHeaders", ours.signed_headers, servers.signed_headers);
    compare("HashedPayload", ours.hashed_payload, servers.hashed_payload);
    found
}

/// The lines in which two strings to sign differ.
pub(super) fn string_to_sign_diff(ours: &str, servers: &str) -> Vec<Difference> {
    const LINES: [&str; 4] = [
        "Algorithm",
        "RequestDateTime",
        "CredentialScope",
        "HashedCanonicalRequest",
    ];
    let pairs = ours.trim().lines().zip(servers.trim().lines());
    LINES
        .into_iter()
        .zip(pairs)
        .filter(|(_, (ours, servers))| ours.trim_end() != servers.trim_end())
        .map(|(line, (ours, servers))| Difference {
            line,
            header: None,
            ours: Some(redact::shown(ours)),
            servers: Some(redact::shown(servers)),
        })
        .collect()
}

/// A canonical request, taken apart.
pub(super) struct Canonical<'a> {
    pub method: &'a str,
    pub uri: &'a str,
    pub query: &'a str,
    pub headers: Vec<(&'a str, &'a str)>,
    pub signed_headers: &'a str,
    pub hashed_payload: &'a str,
}

impl<'a> Canonical<'a> {
    pub fn parse(text: &'a str) -> Option<Self> {
        let lines: Vec<&str> = text
            .trim_matches(['\r', '\n'])
            .split('\n')
            .map(|line| line.trim_end_matches('\r'))
            .collect();
        let [
            method,
            uri,
            query,
            headers @ ..,
            signed_headers,
            hashed_payload,
        ] = lines.as_slice()
        else {
            return None;
        };
        Some(Canonical {
            method,
            uri,
            query,
            headers: headers
                .iter()
                .filter(|line| !line.is_empty())
                .map(|line| line.split_once(':').unwrap_or((line, "")))
                .collect(),
            signed_headers,
            hashed_payload,
        })
    }
}

/// What the server computed from the request it received.
#[derive(Default)]
pub(super) struct ServerStrings {
    pub canonical_request: Option<String>,
    pub string_to_sign: Option<String>,
}

impl ServerStrings {
    /// From a message of the form `The Canonical String for this request should have been\n'…'`.
    pub fn read_message(&mut self, message: &str) {
        const CANONICAL: &str = "The Canonical String for this request should have been";
        const TO_SIGN: &str = "The String-to-Sign should have been";
        let (first, last) = match message.split_once(TO_SIGN) {
            Some((first, last)) => (first, Some(last)),
            None => (message, None),
        };
        if let Some((_, text)) = first.split_once(CANONICAL) {
            self.canonical_request = quoted(text);
        }
        if let Some(text) = last {
            self.string_to_sign = quoted(text);
        }
    }

    /// From an S3 error's element, else from its bytes in hexadecimal.
    pub fn read_element(&mut self, to_sign: bool, text: &str, bytes: &str) {
        let mut text = text.to_owned();
        if text.is_empty() && !bytes.is_empty() {
            let digits: String = bytes.split_ascii_whitespace().collect();
            let mut decoded = vec![0; digits.len() / 2];
            if hex::decode_to_slice(digits, &mut decoded).is_ok() {
                text = String::from_utf8_lossy(&decoded).into_owned();
            }
        }
        let text = Some(text).filter(|text| !text.is_empty());
        match to_sign {
            true => self.string_to_sign = text,
            false => self.canonical_request = text,
        }
    }
}

// A value may hold a quote of its own, so the last one ends the text. Without one the text is cut off, and says nothing.
fn quoted(text: &str) -> Option<String> {
    let (_, text) = text.split_once('\'')?;
    Some(text[..text.rfind('\'')?].into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "GET\n/a\nq=1\nhost:h\nx-amz-date:d\nx-amz-security-token:SECRETSECRET\n\nhost;x-amz-date;x-amz-security-token\nhash";

    #[test]
    fn equal_requests_have_no_difference() {
        assert!(canonical_diff(OURS, OURS).is_empty());
        assert!(canonical_diff(OURS, &OURS.replace('\n', "\r\n")).is_empty());
    }

    #[test]
    fn lines_are_compared_by_name() {
        let servers = "GET\n/b\nq=1\naccept:x\nhost:h:80\nx-amz-date:d\n\nhost;x-amz-date\nhash2";
        let found = canonical_diff(OURS, servers);
        let names: Vec<_> = found
            .iter()
            .map(|d| (d.line, d.header.as_deref().unwrap_or_default()))
            .collect();
        assert_eq!(
            names,
            [
                ("CanonicalURI", ""),
                ("CanonicalHeaders", "accept"),
                ("CanonicalHeaders", "host"),
                ("CanonicalHeaders", "x-amz-security-token"),
                ("SignedHeaders", ""),
                ("HashedPayload", ""),
            ]
        );
        assert_eq!(
            found[2].to_string(),
            "CanonicalHeaders host; ours: 'h'; the server's: 'h:80'"
        );
        assert!(found.iter().all(|d| !d.to_string().contains("SECRET")));
    }

    #[test]
    fn a_quote_inside_a_value_does_not_end_the_text() {
        let mut strings = ServerStrings::default();
        strings.read_message(
            "x\n\nThe Canonical String for this request should have been\n'GET\n/\n\nx:it's\n\nx\nh'\n\n\
             The String-to-Sign should have been\n'AWS4-HMAC-SHA256\nd\ns\nh'\n",
        );
        assert_eq!(
            strings.canonical_request.as_deref(),
            Some("GET\n/\n\nx:it's\n\nx\nh")
        );
        assert_eq!(
            strings.string_to_sign.as_deref(),
            Some("AWS4-HMAC-SHA256\nd\ns\nh")
        );
    }

    #[test]
    fn a_text_that_is_cut_off_is_not_compared() {
        let mut strings = ServerStrings::default();
        strings.read_message(
            "The Canonical String for this request should have been\n'GET\n/\n\nhost:h\n",
        );
        assert_eq!(strings.canonical_request, None);
    }

    #[test]
    fn too_few_lines_are_no_canonical_request() {
        for text in ["", "\n\n\n\n", "GET\n/\n\nh", "'"] {
            assert!(Canonical::parse(text).is_none(), "{text:?}");
        }
    }
}
