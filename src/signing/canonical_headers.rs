//! CanonicalHeaders and SignedHeaders: lowercase names in order, values trimmed.

use alloc::vec::Vec;
use core::cmp::Ordering;

use super::encode::{has_byte, head};
use super::request::Request;
use super::text::Text;

/// CanonicalHeaders and SignedHeaders, written side by side.
///
/// Kept between requests so that a signer that is used again allocates nothing.
#[derive(Default)]
pub(super) struct CanonicalHeaders {
    order: Vec<Entry>,
    /// `name:value\n` for each name.
    pub(super) lines: Text,
    /// The names, joined with semicolons.
    pub(super) signed: Text,
}

/// One of the headers given, or of those added.
#[derive(Clone, Copy)]
struct Entry {
    /// See [`head`].
    head: u64,
    position: usize,
}

/// The headers of a request followed by those that signing adds, which have lowercase names and no blanks to trim.
#[derive(Clone, Copy)]
pub(super) struct Headers<'a> {
    given: &'a [(&'a str, &'a str)],
    /// Whether a name among those given has an uppercase letter.
    uppercase: bool,
    added: &'a [(&'static str, &'a [u8])],
}

impl<'a> Headers<'a> {
    pub(super) fn new(request: &Request<'a>, added: &'a [(&'static str, &'a [u8])]) -> Self {
        Headers {
            given: request.headers,
            uppercase: request.uppercase,
            added,
        }
    }

    fn name(&self, position: usize) -> &'a str {
        match position.checked_sub(self.given.len()) {
            None => self.given[position].0,
            Some(position) => self.added[position].0,
        }
    }

    fn push_value(&self, out: &mut Text, position: usize) {
        match position.checked_sub(self.given.len()) {
            None => push_trimmed(out, self.given[position].1),
            Some(position) => out.push_bytes(self.added[position].1),
        }
    }
}

impl CanonicalHeaders {
    /// Writes both, of the headers whose name `keep` accepts.
    ///
    /// CanonicalHeaders = Lowercase(HeaderName) + ":" + Trim(value) + "\n", for each name; the values of a repeated
    /// name are joined with a comma. SignedHeaders = Lowercase(HeaderName), joined with semicolons.
    pub(super) fn write(&mut self, headers: Headers<'_>, keep: impl Fn(&str) -> bool) {
        self.sort(headers, keep);
        let CanonicalHeaders {
            order,
            lines,
            signed,
        } = self;
        lines.clear();
        signed.clear();
        let mut last = (0, "");
        for entry in order {
            let name = headers.name(entry.position);
            if entry.head == last.0 && name.eq_ignore_ascii_case(last.1) {
                lines.push(b',');
            } else {
                if signed.len() > 0 {
                    lines.push(b'\n');
                    signed.push(b';');
                }
                let start = signed.len();
                signed.push_str(name);
                if headers.uppercase {
                    signed.make_ascii_lowercase(start);
                }
                lines.push_bytes(&signed.as_bytes()[start..]);
                lines.push(b':');
                last = (entry.head, name);
            }
            headers.push_value(lines, entry.position);
        }
        if signed.len() > 0 {
            lines.push(b'\n');
        }
    }

    /// By lowercase name; equal names stay in the order given.
    fn sort(&mut self, headers: Headers<'_>, keep: impl Fn(&str) -> bool) {
        self.order.clear();
        for position in 0..headers.given.len() + headers.added.len() {
            let name = headers.name(position);
            if keep(name) {
                let head = head(name.as_bytes());
                let head = if headers.uppercase {
                    lowercase(head)
                } else {
                    head
                };
                self.order.push(Entry { head, position });
            }
        }
        self.order.sort_unstable_by(|a, b| {
            let rest = |entry: &Entry| headers.name(entry.position).as_bytes().get(8..);
            let by_name = a
                .head
                .cmp(&b.head)
                .then_with(|| compare_names(rest(a), rest(b)));
            by_name.then(a.position.cmp(&b.position))
        });
    }
}

