//! `sigv4 METHOD URL`: signs, sends, prints the answer's body.

use std::io::{self, Write};

use sigv4_kit::diagnose::{BulkSummary, Diagnosis, bulk_summary};
use sigv4_kit::send::{PartFile, Prepared, RequestBuilder, Response, SendError};

use super::asked::Asked;
use super::dry_run::{self, is_token};
use super::exit::{Exit, Failure};
use super::options::Id;
use super::output::{note, print};
use super::parse::Arguments;
use super::progress::Bar;
use super::setup;

pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let client = setup::client(arguments)?;
    let asked = Asked::of(arguments)?;
    if arguments.has(Id::DryRun) || arguments.has(Id::Emit) {
        return dry_run::print_instead(arguments, asked.builder(&client)?);
    }
    let mut builder = asked.builder(&client)?;
    // An answer is decompressed, unless the user negotiates it.
    if !asked.has_header("accept-encoding") {
        builder = builder.accept_compressed();
    }
    let bar = match arguments.has(Id::Silent) {
        true => None,
        false => Bar::of_stderr(),
    };
    if let Some(bar) = bar.clone() {
        builder = builder.on_progress(move |progress| bar.tell(progress));
    }
    let outcome = exchange(arguments, asked.url, builder);
    if let Some(bar) = bar {
        bar.finish();
    }
    outcome
}

fn exchange(arguments: &Arguments, url: &str, builder: RequestBuilder) -> Result<Exit, Failure> {
    // A file that cannot be written is told before anything is sent.
    let file = arguments.os(Id::Output).filter(|name| *name != "-");
    let part = file.map(PartFile::beside).transpose();
    let part = part.map_err(setup::of_send)?;
    if !arguments.has(Id::Verbose) {
        let response = builder.send().map_err(setup::of_send)?;
        return answer(arguments, url, response, part);
    }
    let prepared = builder.prepare().map_err(setup::of_send)?;
    tell_request(&prepared);
    let response = prepared.send().map_err(setup::of_send)?;
    tell_answer(&response);
    answer(arguments, url, response, part)
}

/// What goes out, as far as it is the same for each attempt: neither token nor signature.
fn tell_request(prepared: &Prepared) {
    let (service, region) = (prepared.service(), prepared.region());
    note(&format!(
        "* signed for service {service} in region {region}"
    ));
    let target = prepared.url().request_target();
    note(&format!("> {} {target} HTTP/1.1", prepared.method()));
    for (name, value) in prepared.headers() {
        let value = match name {
            "authorization" => value.split("Signature=").next().unwrap_or_default(),
            _ if is_token(name) => "(hidden)",
            _ => value,
        };
        note(&format!("> {name}: {value}"));
    }
    if prepared.content_length() > 0 {
        note(&format!("> content-length: {}", prepared.content_length()));
    }
}

/// What is known of the answer before its body.
fn tell_answer(response: &Response) {
    note(&format!("< HTTP/1.1 {}", response.status()));
    for (name, value) in response.headers() {
        note(&format!("< {name}: {value}"));
    }
    let differences = response.diagnosis().map(|diagnosis| &diagnosis.differences);
    for difference in differences.into_iter().flatten() {
        note(&format!("* {difference}"));
    }
}

fn answer(
    arguments: &Arguments,
    url: &str,
    response: Response,
    part: Option<PartFile>,
) -> Result<Exit, Failure> {
    let status = response.status();
    let is_refusal = status >= 300 && status != 304;
    let id = response.request_id().map(String::from);
    let diagnosis = response.diagnosis().cloned();
    let own_words = response.own_words().map(String::from);
    let location = response.header("location").map(String::from);
    if arguments.has(Id::Include) {
        print(head(&response))?;
    }
    let keeps = is_refusal || is_bulk(url);
    let kept = match part {
        Some(part) if !is_refusal => save(response, part, keeps),
        Some(_) => tell(arguments, response),
        None => show(arguments, response, keeps),
    };
    let kept = kept.map_err(setup::of_send)?;
    if let Some(format) = arguments.text(Id::WriteOut) {
        let text = format
            .replace("%{http_code}", &status.to_string())
            .replace("%{request_id}", id.as_deref().unwrap_or_default())
            .replace("\\n", "\n");
        print(text)?;
    }
    let failure = match is_refusal {
        true => {
            let failure = refused(status, diagnosis, own_words, location, &kept);
            match arguments.has(Id::Output) {
                true => failure.with_body(&kept),
                false => failure,
            }
        }
        false => match is_bulk(url).then(|| bulk_summary(&kept)).flatten() {
            Some(summary) => bulk_failure(&summary),
            None => return Ok(Exit::Done),
        },
    };
    Err(failure.answered(status, id.as_deref()))
}

