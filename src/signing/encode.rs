//! Percent-encoding, as AWS wants it: every byte but `A-Z a-z 0-9 - . _ ~`, two uppercase hex digits.
//!
//! AWS: "Create a canonical request", the UriEncode function. RFC 3986 section 2.3 names the unreserved characters.

use alloc::string::String;

use percent_encoding::percent_encode_byte;

const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// What stays as it is, by byte: a table, since this loop runs over every byte of every path and query.
const fn table(slash: bool) -> [bool; 256] {
    let mut kept = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        kept[byte] = is_unreserved(byte as u8) || (slash && byte as u8 == b'/');
        byte += 1;
    }
    kept
}

static IN_PATH: [bool; 256] = table(true);
static IN_QUERY: [bool; 256] = table(false);

/// UriEncode(path), slashes kept, a `%` encoded like any other byte.
pub(super) fn push_encoded_path(out: &mut String, path: &str) {
    push(out, path, &IN_PATH, |out, text, at| {
        out.push_str(percent_encode_byte(text.as_bytes()[at]));
        1
    });
}

/// UriEncode(UriDecode(path)), slashes kept: what is encoded already stays so, in AWS's spelling.
pub(super) fn push_path_encoded_once(out: &mut String, path: &str) {
    push(out, path, &IN_PATH, |out, text, at| {
        push_reencoded(out, text, at, &IN_PATH)
    });
}

/// UriEncode(UriDecode(text)) for a name or value of the query string, where `+` means a space.
pub(super) fn push_query_encoded_once(out: &mut String, text: &str) {
    push(out, text, &IN_QUERY, |out, text, at| {
        match text.as_bytes()[at] {
            b'+' => {
                out.push_str("%20");
                1
            }
            _ => push_reencoded(out, text, at, &IN_QUERY),
        }
    });
}

/// UriEncode(value) of a query parameter that is given decoded.
pub(super) fn push_query_encoded(out: &mut String, value: &str) {
    push(out, value, &IN_QUERY, |out, text, at| {
        out.push_str(percent_encode_byte(text.as_bytes()[at]));
        1
    });
}

/// Copies runs of kept bytes; `encode` writes the byte at a position and tells how many bytes it has read.
fn push(
    out: &mut String,
    text: &str,
    kept: &[bool; 256],
    encode: impl Fn(&mut String, &str, usize) -> usize,
) {
    let bytes = text.as_bytes();
    let mut start = 0;
    let mut at = 0;
    while at < bytes.len() {
        if kept[usize::from(bytes[at])] {
            at += 1;
            continue;
        }
        // A run is ASCII, so it starts and ends between characters; an empty one may stand inside a character.
        if start < at {
            out.push_str(&text[start..at]);
        }
        at += encode(out, text, at);
        start = at;
    }
    if start < at {
        out.push_str(&text[start..]);
    }
}

/// One byte, or one percent-escape, whose byte may turn out to need none.
fn push_reencoded(out: &mut String, text: &str, at: usize, kept: &[bool; 256]) -> usize {
    match escape_at(text.as_bytes(), at) {
        // An escaped slash stays escaped: it is data, not a separator.
        Some(byte) if kept[usize::from(byte)] && byte != b'/' => {
            out.push(char::from(byte));
            3
        }
        Some(byte) => {
            out.push_str(percent_encode_byte(byte));
            3
        }
        None => {
            out.push_str(percent_encode_byte(text.as_bytes()[at]));
            1
        }
    }
}

/// The byte of a well-formed `%XX`; a stray `%` is a byte like any other.
fn escape_at(bytes: &[u8], at: usize) -> Option<u8> {
    let [b'%', high, low] = bytes.get(at..at + 3)? else {
        return None;
    };
    let high = char::from(*high).to_digit(16)?;
    let low = char::from(*low).to_digit(16)?;
    Some((high * 16 + low) as u8)
}
