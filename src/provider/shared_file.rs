//! One shared file's text, parsed: the grammar that the AWS SDKs share.
//!
//! `rust-ini` does the reading, behind a pass over the lines that settles what AWS's grammar decides differently:
//! comments, continuations and nested values, brackets, a backslash at a line's end, properties outside sections.

use std::fmt;
use std::prelude::rust_2024::*;

use ini::{Ini, ParseOption};
use zeroize::Zeroizing;

use super::Section;
use crate::named::Named;

/// Which of the two files a text is: they write section headers differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `~/.aws/config`: `[default]`, `[profile NAME]`, `[sso-session NAME]`, `[services NAME]`.
    Config,
    /// `~/.aws/credentials`: `[NAME]`.
    Credentials,
}

/// The sections of one file by kind and name.
#[derive(Debug, Clone, Default)]
pub struct SharedFile {
    pub profiles: Named<Section>,
    pub sso_sessions: Named<Section>,
    pub services: Named<Section>,
}

impl SharedFile {
    /// Sections of the same name are merged, the last of equal properties wins, names of properties are lower-cased,
    /// and what has a name outside the grammar is left out.
    pub fn parse(text: &str, kind: Kind) -> Result<Self, ParseError> {
        let prepared = prepare(text.strip_prefix('\u{feff}').unwrap_or(text))?;
        let option = ParseOption {
            enabled_quote: false,
            enabled_escape: false,
            enabled_indented_mutiline_value: true,
            enabled_preserve_key_leading_whitespace: false,
        };
        let ini = Ini::load_from_str_opt(&prepared, option).map_err(|error| ParseError {
            line: error.line,
            kind: ParseErrorKind::Ini,
        })?;
        let mut file = SharedFile::default();
        let mut bare_default: Option<Section> = None;
        for (header, properties) in ini.iter() {
            let words: Vec<&str> = header
                .unwrap_or_default()
                .split([' ', '\t'])
                .filter(|word| !word.is_empty())
                .collect();
            let section = match (kind, words.as_slice()) {
                (Kind::Config, ["default"]) => bare_default.get_or_insert_default(),
                (Kind::Config, ["profile", name]) if is_name(name) => {
                    file.profiles.get_or_default(name)
                }
                (Kind::Config, ["sso-session", name]) if is_name(name) => {
                    file.sso_sessions.get_or_default(name)
                }
                (Kind::Config, ["services", name]) if is_name(name) => {
                    file.services.get_or_default(name)
                }
                (Kind::Credentials, [name]) if is_name(name) => file.profiles.get_or_default(name),
                _ => continue,
            };
            for (name, value) in properties.iter() {
                section.insert(name, &unmarked(value));
            }
        }
        if let Some(section) = bare_default
            // [profile default] wins over [default], whichever comes first.
            && file.profiles.get("default").is_none()
        {
            file.profiles.insert("default", section);
        }
        Ok(file)
    }
}

fn is_name(name: &str) -> bool {
    name.bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"_-/.%@:+".contains(&b))
}

/// Stands before and after every line of a value, so that what `rust-ini` would take for something else there stays
/// what it is: an empty first line, a quote, a `#`, a backslash at the end.
const MARK: char = '\u{1}';
const BLANK: [char; 2] = [' ', '\t'];

fn is_blank(b: u8) -> bool {
    matches!(b, b' ' | b'\t')
}

/// The property whose continuation the next line may be.
struct Property {
    indent: usize,
    nested: bool,
    kept: bool,
}

