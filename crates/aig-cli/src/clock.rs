//! The only module that reads the clock: what time it is, and how long things take.

use std::time::Duration;

use aig_auth::{Clock, SystemClock};
use jiff::Timestamp;

/// The time now.
pub(crate) fn now() -> Timestamp {
    SystemClock::new().now()
}

/// Measures time from the moment it is made.
#[derive(Debug)]
pub(crate) struct Stopwatch {
    clock: SystemClock,
    started: Duration,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        let clock = SystemClock::new();
        Self { started: clock.ticks(), clock }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.clock.ticks().saturating_sub(self.started)
    }
}
