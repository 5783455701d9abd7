//! Wrong usage, secrets on the command line, and the pages that tell how it is right.

use crate::command::{Directory, sigv4};

#[test]
fn what_is_wrong_is_named_and_what_is_right_is_hinted() {
    for (line, expected) in [
        (
            "",
            "error: there is nothing to do\nhint: sigv4 --help tells what can be done; sigv4 demo shows it\n",
        ),
        (
            "get https://h/",
            "error: get is no command, and no method in capitals\nhint: methods are case-sensitive: GET\n",
        ),
        (
            "exlpain GET https://h/",
            "error: \"https://h/\" is one argument too many\nhint: usage: sigv4 [METHOD] URL (sigv4 request --help)\n",
        ),
        (
            "GET h",
            "error: \"h\" is no URL: it does not start with https://\nhint: usage: sigv4 METHOD URL\n",
        ),
        (
            "GET ftp://h/",
            "error: the URL does not start with https:// or http://\n",
        ),
        ("GET https:///path", "error: the URL has no host\n"),
        (
            "GET https://u:p@es.eu-west-1.amazonaws.com/",
            "error: the URL holds a user name or password, which a signed request cannot use\n",
        ),
        (
            "GET https://unknown.example/",
            "error: the host unknown.example does not tell the service and region to sign for; state the service and region\nhint: pass --service and --region, such as --service es --region eu-west-1\n",
        ),
        (
            "GET https://h/ --max-time soon",
            "error: --max-time is \"soon\"; it must be a whole number\n",
        ),
        (
            "GET https://h/ -d a -d b",
            "error: the body is given twice\nhint: put it into a file, or pipe it in with -d @-\n",
        ),
        (
            "GET https://h/ -d a -T b",
            "error: -d and -T both name a body\n",
        ),
        (
            "GET https://h/ -H nocolon",
            "error: the header \"nocolon\" has no colon\nhint: write it as 'NAME: VALUE'\n",
        ),
        (
            "GET https://es.eu-west-1.amazonaws.com/ -d @/no/such/file",
            "error: /no/such/file: entity not found\n",
        ),
        (
            "GET https://es.eu-west-1.amazonaws.com/ -T src",
            "error: src is a directory\n",
        ),
        (
            "-sS https://h/",
            "error: there is no option -S\nhint: errors are always shown\n",
        ),
        (
            "--head https://h/",
            "error: there is no option --head\nhint: write sigv4 HEAD URL -i\n",
        ),
        (
            "help exlpain",
            "error: there is no command exlpain\nhint: sigv4 --help lists commands and options\n",
        ),
        (
            "completions tcsh",
            "error: there are no completions for \"tcsh\"; there are for bash, zsh and fish\n",
        ),
    ] {
        assert_eq!(sigv4(line).run().failed(1), expected, "{line}");
    }
}

#[test]
fn no_secret_is_taken_from_the_command_line() {
    for line in [
        "GET https://h/ -u key:secret",
        "GET https://h/ --secret-access-key x",
        "GET https://h/ -H Authorization:x",
        "GET https://h/ -H X-Amz-Security-Token:x",
    ] {
        let err = sigv4(line).run().failed(1);
        assert!(
            err.contains("is not taken: every user of this machine can read a command line"),
            "{err}"
        );
        assert!(err.contains("\nhint: "), "{err}");
    }
}

#[test]
fn control_characters_are_refused() {
    let host = "https://search-m.eu-west-1.es.amazonaws.com/";
    for (option, value) in [("-H", "x-tag: a\r\nb"), ("-H", "x tag: a"), ("-X", "GE T")] {
        let err = sigv4(host).arg(option).arg(value).run().failed(1);
        assert!(err.starts_with("error: "), "{err}");
    }
    let err = sigv4("GET").arg(format!("{host}a\nb")).run().failed(1);
    assert!(err.contains("control character"), "{err}");
}

