//! Keeps session tokens and signatures out of every text.

use std::format;
use std::prelude::rust_2024::*;

/// Whether a header or query parameter of this name may carry a secret.
pub(super) fn is_secret_name(name: &str) -> bool {
    const PARTS: [&str; 8] = [
        "token",
        "secret",
        "authorization",
        "cookie",
        "password",
        "api-key",
        "customer-key",
        "signature",
    ];
    let name = name.to_ascii_lowercase();
    PARTS.iter().any(|part| name.contains(part))
}

/// A header's value, fit to be shown.
pub(super) fn header_value(name: &str, value: &str) -> String {
    if is_secret_name(name) {
        hidden(value)
    } else {
        shown(value)
    }
}

/// A query string, fit to be shown.
pub(super) fn query(query: &str) -> String {
    if !is_secret_name(query) {
        return shown(query);
    }
    let pairs: Vec<String> = query
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name, value)) if is_secret_name(name) => format!("{name}={}", hidden(value)),
            None if is_secret_name(pair) => hidden(pair),
            _ => pair.into(),
        })
        .collect();
    shown(&pairs.join("&"))
}

/// A server's text, fit to be shown: one line, no control characters, 300 characters at most.
pub(super) fn shown(text: &str) -> String {
    const LIMIT: usize = 300;
    let mut line: String = text
        .chars()
        .take(LIMIT)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if text.chars().nth(LIMIT).is_some() {
        line.push('…');
    }
    line
}

fn hidden(value: &str) -> String {
    format!("(redacted, {} bytes)", value.len())
}

/// The secrets of some canonical requests, to be taken out of any other text.
pub(super) struct Redactor {
    secrets: Vec<String>,
}

impl Redactor {
    pub fn of(canonical_requests: &[&str]) -> Self {
        let mut secrets = Vec::new();
        for line in canonical_requests.iter().flat_map(|text| text.lines()) {
            let header = line.split_once(':').into_iter();
            let pairs = line.split('&').filter_map(|pair| pair.split_once('='));
            for (name, value) in header.chain(pairs) {
                // A short value says nothing, and replacing it everywhere would spoil the text.
                if value.len() >= 8 && is_secret_name(name) && secrets.len() < 64 {
                    secrets.push(value.into());
                }
            }
        }
        Redactor { secrets }
    }

    pub fn clean(&self, text: String) -> String {
        self.secrets
            .iter()
            .fold(text, |text, secret| match text.contains(secret.as_str()) {
                true => text.replace(secret.as_str(), "(redacted)"),
                false => text,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_shows_names_and_hides_the_token() {
        let text = query("X-Amz-Security-Token=abcdef%2F&a=b&X-Amz-Signature=0123");
        assert_eq!(
            text,
            "X-Amz-Security-Token=(redacted, 9 bytes)&a=b&X-Amz-Signature=(redacted, 4 bytes)"
        );
    }

    #[test]
    fn a_token_is_found_in_header_and_query_lines() {
        let redactor = Redactor::of(&[
            "GET\n/\nX-Amz-Security-Token=fromquery1\nx-amz-security-token:fromheader\n",
        ]);
        let text = redactor.clean("fromheader, fromquery1, other".into());
        assert_eq!(text, "(redacted), (redacted), other");
    }

    #[test]
    fn shown_text_is_one_short_line() {
        assert_eq!(shown("a\r\nb\u{1b}[31m"), "a  b [31m");
        assert_eq!(shown(&"x".repeat(1000)).chars().count(), 301);
    }
}
