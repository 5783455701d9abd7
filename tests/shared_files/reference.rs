//! The crate's reading of shared files, compared with a second reading.

use std::collections::BTreeMap;

use sigv4_kit::provider::Profiles;

/// The grammar written down once more, without rust-ini: what the crate's reading is compared with. Profiles of a
/// config file, or the line that is wrong.
fn reference(text: &str) -> Result<BTreeMap<String, BTreeMap<String, String>>, usize> {
    const BLANK: [char; 2] = [' ', '\t'];
    let mut profiles: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let mut section: Option<Option<String>> = None;
    let mut current: Option<(usize, bool, Option<String>)> = None;
    for (number, line) in text.split('\n').enumerate() {
        let number = number + 1;
        let line = line.strip_suffix('\r').unwrap_or(line);
        let content = line.trim_matches(BLANK);
        let indent = line.len() - line.trim_start_matches(BLANK).len();
        if content.is_empty() || content.starts_with('#') || content.starts_with(';') {
            continue;
        }
        if content.contains('\r') {
            return Err(number);
        }
        if content.starts_with('[') && (indent == 0 || current.is_none()) {
            let header = content
                .split(['#', ';'])
                .next()
                .unwrap()
                .trim_end_matches(BLANK);
            if header.len() < 2 || !header.ends_with(']') {
                return Err(number);
            }
            let words: Vec<&str> = header[1..header.len() - 1]
                .split(BLANK)
                .filter(|w| !w.is_empty())
                .collect();
            let fine = |name: &str| {
                name.chars()
                    .all(|c| c.is_ascii_alphanumeric() || "_-/.%@:+".contains(c))
            };
            let name = match words.as_slice() {
                ["default"] => Some("".to_string()),
                ["profile", name] if fine(name) => Some(name.to_string()),
                _ => None,
            };
            if let Some(name) = &name {
                profiles.entry(name.clone()).or_default();
            }
            section = Some(name);
            current = None;
            continue;
        }
        let Some(name) = &section else {
            return Err(number);
        };
        if let Some((above, nested, key)) = &current
            && indent > *above
        {
            if *nested
                && content
                    .split_once('=')
                    .is_none_or(|(key, _)| key.trim_matches(BLANK).is_empty())
            {
                return Err(number);
            }
            if let (Some(name), Some(key)) = (name, key) {
                let value = profiles.get_mut(name).unwrap().get_mut(key).unwrap();
                value.push('\n');
                value.push_str(content.trim());
            }
            continue;
        }
        let mut end = content.len();
        for (at, pair) in content.as_bytes().windows(2).enumerate() {
            if b" \t".contains(&pair[0]) && b"#;".contains(&pair[1]) {
                end = at;
                break;
            }
        }
        let Some((key, value)) = content[..end].split_once('=') else {
            return Err(number);
        };
        let (key, value) = (key.trim_matches(BLANK), value.trim_matches(BLANK));
        if key.is_empty() {
            return Err(number);
        }
        let fine = key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-/.%@+".contains(c));
        let key = (fine && name.is_some()).then(|| key.to_lowercase());
        if let (Some(name), Some(key)) = (name, &key) {
            profiles
                .get_mut(name)
                .unwrap()
                .insert(key.clone(), value.trim().to_string());
        }
        current = Some((indent, value.is_empty(), key));
    }
    if let Some(bare) = profiles.remove("") {
        profiles.entry("default".into()).or_insert(bare);
    }
    Ok(profiles)
}

#[test]
fn a_hundred_thousand_texts_are_read_as_the_grammar_says() {
    let pieces = [
        "[default]",
        "[profile a]",
        "[profile a",
        "[ profile\tdefault ]",
        "[",
        "]",
        "a",
        "K",
        "b.c",
        "=",
        " = ",
        ":",
        "\\",
        "\"",
        "'",
        "#",
        " #",
        ";",
        " ",
        "  ",
        "\t",
        "\n",
        "\n",
        "\n",
        "\r\n",
        "\r",
        "x41",
        "é",
        "\u{a0}",
        "\u{1}",
        "\0",
        "$",
        "\n[profile b]\n",
        "\na=",
        "\nk = v",
        "\n  ",
        "\n s=",
    ];
    let mut state: u64 = 0x5167_0004;
    let mut next = |below: usize| {
        // xorshift64
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let (mut accepted, mut refused) = (0, 0);
    for round in 0..100_000 {
        let mut text = String::from(if round % 4 == 0 { "" } else { "[default]\n" });
        for _ in 0..next(24) {
            text.push_str(pieces[next(pieces.len())]);
        }
        match (Profiles::parse(&text, ""), reference(&text)) {
            (Ok(profiles), Ok(expected)) => {
                accepted += 1;
                let found: BTreeMap<_, _> = profiles
                    .names()
                    .into_iter()
                    .map(|name| {
                        let settings = profiles.profile(name).unwrap().settings().into_iter();
                        let settings = settings.map(|(k, v)| (k.to_string(), v.to_string()));
                        (name.to_string(), settings.collect())
                    })
                    .collect();
                assert_eq!(found, expected, "{text:?}");
            }
            (Err(error), Err(line)) => {
                refused += 1;
                assert_eq!(error.line, line, "{text:?}");
            }
            (found, expected) => panic!("{text:?}: {found:?}, expected {expected:?}"),
        }
    }
    assert!(
        accepted > 10_000 && refused > 10_000,
        "{accepted} {refused}"
    );
}
