//! How one call behaves: its times, its number of attempts, its waits.

use std::time::Duration;

use crate::settings::Family;

/// The longest that one call may take with everything that belongs to it.
const DEADLINE: Duration = Duration::from_secs(120);

/// How one call behaves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Behaviour {
    /// The time allowed for one attempt.
    pub(crate) timeout: Duration,
    /// How often it is sent at most.
    pub(crate) attempts: u32,
    pub(crate) wait_min: Duration,
    pub(crate) wait_max: Duration,
    /// The time allowed for everything: attempts and waits.
    pub(crate) deadline: Duration,
    pub(crate) missing: MissingThing,
}

/// What "not found" means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MissingThing {
    /// It is not there.
    Final,
    /// It was made a moment ago and may not have reached the replica that answered.
    MayAppear,
}

impl Behaviour {
    pub(crate) fn of(family: &Family) -> Self {
        Self {
            timeout: family.timeout,
            attempts: family.retry_attempts.max(1),
            wait_min: family.retry_wait_min,
            wait_max: family.retry_wait_max,
            deadline: DEADLINE.max(family.timeout),
            missing: MissingThing::Final,
        }
    }

    pub(crate) fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self.deadline = self.deadline.max(timeout);
        self
    }

    pub(crate) fn with_missing(self, missing: MissingThing) -> Self {
        Self { missing, ..self }
    }

    /// The wait before the next attempt: full jitter over a range that doubles.
    pub(crate) fn wait(&self, attempts_so_far: u32, fraction: f64) -> Duration {
        let doublings = attempts_so_far.saturating_sub(1).min(31);
        let range = self.wait_min.saturating_mul(1 << doublings).min(self.wait_max);
        range.mul_f64(fraction.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn behaviour(attempts: u32) -> Behaviour {
        Behaviour::of(&Family {
            timeout: Duration::from_secs(30),
            retry_attempts: attempts,
            retry_wait_min: Duration::from_millis(100),
            retry_wait_max: Duration::from_secs(20),
            cache_ttl: Duration::ZERO,
        })
    }

    #[test]
    fn waits_double_and_are_capped_and_jitter_covers_the_whole_range() {
        let behaviour = behaviour(4);
        let longest: Vec<_> = (1..=9).map(|attempts| behaviour.wait(attempts, 1.0).as_millis()).collect();
        assert_eq!(longest, [100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 20_000]);
        assert_eq!(behaviour.wait(3, 0.0), Duration::ZERO);
        assert_eq!(behaviour.wait(u32::MAX, 1.0), Duration::from_secs(20));
    }

    #[test]
    fn a_call_is_sent_at_least_once() {
        assert_eq!(behaviour(0).attempts, 1);
    }
}
