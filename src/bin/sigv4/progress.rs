//! A line on standard error that tells how far a long transfer is; only on a terminal.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

pub struct Progress {
    /// `None` where nothing is to be shown.
    shown: Option<Shown>,
}

struct Shown {
    total: Option<u64>,
    done: u64,
    started: Instant,
    told: Option<Instant>,
}

/// A transfer that is over sooner shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);

const INTERVAL: Duration = Duration::from_millis(200);

impl Progress {
    /// For so many bytes, where that is known.
    pub fn new(total: Option<u64>, is_silent: bool) -> Self {
        let shows = !is_silent && io::stderr().is_terminal();
        Progress {
            shown: shows.then(|| Shown {
                total,
                done: 0,
                started: Instant::now(),
                told: None,
            }),
        }
    }

    pub fn add(&mut self, bytes: usize) {
        let Some(shown) = &mut self.shown else {
            return;
        };
        shown.done += bytes as u64;
        let is_due = match shown.told {
            Some(told) => told.elapsed() >= INTERVAL,
            None => shown.started.elapsed() >= PATIENCE,
        };
        if is_due {
            shown.told = Some(Instant::now());
            let line = line(shown.done, shown.total, shown.started.elapsed());
            let _ = write!(io::stderr().lock(), "\r{line:<70}");
        }
    }

    /// Wipes the line.
    pub fn finish(&mut self) {
        if self.shown.take().is_some_and(|shown| shown.told.is_some()) {
            let _ = write!(io::stderr().lock(), "\r{:70}\r", "");
        }
    }
}

/// `[#########           ]  45 %  12.3 of 27.0 MiB  4.1 MiB/s`
fn line(done: u64, total: Option<u64>, elapsed: Duration) -> String {
    let mib = |bytes: u64| bytes as f64 / (1024.0 * 1024.0);
    let rate = mib(done) / elapsed.as_secs_f64().max(0.001);
    match total.filter(|total| *total > 0) {
        Some(total) => {
            let part = (done.min(total) as f64) / (total as f64);
            let marks = "#".repeat((part * 20.0) as usize);
            format!(
                "[{marks:<20}] {:3.0} %  {:.1} of {:.1} MiB  {rate:.1} MiB/s",
                part * 100.0,
                mib(done),
                mib(total)
            )
        }
        None => format!("{:.1} MiB  {rate:.1} MiB/s", mib(done)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_tells_part_amount_and_rate() {
        let mib = 1024 * 1024;
        assert_eq!(
            line(mib, Some(4 * mib), Duration::from_secs(2)),
            "[#####               ]  25 %  1.0 of 4.0 MiB  0.5 MiB/s"
        );
        assert_eq!(
            line(mib, None, Duration::from_secs(1)),
            "1.0 MiB  1.0 MiB/s"
        );
    }
}
