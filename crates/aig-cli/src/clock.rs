//! The only module that reads the clock: how long things take.

use std::time::Duration;

use aig_auth::{Clock, SystemClock};

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