/// The text as `rust-ini` reads it rightly: no comment, no blank line, one space before each continuation.
fn prepare(text: &str) -> Result<Zeroizing<String>, ParseError> {
    let mut out = Zeroizing::new(String::with_capacity(text.len() + text.len() / 8 + 64));
    let mut section_kept: Option<bool> = None;
    let mut property: Option<Property> = None;
    for (index, line) in text.split('\n').enumerate() {
        let at = |kind| ParseError {
            line: index + 1,
            kind,
        };
        let line = line.strip_suffix('\r').unwrap_or(line);
        let content = line.trim_matches(BLANK);
        let indent = line.len() - line.trim_start_matches(BLANK).len();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        if content.contains('\r') {
            return Err(at(ParseErrorKind::CarriageReturn));
        }
        if content.starts_with('[') && (indent == 0 || property.is_none()) {
            let name = section_name(content).ok_or(at(ParseErrorKind::NoClosingBracket))?;
            let kept = !name.is_empty()
                && name
                    .bytes()
                    .all(|b| is_blank(b) || b.is_ascii_graphic() && !b"[]\\".contains(&b));
            if kept {
                out.push('[');
                out.push_str(name);
                out.push_str("]\n");
            }
            section_kept = Some(kept);
            property = None;
            continue;
        }
        let section_kept = section_kept.ok_or(at(ParseErrorKind::OutsideSection))?;
        if let Some(current) = &property
            && indent > current.indent
        {
            if current.nested {
                check_sub_property(content).map_err(at)?;
            }
            if current.kept {
                out.push(' ');
                push_marked(&mut out, content);
            }
            continue;
        }
        let content = without_comment(content);
        let Some((name, value)) = content.split_once('=') else {
            return Err(at(match indent {
                0 => ParseErrorKind::NoEqualsSign,
                _ => ParseErrorKind::ContinuationOutsideProperty,
            }));
        };
        let name = name.trim_matches(BLANK);
        let value = value.trim_matches(BLANK);
        if name.is_empty() {
            return Err(at(ParseErrorKind::NoPropertyName));
        }
        // A ':' would end the name for rust-ini; no setting of AWS has one.
        let kept = section_kept && is_name(name) && !name.contains(':');
        if kept {
            out.push_str(&name.to_ascii_lowercase());
            out.push('=');
            push_marked(&mut out, value);
        }
        property = Some(Property {
            indent,
            nested: value.is_empty(),
            kept,
        });
    }
    Ok(out)
}

/// What stands between the brackets; `None` where the closing one is missing.
fn section_name(content: &str) -> Option<&str> {
    let end = content.find(['#', ';']).unwrap_or(content.len());
    let inner = content[..end].trim_end_matches(BLANK).strip_prefix('[')?;
    Some(inner.strip_suffix(']')?.trim_matches(BLANK))
}

fn check_sub_property(content: &str) -> Result<(), ParseErrorKind> {
    match content.split_once('=') {
        None => Err(ParseErrorKind::NoEqualsSignInSubProperty),
        Some((name, _)) if name.trim_matches(BLANK).is_empty() => {
            Err(ParseErrorKind::NoSubPropertyName)
        }
        Some(_) => Ok(()),
    }
}

/// A comment after a property starts with `#` or `;` behind white space.
fn without_comment(content: &str) -> &str {
    let bytes = content.as_bytes();
    let start =
        (1..bytes.len()).find(|&i| matches!(bytes[i], b'#' | b';') && is_blank(bytes[i - 1]));
    content[..start.unwrap_or(content.len())].trim_end_matches(BLANK)
}

/// A line of a value. White space beyond blanks and tabs is trimmed too: a no-break space comes from copying.
fn push_marked(out: &mut String, line: &str) {
    out.push(MARK);
    out.push_str(line.trim());
    out.push(MARK);
    out.push('\n');
}

fn unmarked(value: &str) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(value.len()));
    for (index, line) in value.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let line = line.strip_prefix(MARK).unwrap_or(line);
        out.push_str(line.strip_suffix(MARK).unwrap_or(line));
    }
    out
}

/// Where a shared file's text is outside the grammar.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParseError {
    /// The line, counted from 1.
    pub line: usize,
    /// Why.
    pub kind: ParseErrorKind,
}

/// What is wrong with a line of a shared file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// A section header without its `]`.
    NoClosingBracket,
    /// A property before the first section.
    OutsideSection,
    /// A property without `=`.
    NoEqualsSign,
    /// A property that begins with `=`.
    NoPropertyName,
    /// An indented line where no property stands above it.
    ContinuationOutsideProperty,
    /// A line of a nested value without `=`.
    NoEqualsSignInSubProperty,
    /// A line of a nested value that begins with `=`.
    NoSubPropertyName,
    /// A carriage return inside a line.
    CarriageReturn,
    /// What `rust-ini` refuses.
    Ini,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.kind {
            ParseErrorKind::NoClosingBracket => "a section header must end with ']'",
            ParseErrorKind::OutsideSection => "a property stands before the first section header",
            ParseErrorKind::NoEqualsSign => "a property must have an '='",
            ParseErrorKind::NoPropertyName => "a property must have a name before its '='",
            ParseErrorKind::ContinuationOutsideProperty => {
                "an indented line must follow a property that it continues"
            }
            ParseErrorKind::NoEqualsSignInSubProperty => {
                "an indented line below an empty value must have an '='"
            }
            ParseErrorKind::NoSubPropertyName => {
                "an indented line below an empty value must have a name before its '='"
            }
            ParseErrorKind::CarriageReturn => "a carriage return stands inside the line",
            ParseErrorKind::Ini => "the line cannot be read",
        };
        write!(f, "line {}: {why}", self.line)
    }
}

impl core::error::Error for ParseError {}
