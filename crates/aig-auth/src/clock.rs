//! The clock: wall time, a monotonic count and sleep, as one trait, so that tests need no waiting.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

/// Where time comes from.
///
/// Two clocks, because each lies in its own way: wall time steps when somebody sets it, and the monotonic count may
/// stand still while the machine sleeps. The age of a token is the larger of the two.
#[async_trait]
pub trait Clock: fmt::Debug + Send + Sync {
    /// Wall time.
    fn now(&self) -> Timestamp;

    /// Time since some fixed moment; never goes back.
    fn ticks(&self) -> Duration;

    /// Waits until `duration` has passed on either clock.
    async fn sleep(&self, duration: Duration);
}

/// The clocks of the machine.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// Starts counting now.
    #[expect(clippy::disallowed_methods, reason = "this is the one place of the crate that reads the clock")]
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

/// Timers stand still while the machine sleeps, so long waits look at wall time this often.
const LONGEST_SLICE: Duration = Duration::from_secs(30);

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place of the crate that reads the clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn ticks(&self) -> Duration {
        self.start.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        let begin = Moment::of(self);
        let mut left = duration;
        while !left.is_zero() {
            tokio::time::sleep(left.min(LONGEST_SLICE)).await;
            left = duration.saturating_sub(begin.age(&Moment::of(self)));
        }
    }
}

/// One reading of both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) wall: Timestamp,
    pub(crate) ticks: Duration,
}

impl Moment {
    pub(crate) fn of(clock: &dyn Clock) -> Self {
        Self { wall: clock.now(), ticks: clock.ticks() }
    }

    /// `duration` later on both clocks.
    pub(crate) fn later(&self, duration: Duration) -> Self {
        Self { wall: after(self.wall, duration), ticks: self.ticks.saturating_add(duration) }
    }

    /// Whether both clocks are short of `end`.
    pub(crate) fn is_before(&self, end: &Self) -> bool {
        self.wall < end.wall && self.ticks < end.ticks
    }

    /// How long ago this was, seen from `now`: the larger of both clocks' answers.
    pub(crate) fn age(&self, now: &Self) -> Duration {
        elapsed(self.wall, now.wall).max(now.ticks.saturating_sub(self.ticks))
    }
}

/// Wall time from `earlier` to `later`; nothing when the order is the other way round.
pub(crate) fn elapsed(earlier: Timestamp, later: Timestamp) -> Duration {
    Duration::try_from(later.duration_since(earlier)).unwrap_or(Duration::ZERO)
}

/// `from` and `duration` later; the end of time when that is too far.
pub(crate) fn after(from: Timestamp, duration: Duration) -> Timestamp {
    SignedDuration::try_from(duration)
        .ok()
        .and_then(|duration| from.checked_add(duration).ok())
        .unwrap_or(Timestamp::MAX)
}

/// A clock that stands still until it is told to move: the double for tests.
///
/// ```
/// use std::time::Duration;
/// use aig_auth::{Clock, ManualClock};
///
/// let clock = ManualClock::new("2026-01-01T00:00:00Z".parse()?);
/// clock.advance(Duration::from_secs(90));
/// assert_eq!(clock.now().to_string(), "2026-01-01T00:01:30Z");
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Debug)]
pub struct ManualClock {
    state: Mutex<Moment>,
    moved: Notify,
}

impl ManualClock {
    /// A clock that shows `now`.
    pub fn new(now: Timestamp) -> Self {
        Self { state: Mutex::new(Moment { wall: now, ticks: Duration::ZERO }), moved: Notify::new() }
    }

    /// Moves both clocks, and wakes whoever slept long enough.
    pub fn advance(&self, duration: Duration) {
        self.update(|state| {
            state.wall = after(state.wall, duration);
            state.ticks = state.ticks.saturating_add(duration);
        });
    }

    /// Moves wall time alone, as a suspended machine or somebody who sets the clock does.
    pub fn set_wall(&self, now: Timestamp) {
        self.update(|state| state.wall = now);
    }

    fn update(&self, change: impl FnOnce(&mut Moment)) {
        change(&mut self.lock());
        self.moved.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, Moment> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.lock().wall
    }

    fn ticks(&self) -> Duration {
        self.lock().ticks
    }

    async fn sleep(&self, duration: Duration) {
        let begin = Moment::of(self);
        loop {
            let moved = self.moved.notified();
            if begin.age(&Moment::of(self)) >= duration {
                return;
            }
            moved.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(wall: i64, ticks: u64) -> Moment {
        Moment { wall: Timestamp::from_second(wall).unwrap(), ticks: Duration::from_secs(ticks) }
    }

    #[test]
    fn age_is_the_larger_of_both_clocks() {
        let begin = moment(1_000, 10);
        assert_eq!(begin.age(&moment(1_060, 20)), Duration::from_secs(60), "suspended: the count stood still");
        assert_eq!(begin.age(&moment(900, 40)), Duration::from_secs(30), "the wall clock was set back");
        assert_eq!(begin.age(&moment(900, 10)), Duration::ZERO);
    }

    #[test]
    fn a_moment_too_far_away_is_the_end_of_time() {
        assert_eq!(after(Timestamp::UNIX_EPOCH, Duration::MAX), Timestamp::MAX);
    }

    #[tokio::test]
    async fn a_sleeper_wakes_when_the_clock_has_moved_far_enough() {
        let clock = std::sync::Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep(Duration::from_secs(10)).await }
        });
        tokio::task::yield_now().await;
        clock.advance(Duration::from_secs(9));
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        clock.advance(Duration::from_secs(1));
        sleeper.await.unwrap();
    }
}
