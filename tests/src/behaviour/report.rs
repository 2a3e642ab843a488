//! What came of the checks, as a table.

use std::fmt;

use super::{Check, Effect, Unmet, Verdict};

/// What came of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The implementation does it.
    Passed,
    /// It does not: what, and where.
    Failed(String),
    /// Nobody can tell here: why.
    Skipped(String),
}

impl From<Verdict> for Outcome {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Ok(()) => Self::Passed,
            Err(Unmet::Failed(what)) => Self::Failed(what),
            Err(Unmet::Skipped(why)) => Self::Skipped(why),
        }
    }
}

/// What came of all checks. `Display` is a table.
#[derive(Debug, Default)]
pub struct Report {
    rows: Vec<(Check, Outcome)>,
}

impl Report {
    pub(super) fn add(&mut self, check: Check, outcome: Outcome) {
        self.rows.push((check, outcome));
    }

    /// The names of the checks that failed.
    pub fn failed(&self) -> Vec<&str> {
        self.names(|outcome| matches!(outcome, Outcome::Failed(_)))
    }

    /// The names of the checks that nobody could make.
    pub fn skipped(&self) -> Vec<&str> {
        self.names(|outcome| matches!(outcome, Outcome::Skipped(_)))
    }

    /// The names of the checks that passed.
    pub fn passed(&self) -> Vec<&str> {
        self.names(|outcome| *outcome == Outcome::Passed)
    }

    fn names(&self, wanted: impl Fn(&Outcome) -> bool) -> Vec<&str> {
        self.rows.iter().filter(|(_, outcome)| wanted(outcome)).map(|(check, _)| check.name.as_str()).collect()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (check, outcome) in &self.rows {
            let effect = if check.effect == Effect::Reads { "reads" } else { "writes" };
            let (word, why) = match outcome {
                Outcome::Passed => ("passed", ""),
                Outcome::Failed(what) => ("FAILED", what.as_str()),
                Outcome::Skipped(why) => ("skipped", why.as_str()),
            };
            writeln!(f, "{word:<8} {effect:<7} {:<72} {why}", check.name)?;
        }
        let counts = [self.passed().len(), self.failed().len(), self.skipped().len()];
        write!(f, "{} passed, {} failed, {} skipped", counts[0], counts[1], counts[2])
    }
}