/// The body into the file; gives what of it is to be understood.
fn save(response: Response, mut part: PartFile, keeps: bool) -> Result<Vec<u8>, SendError> {
    let kept = pass_on(response, &mut part, keeps)?;
    part.keep()?;
    Ok(kept)
}

/// The body of a refusal where there is a file for what was asked for. In JSON the error itself has it.
fn tell(arguments: &Arguments, response: Response) -> Result<Vec<u8>, SendError> {
    match arguments.has(Id::JsonError) || hides(arguments, &response) {
        true => pass_on(response, io::sink(), true),
        false => pass_on(response, io::stderr().lock(), true),
    }
}

/// The body to standard output.
fn show(arguments: &Arguments, response: Response, keeps: bool) -> Result<Vec<u8>, SendError> {
    match hides(arguments, &response) {
        true => pass_on(response, io::sink(), keeps),
        false => pass_on(response, io::stdout().lock(), keeps),
    }
}

fn hides(arguments: &Arguments, response: &Response) -> bool {
    response.status() >= 400 && arguments.has(Id::Fail)
}

fn pass_on(response: Response, out: impl Write, keeps: bool) -> Result<Vec<u8>, SendError> {
    let mut kept = Vec::new();
    response.write_to(&mut Tee {
        out,
        kept: keeps.then_some(&mut kept),
    })?;
    Ok(kept)
}

/// Status line and headers.
fn head(response: &Response) -> String {
    let mut text = format!("HTTP/1.1 {}\r\n", response.status());
    for (name, value) in response.headers() {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    text
}

/// Passes bytes on, and keeps them where they are to be understood.
struct Tee<'a, W> {
    out: W,
    kept: Option<&'a mut Vec<u8>>,
}

impl<W: Write> Write for Tee<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        if let Some(kept) = &mut self.kept
            && kept.len() < KEPT
        {
            kept.extend_from_slice(&bytes[..written]);
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// How much of a body is kept.
const KEPT: usize = 64 * 1024 * 1024;

/// What a status of 300 and above means.
fn refused(
    status: u16,
    diagnosis: Option<Diagnosis>,
    own_words: Option<String>,
    location: Option<String>,
    body: &[u8],
) -> Failure {
    if let Some(diagnosis) = diagnosis {
        let exit = match diagnosis.is_signature_or_token_refusal() {
            true => Exit::Refused,
            false => by_status(status),
        };
        let message = format!("answered {status}: {}", diagnosis.cause);
        return Failure::new(exit, message).hint(diagnosis.fix);
    }
    let exit = match status < 500 && names_signature(body) {
        true => Exit::Refused,
        false => by_status(status),
    };
    let failure = Failure::new(
        exit,
        match own_words {
            Some(words) => format!("answered {status}: {words}"),
            None => format!("answered {status}"),
        },
    );
    match location {
        Some(location) if status < 400 => {
            failure.hint(format!("it says to go to {location}; --location goes there"))
        }
        _ if exit == Exit::Refused => failure.hint(
            "the server computed another signature: check the secret, then compare its canonical request with sigv4 explain",
        ),
        _ => failure,
    }
}

/// Whether an answer in no form that is known names AWS's code for a wrong signature.
fn names_signature(body: &[u8]) -> bool {
    let beginning = String::from_utf8_lossy(&body[..body.len().min(4096)]);
    ["SignatureDoesNotMatch", "InvalidSignature"]
        .iter()
        .any(|code| beginning.contains(code))
}

fn by_status(status: u16) -> Exit {
    match status >= 500 {
        true => Exit::ServerError,
        false => Exit::ClientError,
    }
}

fn is_bulk(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.trim_end_matches('/').ends_with("/_bulk")
}

/// How many failed, and of what.
fn bulk_failure(summary: &BulkSummary) -> Failure {
    if !summary.complete {
        let message = "items failed, and the answer ends before they can be counted";
        return Failure::new(Exit::BulkErrors, message);
    }
    let mut message = format!("{} of {} items failed", summary.failed, summary.items);
    for (index, errors) in summary.errors.iter().enumerate() {
        message.push_str(if index == 0 { ": " } else { "; " });
        message.push_str(&format!(
            "{} {} ({}), the first is item {}: {}",
            errors.count, errors.error_type, errors.status, errors.first_item, errors.first_reason
        ));
    }
    let failure = Failure::new(Exit::BulkErrors, message);
    let first = summary
        .errors
        .iter()
        .find_map(|errors| errors.diagnosis.as_ref());
    match first {
        Some(diagnosis) => failure.hint(&diagnosis.fix),
        None => failure,
    }
}
