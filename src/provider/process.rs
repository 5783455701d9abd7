//! A profile's `credential_process`: a program of the user's that prints credentials.

use std::io::Read;
use std::prelude::rust_2024::*;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::json::Document;
use super::{
    Answer, AnswerError, Context, ProcessError, Provider, ProviderError, Source, command_line,
    timestamp,
};
use crate::Credentials;

/// The most that a process may print, in bytes.
const OUTPUT_LIMIT: usize = 64 * 1024;

/// Runs a profile's `credential_process`, without a shell, and reads the JSON it prints.
#[derive(Debug, Clone, Copy)]
pub struct CredentialProcess {
    timeout: Duration,
}

impl CredentialProcess {
    /// The process may take a minute.
    pub fn new() -> Self {
        CredentialProcess::with_timeout(Duration::from_secs(60))
    }

    /// The process may take `timeout`; then it is killed.
    pub fn with_timeout(timeout: Duration) -> Self {
        CredentialProcess { timeout }
    }
}

impl Default for CredentialProcess {
    fn default() -> Self {
        CredentialProcess::new()
    }
}

impl Provider for CredentialProcess {
    fn source(&self) -> Source {
        Source::Process
    }

    fn provide(&self, context: &Context) -> Result<Answer, ProviderError> {
        let Some(profile) = context.profile()? else {
            return Ok(Answer::Nothing(super::no_default_profile(context)?));
        };
        let Some(line) = profile.get("credential_process") else {
            return Ok(Answer::Nothing(std::format!(
                "profile {} has no credential_process",
                profile.name()
            )));
        };
        let open = ProcessError::CommandLine("has a quote that is not closed");
        let words = command_line::split(line).ok_or(ProviderError::Process(open))?;
        let printed = run(&words, self.timeout).map_err(ProviderError::Process)?;
        let document = Document::parse(&printed).map_err(malformed)?;
        let mut credentials = credentials(&document)?;
        if credentials.account_id().is_none()
            && let Some(account) = profile.get("aws_account_id").filter(|id| !id.is_empty())
        {
            credentials = credentials.with_account_id(account);
        }
        Ok(Answer::Credentials(credentials))
    }
}

fn malformed(cause: AnswerError) -> ProviderError {
    ProviderError::Malformed {
        source: Source::Process,
        cause,
    }
}

fn credentials(document: &Document) -> Result<Credentials, ProviderError> {
    let version = document.field("Version").and_then(|one| one.as_i64());
    if version != Some(1) {
        return Err(malformed(AnswerError::Field {
            name: "Version",
            expected: "the number 1",
        }));
    }
    let refused = |cause| ProviderError::Credentials {
        source: Source::Process,
        cause,
    };
    let key_id = document.required("AccessKeyId").map_err(malformed)?;
    let secret = document.required("SecretAccessKey").map_err(malformed)?;
    let mut credentials = Credentials::new(key_id, secret).map_err(refused)?;
    let token = document.text("SessionToken").map_err(malformed)?;
    if let Some(token) = token.filter(|token| !token.is_empty()) {
        credentials = credentials.with_session_token(token).map_err(refused)?;
    }
    if let Some(account) = document.text("AccountId").map_err(malformed)? {
        credentials = credentials.with_account_id(account);
    }
    if let Some(expiry) = document.text("Expiration").map_err(malformed)? {
        let expected = timestamp::EXPECTED;
        let name = "Expiration";
        let seconds = timestamp::parse(expiry)
            .ok_or_else(|| malformed(AnswerError::Field { name, expected }))?;
        credentials = credentials.with_expiry(seconds);
    }
    Ok(credentials)
}

/// What the program printed, if it ended with success in time.
fn run(words: &[String], timeout: Duration) -> Result<Zeroizing<Vec<u8>>, ProcessError> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(ProcessError::CommandLine("is empty"));
    };
    let start = |error: std::io::Error| ProcessError::Start {
        program: program.clone(),
        cause: error.kind(),
    };
    let now = Instant::now();
    // A limit beyond what the clock can say is a day.
    let deadline = now
        .checked_add(timeout)
        .unwrap_or(now + Duration::from_secs(86_400));
    let mut child = Command::new(program)
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(start)?;
    let ended = watch(&mut child, deadline);
    if !matches!(
        ended,
        Ok(Ended {
            status: Some(_),
            ..
        })
    ) {
        // It runs still, or it may; both calls fail only where it has ended meanwhile.
        let _ = child.kill();
        let _ = child.wait();
    }
    let ended = ended.map_err(start)?;
    let Some(status) = ended.status else {
        return Err(match ended.too_large {
            true => ProcessError::TooLarge {
                program: program.clone(),
                limit: OUTPUT_LIMIT,
            },
            false => ProcessError::Timeout {
                program: program.clone(),
                seconds: timeout.as_secs(),
            },
        });
    };
    match status.success() {
        true => Ok(ended.stdout),
        false => Err(ProcessError::Failed {
            program: program.clone(),
            status: status.code(),
            message: masked(&String::from_utf8_lossy(&ended.stderr)),
        }),
    }
}

