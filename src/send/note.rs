//! What the client did beside sending: retries and corrections, none of them silent.

use std::fmt;
use std::prelude::rust_2024::*;
use std::time::Duration;

use super::TransportError;

/// One thing that the client did of its own accord. `Display` is one line, fit for a log.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// Another method is used than was asked for, since the service would refuse that one.
    MethodChanged {
        /// What was asked for.
        from: String,
        /// What is sent.
        to: &'static str,
    },
    /// The request is sent again.
    Retry {
        /// Which attempt failed, from 1.
        attempt: u32,
        /// Why.
        because: RetryCause,
        /// How long the client waits first.
        wait: Duration,
    },
    /// A retry was due but would have come too late.
    GaveUp {
        /// How long the wait would have been.
        wait: Duration,
    },
    /// A retry would have helped, but the request may have had effect, and a second time might do it twice.
    NotRepeated,
    /// A retry would have helped, but the body's reader was read already.
    BodyWasRead,
    /// The server's clock is another; from now on the client signs by that one.
    ClockCorrected {
        /// The server's time less this machine's, in seconds.
        skew_seconds: i64,
    },
    /// The session token was refused; new credentials were fetched, and the request is sent again.
    CredentialsRefreshed,
    /// The session token was refused, and there are no other credentials.
    CredentialsNotRefreshed {
        /// Why.
        because: String,
    },
    /// The server named what to sign for; the request is sent again.
    ScopeCorrected {
        /// The region it is now signed for.
        region: String,
        /// The service it is now signed for.
        service: String,
    },
    /// A redirect is followed.
    Redirected {
        /// Where to: scheme, host and path.
        to: String,
        /// Whether it is signed: only for the same host.
        signed: bool,
    },
}

/// Why a request is sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryCause {
    /// There was no answer.
    Transport(TransportError),
    /// The answer had this status.
    Status(u16),
}

/// The formatting of floating-point numbers would be 10 kB of a program.
fn seconds_and_tenths(wait: Duration) -> (u128, u128) {
    let tenths = (wait.as_millis() + 50) / 100;
    (tenths / 10, tenths % 10)
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::MethodChanged { from, to } => write!(f, "sent as {to} instead of {from}"),
            Note::Retry {
                attempt,
                because,
                wait,
            } => {
                let (seconds, tenths) = seconds_and_tenths(*wait);
                write!(
                    f,
                    "attempt {attempt} failed ({because}); again in {seconds}.{tenths} s"
                )
            }
            Note::GaveUp { wait } => {
                let (seconds, tenths) = seconds_and_tenths(*wait);
                write!(
                    f,
                    "no further attempt: the next would begin in {seconds}.{tenths} s, which is too late"
                )
            }
            Note::NotRepeated => f.write_str(
                "not sent again, since it may have had effect and a second time might do it twice",
            ),
            Note::BodyWasRead => {
                f.write_str("not sent again, since its body can be read only once")
            }
            Note::ClockCorrected { skew_seconds } => {
                let side = if *skew_seconds < 0 {
                    "ahead of"
                } else {
                    "behind"
                };
                let seconds = skew_seconds.unsigned_abs();
                write!(
                    f,
                    "this clock is {seconds} s {side} the server's; signing by the server's"
                )
            }
            Note::CredentialsRefreshed => {
                f.write_str("the session token was refused; signing with new credentials")
            }
            Note::CredentialsNotRefreshed { because } => {
                write!(
                    f,
                    "the session token was refused, and there is no other: {because}"
                )
            }
            Note::ScopeCorrected { region, service } => {
                write!(
                    f,
                    "the server asks to sign for {service} in {region}; signing for that"
                )
            }
            Note::Redirected { to, signed: true } => write!(f, "redirected to {to}; signed anew"),
            Note::Redirected { to, signed: false } => {
                write!(
                    f,
                    "redirected to {to}, another host; sent there without signature and session token"
                )
            }
        }
    }
}

impl fmt::Display for RetryCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RetryCause::Transport(error) => error.fmt(f),
            RetryCause::Status(status) => write!(f, "status {status}"),
        }
    }
}
