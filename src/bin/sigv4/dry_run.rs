//! `--dry-run` and `--emit curl`: the signed request, printed instead of sent.

use sigv4_kit::send::{Prepared, PreparedBody, RequestBuilder};

use super::exit::{Exit, Failure};
use super::options::Id;
use super::output::{note, print};
use super::parse::Arguments;
use super::setup;

pub fn print_instead(arguments: &Arguments, builder: RequestBuilder) -> Result<Exit, Failure> {
    let prepared = builder.prepare().map_err(setup::of_send)?;
    match arguments.has(Id::Emit) {
        true => print(curl(&prepared, arguments.text(Id::ConnectTo))?)?,
        false => dry_run(&prepared)?,
    }
    Ok(Exit::Done)
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
    let mut line = format!(
        "curl --aws-sigv4 {} --user \"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY\" -X {}",
        quoted(&format!(
            "aws:amz:{}:{}",
            prepared.region(),
            prepared.service()
        )),
        quoted(prepared.method())
    );
    for (name, value) in prepared.headers() {
        match name {
            "authorization" | "x-amz-date" => {}
            "host" if value == prepared.url().host_header() => {}
            _ if is_token(name) => {
                line.push_str(&format!(" -H \"{name}: $AWS_SESSION_TOKEN\""));
            }
            _ => line.push_str(&format!(" -H {}", quoted(&format!("{name}: {value}")))),
        }
    }
    match prepared.body() {
        PreparedBody::Bytes(body) => {
            let text = std::str::from_utf8(body)
                .ok()
                .filter(|text| !text.contains('\0'));
            let Some(text) = text else {
                return Err(Failure::usage(
                    "the body is no text, so it cannot stand in a command line",
                )
                .hint("put it into a file: -d @FILE"));
            };
            // curl takes a leading @ for a file's name, unless it is told that the data are raw.
            line.push_str(&format!(" --data-raw {}", quoted(text)));
        }
        PreparedBody::File(path) => {
            let name = format!("@{}", path.display());
            line.push_str(&format!(" --data-binary {}", quoted(&name)));
        }
        _ => {}
    }
    if let Some(host_and_port) = connect_to {
        line.push_str(&format!(
            " --connect-to {}",
            quoted(&format!("::{host_and_port}"))
        ));
    }
    line.push_str(&format!(" {}\n", quoted(&prepared.url().to_string())));
    Ok(line)
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
