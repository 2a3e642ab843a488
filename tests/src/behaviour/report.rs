//! What came of the checks, as a table.

use std::{collections::BTreeSet, fmt};

use aig_codegen::{OPERATIONS, OperationInfo, SERVER_PREFIX, route};

use super::{Check, Effect, Unmet, Verdict};
use crate::Sent;

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
    exercised: BTreeSet<&'static str>,
    requests: usize,
    writes: usize,
}

impl Report {
    pub(super) fn add(&mut self, check: Check, outcome: Outcome) {
        self.rows.push((check, outcome));
    }

    /// Counts what was sent for all of it.
    pub(super) fn note(&mut self, sent: &[Sent]) {
        self.requests = sent.len();
        self.writes = sent.iter().filter(|one| !one.method.is_safe()).count();
        self.exercised = sent.iter().filter_map(exercised).map(|operation| operation.id).collect();
    }

    /// The operations that were answered as the document promises for a success.
    pub fn exercised(&self) -> &BTreeSet<&'static str> {
        &self.exercised
    }

    /// How many requests were sent that are no reads.
    pub fn writes(&self) -> usize {
        self.writes
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

/// The operation that a request succeeded with.
fn exercised(sent: &Sent) -> Option<&'static OperationInfo> {
    let path = sent.path.strip_prefix(SERVER_PREFIX)?;
    let wanted = OPERATIONS.iter().find(|operation| operation.method.as_str() == sent.method.as_str())?;
    let operation = route(OPERATIONS, wanted.method, path)?.operation;
    (sent.status == operation.success || operation.redirect == Some(sent.status)).then_some(operation)
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
        writeln!(f, "{} passed, {} failed, {} skipped", counts[0], counts[1], counts[2])?;
        writeln!(f, "{} requests, {} of them no reads", self.requests, self.writes)?;
        write!(f, "{} of {} operations exercised", self.exercised.len(), OPERATIONS.len())?;
        let left = OPERATIONS.iter().map(|operation| operation.id).filter(|id| !self.exercised.contains(id));
        let left: Vec<&str> = left.collect();
        if left.is_empty() { Ok(()) } else { write!(f, "; not: {}", left.join(", ")) }
    }
}
