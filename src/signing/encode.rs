//! Percent-encoding, as AWS wants it: every byte but `A-Z a-z 0-9 - . _ ~`, two uppercase hex digits.
//!
//! AWS: "Create a canonical request", the UriEncode function. RFC 3986 section 2.3 names the unreserved characters.

use percent_encoding::percent_encode_byte;

use super::text::Text;

/// UriEncode(path), slashes kept, a `%` encoded like any other byte.
pub(super) fn push_encoded_path(out: &mut Text, path: &str) {
    push_whole(out, path.as_bytes(), &IN_PATH, encoded);
}

/// UriEncode(UriDecode(path)), slashes kept: what is encoded already stays so, in AWS's spelling. An escaped slash
/// stays escaped: it is data, not a separator.
pub(super) fn push_path_encoded_once(out: &mut Text, path: &str) {
    push_whole(out, path.as_bytes(), &IN_PATH, encoded_once);
}

/// UriEncode(value) of a query parameter that is given plain.
pub(super) fn push_query_encoded(out: &mut Text, value: &[u8]) {
    push_whole(out, value, &IN_QUERY, encoded);
}

/// UriEncode(UriDecode(text)) of a query string as sent, where `+` means a space, up to the first of two delimiters.
/// Gives the number of bytes read.
pub(super) fn push_query_encoded_once(out: &mut Text, query: &str, delimiters: [u8; 2]) -> usize {
    push(out, query.as_bytes(), &IN_QUERY, |bytes, at| {
        match bytes[at] {
            byte if delimiters.contains(&byte) => Written::End,
            b'+' => Written::Text("%20", 1),
            _ => encoded_once(bytes, at),
        }
    })
}

/// How what stands at a position, a byte that is not simply kept, is written.
enum Written {
    /// So many bytes are right as they stand.
    AsIs(usize),
    /// As this text, in place of so many bytes.
    Text(&'static str, usize),
    /// As this unreserved character, in place of its escape.
    Unescaped(u8),
    /// Not at all: the part ends here.
    End,
}

/// Most texts have nothing to encode.
fn push_whole(
    out: &mut Text,
    bytes: &[u8],
    kept: &ByteSet,
    write: impl Fn(&[u8], usize) -> Written,
) {
    if has_byte(bytes, |byte| !kept[usize::from(byte)]) {
        push(out, bytes, kept, write);
    } else {
        out.push_bytes(bytes);
    }
}

/// Copies runs of bytes that stay, which are ASCII; gives the number of bytes read.
fn push(
    out: &mut Text,
    bytes: &[u8],
    kept: &ByteSet,
    write: impl Fn(&[u8], usize) -> Written,
) -> usize {
    let mut start = 0;
    let mut at = 0;
    while at < bytes.len() {
        if kept[usize::from(bytes[at])] {
            at += 1;
            continue;
        }
        let length = match write(bytes, at) {
            Written::End => break,
            Written::AsIs(length) => {
                at += length;
                continue;
            }
            Written::Text(text, length) => {
                out.push_bytes(&bytes[start..at]);
                out.push_str(text);
                length
            }
            Written::Unescaped(byte) => {
                out.push_bytes(&bytes[start..at]);
                out.push(byte);
                ESCAPE
            }
        };
        at += length;
        start = at;
    }
    out.push_bytes(&bytes[start..at]);
    at
}

fn encoded(bytes: &[u8], at: usize) -> Written {
    Written::Text(percent_encode_byte(bytes[at]), 1)
}

/// A well-formed `%XX` is the byte it stands for; a stray `%` is a byte like any other.
fn encoded_once(bytes: &[u8], at: usize) -> Written {
    let Some([b'%', high, low]) = bytes.get(at..at + ESCAPE) else {
        return encoded(bytes, at);
    };
    let (Some(high_digit), Some(low_digit)) = (hex_digit(*high), hex_digit(*low)) else {
        return encoded(bytes, at);
    };
    let byte = high_digit << 4 | low_digit;
    if IN_QUERY[usize::from(byte)] {
        Written::Unescaped(byte)
    } else if high.is_ascii_lowercase() || low.is_ascii_lowercase() {
        Written::Text(percent_encode_byte(byte), ESCAPE)
    } else {
        Written::AsIs(ESCAPE)
    }
}

fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

/// The first eight bytes of a name as a number: it settles most comparisons without a look at the text. A name has no
/// NUL, which fills up a shorter one.
pub(super) fn head(name: &[u8]) -> u64 {
    match name.first_chunk() {
        Some(head) => u64::from_be_bytes(*head),
        None => {
            let short = name
                .iter()
                .fold(0, |head, byte| head << 8 | u64::from(*byte));
            short << ((8 * (8 - name.len())) % 64)
        }
    }
}

/// Whether one of `bytes` is wanted. Looks at chunks, which the compiler does at once; the last may overlap others.
#[inline]
pub(super) fn has_byte(bytes: &[u8], wanted: impl Fn(u8) -> bool) -> bool {
    let any = |bytes: &[u8]| {
        bytes
            .iter()
            .fold(false, |found, byte| found | wanted(*byte))
    };
    let Some(last) = bytes.last_chunk::<8>() else {
        return any(bytes);
    };
    let (long, rest) = bytes.as_chunks::<32>();
    let (short, _) = rest.as_chunks::<8>();
    long.iter().any(|chunk| any(chunk)) || short.iter().any(|chunk| any(chunk)) || any(last)
}

/// The length of `%XX`.
const ESCAPE: usize = 3;

static IN_PATH: ByteSet = byte_set(b"-._~/");
static IN_QUERY: ByteSet = byte_set(b"-._~");

/// Which bytes belong to a set: a table, since such loops run over every byte of a request.
pub(super) type ByteSet = [bool; 256];

/// ASCII letters, digits, and others.
pub(super) const fn byte_set(mut others: &[u8]) -> ByteSet {
    let mut set = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        set[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    while let [byte, rest @ ..] = others {
        set[*byte as usize] = true;
        others = rest;
    }
    set
}
