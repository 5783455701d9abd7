//! CanonicalHeaders and SignedHeaders: lowercase names in order, values trimmed.

use alloc::vec::Vec;
use core::cmp::Ordering;

use super::encode::head;
use super::text::Text;

/// The headers to sign, in canonical order. Their texts are borrowed and passed in again; only positions are kept.
///
/// Kept between requests so that a signer that is used again allocates nothing.
#[derive(Default)]
pub(super) struct HeaderOrder {
    sorted: Vec<Entry>,
}

/// One header line.
#[derive(Clone, Copy)]
struct Entry {
    /// See [`head`].
    head: u64,
    /// Among the headers given, then those added.
    position: usize,
    /// Where its lowercase name stands in SignedHeaders; nowhere, if the line before has the same name.
    name: Option<(usize, usize)>,
}

/// The headers of a request followed by those that signing adds.
#[derive(Clone, Copy)]
pub(super) struct Headers<'a> {
    pub(super) given: &'a [(&'a str, &'a str)],
    pub(super) added: &'a [(&'a str, &'a str)],
}

impl<'a> Headers<'a> {
    fn at(&self, position: usize) -> (&'a str, &'a str) {
        match position.checked_sub(self.given.len()) {
            None => self.given[position],
            Some(position) => self.added[position],
        }
    }
}

impl HeaderOrder {
    /// Sorts the headers that `keep` accepts by lowercase name; equal names stay in the order given.
    pub(super) fn sort(&mut self, headers: Headers<'_>, keep: impl Fn(&str) -> bool) {
        self.sorted.clear();
        for position in 0..headers.given.len() + headers.added.len() {
            let (name, _) = headers.at(position);
            if keep(name) {
                self.sorted.push(Entry {
                    head: lowercase_head(name.as_bytes()),
                    position,
                    name: None,
                });
            }
        }
        self.sorted.sort_unstable_by(|a, b| {
            let rest = |entry: &Entry| headers.at(entry.position).0.as_bytes().get(8..);
            let by_name = a
                .head
                .cmp(&b.head)
                .then_with(|| compare_names(rest(a), rest(b)));
            by_name.then(a.position.cmp(&b.position))
        });
    }

    /// SignedHeaders = Lowercase(HeaderName), joined with semicolons.
    pub(super) fn push_signed_headers(&mut self, out: &mut Text, headers: Headers<'_>) {
        let mut last = (0, "");
        for entry in &mut self.sorted {
            let (name, _) = headers.at(entry.position);
            if entry.head == last.0 && name.eq_ignore_ascii_case(last.1) {
                continue;
            }
            if out.len() > 0 {
                out.push(b';');
            }
            let start = out.len();
            out.push_str(name);
            if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
                out.make_ascii_lowercase(start);
            }
            entry.name = Some((start, out.len()));
            last = (entry.head, name);
        }
    }

    /// CanonicalHeaders = Lowercase(HeaderName) + ":" + Trim(value) + "\n", for each name; the values of a repeated
    /// name are joined with a comma. `signed_headers` is what [`Self::push_signed_headers`] has written.
    pub(super) fn push_canonical_headers(
        &self,
        out: &mut Text,
        headers: Headers<'_>,
        signed_headers: &Text,
    ) {
        for (index, entry) in self.sorted.iter().enumerate() {
            match entry.name {
                None => out.push(b','),
                Some((start, end)) => {
                    if index > 0 {
                        out.push(b'\n');
                    }
                    out.push_bytes(&signed_headers.as_bytes()[start..end]);
                    out.push(b':');
                }
            }
            match headers.at(entry.position) {
                // What signing adds has no blanks.
                (_, value) if entry.position >= headers.given.len() => out.push_str(value),
                (_, value) => push_trimmed(out, value),
            }
        }
        if !self.sorted.is_empty() {
            out.push(b'\n');
        }
    }
}

/// By lowercase bytes, a shorter name first: x-amz-meta-test before x-amz-meta-test-two.
fn compare_names(a: Option<&[u8]>, b: Option<&[u8]>) -> Ordering {
    let (a, b) = (a.unwrap_or_default(), b.unwrap_or_default());
    match lowercase_head(a).cmp(&lowercase_head(b)) {
        Ordering::Equal if !a.is_empty() => compare_names(a.get(8..), b.get(8..)),
        order => order,
    }
}

/// The head of a name in lower case: eight bytes at once.
fn lowercase_head(name: &[u8]) -> u64 {
    const EACH: u64 = u64::from_be_bytes([1; 8]);
    const HIGH_BITS: u64 = EACH << 7;
    let head = head(name);
    // Names are ASCII, so adding carries nothing into the next byte, and the high bit tells which side of a bound a
    // byte is on.
    let at_least_a = head + EACH * u64::from(0x80 - b'A');
    let above_z = head + EACH * u64::from(0x7f - b'Z');
    head | ((at_least_a ^ above_z) & HIGH_BITS) >> 2
}

/// Trim(value): no spaces and tabs at the ends, and each run of them inside becomes one space, quotes or not. A
/// no-break space is a character like any other.
fn push_trimmed(out: &mut Text, value: &str) {
    // No other white space of ASCII is left: a request refuses control characters.
    let value = value.trim_ascii();
    if !has_blanks(value.as_bytes()) {
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

/// Whether there is a tab, or two spaces in a row, in a value that ends in neither. Looks at every byte, which the
/// compiler does many at once, instead of stopping at the first.
fn has_blanks(value: &[u8]) -> bool {
    let pairs = value.iter().zip(value.get(1..).unwrap_or_default());
    pairs.fold(false, |found, (a, b)| {
        found | (*a == b'\t') | ((*a == b' ') & (*b == b' '))
    })
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;

    fn canonical(given: &[(&str, &str)]) -> (String, String) {
        let headers = Headers { given, added: &[] };
        let mut order = HeaderOrder::default();
        order.sort(headers, |_| true);
        let (mut lines, mut names) = (Text::default(), Text::default());
        order.push_signed_headers(&mut names, headers);
        order.push_canonical_headers(&mut lines, headers, &names);
        (lines.as_str().into(), names.as_str().into())
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
    fn the_head_of_a_name_is_its_lowercase_bytes() {
        for byte in 0..0x80 {
            let name = String::from_utf8(alloc::vec![byte; 3]).unwrap();
            assert_eq!(
                lowercase_head(name.as_bytes()),
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