#[derive(Default)]
struct Ended {
    /// `None` where it did not end by itself.
    status: Option<std::process::ExitStatus>,
    stdout: Zeroizing<Vec<u8>>,
    stderr: Zeroizing<Vec<u8>>,
    too_large: bool,
}

/// Reads both outputs until they end, then waits for the process, all before `deadline`.
fn watch(child: &mut Child, deadline: Instant) -> std::io::Result<Ended> {
    let mut ended = Ended::default();
    let (sender, receiver) = mpsc::channel();
    let pipes: [(bool, Option<Box<dyn Read + Send>>); 2] = [
        (true, child.stdout.take().map(|pipe| Box::new(pipe) as _)),
        (false, child.stderr.take().map(|pipe| Box::new(pipe) as _)),
    ];
    for (is_stdout, pipe) in pipes {
        let Some(pipe) = pipe else { continue };
        let sender = sender.clone();
        // Not joined: a program that the process left behind may hold the pipe open for ever.
        thread::Builder::new().spawn(move || {
            // Room for all of it: a buffer that grows leaves copies behind that nobody wipes.
            let mut bytes = Zeroizing::new(Vec::with_capacity(OUTPUT_LIMIT + 1));
            let read = pipe.take(OUTPUT_LIMIT as u64 + 1).read_to_end(&mut bytes);
            let _ = sender.send((is_stdout, read.map(|_| bytes)));
        })?;
    }
    drop(sender);
    loop {
        match receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok((is_stdout, bytes)) => {
                let bytes = bytes?;
                if bytes.len() > OUTPUT_LIMIT {
                    ended.too_large = true;
                    return Ok(ended);
                }
                match is_stdout {
                    true => ended.stdout = bytes,
                    false => ended.stderr = bytes,
                }
            }
            Err(mpsc::RecvTimeoutError::Timeout) => return Ok(ended),
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
        }
    }
    // Both outputs are closed; what is left of its life is short, unless it closed them on purpose.
    loop {
        ended.status = child.try_wait()?;
        if ended.status.is_some() || Instant::now() >= deadline {
            return Ok(ended);
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// The start of a message, on one line, with every word that looks like a key, secret or token replaced.
fn masked(message: &str) -> String {
    let mut line = String::new();
    for word in message.split_whitespace() {
        if line.len() + word.len() > 300 {
            line.push_str(" …");
            break;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        let separators = |c: char| "\"'`:;,<>()[]{}=".contains(c);
        for piece in word.split_inclusive(separators) {
            let bare = piece.trim_end_matches(separators);
            match looks_secret(bare) {
                true => {
                    line.push_str("***");
                    line.push_str(&piece[bare.len()..]);
                }
                false => line.push_str(piece),
            }
        }
    }
    line.chars().filter(|c| !c.is_control()).collect()
}

/// Sixteen characters or more, upper-case letters and digits among them, none that only a sentence would have.
fn looks_secret(word: &str) -> bool {
    word.len() >= 16
        && word.bytes().any(|b| b.is_ascii_uppercase())
        && word.bytes().any(|b| b.is_ascii_digit())
        && word.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::masked;
    use std::prelude::rust_2024::*;

    #[test]
    fn what_looks_like_a_key_is_masked_in_a_message() {
        let message = "cannot use AKIAIOSFODNN7EXAMPLE\n with \"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\": denied";
        assert_eq!(masked(message), "cannot use *** with \"***\": denied");
        assert_eq!(masked("token=FwoGZXIvYXdzEJr1234567890"), "token=***");
        assert_eq!(
            masked("no such file /etc/very/long/path/to/a-file"),
            "no such file /etc/very/long/path/to/a-file"
        );
        assert!(masked(&"word ".repeat(500)).len() < 320);
    }
}
