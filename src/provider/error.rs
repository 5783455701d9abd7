//! Why there are no credentials, or no region.

use std::fmt;
use std::path::PathBuf;
use std::prelude::rust_2024::*;

use super::http::ANSWER_LIMIT;
use super::{FileState, ParseError, PassedOver, Source, timestamp};
use crate::CredentialsError;

/// Why credentials or a region could not be found or used: the source, and the cause.
///
/// No variant carries a secret, a token, or the text of an answer.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ProviderError {
    /// Every place was asked and none had any.
    NoCredentials(Vec<PassedOver>),
    /// A profile was named that neither file has.
    ProfileNotFound {
        /// Its name.
        profile: String,
        /// What named it: `AWS_PROFILE`, `--profile`, `source_profile of profile dev`.
        named_by: String,
        /// The files that were looked in.
        files: Vec<FileState>,
    },
    /// One half of a key pair without the other.
    HalfKeyPair {
        /// Where.
        source: Source,
        /// The half that is there, and where: `AWS_ACCESS_KEY_ID`.
        found: String,
        /// The half that is not.
        missing: String,
    },
    /// A file that is needed could not be used.
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: FileError,
    },
    /// A variable or profile setting has a value that is not allowed.
    Setting {
        /// Its name and where it stands: `duration_seconds of profile dev`.
        name: String,
        /// What is allowed.
        expected: &'static str,
    },
    /// What was found is no key, secret or token.
    Credentials {
        /// Where.
        source: Source,
        /// Which part and why.
        cause: CredentialsError,
    },
    /// What was found has expired.
    Expired {
        /// Where.
        source: Source,
        /// When, in seconds since 1970-01-01T00:00:00Z.
        expired_at: i64,
    },
    /// A service could not be reached, or broke off.
    Http {
        /// For which source.
        source: Source,
        /// Without query and userinfo.
        url: String,
        /// Why.
        cause: HttpError,
    },
    /// A service answered with a status that means no.
    Status {
        /// For which source.
        source: Source,
        /// Without query and userinfo.
        url: String,
        /// The HTTP status.
        status: u16,
        /// The service's own code, such as `AccessDenied`; where it told one.
        code: Option<String>,
    },
    /// An answer (of a service or a process) is not what it must be.
    Malformed {
        /// Of which source.
        source: Source,
        /// What is wrong with it.
        cause: AnswerError,
    },
    /// A process failed.
    Process(ProcessError),
    /// Something else about a source, in words.
    Unusable {
        /// Which source.
        source: Source,
        /// What was found and what was allowed.
        cause: String,
    },
}

/// Why a file could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileError {
    /// The system refuses, and its reason.
    Io(std::io::ErrorKind),
    /// The bytes are no UTF-8.
    NotUtf8,
    /// A line is not understood.
    Parse(ParseError),
    /// There is nothing in it.
    Empty,
    /// It is no JSON object.
    NotJson,
    /// It lacks this field, or has something else than text there.
    Missing(&'static str),
    /// This field has a value that is not allowed.
    Field {
        /// Its name.
        name: &'static str,
        /// What is allowed.
        expected: &'static str,
    },
    /// A token that must be one line has a line end in it; nothing is trimmed.
    LineEnd,
}

/// Why an answer is not what it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnswerError {
    /// Nothing was answered.
    Empty,
    /// The bytes are no UTF-8.
    NotUtf8,
    /// Not JSON (HTML, truncated, or other text).
    NotJson,
    /// Not XML, or not the XML that was asked for.
    NotXml,
    /// A field that must be there is not, or is no text.
    Missing(&'static str),
    /// A field has a value that is not allowed.
    Field {
        /// Its name.
        name: &'static str,
        /// What is allowed.
        expected: &'static str,
    },
    /// The status is a success and the document says failure, with this code.
    Code(String),
}

/// Why a credential process gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProcessError {
    /// The command line has an open quote, or is empty.
    CommandLine(&'static str),
    /// It could not be started.
    Start {
        /// The program, without its arguments.
        program: String,
        /// The system's reason.
        cause: std::io::ErrorKind,
    },
    /// It ended with a failure.
    Failed {
        /// The program, without its arguments.
        program: String,
        /// Its exit status; `None` where a signal ended it.
        status: Option<i32>,
        /// The start of what it wrote to standard error, what looks like a key or token masked.
        message: String,
    },
    /// It did not end in time and was killed.
    Timeout {
        /// The program, without its arguments.
        program: String,
        /// The limit.
        seconds: u64,
    },
    /// It wrote more than an answer may have.
    TooLarge {
        /// The program, without its arguments.
        program: String,
        /// The limit in bytes.
        limit: usize,
    },
}

