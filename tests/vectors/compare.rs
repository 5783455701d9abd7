//! What a failing vector shows: the first line that differs, expected above got.

/// `Err` says where `got` departs from `expected`.
pub fn same_text(what: &str, expected: &str, got: &str) -> Result<(), String> {
    if expected == got {
        return Ok(());
    }
    let mut expected_lines = expected.split('\n');
    let mut got_lines = got.split('\n');
    let mut number = 1;
    loop {
        match (expected_lines.next(), got_lines.next()) {
            (Some(e), Some(g)) if e == g => number += 1,
            (e, g) => {
                let shown = |line: Option<&str>| {
                    line.map_or("(no such line)".to_owned(), |line| format!("{line:?}"))
                };
                return Err(format!(
                    "{what}, line {number}\n  expected {}\n  got      {}",
                    shown(e),
                    shown(g)
                ));
            }
        }
    }
}

/// The same for values whose order does not matter.
pub fn same_set(what: &str, mut expected: Vec<String>, mut got: Vec<String>) -> Result<(), String> {
    expected.sort_unstable();
    got.sort_unstable();
    same_text(what, &expected.join("\n"), &got.join("\n"))
}

#[test]
fn the_first_differing_line_is_shown_with_expected_above_got() {
    assert_eq!(same_text("x", "a\nb", "a\nb"), Ok(()));
    assert_eq!(
        same_text("x", "a\nb\nc", "a\nd\ne").unwrap_err(),
        "x, line 2\n  expected \"b\"\n  got      \"d\""
    );
    assert_eq!(
        same_text("x", "a\nb", "a").unwrap_err(),
        "x, line 2\n  expected \"b\"\n  got      (no such line)"
    );
    assert_eq!(
        same_set(
            "x",
            vec!["b".into(), "a".into()],
            vec!["a".into(), "b".into()]
        ),
        Ok(())
    );
}
