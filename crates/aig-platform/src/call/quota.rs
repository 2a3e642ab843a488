//! One quota of retries for all calls of a client: when everything fails, retries stop by themselves.

use std::sync::atomic::{AtomicU32, Ordering};

/// What a full quota holds. The figures are those of the AWS SDKs' standard retry mode: 35 retries of faults, or 100
/// of throttling, before calls have to succeed again.
const CAPACITY: u32 = 500;
/// What one retry after a fault costs.
const FAULT: u32 = 14;
/// What one retry after "too many requests" costs.
const THROTTLED: u32 = 5;
/// What a call that succeeds at once gives back.
const SUCCESS: u32 = 1;

/// A shared store of permits for retries.
#[derive(Debug)]
pub(crate) struct Quota(AtomicU32);

/// What a retry is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetryCause {
    Fault,
    Throttled,
}

/// Permission for one retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Permit(u32);

impl Default for Quota {
    fn default() -> Self {
        Self(AtomicU32::new(CAPACITY))
    }
}

impl Quota {
    /// Permission to send once more, if there is enough left.
    pub(crate) fn take(&self, cause: RetryCause) -> Option<Permit> {
        let cost = match cause {
            RetryCause::Fault => FAULT,
            RetryCause::Throttled => THROTTLED,
        };
        let taken = self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| left.checked_sub(cost));
        taken.ok().map(|_| Permit(cost))
    }

    /// A call succeeded; the permit of its last retry comes back.
    pub(crate) fn succeeded(&self, last: Option<Permit>) {
        let back = last.map_or(SUCCESS, |permit| permit.0);
        let refill = |left: u32| Some(left.saturating_add(back).min(CAPACITY));
        let _ = self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, refill);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_quota_allows_35_retries_of_faults_or_100_of_throttling() {
        let count = |cause| {
            let quota = Quota::default();
            std::iter::from_fn(|| quota.take(cause)).count()
        };
        assert_eq!(count(RetryCause::Fault), 35);
        assert_eq!(count(RetryCause::Throttled), 100);
    }

    #[test]
    fn success_refills_it_and_never_over_the_brim() {
        let quota = Quota::default();
        let permits: Vec<_> = std::iter::from_fn(|| quota.take(RetryCause::Fault)).collect();
        quota.succeeded(permits.last().copied());
        assert!(quota.take(RetryCause::Fault).is_some());
        (0..2_000).for_each(|_| quota.succeeded(None));
        assert_eq!(std::iter::from_fn(|| quota.take(RetryCause::Fault)).count(), 35);
    }
}
