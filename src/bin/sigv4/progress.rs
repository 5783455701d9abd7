//! A line on standard error that tells how far a long transfer is; only on a terminal.

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sigv4_kit::send::Progress;

/// The line; clones share it.
#[derive(Clone)]
pub struct Bar(Arc<Mutex<State>>);

struct State {
    /// When the stage that is shown began.
    started: Instant,
    stage: &'static str,
    shown: Option<Instant>,
}

/// A stage that is over sooner shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);

const INTERVAL: Duration = Duration::from_millis(200);

impl Bar {
    /// `None` where there is no terminal to show it on.
    pub fn of_stderr() -> Option<Self> {
        io::stderr().is_terminal().then(|| {
            Bar(Arc::new(Mutex::new(State {
                started: Instant::now(),
                stage: "",
                shown: None,
            })))
        })
    }

    pub fn tell(&self, progress: Progress) {
        let (stage, bytes, of) = match progress {
            Progress::Hashed { bytes, of } => ("hash", bytes, Some(of)),
            Progress::Sent { bytes, of } => ("send", bytes, Some(of)),
            Progress::Received { bytes, of } => ("receive", bytes, of),
            _ => return,
        };
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.stage != stage {
            state.stage = stage;
            state.started = Instant::now();
        }
        let is_due = match state.shown {
            Some(shown) => shown.elapsed() >= INTERVAL,
            None => state.started.elapsed() >= PATIENCE,
        };
        if is_due {
            state.shown = Some(Instant::now());
            let line = line(stage, bytes, of, state.started.elapsed());
            let _ = write!(io::stderr().lock(), "\r{line:<78}");
        }
    }

    /// Wipes the line.
    pub fn finish(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.shown.take().is_some() {
            let _ = write!(io::stderr().lock(), "\r{:78}\r", "");
        }
    }
}

/// `send    [#########           ]  45 %  12.3 of 27.0 MiB  4.1 MiB/s`
fn line(stage: &str, bytes: u64, of: Option<u64>, elapsed: Duration) -> String {
    const MIB: u128 = 1024 * 1024;
    let bytes = u128::from(bytes);
    let amount = tenths(bytes, MIB);
    let rate = tenths(bytes * 1000, MIB * elapsed.as_millis().max(1));
    match of.map(u128::from).filter(|of| *of > 0) {
        Some(of) => {
            let percent = bytes.min(of) * 100 / of;
            let marks = &"####################"[..(percent / 5) as usize];
            let whole = tenths(of, MIB);
            format!("{stage:<7} [{marks:<20}] {percent:3} %  {amount} of {whole} MiB  {rate} MiB/s")
        }
        None => format!("{stage:<7} {amount} MiB  {rate} MiB/s"),
    }
}

/// `4.1`. The formatting of floating-point numbers would be 10 kB of the command.
fn tenths(amount: u128, unit: u128) -> String {
    let tenths = (amount * 10 + unit / 2) / unit;
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_tells_stage_part_amount_and_rate() {
        let mib = 1024 * 1024;
        assert_eq!(
            line("send", mib, Some(4 * mib), Duration::from_secs(2)),
            "send    [#####               ]  25 %  1.0 of 4.0 MiB  0.5 MiB/s"
        );
        assert_eq!(
            line("receive", mib, None, Duration::from_secs(1)),
            "receive 1.0 MiB  1.0 MiB/s"
        );
    }
}
