//! When a token is refreshed, and how long after a failure. The numbers and the arithmetic, no state.

use std::time::Duration;

use crate::{
    AccessToken, AuthError, Recovery,
    clock::{self, Moment},
};

/// How the memory layer treats its tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefreshPolicy {
    /// A token without a known end is asked for again after this long: 60 s.
    pub interval: Duration,
    /// The longest time before its end at which a token is refreshed: 10 minutes.
    pub longest_lead: Duration,
    /// How long a caller waits for a refresh while the old token still lives: 10 s.
    pub patience: Duration,
    /// The longest pause after failures while the old token lives: 30 s.
    pub longest_pause: Duration,
}

impl Default for RefreshPolicy {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(60),
            longest_lead: Duration::from_secs(600),
            patience: Duration::from_secs(10),
            longest_pause: Duration::from_secs(30),
        }
    }
}

impl RefreshPolicy {
    /// The policy for tokens of foreign sources: refreshed at most five minutes ahead.
    pub fn external() -> Self {
        Self { longest_lead: Duration::from_secs(300), ..Self::default() }
    }

    /// The same policy, asking again for tokens without a known end after `interval`.
    #[must_use]
    pub fn with_interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// How long before its end a token of this lifetime is refreshed: a fifth, within bounds, earlier by up to a tenth
    /// (`spread`, `0.0..1.0`) so that the processes of a machine do not all come at once.
    fn lead(&self, lifetime: Duration, spread: f64) -> Duration {
        const SHORTEST: Duration = Duration::from_secs(30);
        let lead = (lifetime / 5).clamp(SHORTEST.min(self.longest_lead), self.longest_lead);
        lead.mul_f64(1.0 + spread / 10.0).min(lifetime / 2)
    }

    /// How long nobody asks the source again after the `count`th failure in a row.
    pub(crate) fn pause(&self, error: &AuthError, count: u32, left: Duration, jitter: f64) -> Duration {
        const LONGEST_SERVER_PAUSE: Duration = Duration::from_secs(60);
        let own = if left.is_zero() {
            Duration::from_secs(1).mul_f64(1.0 + jitter)
        } else {
            let ceiling = Duration::from_secs(1 << count.clamp(1, 16)).min(self.longest_pause);
            ceiling.mul_f64(0.5 + jitter / 2.0).min(left / 2)
        };
        match error.recovery() {
            Recovery::Retry { after: Some(after) } => own.max(after.min(LONGEST_SERVER_PAUSE)),
            _ => own,
        }
    }
}

/// What can be done with a token at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// Use it.
    Fresh,
    /// Use it, and have it replaced in the background.
    Early,
    /// Wait for its replacement, and use it if none comes.
    Late,
    /// Never use it.
    Dead,
}

/// A token in hand, with what is needed to tell its age.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) token: AccessToken,
    pub(crate) obtained: Moment,
    lifetime: Option<Duration>,
    lead: Duration,
    /// Up to here, on both clocks, there is nothing to work out: the token is used.
    fresh_before: Moment,
}

impl Held {
    /// `token`, asked for at `asked`: its life is counted from the question, not from the answer.
    pub(crate) fn new(token: AccessToken, asked: Moment, policy: &RefreshPolicy, spread: f64) -> Self {
        let lifetime = token.expires_at().map(|end| clock::elapsed(asked.wall, end));
        let lead = lifetime.map_or(Duration::ZERO, |lifetime| policy.lead(lifetime, spread).max(late(lifetime)));
        let fresh_for = lifetime.map_or(policy.interval, |lifetime| lifetime.saturating_sub(lead));
        Self { token, obtained: asked, lifetime, lead, fresh_before: asked.later(fresh_for) }
    }

    /// What every call asks, told by comparisons alone: whether the token is used as it is.
    pub(crate) fn is_surely_fresh(&self, now: &Moment, min_valid_for: Duration) -> bool {
        now.is_before(&self.fresh_before) && (min_valid_for <= self.lead || self.lifetime.is_none())
    }

    /// How long it still lives; without a known end, for ever.
    pub(crate) fn left(&self, now: &Moment) -> Duration {
        self.lifetime.map_or(Duration::MAX, |lifetime| lifetime.saturating_sub(self.obtained.age(now)))
    }

    pub(crate) fn standing(&self, now: &Moment, min_valid_for: Duration, policy: &RefreshPolicy) -> Standing {
        let Some(lifetime) = self.lifetime else { return by_interval(self.obtained.age(now), policy.interval) };
        let left = self.left(now);
        if left <= last_seconds(lifetime) {
            Standing::Dead
        } else if left <= late(lifetime) || left < min_valid_for {
            Standing::Late
        } else if left <= self.lead {
            Standing::Early
        } else {
            Standing::Fresh
        }
    }

    /// Whether no token of this lifetime can be as long-lived as asked.
    pub(crate) fn never_lives_for(&self, min_valid_for: Duration) -> bool {
        self.lifetime.is_some_and(|lifetime| lifetime < min_valid_for)
    }
}

/// This close to its end, callers wait for the next one.
fn late(lifetime: Duration) -> Duration {
    Duration::from_secs(60).min(lifetime / 10)
}

