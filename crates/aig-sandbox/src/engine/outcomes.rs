//! How items end by chance: the same items of the same runs end alike with the same seed.

use serde::{Deserialize, Serialize};

use super::Script;
use crate::ids::{hash_of, mix};

/// Probabilities of the ways in which an item ends that does not end as its slide gives. What is left of 1 does.
///
/// Which items it hits follows from the sandbox's seed, the number of the run and the external id.
///
/// ```
/// use aig_sandbox::Outcomes;
///
/// let rough = Outcomes::default().user_error(0.1).system_error(0.05);
/// assert!(rough.check().is_ok());
/// assert!(rough.hanging(0.9).check().is_err());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Outcomes {
    user_error: f64,
    system_error: f64,
    recoverable_error: f64,
    hanging: f64,
}

/// The probabilities are not between 0 and 1, or come to more than 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("probabilities are between 0 and 1, and come to 1 at most")]
pub struct Improbable;

impl Outcomes {
    /// Ends in USER_ERROR.
    #[must_use]
    pub fn user_error(self, probability: f64) -> Self {
        Self { user_error: probability, ..self }
    }

    /// Ends in SYSTEM_ERROR.
    #[must_use]
    pub fn system_error(self, probability: f64) -> Self {
        Self { system_error: probability, ..self }
    }

    /// Succeeds at the second attempt.
    #[must_use]
    pub fn recoverable_error(self, probability: f64) -> Self {
        Self { recoverable_error: probability, ..self }
    }

    /// Does not end before its run is canceled.
    #[must_use]
    pub fn hanging(self, probability: f64) -> Self {
        Self { hanging: probability, ..self }
    }

    /// Whether these are probabilities.
    ///
    /// # Errors
    /// When they are not.
    pub fn check(&self) -> Result<(), Improbable> {
        let all = self.cases().map(|(probability, _)| probability);
        let each = all.iter().all(|probability| (0.0..=1.0).contains(probability));
        // Decimal fractions do not add up exactly.
        if each && all.iter().sum::<f64>() <= 1.0 + 1e-9 { Ok(()) } else { Err(Improbable) }
    }

    /// How this item ends, when chance has it.
    pub(super) fn draw(&self, seed: u64, run: u64, external_id: &str) -> Option<Script> {
        let mut left = fraction(mix(seed ^ mix(run) ^ hash_of(external_id)));
        for (probability, script) in self.cases() {
            if left < probability {
                return Some(script);
            }
            left -= probability;
        }
        None
    }

    fn cases(&self) -> [(f64, Script); 4] {
        [
            (self.user_error, Script::UserError),
            (self.system_error, Script::SystemError),
            (self.recoverable_error, Script::Recover),
            (self.hanging, Script::Hang),
        ]
    }
}

/// 0 to 1, without 1.
fn fraction(random: u64) -> f64 {
    (random >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_decides_and_probabilities_are_met() {
        let outcomes = Outcomes::default().user_error(0.2).system_error(0.1);
        let draw = |seed| (0..10_000).map(|n| outcomes.draw(seed, 1, &format!("slide-{n}"))).collect::<Vec<_>>();
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        let share = |script| draw(1).iter().filter(|drawn| **drawn == Some(script)).count();
        assert!((1_800..2_200).contains(&share(Script::UserError)), "{}", share(Script::UserError));
        assert!((850..1_150).contains(&share(Script::SystemError)), "{}", share(Script::SystemError));
        assert_eq!(share(Script::Hang), 0);
        assert_eq!(Outcomes::default().draw(1, 1, "a"), None);
    }
}