/// By lowercase bytes, a shorter name first: x-amz-meta-test before x-amz-meta-test-two.
fn compare_names(mut a: Option<&[u8]>, mut b: Option<&[u8]>) -> Ordering {
    loop {
        let (rest_of_a, rest_of_b) = (a.unwrap_or_default(), b.unwrap_or_default());
        match lowercase(head(rest_of_a)).cmp(&lowercase(head(rest_of_b))) {
            Ordering::Equal if !rest_of_a.is_empty() => {
                (a, b) = (rest_of_a.get(8..), rest_of_b.get(8..));
            }
            order => return order,
        }
    }
}

/// The head of a name in lower case: eight bytes at once.
fn lowercase(head: u64) -> u64 {
    const EACH: u64 = u64::from_be_bytes([1; 8]);
    const HIGH_BITS: u64 = EACH << 7;
    // Names are ASCII, so adding carries nothing into the next byte, and the high bit tells which side of a bound a
    // byte is on.
    let at_least_a = head + EACH * u64::from(0x80 - b'A');
    let above_z = head + EACH * u64::from(0x7f - b'Z');
    head | ((at_least_a ^ above_z) & HIGH_BITS) >> 2
}

/// Trim(value): no spaces and tabs at the ends, and each run of them inside becomes one space, quotes or not. A
/// no-break space is a character like any other.
fn push_trimmed(out: &mut Text, value: &str) {
    if !has_byte(value.as_bytes(), |byte| (byte == b' ') | (byte == b'\t')) {
        out.push_str(value);
        return;
    }
    for (index, word) in value
        .split([' ', '\t'])
        .filter(|word| !word.is_empty())
        .enumerate()
    {
        if index > 0 {
            out.push(b' ');
        }
        out.push_str(word);
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;

    fn canonical(given: &[(&str, &str)]) -> (String, String) {
        let headers = Headers {
            given,
            uppercase: true,
            added: &[],
        };
        let mut canonical = CanonicalHeaders::default();
        canonical.write(headers, |_| true);
        (
            canonical.lines.as_str().into(),
            canonical.signed.as_str().into(),
        )
    }

    #[test]
    fn a_shorter_name_comes_first() {
        let (lines, names) = canonical(&[
            ("X-Amz-Meta-Test-Two", "2"),
            ("x-amz-meta-test", "1"),
            ("Host", "h"),
        ]);
        assert_eq!(lines, "host:h\nx-amz-meta-test:1\nx-amz-meta-test-two:2\n");
        assert_eq!(names, "host;x-amz-meta-test;x-amz-meta-test-two");
    }

    #[test]
    fn names_of_any_length_are_compared() {
        let [a, b] = ["a", "B"].map(|last| "x-Amz-meta-".repeat(100_000) + last);
        let (_, names) = canonical(&[(&b, "2"), (&a, "1")]);
        assert_eq!(names, alloc::format!("{a};{b}").to_ascii_lowercase());
    }

    #[test]
    fn the_head_of_a_name_is_its_lowercase_bytes() {
        for byte in 0..0x80 {
            let name = String::from_utf8(alloc::vec![byte; 3]).unwrap();
            assert_eq!(
                lowercase(head(name.as_bytes())),
                head(name.to_ascii_lowercase().as_bytes()),
                "{name:?}"
            );
        }
    }

    #[test]
    fn a_repeated_name_joins_its_values_in_the_order_sent() {
        let (lines, names) = canonical(&[
            ("My-Header1", "value2"),
            ("host", "h"),
            ("my-header1", " value1 "),
        ]);
        assert_eq!(
            (lines.as_str(), names.as_str()),
            ("host:h\nmy-header1:value2,value1\n", "host;my-header1")
        );
    }

    #[test]
    fn blanks_become_one_space_even_inside_quotes() {
        for (value, expected) in [
            ("", ""),
            ("  ", ""),
            (" a   b ", "a b"),
            ("\"a   b\"", "\"a b\""),
            ("a\tb", "a b"),
            ("a \t b", "a b"),
            ("a, b", "a, b"),
            ("\u{a0} a\u{a0}\u{a0}b", "\u{a0} a\u{a0}\u{a0}b"),
        ] {
            assert_eq!(
                canonical(&[("a", value)]).0,
                alloc::format!("a:{expected}\n"),
                "{value:?}"
            );
        }
    }
}
