//! All that changes: runs, grants and share tokens.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{Grant, Run, ShareToken};

/// What the platform remembers.
#[derive(Debug, Default)]
pub(crate) struct World {
    /// By their numbers, so that the order is that of submission.
    runs: BTreeMap<u64, Run>,
    numbers: BTreeMap<Uuid, u64>,
    pub(crate) grants: Vec<Grant>,
    pub(crate) share_tokens: Vec<ShareToken>,
}

impl World {
    pub(crate) fn next_number(&self) -> u64 {
        self.runs.last_key_value().map_or(1, |(number, _)| number + 1)
    }

    pub(crate) fn add_run(&mut self, run: Run) {
        self.numbers.insert(run.id, run.number);
        self.runs.insert(run.number, run);
    }

    pub(crate) fn run(&self, id: Uuid) -> Option<&Run> {
        self.runs.get(self.numbers.get(&id)?)
    }

    pub(crate) fn run_mut(&mut self, id: Uuid) -> Option<&mut Run> {
        self.runs.get_mut(self.numbers.get(&id)?)
    }

    /// The newest first.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &Run> {
        self.runs.values().rev()
    }

    /// Items that are ahead of a run: all, and those of its own organization.
    pub(crate) fn ahead_of(&self, run: &Run) -> Ahead {
        let mut ahead = Ahead::default();
        for earlier in self.runs.range(..run.number).map(|(_, earlier)| earlier).filter(|earlier| earlier.end.is_none())
        {
            let items = earlier.unfinished();
            ahead.platform += items;
            if earlier.organization == run.organization {
                ahead.organization += items;
            }
        }
        ahead
    }
}

/// How many items are to be worked on first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ahead {
    pub(crate) organization: i64,
    pub(crate) platform: i64,
}
