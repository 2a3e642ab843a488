//! How often a watch asks: often at first and near the end, seldom in between, and never more than it is worth.

use std::time::Duration;

use crate::random;

/// How to wait.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct WaitOptions {
    /// The time allowed; without it, as long as it takes.
    pub timeout: Option<Duration>,
    /// The first wait between two questions, and the shortest.
    pub first_interval: Duration,
    /// The longest wait between two questions.
    pub max_interval: Duration,
}

impl Default for WaitOptions {
    fn default() -> Self {
        Self { timeout: None, first_interval: Duration::from_millis(500), max_interval: Duration::from_secs(15) }
    }
}

impl WaitOptions {
    /// Allows this much time.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout: Some(timeout), ..self }
    }

    /// Asks no more often than this.
    #[must_use]
    pub fn first_interval(self, interval: Duration) -> Self {
        Self { first_interval: interval, ..self }
    }

    /// Asks at least this often.
    #[must_use]
    pub fn max_interval(self, interval: Duration) -> Self {
        Self { max_interval: interval, ..self }
    }
}

/// The longest wait when less than a tenth of the items is open.
const NEAR_END: Duration = Duration::from_secs(3);

/// A change is told at the latest after this part of the time that the run has taken so far: after ten minutes ten
/// seconds make no difference to anybody, and a run of many hours is not asked for every half second of it.
const PATIENCE: u32 = 60;

/// The wait between two questions.
#[derive(Debug)]
pub(super) struct Pace {
    shortest: Duration,
    longest: Duration,
    interval: Duration,
    near_end: bool,
}

impl Pace {
    pub(super) fn new(options: &WaitOptions) -> Self {
        let longest = options.max_interval.max(options.first_interval);
        Self { shortest: options.first_interval, longest, interval: options.first_interval, near_end: false }
    }

    /// The next wait: jittered, so that many watches do not ask at once.
    pub(super) fn wait(&self) -> Duration {
        self.interval.mul_f64(0.8 + 0.4 * random::fraction())
    }

    /// Little is left to do, or not.
    pub(super) fn near_end(&mut self, near_end: bool) {
        self.near_end = near_end;
    }

    /// Something happened, this long after the beginning: half as long, within reason.
    pub(super) fn faster(&mut self, elapsed: Duration) {
        let reason = (elapsed / PATIENCE).clamp(self.shortest, self.cap());
        self.interval = (self.interval / 2).max(reason);
    }

    /// Nothing happened: half as long again.
    pub(super) fn slower(&mut self) {
        self.interval = self.interval.mul_f64(1.5).clamp(self.shortest, self.cap());
    }

    fn cap(&self) -> Duration {
        let cap = if self.near_end { self.longest.min(NEAR_END) } else { self.longest };
        cap.max(self.shortest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_when_nothing_happens_and_shrinks_when_something_does() {
        let mut pace = Pace::new(&WaitOptions::default());
        (0..20).for_each(|_| pace.slower());
        assert_eq!(pace.interval, Duration::from_secs(15));
        (0..20).for_each(|_| pace.faster(Duration::ZERO));
        assert_eq!(pace.interval, Duration::from_millis(500));
        pace.near_end(true);
        (0..20).for_each(|_| pace.slower());
        assert_eq!(pace.interval, NEAR_END);
    }

    #[test]
    fn a_long_run_that_never_rests_is_asked_seldom() {
        let mut pace = Pace::new(&WaitOptions::default());
        let (mut elapsed, mut questions) = (Duration::ZERO, 0);
        while elapsed < Duration::from_secs(36_000) {
            elapsed += pace.interval;
            questions += 1;
            pace.faster(elapsed);
        }
        assert!((2_000..3_000).contains(&questions), "{questions} questions in ten hours");
    }
}
