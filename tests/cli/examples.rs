//! The examples of every help page, run in a shell; the demo; completions and the man page.

use std::process::Command;

use sigv4_kit::serve::Answer;

use crate::command::{Directory, Endpoint, KEY_ID, SECRET, sigv4};

const COMMANDS: [&str; 8] = [
    "request",
    "explain",
    "presign",
    "credentials",
    "whoami",
    "demo",
    "completions",
    "man",
];

/// The lines of a help page that start with the command's name, without the note behind them.
fn examples(page: &str) -> Vec<String> {
    let after = page.split("Examples").nth(1).unwrap_or_default();
    after
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("sigv4 ") || line.starts_with("eval "))
        .map(|line| line.split("  # ").next().unwrap().to_string())
        .collect()
}

#[test]
fn every_example_works() {
    let endpoint = Endpoint::opensearch();
    let sts = Endpoint::answering(Answer::new(
        200,
        "text/xml",
        "<R><GetCallerIdentityResult><Arn>a</Arn><UserId>u</UserId><Account>1</Account></GetCallerIdentityResult></R>",
    ));
    let directory = Directory::new("examples");
    directory.file(
        "docs.ndjson",
        "{\"index\":{}}\n{\"title\":\"M\"}\n{\"index\":{}}\n{\"title\":\"Nosferatu\"}",
    );
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_sigv4"));
    let domain = "http://search-movies.eu-west-1.es.amazonaws.com";
    let mut count = 0;
    for name in COMMANDS {
        let page = sigv4(&format!("{name} --help")).run().done();
        let lines = examples(&page);
        assert!(!lines.is_empty(), "{page}");
        for line in lines {
            // The page's domain, reached through the loopback endpoint as through a tunnel.
            let es = match name {
                "request" => format!("--connect-to {} {domain}", endpoint.server.address()),
                _ => domain.into(),
            };
            let output = Command::new("/bin/sh")
                .args(["-c", &line])
                .current_dir(&directory.0)
                .env_clear()
                .env("PATH", binary.parent().unwrap())
                .env("ES", es)
                .env("AWS_ENDPOINT_URL_STS", sts.server.url())
                .env("AWS_EC2_METADATA_DISABLED", "true")
                .env("AWS_ACCESS_KEY_ID", KEY_ID)
                .env("AWS_SECRET_ACCESS_KEY", SECRET)
                .output()
                .unwrap();
            let err = String::from_utf8(output.stderr).unwrap();
            assert!(output.status.success() && err.is_empty(), "{line}: {err}");
            count += 1;
        }
    }
    assert!(count >= 13, "{count}");
    assert_eq!(directory.names(), ["docs.ndjson", "sigv4.1", "sigv4.bash"]);
}

#[test]
fn the_demo_shows_acceptance_and_refusal_with_nothing_set() {
    let out = sigv4("demo")
        .without_key()
        .env("HTTP_PROXY", "http://127.0.0.1:1")
        .env("http_proxy", "http://127.0.0.1:1")
        .env("AWS_CONFIG_FILE", "/no/such/file")
        .env("AWS_CA_BUNDLE", "/no/such/bundle")
        .run()
        .done();
    for part in [
        "1. Create an index",
        "> PUT /movies HTTP/1.1",
        "\"errors\":false",
        "\"title\":\"Metropolis\"",
        "< HTTP/1.1 403",
        "The Canonical String for this request should have been\n< 'POST\n< /secrets/_doc\n",
        "Accepted as signed, refused as changed.",
    ] {
        assert!(out.contains(part), "{part}\n{out}");
    }
}

