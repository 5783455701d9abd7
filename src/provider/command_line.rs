//! A command line split into words, as a POSIX shell quotes them, with nothing else of a shell.

use std::prelude::rust_2024::*;

/// The words of `line`: separated by white space, `'…'` literal, `"…"` with `\"` and `\\`, `\` before any character.
/// No variable, pipe, `~` or comment means anything. `None` where a quote or a backslash is left open.
pub fn split(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        match c {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next()? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next()? {
                        '"' => break,
                        '\\' => match rest.next()? {
                            c @ ('"' | '\\') => word.push(c),
                            c => word.extend(['\\', c]),
                        },
                        c => word.push(c),
                    }
                }
            }
            // On Windows a backslash stands in paths; there it quotes nothing outside quotes.
            '\\' if !cfg!(windows) => word.get_or_insert_default().push(rest.next()?),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::split;
    use std::prelude::rust_2024::*;

    #[test]
    fn words_are_split_as_a_posix_shell_quotes_them() {
        let cases: [(&str, &[&str]); 9] = [
            ("a b  c", &["a", "b", "c"]),
            ("  a\tb\n", &["a", "b"]),
            ("a 'b c' d", &["a", "b c", "d"]),
            (r#"a "b \"c\" \\ \n" d"#, &["a", r#"b "c" \ \n"#, "d"]),
            ("'' \"\"", &["", ""]),
            ("a'b'\"c\"d", &["abcd"]),
            (
                "a | b $HOME ~ # c",
                &["a", "|", "b", "$HOME", "~", "#", "c"],
            ),
            ("'a\\b'", &["a\\b"]),
            ("", &[]),
        ];
        for (line, words) in cases {
            assert_eq!(split(line).unwrap(), words, "{line}");
        }
        if !cfg!(windows) {
            assert_eq!(split(r"a\ b \'c").unwrap(), ["a b", "'c"]);
            assert_eq!(split(r"a \"), None);
        }
        assert_eq!(split("a 'b"), None);
        assert_eq!(split("a \"b\\\""), None);
    }
}