#[cfg(unix)]
#[test]
fn bytes_that_are_no_text_are_taken_where_they_make_sense() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let err = sigv4("GET")
        .arg(OsStr::from_bytes(b"https://h/\xff"))
        .run()
        .failed(1);
    assert!(
        err.contains("is not UTF-8\nhint: write other bytes of a URL as %XX"),
        "{err}"
    );
    let err = sigv4("GET https://h/ --region")
        .arg(OsStr::from_bytes(b"\xff"))
        .run()
        .failed(1);
    assert_eq!(err, "error: the value of --region is not UTF-8\n");

    let wrong = OsStr::from_bytes(b"a\xff");
    let line = "GET https://search-m.eu-west-1.es.amazonaws.com/ --dry-run";
    for (name, code, said) in [
        ("AWS_PROFILE", 5, "there is no profile \"a\u{fffd}\""),
        ("AWS_ACCESS_KEY_ID", 5, "the access key ID contains"),
        (
            "AWS_SECRET_ACCESS_KEY",
            5,
            "AWS_SECRET_ACCESS_KEY is not allowed; it must be UTF-8",
        ),
        ("AWS_SESSION_TOKEN", 5, "the session token contains"),
    ] {
        let asked = match name {
            "AWS_PROFILE" => sigv4(line).without_key(),
            _ => sigv4(line),
        };
        let err = asked.env(name, wrong).run().failed(code);
        assert!(err.contains(said), "{name}: {err}");
    }

    let directory = Directory::new("no-text");
    let name = OsStr::from_bytes(b"body\xff");
    std::fs::write(directory.0.join(name), "{}").unwrap();
    let mut at = std::ffi::OsString::from("@");
    at.push(directory.0.join(name));
    let host = "explain PUT https://search-m.eu-west-1.es.amazonaws.com/";
    let by_name = sigv4(host).arg("-d").arg(at).run().done();
    let by_bytes = sigv4(host)
        .arg("-d")
        .arg(OsStr::from_bytes(b"\xff"))
        .run()
        .done();
    assert!(by_name.contains("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"));
    assert!(by_bytes.contains("a8100ae6aa1940d0b663bb31cd466142ebbdbd5187131b92d93818987832eb89"));
}

#[test]
fn version_names_features_and_target() {
    let out = sigv4("--version").run().done();
    assert!(
        out.starts_with(concat!(
            "sigv4 ",
            env!("CARGO_PKG_VERSION"),
            " (features: cli, client"
        )),
        "{out}"
    );
    assert!(out.contains(std::env::consts::ARCH), "{out}");
}

#[test]
fn help_is_had_in_each_way() {
    let whole = sigv4("--help").run().done();
    assert_eq!(sigv4("help").run().done(), whole);
    let explain = sigv4("explain --help").run().done();
    assert_eq!(sigv4("help explain").run().done(), explain);
    assert_eq!(sigv4("explain -h GET https://h/").run().done(), explain);
    assert!(
        sigv4("request --help")
            .run()
            .done()
            .contains("--connect-to HOST:PORT")
    );
}

#[test]
fn every_option_that_the_library_hints_at_exists() {
    let request = sigv4("request --help").run().done();
    for file in std::fs::read_dir("src/diagnose").unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for hinted in text.split("--").skip(1) {
            let name: String = hinted
                .chars()
                .take_while(|c| c.is_ascii_lowercase() || *c == '-')
                .collect();
            let option = format!("--{name} ");
            assert!(name.is_empty() || request.contains(&option), "{option}");
        }
    }
}

/// An error as it looks on a terminal, which util-linux's `script` stands for; `None` where that is missing.
#[cfg(target_os = "linux")]
fn on_a_terminal(variables: &[(&str, &str)]) -> Option<String> {
    let line = format!("{} get", env!("CARGO_BIN_EXE_sigv4"));
    let output = std::process::Command::new("script")
        .args(["-qec", &line, "/dev/null"])
        .env_remove("NO_COLOR")
        .envs(variables.iter().copied())
        .output()
        .ok()?;
    Some(String::from_utf8(output.stdout).unwrap())
}

#[cfg(target_os = "linux")]
#[test]
fn colours_are_for_terminals_that_want_them() {
    let Some(coloured) = on_a_terminal(&[("TERM", "xterm")]) else {
        return;
    };
    assert!(coloured.contains("\x1b[1;31merror:\x1b[0m"), "{coloured:?}");
    for variables in [
        &[("TERM", "xterm"), ("NO_COLOR", "1")][..],
        &[("TERM", "dumb")],
    ] {
        let plain = on_a_terminal(variables).unwrap();
        assert!(
            plain.starts_with("error: ") && !plain.contains('\x1b'),
            "{plain:?}"
        );
    }
    let piped = sigv4("get").env("TERM", "xterm").run().failed(1);
    assert!(!piped.contains('\x1b'), "{piped:?}");
}
