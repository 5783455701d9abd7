//! `sigv4 METHOD URL` against an endpoint that verifies.

use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::Arc;

use serde_json::json;
use sigv4_kit::serve::{Answer, Received};

use crate::command::{Directory, Endpoint, KEY_ID, SECRET, sigv4};

#[test]
fn a_first_session_works() {
    let endpoint = Endpoint::opensearch();
    let created = sigv4(&endpoint.line("PUT", "/movies")).run().done();
    assert_eq!(
        created,
        r#"{"acknowledged":true,"index":"movies","shards_acknowledged":true}"#
    );
    let line = endpoint.line("POST", "/movies/_doc?refresh=true");
    let indexed = sigv4(&line).arg("-d").arg(r#"{"title": "M"}"#).run().done();
    assert!(indexed.contains(r#""result":"created""#), "{indexed}");
    // The final newline is added.
    let bulk = "{\"index\":{\"_index\":\"movies\",\"_id\":\"a/b\"}}\n{\"title\":\"Nosferatu\"}";
    let line = endpoint.line("POST", "/_bulk -d @-");
    let loaded = sigv4(&line).input(bulk).run().done();
    assert!(loaded.contains(r#""errors":false"#), "{loaded}");
    let got = sigv4(&endpoint.line("GET", "/movies/_doc/a%2Fb"))
        .run()
        .done();
    assert!(got.contains("Nosferatu"), "{got}");
    let deleted = sigv4(&endpoint.line("DELETE", "/movies")).run().done();
    assert_eq!(deleted, r#"{"acknowledged":true}"#);
    assert_eq!(
        endpoint.received()[2].body,
        format!("{bulk}\n").into_bytes()
    );
}

#[test]
fn a_body_is_sent_byte_for_byte() {
    let endpoint = Endpoint::behind_gate(Arc::new(|received: &Received| {
        Answer::new(200, "application/octet-stream", received.body.clone())
    }));
    let bytes: Vec<u8> = (0..=255).cycle().take(3 * 1024 * 1024).collect();
    let directory = Directory::new("bytes");
    let file = directory.file("b ü.bin", &bytes);
    let line = endpoint.line("PUT", "/x");
    let at_file = format!("@{}", file.display());
    for (input, option, value) in [
        (&b""[..], "-d", at_file.as_str()),
        (&bytes, "--data-binary", "@-"),
        (b"", "-T", file.to_str().unwrap()),
        (&bytes, "-T", "-"),
    ] {
        let outcome = sigv4(&line).arg(option).arg(value).input(input).run();
        assert_eq!(outcome.code, 0, "{}", outcome.err);
        assert!(outcome.bytes == bytes, "{option} {value}");
    }
    let text = "no newline added, \u{fc} stays; @ inside too";
    let outcome = sigv4(&line).arg("-d").arg(text).run();
    assert_eq!(outcome.out, text);
    assert_eq!(directory.names(), ["b ü.bin"]);
}

#[test]
fn content_types_are_as_documented() {
    let endpoint = Endpoint::answering(Answer::json(200, &json!({})));
    let line = endpoint.line("PUT", "/x");
    sigv4(&line).arg("-d{}").run().done();
    sigv4(&endpoint.line("POST", "/_bulk"))
        .arg("-d{}")
        .run()
        .done();
    sigv4(&line).arg("-T-").input("x").run().done();
    sigv4(&line)
        .arg("-d{}")
        .arg("-HContent-Type: text/plain")
        .run()
        .done();
    let types: Vec<_> = endpoint
        .received()
        .iter()
        .map(|received| received.header("content-type").map(String::from))
        .collect();
    let expected = [
        Some("application/json"),
        Some("application/x-ndjson"),
        None,
        Some("text/plain"),
    ];
    assert_eq!(types, expected.map(|one| one.map(String::from)));
}

#[test]
fn exit_codes_tell_what_happened() {
    let answer =
        |status, body: &str| Endpoint::answering(Answer::new(status, "application/json", body));
    for (status, body, code) in [
        (204, "", 0),
        (304, "", 0),
        (301, "", 3),
        (404, "{}", 3),
        (501, "{}", 4),
        (
            403,
            r#"{"message":"The security token included in the request is expired"}"#,
            7,
        ),
        (
            403,
            r#"{"Message":"User: arn:aws:iam::1:user/u is not authorized to perform: es:ESHttpGet"}"#,
            3,
        ),
    ] {
        let endpoint = answer(status, body);
        let outcome = sigv4(&endpoint.line("GET", "/")).arg("--retry=0").run();
        assert_eq!(outcome.code, code, "{status}: {}", outcome.err);
        assert_eq!(outcome.out, body);
        if code != 0 {
            assert!(
                outcome.err.contains(&format!("error: answered {status}")),
                "{}",
                outcome.err
            );
            assert!(
                outcome
                    .err
                    .contains("request id: 00000000-0000-4000-8000-000000000001"),
                "{}",
                outcome.err
            );
        }
    }
    let nowhere = "GET http://127.0.0.1:1/ --service es --region eu-west-1 --retry 0";
    assert!(sigv4(nowhere).run().failed(6).starts_with("error: "));
    let err = sigv4(nowhere).without_key().run().failed(5);
    assert!(err.contains("hint: set AWS_ACCESS_KEY_ID"), "{err}");
}

#[test]
fn a_wrong_secret_is_refused_with_code_7() {
    let endpoint = Endpoint::opensearch();
    let outcome = sigv4(&endpoint.line("PUT", "/movies"))
        .env("AWS_SECRET_ACCESS_KEY", "wrong")
        .run();
    assert!(
        outcome
            .out
            .contains("The Canonical String for this request should have been")
    );
    let err = outcome.failed(7);
    assert!(err.contains("hint: "), "{err}");
    assert!(!err.contains("wrong\""), "{err}");
}

#[test]
fn bulk_errors_have_code_2_and_a_summary() {
    let endpoint = Endpoint::opensearch();
    let bulk = "{\"create\":{\"_index\":\"i\",\"_id\":\"1\"}}\n{\"a\":1}\n{\"create\":{\"_index\":\"i\",\"_id\":\"1\"}}\n{\"a\":1}\n";
    let outcome = sigv4(&endpoint.line("POST", "/_bulk -d @-"))
        .input(bulk)
        .run();
    assert!(outcome.out.contains(r#""errors":true"#));
    let err = outcome.failed(2);
    assert!(
        err.starts_with("error: 1 of 2 items failed: 1 version_conflict_engine_exception (409)"),
        "{err}"
    );
}

#[test]
fn an_output_file_is_written_whole_or_not_at_all() {
    let directory = Directory::new("output");
    let endpoint = Endpoint::opensearch();
    sigv4(&endpoint.line("PUT", "/movies")).run().done();
    let file = directory.file("kept", "before");
    let out = sigv4(&endpoint.line("GET", "/nothing"))
        .arg("-o")
        .arg(&file)
        .run();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "before");
    assert!(out.out.is_empty());
    assert!(out.failed(3).contains("index_not_found_exception"));
    let out = sigv4(&endpoint.line("GET", "/movies/_count"))
        .arg("-o")
        .arg(&file)
        .run();
    assert_eq!(out.done(), "");
    assert!(
        std::fs::read_to_string(&file)
            .unwrap()
            .contains(r#""count":0"#)
    );
    // A device stays one.
    let out = sigv4(&endpoint.line("GET", "/")).arg("-o/dev/null").run();
    assert_eq!(out.done(), "");
    let missing = directory.0.join("no/such/file");
    let err = sigv4(&endpoint.line("GET", "/"))
        .arg("-o")
        .arg(missing)
        .run()
        .failed(1);
    assert!(err.contains("no/such/file"), "{err}");
    assert_eq!(directory.names(), ["kept"]);
}

#[test]
fn an_output_file_that_cannot_be_written_is_told_before_anything_is_sent() {
    let endpoint = Endpoint::opensearch();
    let line = endpoint.line("PUT", "/movies -o /no/such/directory/file");
    let err = sigv4(&line).run().failed(1);
    assert!(err.contains("error: /no/such/directory/file"), "{err}");
    assert!(endpoint.received().is_empty());
}

#[test]
fn headers_before_the_body_and_words_after_it() {
    let endpoint = Endpoint::answering(Answer::new(200, "text/plain", "body"));
    let out = sigv4(&endpoint.line("GET", "/"))
        .arg("-i")
        .arg("-w\\n%{http_code} %{request_id}\\n")
        .run()
        .done();
    assert_eq!(
        out,
        "HTTP/1.1 200\r\ncontent-type: text/plain\r\nx-amzn-requestid: 00000000-0000-4000-8000-000000000001\r\ncontent-length: 4\r\n\r\nbody\n200 00000000-0000-4000-8000-000000000001\n"
    );
}

#[test]
fn verbose_and_errors_go_to_standard_error() {
    let endpoint = Endpoint::opensearch();
    let outcome = sigv4(&endpoint.line("GET", "/")).arg("-v").run();
    assert!(outcome.err.contains("< HTTP/1.1 200"), "{}", outcome.err);
    assert!(!outcome.out.contains("HTTP/1.1"), "{}", outcome.out);
}

#[test]
fn an_error_can_be_one_json_object() {
    let endpoint = Endpoint::opensearch();
    let outcome = sigv4(&endpoint.line("GET", "/nothing"))
        .arg("--json-error")
        .run();
    let error: serde_json::Value = serde_json::from_str(&outcome.err).unwrap();
    assert_eq!(error["exit_code"], 3);
    assert_eq!(error["status"], 404);
    assert_eq!(error["request_id"], "00000000-0000-4000-8000-000000000001");
    let directory = Directory::new("json-error");
    let outcome = sigv4(&endpoint.line("GET", "/nothing"))
        .arg("--json-error")
        .arg("-o")
        .arg(directory.0.join("answer"))
        .run();
    let error: serde_json::Value = serde_json::from_str(&outcome.err).unwrap();
    assert!(error["body"].as_str().unwrap().contains("no such index"));
    assert!(directory.names().is_empty());
    let error = sigv4("GET https://h/ --no-such --json-error")
        .run()
        .failed(1);
    assert!(
        error.contains(r#""error":"there is no option --no-such""#),
        "{error}"
    );
}

#[test]
fn a_refusal_without_diagnosis_is_told_in_its_own_words() {
    let endpoint = Endpoint::opensearch();
    let err = sigv4(&endpoint.line("GET", "/nothing -f")).run().failed(3);
    let words = "error: answered 404: index_not_found_exception: no such index [nothing]\n";
    assert!(err.starts_with(words), "{err}");
}

#[test]
fn a_dry_run_sends_nothing_and_hides_the_token() {
    let endpoint = Endpoint::opensearch();
    let out = sigv4(&endpoint.line("PUT", "/movies"))
        .env("AWS_SESSION_TOKEN", "TOKEN")
        .arg("--dry-run")
        .arg("-d{}")
        .run()
        .done();
    assert!(
        out.starts_with("PUT /movies HTTP/1.1\nhost: 127.0.0.1:"),
        "{out}"
    );
    assert!(
        out.contains("\nauthorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"),
        "{out}"
    );
    assert!(
        out.contains("\nx-amz-security-token: (hidden)\n") && !out.contains("TOKEN"),
        "{out}"
    );
    assert!(out.ends_with("content-length: 2\n\n{}"), "{out}");
    assert!(endpoint.received().is_empty());
}

#[test]
fn what_would_be_sent_otherwise_is_told_before_it_is_sent() {
    let line = "PUT https://c.us-east-1.aoss.amazonaws.com/_bulk -d{}";
    for command in ["--dry-run", "--emit curl", "explain"] {
        let outcome = match command {
            "explain" => sigv4(&format!("explain {line}")).run(),
            option => sigv4(&format!("{line} {option}")).run(),
        };
        assert_eq!(
            outcome.err, "note: sent as POST instead of PUT\n",
            "{command}"
        );
        assert!(outcome.out.contains("POST"), "{}", outcome.out);
    }
}

#[test]
fn the_command_for_curl_has_no_secret() {
    let out = sigv4("PUT https://search-m.eu-west-1.es.amazonaws.com/a?x=it's --emit curl -H x-tag:1 --connect-to 127.0.0.1:9200")
        .env("AWS_SESSION_TOKEN", "TOKEN")
        .arg("-d")
        .arg("{\"it\": \"isn't\"}")
        .run()
        .done();
    assert_eq!(
        out,
        "curl --aws-sigv4 aws:amz:eu-west-1:es --user \"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY\" -X PUT -H 'x-tag: 1' -H 'content-type: application/json' -H 'x-amz-content-sha256: b1669a383110c3d776434af228f19ff1fd04ca2fdfeaf5c82dc58002930be082' -H \"x-amz-security-token: $AWS_SESSION_TOKEN\" --data-raw '{\"it\": \"isn'\\''t\"}' --connect-to ::127.0.0.1:9200 'https://search-m.eu-west-1.es.amazonaws.com/a?x=it%27s'\n"
    );
}

#[test]
fn the_command_for_curl_says_what_curl_would_do_otherwise() {
    let directory = Directory::new("emit");
    let file = directory.file("f", b"{}");
    let at_file = format!("@{}", file.display());
    let emit = |line: &str, more: &[&str]| {
        let mut command = sigv4(&format!(
            "--service es --region us-east-1 --emit curl {line}"
        ));
        for argument in more {
            command = command.arg(argument);
        }
        command.run()
    };
    // The query as older versions must have it to sign it right.
    let line = emit("HEAD https://h/../a?v&s=x,y&a=", &[]).out;
    let end = format!(
        "--head --path-as-is -H 'x-amz-content-sha256: {EMPTY_HASH}' 'https://h/../a?a=&s=x%2Cy&v='\n"
    );
    assert!(line.ends_with(&end), "{line}");
    let line = emit("POST https://h/a", &[]).done();
    assert!(line.contains(" -H 'content-length: 0' "), "{line}");
    let line = emit("PUT https://h/a -T", &[file.to_str().unwrap()]).done();
    assert!(line.contains(" -T /"), "{line}");
    let line = emit("PUT https://h/a -d", &[&at_file]).done();
    assert!(line.contains(" --data-binary @/"), "{line}");
    for (line, more) in [
        ("POST https://h/_bulk -d", at_file.as_str()),
        ("POST https://h/a --compress -d", "{}"),
    ] {
        let err = emit(line, &[more]).failed(1);
        assert!(err.contains("hint: "), "{err}");
    }
    let noted = emit("GET https://h/a%2Fb", &[]);
    assert!(
        noted.err.starts_with("note: older versions of curl"),
        "{}",
        noted.err
    );
}

const EMPTY_HASH: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

#[test]
fn a_tunnel_keeps_the_name_and_a_search_may_be_posted() {
    let endpoint = Endpoint::opensearch();
    let address = endpoint.server.address();
    sigv4(&endpoint.line("PUT", "/movies")).run().done();
    let line = format!(
        "GET http://search-m.eu-west-1.es.amazonaws.com/movies/_search --connect-to {address} --search-post --collection c"
    );
    let outcome = sigv4(&line).arg("-d{}").run();
    assert_eq!(
        (outcome.code, outcome.err.as_str()),
        (0, "note: sent as POST instead of GET\n")
    );
    let received = endpoint.received().pop().unwrap();
    assert_eq!(received.method, "POST");
    assert_eq!(
        received.header("host"),
        Some("search-m.eu-west-1.es.amazonaws.com")
    );
    assert_eq!(received.header("x-amz-aoss-collection-name"), Some("c"));
    let line = format!(
        "GET http://{address}/movies/_count --sign-host search-m.eu-west-1.es.amazonaws.com"
    );
    sigv4(&line).run().done();
}

#[test]
fn an_unsigned_payload_is_not_hashed() {
    let endpoint = Endpoint::opensearch();
    let line = endpoint.line("PUT", "/movies --unsigned-payload");
    sigv4(&line).arg("-d{}").run().done();
    let received = endpoint.received().pop().unwrap();
    assert_eq!(
        received.header("x-amz-content-sha256"),
        Some("UNSIGNED-PAYLOAD")
    );
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let endpoint = Endpoint::answering(Answer::new(200, "text/plain", "x".repeat(4 << 20)));
    let mut child = Command::new(env!("CARGO_BIN_EXE_sigv4"))
        .env_clear()
        .env("AWS_ACCESS_KEY_ID", KEY_ID)
        .env("AWS_SECRET_ACCESS_KEY", SECRET)
        .args(endpoint.line("GET", "/").split_whitespace())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 1];
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut first).unwrap();
    drop(out);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn what_the_client_does_of_its_own_accord_is_noted() {
    let endpoint = Endpoint::of(Arc::new({
        let count = std::sync::atomic::AtomicU32::new(0);
        move |_: &Received| match count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 => Answer::new(429, "text/plain", "429 Too Many Requests /")
                .with_header("retry-after", "0"),
            _ => Answer::new(200, "text/plain", "at last"),
        }
    }));
    let line = endpoint.line("GET", "/");
    let outcome = sigv4(&line).run();
    assert_eq!((outcome.code, outcome.out.as_str()), (0, "at last"));
    assert!(
        outcome
            .err
            .starts_with("note: attempt 1 failed (status 429); again in "),
        "{}",
        outcome.err
    );
    assert_eq!(endpoint.received().len(), 2);
    let refusing = Endpoint::answering(Answer::new(429, "text/plain", "429 Too Many Requests /"));
    let outcome = sigv4(&refusing.line("GET", "/"))
        .arg("--silent")
        .arg("--retry=0")
        .run();
    assert!(outcome.failed(3).starts_with("error: answered 429"));
}

#[test]
fn redirects_are_followed_only_when_asked_for() {
    let target = Endpoint::opensearch();
    let redirect =
        Answer::empty(307).with_header("location", &format!("{}/movies", target.server.url()));
    let endpoint = Endpoint::answering(redirect);
    let line = endpoint.line("PUT", "/");
    let err = sigv4(&line).run().failed(3);
    assert!(err.contains("--location goes there"), "{err}");
    // Another port is another host: neither signature nor token goes there.
    let outcome = sigv4(&line)
        .arg("-L")
        .env("AWS_SESSION_TOKEN", "TOKEN")
        .run();
    assert!(
        outcome.err.contains("without signature and session token"),
        "{}",
        outcome.err
    );
    let received = target.received().pop().unwrap();
    assert_eq!(received.header("authorization"), None);
    assert_eq!(received.header("x-amz-security-token"), None);
    assert_eq!(outcome.code, 7, "{}", outcome.err);
}

#[test]
fn a_date_that_was_given_is_not_corrected() {
    let endpoint = Endpoint::opensearch();
    let line = endpoint.line("GET", "/");
    let outcome = sigv4(&line).arg("-Hx-amz-date: 20150830T123600Z").run();
    assert_eq!(outcome.code, 7, "{}", outcome.err);
}

#[test]
fn a_time_limit_ends_an_answer_that_does_not_come() {
    let (sender, receiver) = std::sync::mpsc::channel::<()>();
    let receiver = std::sync::Mutex::new(receiver);
    let endpoint = Endpoint::of(Arc::new(move |_: &Received| {
        // Until the test is over.
        let _ = receiver.lock().unwrap().recv();
        Answer::empty(200)
    }));
    let err = sigv4(&endpoint.line("POST", "/"))
        .arg("-m1")
        .run()
        .failed(6);
    drop(sender);
    assert!(err.starts_with("error: "), "{err}");
}

#[test]
fn a_compressed_body_is_signed_as_it_goes_out() {
    let endpoint = Endpoint::behind_gate(Arc::new(|_: &Received| Answer::empty(200)));
    let line = endpoint.line("POST", "/_bulk --compress");
    for (argument, input) in [("-d{}", ""), ("-d@-", "{}")] {
        sigv4(&line).arg(argument).input(input).run().done();
        let received = endpoint.received().pop().unwrap();
        assert_eq!(received.header("content-encoding"), Some("gzip"));
        assert_eq!(received.body[..2], [0x1f, 0x8b]);
    }
}

#[test]
fn standard_input_may_be_sent_unsigned_and_verbosely() {
    let endpoint = Endpoint::opensearch();
    let line = endpoint.line("PUT", "/movies/_doc/1 --unsigned-payload -v -d @-");
    let outcome = sigv4(&line).input("{}").run();
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    let received = endpoint.received().pop().unwrap();
    assert_eq!(
        received.header("x-amz-content-sha256"),
        Some("UNSIGNED-PAYLOAD")
    );
    assert_eq!(received.body, b"{}");
}

#[test]
fn verbose_reads_the_body_once() {
    let endpoint = Endpoint::opensearch();
    let line = endpoint.line("PUT", "/movies/_doc/1 -v -d @-");
    let outcome = sigv4(&line).input("{}").run();
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    let received = endpoint.received().pop().unwrap();
    assert_eq!(received.body, b"{}");
    let hash = received.header("x-amz-content-sha256").unwrap();
    let told = format!("> x-amz-content-sha256: {hash}\n");
    assert!(outcome.err.contains(&told), "{}", outcome.err);
}

#[test]
fn a_bulk_answer_that_ends_early_leaves_the_older_file() {
    let directory = Directory::new("bulk-early");
    let older = directory.file("answer", b"older");
    let answer = r#"{"errors":true,"items":[{"index":{"status":"#;
    let cut = Answer::new(200, "application/json", answer).with_header("content-encoding", "gzip");
    let endpoint = Endpoint::answering(cut);
    let line = endpoint.line("POST", "/_bulk -d {} --retry 0");
    let run = sigv4(&line).arg("-o").arg(&older).run();
    run.failed(6);
    assert_eq!(std::fs::read(&older).unwrap(), b"older");
    assert_eq!(directory.names(), ["answer"]);
    // Whole as HTTP, but not as JSON: the failure is told all the same.
    let endpoint = Endpoint::answering(Answer::new(200, "application/json", answer));
    let run = sigv4(&endpoint.line("POST", "/_bulk -d {}")).run();
    let err = run.failed(2);
    assert!(err.contains("error: items failed"), "{err}");
}

#[test]
fn a_bulk_answer_goes_to_a_file_and_is_understood() {
    let directory = Directory::new("bulk-output");
    let endpoint = Endpoint::opensearch();
    let file = directory.0.join("answer");
    let line = endpoint.line("POST", "/i/_bulk -d @-");
    let bulk = "{\"create\":{\"_id\":\"1\"}}\n{}\n{\"create\":{\"_id\":\"1\"}}\n{}\n";
    let outcome = sigv4(&line).arg("-o").arg(&file).input(bulk).run();
    assert_eq!(outcome.out, "");
    outcome.failed(2);
    assert!(
        std::fs::read_to_string(&file)
            .unwrap()
            .contains("\"errors\":true")
    );
}

#[test]
fn what_is_no_tls_and_what_goes_in_circles_have_their_codes() {
    let endpoint = Endpoint::opensearch();
    let address = endpoint.server.address();
    let line = format!("GET https://{address}/ --service es --region eu-west-1 --retry 0");
    let err = sigv4(&line).run().failed(6);
    assert!(err.contains("TLS"), "{err}");
    let circle = Endpoint::answering(Answer::empty(307).with_header("location", "/"));
    let err = sigv4(&circle.line("GET", "/")).arg("-L").run().failed(3);
    assert!(err.contains("error: "), "{err}");
    assert_eq!(circle.received().len(), 11);
}
