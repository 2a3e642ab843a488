//! The sandbox's time: the machine's, plus what has been advanced. The only module that reads a clock.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

/// A clock that can be put forward; whoever sleeps on it wakes up for it.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    ahead: Arc<watch::Sender<SignedDuration>>,
    source: fn() -> Timestamp,
}

impl Default for Clock {
    fn default() -> Self {
        Self { ahead: Arc::new(watch::Sender::new(SignedDuration::ZERO)), source: machine_time }
    }
}

impl Clock {
    /// The time in the sandbox.
    pub(crate) fn now(&self) -> Timestamp {
        let ahead = *self.ahead.borrow();
        self.real_now().checked_add(ahead).unwrap_or(Timestamp::MAX)
    }

    /// The time of the machine, by which clients sign their requests.
    pub(crate) fn real_now(&self) -> Timestamp {
        (self.source)()
    }

    pub(crate) fn advance(&self, by: SignedDuration) {
        self.ahead.send_modify(|ahead| *ahead = ahead.saturating_add(by));
    }

    /// Until so much time has passed in the sandbox.
    pub(crate) async fn sleep(&self, duration: Duration) {
        let mut changes = self.ahead.subscribe();
        let start = *changes.borrow_and_update();
        let begun = tokio::time::Instant::now();
        loop {
            let skipped = changes.borrow_and_update().saturating_sub(start);
            let skipped = Duration::try_from(skipped).unwrap_or_default();
            let left = duration.saturating_sub(skipped).saturating_sub(begun.elapsed());
            if left.is_zero() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(left) => {}
                _ = changes.changed() => {}
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where the sandbox reads the machine's clock")]
fn machine_time() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_sleeper_wakes_when_the_clock_is_put_forward() {
        let clock = Clock::default();
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep(Duration::from_secs(3600)).await }
        });
        tokio::task::yield_now().await;
        let begun = tokio::time::Instant::now();
        clock.advance(SignedDuration::from_secs(3599));
        sleeper.await.unwrap();
        assert_eq!(begun.elapsed(), Duration::from_secs(1));
        assert!(clock.now() > clock.real_now());
    }
}
