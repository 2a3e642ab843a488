//! The one place of this crate that reads a clock: a monotonic one.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

/// Time that only goes forward: what a time to live is measured with.
pub trait Ticks: fmt::Debug + Send + Sync {
    /// Time since some fixed moment of this process.
    fn elapsed(&self) -> Duration;
}

/// The monotonic clock of the system.
#[derive(Debug)]
pub(crate) struct SystemTicks(Instant);

impl SystemTicks {
    #[expect(clippy::disallowed_methods, reason = "the clock of this crate")]
    pub(crate) fn new() -> Self {
        Self(Instant::now())
    }
}

impl Ticks for SystemTicks {
    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// A clock that is moved by hand, for tests of code that waits for entries to end.
#[derive(Debug, Default)]
pub struct ManualTicks(AtomicU64);

impl ManualTicks {
    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(u64::try_from(by.as_nanos()).unwrap_or(u64::MAX), Ordering::AcqRel);
    }
}

impl Ticks for ManualTicks {
    fn elapsed(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Acquire))
    }
}
