//! The clock, handed in as a value.

use std::fmt;
use std::prelude::rust_2024::*;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What tells the time and waits: the system's clock, or a test's.
#[derive(Clone)]
pub struct Clock {
    now: Arc<dyn Fn() -> i64 + Send + Sync>,
    wait: Arc<dyn Fn(Duration) + Send + Sync>,
}

impl Clock {
    /// The system's clock; waiting really waits.
    pub fn system() -> Self {
        Clock::new(
            || match SystemTime::now().duration_since(UNIX_EPOCH) {
                Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
                Err(_) => 0,
            },
            std::thread::sleep,
        )
    }

    /// A clock that stands still at `unix_seconds`; waiting returns at once.
    pub fn fixed(unix_seconds: i64) -> Self {
        Clock::new(move || unix_seconds, |_| ())
    }

    /// A clock of one's own: `now` answers seconds since 1970-01-01T00:00:00Z, `wait` is called between attempts.
    pub fn new(
        now: impl Fn() -> i64 + Send + Sync + 'static,
        wait: impl Fn(Duration) + Send + Sync + 'static,
    ) -> Self {
        Clock {
            now: Arc::new(now),
            wait: Arc::new(wait),
        }
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn now(&self) -> i64 {
        (self.now)()
    }

    /// Waits for `duration`, as this clock understands waiting.
    pub fn wait(&self, duration: Duration) {
        (self.wait)(duration);
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock").field("now", &self.now()).finish()
    }
}