#[test]
fn completions_are_understood_by_the_shells_that_are_here() {
    let directory = Directory::new("completions");
    for shell in ["bash", "zsh", "fish"] {
        let script = sigv4(&format!("completions {shell}")).run().done();
        assert!(
            script.contains("connect-to") && script.contains("presign"),
            "{shell}"
        );
        let file = directory.file(shell, script);
        // Shells that are not installed are passed over.
        if let Ok(output) = Command::new(shell).arg("-n").arg(&file).output() {
            assert!(output.status.success(), "{shell}: {output:?}");
        }
    }
    let complete = |words: &str| {
        let script = format!(
            "source {}; COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}}-1)); _sigv4; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            directory.0.join("bash").display()
        );
        let output = Command::new("bash").args(["-c", &script]).output().ok()?;
        Some(String::from_utf8(output.stdout).unwrap())
    };
    for (words, expected) in [
        ("sigv4 pre", "presign\n"),
        ("sigv4 presign --ex", "--expires\n"),
        ("sigv4 credentials --format e", "env\nexport\n"),
        ("sigv4 GET --conn", "--connect-to\n--connect-timeout\n"),
        ("sigv4 completions z", "zsh\n"),
    ] {
        if let Some(offered) = complete(words) {
            assert_eq!(offered, expected, "{words}");
        }
    }
}

#[test]
fn fish_offers_what_the_table_has() {
    let directory = Directory::new("fish");
    let script = sigv4("completions fish").run().done();
    let file = directory.file("sigv4.fish", script);
    for (words, expected) in [
        ("sigv4 pre", "presign\t"),
        ("sigv4 presign --ex", "--expires\t"),
        ("sigv4 credentials --format e", "env\t"),
        ("sigv4 completions z", "zsh\n"),
    ] {
        let line = format!("source {}; complete -C '{words}'", file.display());
        // Where fish is not installed there is nothing to ask.
        let Ok(output) = Command::new("fish")
            .args(["--no-config", "-c", &line])
            .env("HOME", &directory.0)
            .output()
        else {
            return;
        };
        let offered = String::from_utf8(output.stdout).unwrap();
        assert!(offered.starts_with(expected), "{words}: {offered}");
    }
}

#[test]
fn groff_has_nothing_to_say_of_the_man_page() {
    let directory = Directory::new("man");
    let page = directory.file("sigv4.1", sigv4("man").run().done());
    // groff's base is part of every Debian that has man; elsewhere this is passed over.
    let groff = Command::new("groff")
        .args(["-man", "-ww", "-Tutf8", "-P-cbou"])
        .arg(&page)
        .output();
    if let Ok(output) = groff {
        let warnings = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && warnings.is_empty(), "{warnings}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("EXAMPLES"));
    }
}

#[test]
fn the_commands_of_the_readme_are_understood() {
    let sts = Endpoint::answering(Answer::new(
        200,
        "text/xml",
        "<R><GetCallerIdentityResult><Arn>a</Arn><UserId>u</UserId><Account>1</Account></GetCallerIdentityResult></R>",
    ));
    let directory = Directory::new("readme");
    directory.file("movies.ndjson", "{\"index\":{\"_index\":\"movies\"}}\n{}\n");
    let profile = format!("[prod]\naws_access_key_id={KEY_ID}\naws_secret_access_key={SECRET}\n");
    let shared = directory.file("credentials", profile);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&shared, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    let readme = include_str!("../../README.md");
    let lines: Vec<&str> = readme
        .lines()
        .filter(|line| line.starts_with("sigv4 "))
        .map(|line| line.split("  #").next().unwrap().trim())
        .collect();
    assert!(lines.len() >= 5, "{lines:?}");
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_sigv4"));
    for line in lines {
        let words: Vec<&str> = line.split_whitespace().collect();
        let names = ["explain", "presign", "credentials", "whoami", "demo"];
        let is_request = !words.iter().any(|word| names.contains(word));
        let line = match is_request {
            true => format!("{line} --dry-run"),
            false => line.into(),
        };
        let output = Command::new("/bin/sh")
            .args(["-c", &line])
            .current_dir(&directory.0)
            .env_clear()
            .env("PATH", binary.parent().unwrap())
            .env("AWS_ENDPOINT_URL_STS", sts.server.url())
            .env("AWS_SHARED_CREDENTIALS_FILE", &shared)
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_ACCESS_KEY_ID", KEY_ID)
            .env("AWS_SECRET_ACCESS_KEY", SECRET)
            .output()
            .unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{line}: {err}");
    }
}
