//! `--dry-run` and `--emit curl`: the signed request, printed instead of sent.

use sigv4_kit::send::{Prepared, PreparedBody, RequestBuilder};

use super::exit::{Exit, Failure};
use super::options::Id;
use super::output::{note, print};
use super::parse::Arguments;
use super::setup;

pub fn print_instead(arguments: &Arguments, builder: RequestBuilder) -> Result<Exit, Failure> {
    let prepared = builder.prepare().map_err(setup::of_send)?;
    tell_changes(arguments, &prepared);
    match arguments.has(Id::Emit) {
        true => print(curl(&prepared, arguments.text(Id::ConnectTo))?)?,
        false => dry_run(&prepared)?,
    }
    Ok(Exit::Done)
}

/// What is not as it was asked for.
pub fn tell_changes(arguments: &Arguments, prepared: &Prepared) {
    let told = !arguments.has(Id::Silent);
    for changed in prepared.notes().iter().filter(|_| told) {
        note(&format!("note: {changed}"));
    }
}

/// Request line, headers with the session token hidden, and a body that is at hand.
fn dry_run(prepared: &Prepared) -> Result<(), Failure> {
    let mut text = format!(
        "{} {} HTTP/1.1\n",
        prepared.method(),
        prepared.url().request_target()
    );
    for (name, value) in prepared.headers() {
        let value = if is_token(name) { "(hidden)" } else { value };
        text.push_str(&format!("{name}: {value}\n"));
    }
    if prepared.content_length() > 0 {
        text.push_str(&format!("content-length: {}\n", prepared.content_length()));
    }
    text.push('\n');
    let mut bytes = text.into_bytes();
    match prepared.body() {
        PreparedBody::Bytes(body) => bytes.extend_from_slice(body),
        PreparedBody::File(path) => note(&format!(
            "the body is {} ({} bytes)",
            path.display(),
            prepared.content_length()
        )),
        _ => {}
    }
    print(bytes)
}

/// A command line for curl, which signs it itself: key and token are the shell's variables.
fn curl(prepared: &Prepared, connect_to: Option<&str>) -> Result<String, Failure> {
    let scope = format!("aws:amz:{}:{}", prepared.region(), prepared.service());
    let mut words = vec![
        format!("curl --aws-sigv4 {}", quoted(&scope)),
        "--user \"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY\"".into(),
    ];
    words.push(match prepared.method() {
        // With -X HEAD curl waits for the body.
        "HEAD" => "--head".into(),
        method => format!("-X {}", quoted(method)),
    });
    let url = prepared.url();
    if url.path().contains("/.") {
        words.push("--path-as-is".into());
    }
    let mut has_type = false;
    for (name, value) in prepared.headers() {
        has_type |= name == "content-type";
        match name {
            "authorization" | "x-amz-date" => {}
            "host" if value == url.host_header() => {}
            _ if is_token(name) => words.push(format!("-H \"{name}: $AWS_SESSION_TOKEN\"")),
            _ => words.push(format!("-H {}", quoted(&format!("{name}: {value}")))),
        }
    }
    words.extend(curl_body(prepared, has_type)?);
    if let Some(host_and_port) = connect_to {
        let to = format!("::{host_and_port}");
        words.push(format!("--connect-to {}", quoted(&to)));
    }
    // Older versions of curl sign path and query as they stand; a query can go out in its canonical form.
    let [_, (_, canonical_uri), (_, query), ..] = prepared.signed().canonical_request().lines();
    if canonical_uri != url.path() {
        note("note: older versions of curl sign this path wrongly");
    }
    words.push(quoted(&url.clone().with_wire_query(query).to_string()));
    Ok(words.join(" ") + "\n")
}

/// Without a content type of its own curl calls everything but -T a form.
fn curl_body(prepared: &Prepared, has_type: bool) -> Result<Option<String>, Failure> {
    let unusable = |why: &str, hint: &str| Err(Failure::usage(why).hint(hint));
    match prepared.body() {
        PreparedBody::Empty if matches!(prepared.method(), "POST" | "PUT" | "PATCH") => {
            Ok(Some("-H 'content-length: 0'".into()))
        }
        PreparedBody::Empty => Ok(None),
        PreparedBody::Bytes(body) => match std::str::from_utf8(body) {
            // curl takes a leading @ for a file's name, unless it is told that the data are raw.
            Ok(text) if has_type && !text.contains('\0') => {
                Ok(Some(format!("--data-raw {}", quoted(text))))
            }
            _ => unusable(
                "the body cannot stand in a command line",
                "put it into a file: -d @FILE",
            ),
        },
        PreparedBody::File(path) => {
            let length = std::fs::metadata(path).map(|file| file.len());
            if length.is_ok_and(|length| length != prepared.content_length()) {
                return unusable(
                    "the file lacks the final newline, which curl does not add",
                    "add it to the file",
                );
            }
            let name = path.display().to_string();
            Ok(Some(match has_type {
                true => format!("--data-binary {}", quoted(&format!("@{name}"))),
                false => format!("-T {}", quoted(&name)),
            }))
        }
        _ => unusable(
            "the body is too long for a command line",
            "put it into a file: -d @FILE",
        ),
    }
}

pub fn is_token(name: &str) -> bool {
    matches!(name, "x-amz-security-token" | "x-amz-s3session-token")
}

/// For a shell: as it is where that is safe, otherwise in single quotes.
pub fn quoted(text: &str) -> String {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./:@%+,=".contains(&b);
    match !text.is_empty() && text.bytes().all(is_plain) {
        true => text.into(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_back_what_was_quoted() {
        assert_eq!(quoted("https://h/a%20b"), "https://h/a%20b");
        assert_eq!(quoted("it's $HOME"), "'it'\\''s $HOME'");
        assert_eq!(quoted(""), "''");
    }
}
