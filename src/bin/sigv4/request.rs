//! `sigv4 METHOD URL`: signs, sends, prints the answer's body.

use std::io::{self, Read};

use sigv4_kit::diagnose::{BulkSummary, Refusal, bulk_summary, explain_refusal, request_id};
use sigv4_kit::send::Response;
use sigv4_kit::url::Url;

use super::asked::{self, Asked};
use super::exit::{Exit, Failure};
use super::options::Id;
use super::output::note;
use super::parse::Arguments;
use super::progress::Progress;
use super::sink::Sink;
use super::{dry_run, setup};

pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let client = setup::client(arguments)?;
    let asked = asked::request(arguments, &client)?;
    if arguments.has(Id::DryRun) || arguments.has(Id::Emit) {
        return dry_run::print_instead(arguments, asked);
    }
    let Asked {
        builder,
        method,
        url,
        _spool,
    } = asked;
    let response = builder.send().map_err(setup::of_send)?;
    if arguments.has(Id::Verbose) {
        tell(&method, &url, &response);
    }
    answer(arguments, &url, response)
}

/// What is known of the answer before its body.
fn tell(method: &str, url: &str, response: &Response) {
    note(&format!("> {method} {url}"));
    note(&format!("< HTTP/1.1 {}", response.status()));
    for (name, value) in response.headers() {
        note(&format!("< {name}: {value}"));
    }
}

fn answer(arguments: &Arguments, url: &str, response: Response) -> Result<Exit, Failure> {
    let status = response.status();
    let is_refusal = status >= 300 && status != 304;
    let head = Head::of(&response);
    let mut sink = match (arguments.os(Id::Output), is_refusal) {
        (Some(name), false) if name != "-" => {
            let progress = Progress::new(response.content_length(), arguments.has(Id::Silent));
            Sink::file(name, progress)?
        }
        // The file is for what was asked for; a refusal is told.
        (Some(name), true) if name != "-" => Sink::standard_error(),
        _ => Sink::standard_output(),
    };
    if arguments.has(Id::Include) {
        sink.write(head.text().as_bytes())?;
    }
    let keeps = is_refusal || is_bulk(url);
    let mut kept = Vec::new();
    let shows = !(status >= 400 && arguments.has(Id::Fail));
    copy(response, |piece| {
        if keeps && kept.len() < KEPT {
            kept.extend_from_slice(piece);
        }
        match shows {
            true => sink.write(piece),
            false => Ok(()),
        }
    })?;
    sink.finish()?;
    let id = head.request_id(&kept);
    if let Some(format) = arguments.text(Id::WriteOut) {
        let text = format
            .replace("%{http_code}", &status.to_string())
            .replace("%{request_id}", id.as_deref().unwrap_or_default())
            .replace("\\n", "\n");
        super::output::print(text)?;
    }
    if is_refusal {
        return Err(refused(url, &head, &kept).answered(status, id.as_deref()));
    }
    match is_bulk(url).then(|| bulk_summary(&kept)).flatten() {
        Some(summary) => Err(bulk_failure(&summary).answered(status, id.as_deref())),
        None => Ok(Exit::Done),
    }
}

/// How much of a body is kept to be understood.
const KEPT: usize = 64 * 1024 * 1024;

fn copy(
    response: Response,
    mut write: impl FnMut(&[u8]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut reader = response.reader();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => write(&buffer[..count])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                return Err(Failure::new(
                    Exit::Network,
                    format!("the answer broke off: {error}"),
                ));
            }
        }
    }
}

/// Status and headers, which stay when the body is read.
struct Head {
    status: u16,
    headers: Vec<(String, String)>,
}

impl Head {
    fn of(response: &Response) -> Self {
        let headers = response.headers();
        Head {
            status: response.status(),
            headers: headers
                .map(|(name, value)| (name.to_string(), value.into_owned()))
                .collect(),
        }
    }

    fn pairs(&self) -> Vec<(&str, &str)> {
        self.headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }

    fn header(&self, wanted: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(name, _)| name == wanted);
        found.next().map(|(_, value)| value.as_str())
    }

    fn request_id(&self, body: &[u8]) -> Option<String> {
        request_id(&self.pairs(), body)
    }

    fn text(&self) -> String {
        let mut text = format!("HTTP/1.1 {}\r\n", self.status);
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        text
    }
}

/// What a status of 300 and above means.
fn refused(url: &str, head: &Head, body: &[u8]) -> Failure {
    let status = head.status;
    let host = Url::parse(url).map(|url| url.host().to_string());
    let diagnosis = explain_refusal(&Refusal {
        status,
        headers: &head.pairs(),
        body,
        host: host.as_deref().unwrap_or_default(),
        ..Refusal::default()
    });
    if let Some(diagnosis) = diagnosis {
        let exit = match diagnosis.is_signature_or_token_refusal() {
            true => Exit::Refused,
            false => by_status(status),
        };
        let message = format!("answered {status}: {}", diagnosis.cause);
        return Failure::new(exit, message).hint(diagnosis.fix);
    }
    let failure = Failure::new(by_status(status), format!("answered {status}"));
    match head.header("location") {
        Some(location) if status < 400 => failure.hint(format!(
            "it says to go to {location}; --location goes there"
        )),
        _ => failure,
    }
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
