//! CanonicalQueryString: names and values encoded, sorted by name, then by value.

use alloc::vec::Vec;

use super::encode::{head, push_query_encoded_once};
use super::text::Text;

/// Parameters that are being collected: encoded text in one buffer, and where each pair stands in it.
///
/// Kept between requests so that a signer that is used again allocates nothing.
pub(super) struct QueryParameters {
    /// Each pair, followed by `&`.
    encoded: Text,
    pairs: Vec<Pair>,
    /// Whether the pairs came in canonical order, told by their heads alone; presigned URLs often do.
    sorted: bool,
}

/// Positions in the encoded text; the value follows the name and its `=`.
#[derive(Clone, Copy)]
struct Pair {
    /// See [`head`].
    head: u64,
    start: usize,
    equals: usize,
    end: usize,
}

impl QueryParameters {
    pub(super) fn clear(&mut self) {
        self.encoded.clear();
        self.pairs.clear();
        self.sorted = true;
    }

    /// Adds the parameters of a query string as sent: `a` is `a=`, the first `=` splits, `+` is a space, an escape in
    /// any spelling is the byte it stands for, and empty pairs are dropped. `keep` judges a pair by its encoded name.
    pub(super) fn add_query(&mut self, mut query: &str, mut keep: impl FnMut(&[u8]) -> bool) {
        while !query.is_empty() {
            if let Some(rest) = query.strip_prefix('&') {
                query = rest;
                continue;
            }
            let start = self.encoded.len();
            query = &query[push_query_encoded_once(&mut self.encoded, query, [b'=', b'&'])..];
            let equals = self.encoded.len();
            self.encoded.push(b'=');
            if let Some(value) = query.strip_prefix('=') {
                query = &value[push_query_encoded_once(&mut self.encoded, value, [b'&', b'&'])..];
            }
            if keep(&self.encoded.as_bytes()[start..equals]) {
                let head = head(&self.encoded.as_bytes()[start..equals]);
                self.add_pair(head, start, equals);
            } else {
                self.encoded.truncate(start);
            }
        }
    }

    /// Adds a parameter whose name needs no encoding, and whose value `push_value` writes encoded.
    #[inline]
    pub(super) fn add(&mut self, name: &str, push_value: impl FnOnce(&mut Text)) {
        let start = self.encoded.len();
        self.encoded.push_str(name);
        let equals = self.encoded.len();
        self.encoded.push(b'=');
        push_value(&mut self.encoded);
        self.add_pair(head(name.as_bytes()), start, equals);
    }

    /// The pair that has been written from `start` to the end.
    fn add_pair(&mut self, head: u64, start: usize, equals: usize) {
        let pair = Pair {
            head,
            start,
            equals,
            end: self.encoded.len(),
        };
        self.encoded.push(b'&');
        self.sorted &= self.pairs.last().is_none_or(|last| pair.head > last.head);
        self.pairs.push(pair);
    }

    /// Appends `name=value` pairs joined by `&`.
    ///
    /// Pairs are compared, not joined strings: `Param` stands before `Param-3`, although `-` sorts before `=`.
    pub(super) fn push_canonical(&mut self, out: &mut Text) {
        let encoded = self.encoded.as_bytes();
        if self.sorted {
            out.push_bytes(encoded.strip_suffix(b"&").unwrap_or_default());
            return;
        }
        // Equal pairs are the same text, so their order does not matter and nothing need be allocated.
        self.pairs.sort_unstable_by(|a, b| {
            let key = |pair: &Pair| {
                (
                    &encoded[pair.start..pair.equals],
                    &encoded[pair.equals..pair.end],
                )
            };
            a.head.cmp(&b.head).then_with(|| key(a).cmp(&key(b)))
        });
        for (index, pair) in self.pairs.iter().enumerate() {
            if index > 0 {
                out.push(b'&');
            }
            out.push_bytes(&encoded[pair.start..pair.end]);
        }
    }
}

impl Default for QueryParameters {
    fn default() -> Self {
        QueryParameters {
            encoded: Text::default(),
            pairs: Vec::new(),
            sorted: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(query: &str) -> alloc::string::String {
        let mut parameters = QueryParameters::default();
        parameters.add_query(query, |_| true);
        let mut out = Text::default();
        parameters.push_canonical(&mut out);
        out.as_str().into()
    }

    #[test]
    fn names_and_values_are_encoded_then_sorted() {
        for (query, expected) in [
            ("", ""),
            ("v", "v="),
            ("v&h=a,b&s=x:desc", "h=a%2Cb&s=x%3Adesc&v="),
            ("Param-3=Value3&Param=Value2", "Param=Value2&Param-3=Value3"),
            ("p[0]=x&p[10]=y&p[2]=z", "p%5B0%5D=x&p%5B10%5D=y&p%5B2%5D=z"),
            ("f=title&f=description", "f=description&f=title"),
            ("b=1&A=2&a=3&B=4", "A=2&B=4&a=3&b=1"),
            ("q=a=b", "q=a%3Db"),
            ("q=a%3Db", "q=a%3Db"),
            ("q=a%20b", "q=a%20b"),
            ("q=a+b&r=a%2Bb", "q=a%20b&r=a%2Bb"),
            ("q=it's(x)!*", "q=it%27s%28x%29%21%2A"),
            ("q=%7e%41%c3%a9", "q=~A%C3%A9"),
            ("a=1&&b=2&", "a=1&b=2"),
            ("=x", "=x"),
            ("q=%FF%zz%", "q=%FF%25zz%25"),
            ("q=é&ü", "%C3%BC=&q=%C3%A9"),
            ("p=%2F/&p=?", "p=%2F%2F&p=%3F"),
        ] {
            assert_eq!(canonical(query), expected, "{query}");
        }
    }
}