/// Why there was no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum HttpError {
    /// The named step took longer than its limit.
    Timeout(&'static str),
    /// The host name is not known.
    HostNotFound,
    /// No connection, or it broke.
    Connection(std::io::ErrorKind),
    /// TLS failed: a certificate that is not trusted, for example.
    Tls,
    /// The answer is no HTTP.
    NotHttp,
    /// The answer broke off.
    Truncated,
    /// The answer is longer than 64 KiB.
    TooLarge,
    /// The URL or a header value is not allowed in a request.
    Request,
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProviderError::NoCredentials(passed_over) => {
                f.write_str("no credentials found")?;
                // Places that have nothing for the same reason are named together, where the first of them stands.
                for (i, one) in passed_over.iter().enumerate() {
                    let same = |other: &&PassedOver| other.reason == one.reason;
                    if passed_over[..i].iter().any(|other| same(&other)) {
                        continue;
                    }
                    f.write_str(if i == 0 { ": " } else { "; " })?;
                    for (j, other) in passed_over.iter().filter(same).enumerate() {
                        let lead = if j == 0 { "" } else { ", " };
                        write!(f, "{lead}{}", other.source)?;
                    }
                    write!(f, ": {}", one.reason)?;
                }
                Ok(())
            }
            ProviderError::ProfileNotFound {
                profile,
                named_by,
                files,
            } => {
                write!(f, "there is no profile {profile:?}, which {named_by} names")?;
                for (i, file) in files.iter().enumerate() {
                    write!(f, "{}{file}", if i == 0 { "; " } else { ", " })?;
                }
                Ok(())
            }
            ProviderError::HalfKeyPair {
                source,
                found,
                missing,
            } => write!(f, "{source}: {found} is there and {missing} is not"),
            ProviderError::File { path, cause } => write!(f, "{}: {cause}", path.display()),
            ProviderError::Setting { name, expected } => {
                write!(f, "{name} is not allowed; it must be {expected}")
            }
            ProviderError::Credentials { source, cause } => write!(f, "{source}: {cause}"),
            ProviderError::Expired { source, expired_at } => {
                write!(f, "{source}: the credentials expired at ")?;
                match timestamp::format(*expired_at) {
                    Some(time) => f.write_str(&time),
                    None => write!(f, "{expired_at} s after 1970"),
                }
            }
            ProviderError::Http { source, url, cause } => write!(f, "{source}: {url}: {cause}"),
            ProviderError::Status {
                source,
                url,
                status,
                code,
            } => {
                write!(f, "{source}: {url} answered {status}")?;
                match code {
                    Some(code) => write!(f, " {code}"),
                    None => Ok(()),
                }
            }
            ProviderError::Malformed { source, cause } => write!(f, "{source}: {cause}"),
            ProviderError::Process(cause) => write!(f, "{}: {cause}", Source::Process),
            ProviderError::Unusable { source, cause } => write!(f, "{source}: {cause}"),
        }
    }
}

impl core::error::Error for ProviderError {}
impl core::error::Error for FileError {}
impl core::error::Error for AnswerError {}
impl core::error::Error for ProcessError {}
impl core::error::Error for HttpError {}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FileError::Io(kind) => write!(f, "{kind}"),
            FileError::NotUtf8 => f.write_str("not UTF-8"),
            FileError::Parse(cause) => write!(f, "{cause}"),
            FileError::Empty => f.write_str("the file is empty"),
            FileError::NotJson => f.write_str("not a JSON object"),
            FileError::Missing(name) => write!(f, "it lacks {name}"),
            FileError::Field { name, expected } => write!(f, "its {name} must be {expected}"),
            FileError::LineEnd => f.write_str(
                "contains a line end (CR or LF), at its end perhaps; a token cannot carry one",
            ),
        }
    }
}

impl fmt::Display for AnswerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AnswerError::Empty => f.write_str("the answer is empty"),
            AnswerError::NotUtf8 => f.write_str("the answer is not UTF-8"),
            AnswerError::NotJson => f.write_str("the answer is not a JSON object"),
            AnswerError::NotXml => f.write_str("the answer is not the XML asked for"),
            AnswerError::Missing(name) => write!(f, "the answer lacks {name}"),
            AnswerError::Field { name, expected } => {
                write!(f, "the answer's {name} must be {expected}")
            }
            AnswerError::Code(code) => write!(f, "the answer's Code is {code:?}"),
        }
    }
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HttpError::Timeout(step) => write!(f, "no {step} in time"),
            HttpError::HostNotFound => f.write_str("the host name is not known"),
            HttpError::Connection(kind) => write!(f, "{kind}"),
            HttpError::Tls => f.write_str("TLS failed; the certificate is not trusted perhaps"),
            HttpError::NotHttp => f.write_str("the answer is not HTTP"),
            HttpError::Truncated => f.write_str("the answer broke off"),
            HttpError::TooLarge => write!(f, "the answer is longer than {ANSWER_LIMIT} bytes"),
            HttpError::Request => f.write_str("the URL or a header cannot be sent"),
        }
    }
}

impl fmt::Display for ProcessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProcessError::CommandLine(what) => write!(f, "credential_process {what}"),
            ProcessError::Start { program, cause } => {
                write!(f, "{program:?} could not be started: {cause}")
            }
            ProcessError::Failed {
                program,
                status,
                message,
            } => {
                match status {
                    Some(status) => write!(f, "{program:?} ended with status {status}")?,
                    None => write!(f, "{program:?} was ended by a signal")?,
                }
                match message.is_empty() {
                    true => Ok(()),
                    false => write!(f, ": {message}"),
                }
            }
            ProcessError::Timeout { program, seconds } => {
                write!(f, "{program:?} did not end in {seconds} s and was killed")
            }
            ProcessError::TooLarge { program, limit } => {
                write!(f, "{program:?} wrote more than {limit} bytes")
            }
        }
    }
}