/// A request takes time to arrive: a token this close to its end is not handed out.
fn last_seconds(lifetime: Duration) -> Duration {
    Duration::from_secs(5).min(lifetime / 20)
}

fn by_interval(age: Duration, interval: Duration) -> Standing {
    if age < interval {
        Standing::Fresh
    } else if age < interval.saturating_mul(2) {
        Standing::Early
    } else {
        Standing::Late
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment {
            wall: clock::after(Timestamp::UNIX_EPOCH, Duration::from_secs(seconds)),
            ticks: Duration::from_secs(seconds),
        }
    }

    fn held(lifetime: Option<u64>) -> Held {
        let token = AccessToken::new("t").unwrap();
        let token = match lifetime {
            Some(lifetime) => token.with_expiry(at(lifetime).wall),
            None => token,
        };
        Held::new(token, at(0), &RefreshPolicy::default(), 0.0)
    }

    #[test]
    fn an_hour_is_refreshed_ten_minutes_ahead_and_ends_five_seconds_early() {
        let (held, policy) = (held(Some(3_600)), RefreshPolicy::default());
        for (age, standing) in [
            (0, Standing::Fresh),
            (2_999, Standing::Fresh),
            (3_000, Standing::Early),
            (3_539, Standing::Early),
            (3_540, Standing::Late),
            (3_594, Standing::Late),
            (3_595, Standing::Dead),
            (9_999, Standing::Dead),
        ] {
            assert_eq!(held.standing(&at(age), Duration::ZERO, &policy), standing, "at {age} s");
        }
    }

    #[test]
    fn the_quick_answer_agrees_with_the_full_one_to_the_nanosecond() {
        let policy = RefreshPolicy::default();
        for lifetime in [None, Some(1), Some(20), Some(299), Some(3_600), Some(86_400)] {
            let held = held(lifetime);
            let edge = held.lifetime.map_or(policy.interval, |lifetime| lifetime - held.lead);
            for age in [Duration::ZERO, edge - Duration::from_nanos(1), edge, edge + Duration::from_nanos(1)] {
                for min_valid_for in [Duration::ZERO, held.lead, held.lead + Duration::from_nanos(1), Duration::MAX] {
                    let now = at(0).later(age);
                    let full = held.standing(&now, min_valid_for, &policy) == Standing::Fresh;
                    let quick = held.is_surely_fresh(&now, min_valid_for);
                    assert!(full || !quick, "{lifetime:?} at {age:?} for {min_valid_for:?}");
                    assert!(
                        quick || !full || min_valid_for > held.lead,
                        "{lifetime:?} at {age:?} for {min_valid_for:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_caller_who_needs_longer_waits_for_a_new_one() {
        let (held, policy) = (held(Some(3_600)), RefreshPolicy::default());
        assert_eq!(held.standing(&at(1_000), Duration::from_secs(2_601), &policy), Standing::Late);
        assert_eq!(held.standing(&at(1_000), Duration::from_secs(2_600), &policy), Standing::Fresh);
    }

    #[test]
    fn leads_fit_the_lifetime() {
        let policy = RefreshPolicy::default();
        for (lifetime, lead) in [(10, 5), (60, 30), (300, 60), (3_600, 600), (86_400, 600)] {
            assert_eq!(policy.lead(Duration::from_secs(lifetime), 0.0), Duration::from_secs(lead), "{lifetime} s");
        }
        assert_eq!(policy.lead(Duration::from_secs(3_600), 1.0), Duration::from_secs(660));
        assert_eq!(RefreshPolicy::external().lead(Duration::from_secs(3_600), 0.0), Duration::from_secs(300));
    }

    #[test]
    fn without_an_end_the_interval_decides() {
        let (held, policy) = (held(None), RefreshPolicy::default());
        for (age, standing) in [(59, Standing::Fresh), (60, Standing::Early), (120, Standing::Late)] {
            assert_eq!(held.standing(&at(age), Duration::from_secs(9_999), &policy), standing, "at {age} s");
        }
    }

    #[test]
    fn pauses_grow_stay_within_what_is_left_and_follow_the_server() {
        let policy = RefreshPolicy::default();
        let failed = AuthError::new(crate::AuthErrorKind::Unavailable, Recovery::Retry { after: None }, "down");
        let seconds =
            |count, left, jitter| policy.pause(&failed, count, Duration::from_secs(left), jitter).as_secs_f64();
        assert_eq!(seconds(1, 600, 1.0), 2.0);
        assert_eq!(seconds(4, 600, 1.0), 16.0);
        assert_eq!(seconds(40, 600, 1.0), 30.0);
        assert_eq!(seconds(40, 600, 0.0), 15.0);
        assert_eq!(seconds(40, 8, 1.0), 4.0);
        assert_eq!(seconds(9, 0, 0.0), 1.0);
        let told = |after| {
            let recovery = Recovery::Retry { after: Some(Duration::from_secs(after)) };
            let error = AuthError::new(crate::AuthErrorKind::Unavailable, recovery, "later");
            policy.pause(&error, 1, Duration::from_secs(600), 0.0)
        };
        assert_eq!(told(45), Duration::from_secs(45));
        assert_eq!(told(1_000_000), Duration::from_secs(60));
    }
}
