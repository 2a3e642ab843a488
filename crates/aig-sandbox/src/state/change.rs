//! What has changed: entities as they are now, small enough to be written down one by one.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Grant, Item, Run, RunEnd, ShareToken, World};

/// An entity that is new, or another than before.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    Run(Box<Run>),
    /// One item of a run: runs of thousands are not written anew for each.
    Item {
        run: u64,
        index: usize,
        item: Box<Item>,
        end: Option<(RunEnd, Timestamp)>,
    },
    Grant(Grant),
    ShareToken(ShareToken),
}

/// What was touched since the last look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Touch {
    Run(u64),
    Item(u64, usize),
    Grant(usize),
    ShareToken(usize),
}

impl World {
    /// What has changed since it was settled last.
    pub(crate) fn changes(&self) -> Vec<Change> {
        self.touched.iter().filter_map(|touch| self.change(*touch)).collect()
    }

    /// Everything, as changes to a world in which there was nothing.
    pub(crate) fn as_changes(&self) -> Vec<Change> {
        let runs = self.runs.values().map(|run| Change::Run(Box::new(run.clone())));
        let grants = self.grants.iter().cloned().map(Change::Grant);
        let tokens = self.share_tokens.iter().cloned().map(Change::ShareToken);
        runs.chain(grants).chain(tokens).collect()
    }

    fn change(&self, touch: Touch) -> Option<Change> {
        match touch {
            Touch::Run(number) => self.runs.get(&number).map(|run| Change::Run(Box::new(run.clone()))),
            Touch::Item(number, index) => {
                let run = self.runs.get(&number)?;
                let item = Box::new(run.items.get(index)?.clone());
                Some(Change::Item { run: number, index, item, end: run.end })
            }
            Touch::Grant(index) => self.grants.get(index).cloned().map(Change::Grant),
            Touch::ShareToken(index) => self.share_tokens.get(index).cloned().map(Change::ShareToken),
        }
    }

    /// Does what was written down. False for an item of a run that is not there.
    pub(crate) fn apply(&mut self, change: Change) -> bool {
        match change {
            Change::Run(run) => self.put_run(*run),
            Change::Item { run, index, item, end } => {
                let Some(run) = self.runs.get_mut(&run) else { return false };
                let Some(place) = run.items.get_mut(index) else { return false };
                *place = *item;
                run.end = end;
            }
            Change::Grant(grant) => put(&mut self.grants, grant, |one, other| one.id == other.id),
            Change::ShareToken(token) => put(&mut self.share_tokens, token, |one, other| one.id == other.id),
        }
        true
    }
}

fn put<T>(all: &mut Vec<T>, new: T, same: impl Fn(&T, &T) -> bool) {
    match all.iter_mut().find(|old| same(old, &new)) {
        Some(old) => *old = new,
        None => all.push(new),
    }
}
