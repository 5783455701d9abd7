//! How the command ends: the exit code, and what is said of a failure.

use std::io;

/// The exit codes, in the man page's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Done = 0,
    Usage = 1,
    BulkErrors = 2,
    ClientError = 3,
    ServerError = 4,
    NoCredentials = 5,
    Network = 6,
    Refused = 7,
}

/// What each exit code means.
pub const EXIT_CODES: [(Exit, &str); 8] = [
    (Exit::Done, "done"),
    (
        Exit::Usage,
        "wrong usage, or a local file that cannot be read or written",
    ),
    (Exit::BulkErrors, "_bulk answered errors: true"),
    (
        Exit::ClientError,
        "answered with a status of 4xx (or a redirect that was not followed)",
    ),
    (Exit::ServerError, "answered with a status of 5xx"),
    (
        Exit::NoCredentials,
        "no credentials, or none that can be used",
    ),
    (
        Exit::Network,
        "no connection, TLS failed, or the answer broke off",
    ),
    (Exit::Refused, "refused for its signature or its token"),
];

/// Why a command ends early.
#[derive(Debug)]
pub enum Failure {
    /// There is something to say.
    Told(Box<Told>),
    /// Nobody reads standard output any more: nothing is said.
    ClosedPipe,
}

/// What is said of a failure.
#[derive(Debug)]
pub struct Told {
    pub exit: Exit,
    /// After `error: `.
    pub message: String,
    /// After `hint: `.
    pub hint: Option<String>,
    /// The status that was answered.
    pub status: Option<u16>,
    /// The id under which the service knows the request.
    pub request_id: Option<String>,
    /// The answer's body, where it is told nowhere else.
    pub body: Option<String>,
}

impl Failure {
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Failure::Told(Box::new(Told {
            exit,
            message: message.into(),
            hint: None,
            status: None,
            request_id: None,
            body: None,
        }))
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Failure::new(Exit::Usage, message)
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        if let Failure::Told(told) = &mut self {
            told.hint = Some(hint.into());
        }
        self
    }

    pub fn with_body(mut self, body: &[u8]) -> Self {
        if let Failure::Told(told) = &mut self {
            let beginning = &body[..body.len().min(LONGEST_BODY)];
            told.body = Some(String::from_utf8_lossy(beginning).into_owned());
        }
        self
    }

    pub fn answered(mut self, status: u16, request_id: Option<&str>) -> Self {
        if let Failure::Told(told) = &mut self {
            told.status = Some(status);
            told.request_id = request_id.map(String::from);
        }
        self
    }
}

/// How much of a body an error's JSON holds.
const LONGEST_BODY: usize = 64 * 1024;

/// Standard output could not be written.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::ClosedPipe,
            _ => Failure::usage(format!("standard output: {error}")),
        }
    }
}
