//! The sandbox's time: the machine's, plus what has been advanced, or standing still. The only module that reads a clock.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::{sync::watch, time::Instant};

/// A clock that can be put forward and stopped; whoever sleeps on it wakes up for it.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    hand: Arc<watch::Sender<Hand>>,
    source: fn() -> Timestamp,
}

/// Where the clock stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hand {
    ahead: SignedDuration,
    frozen: Option<Timestamp>,
    /// All that was ever advanced, for those who sleep.
    #[serde(skip)]
    skipped: SignedDuration,
}

impl Default for Clock {
    fn default() -> Self {
        Self::at(Hand::default())
    }
}

impl Clock {
    /// A clock that goes on from where another stood.
    pub(crate) fn at(hand: Hand) -> Self {
        Self { hand: Arc::new(watch::Sender::new(hand)), source: machine_time }
    }

    pub(crate) fn hand(&self) -> Hand {
        *self.hand.borrow()
    }

    /// Stands where another does that began from here.
    pub(crate) fn put(&self, hand: Hand) {
        self.hand.send_replace(hand);
    }

    /// The time in the sandbox.
    pub(crate) fn now(&self) -> Timestamp {
        let hand = self.hand();
        let ticking = || self.real_now().checked_add(hand.ahead).unwrap_or(Timestamp::MAX);
        hand.frozen.unwrap_or_else(ticking)
    }

    /// The time of the machine, by which clients sign their requests.
    pub(crate) fn real_now(&self) -> Timestamp {
        (self.source)()
    }

    pub(crate) fn advance(&self, by: SignedDuration) {
        self.hand.send_modify(|hand| {
            hand.ahead = hand.ahead.saturating_add(by);
            hand.skipped = hand.skipped.saturating_add(by);
            hand.frozen = hand.frozen.map(|at| at.checked_add(by).unwrap_or(Timestamp::MAX));
        });
    }

    /// Stops the clock where it is.
    pub(crate) fn freeze(&self) {
        let now = self.now();
        self.hand.send_modify(|hand| hand.frozen = Some(now));
    }

    /// Lets a stopped clock go on from where it stands.
    pub(crate) fn resume(&self) {
        let real = self.real_now();
        self.hand.send_modify(|hand| {
            if let Some(at) = hand.frozen.take() {
                hand.ahead = at.duration_since(real);
            }
        });
    }

    pub(crate) fn is_frozen(&self) -> bool {
        self.hand().frozen.is_some()
    }

    /// Until so much time has passed in the sandbox.
    pub(crate) async fn sleep(&self, duration: Duration) {
        let mut changes = self.hand.subscribe();
        let mut hand = *changes.borrow_and_update();
        let mut left = SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
        while left.is_positive() {
            let begun = Instant::now();
            tokio::select! {
                () = tick(left, hand) => {}
                _ = changes.changed() => {}
            }
            if hand.frozen.is_none() {
                left = left.saturating_sub(SignedDuration::try_from(begun.elapsed()).unwrap_or(SignedDuration::MAX));
            }
            let now = *changes.borrow_and_update();
            left = left.saturating_sub(now.skipped.saturating_sub(hand.skipped));
            hand = now;
        }
    }
}

/// So long; for ever while the clock stands still.
async fn tick(left: SignedDuration, hand: Hand) {
    match (hand.frozen, Duration::try_from(left)) {
        (None, Ok(left)) => tokio::time::sleep(left).await,
        _ => std::future::pending().await,
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where the sandbox reads the machine's clock")]
fn machine_time() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sleeper(clock: &Clock) -> tokio::task::JoinHandle<()> {
        let clock = clock.clone();
        tokio::spawn(async move { clock.sleep(Duration::from_secs(3600)).await })
    }

    #[tokio::test(start_paused = true)]
    async fn a_sleeper_wakes_when_the_clock_is_put_forward() {
        let clock = Clock::default();
        let sleeper = sleeper(&clock);
        tokio::task::yield_now().await;
        let begun = Instant::now();
        clock.advance(SignedDuration::from_secs(3599));
        sleeper.await.unwrap();
        assert_eq!(begun.elapsed(), Duration::from_secs(1));
        assert!(clock.now() > clock.real_now());
    }

    #[tokio::test(start_paused = true)]
    async fn while_the_clock_stands_still_only_putting_it_forward_wakes_anybody() {
        let clock = Clock::default();
        clock.freeze();
        let (before, sleeper) = (clock.now(), sleeper(&clock));
        tokio::time::sleep(Duration::from_secs(7200)).await;
        assert!(clock.now() == before && clock.is_frozen() && !sleeper.is_finished());
        clock.advance(SignedDuration::from_secs(3600));
        sleeper.await.unwrap();
        assert_eq!(clock.now().duration_since(before), SignedDuration::from_secs(3600));
        clock.resume();
        assert!(clock.now() >= before && !clock.is_frozen());
    }

    #[test]
    fn a_clock_goes_on_from_where_another_stood() {
        let clock = Clock::default();
        clock.advance(SignedDuration::from_hours(5));
        let kept = serde_json::to_string(&clock.hand()).unwrap();
        let next = Clock::at(serde_json::from_str(&kept).unwrap());
        assert!(next.now() >= clock.now() - SignedDuration::from_secs(1));
    }
}
