//! All that changes: runs, grants and share tokens. What changes is noted, so that it can be written down.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use uuid::Uuid;

use super::{Failure, Grant, Item, ItemPhase, Output, Picture, Reason, Run, ShareToken, change::Touch, undo::Before};

/// What the platform remembers.
#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    /// By their numbers, so that the order is that of submission.
    pub(super) runs: BTreeMap<u64, Run>,
    numbers: BTreeMap<Uuid, u64>,
    pub(super) grants: Vec<Grant>,
    pub(super) share_tokens: Vec<ShareToken>,
    pub(super) touched: BTreeSet<Touch>,
    /// What was touched, as it was before, while there may be a way back to it.
    pub(super) before: Option<Vec<Before>>,
}

impl World {
    pub(crate) fn next_number(&self) -> u64 {
        self.runs.last_key_value().map_or(1, |(number, _)| number + 1)
    }

    pub(crate) fn add_run(&mut self, run: Run) {
        self.touch(Touch::Run(run.number));
        self.put_run(run);
    }

    pub(super) fn put_run(&mut self, run: Run) {
        self.numbers.insert(run.id, run.number);
        self.runs.insert(run.number, run);
    }

    pub(super) fn drop_run(&mut self, number: u64) {
        if let Some(run) = self.runs.remove(&number) {
            self.numbers.remove(&run.id);
        }
    }

    pub(crate) fn run(&self, id: Uuid) -> Option<&Run> {
        self.runs.get(self.numbers.get(&id)?)
    }

    /// To change the run itself, or many of its items.
    pub(crate) fn run_mut(&mut self, id: Uuid) -> Option<&mut Run> {
        let number = *self.numbers.get(&id)?;
        self.touch(Touch::Run(number));
        self.runs.get_mut(&number)
    }

    /// To change one item alone.
    pub(crate) fn item_mut(&mut self, run: Uuid, external_id: &str) -> Option<&mut Item> {
        let number = *self.numbers.get(&run)?;
        let index = self.runs.get(&number)?.items.iter().position(|item| item.external_id == external_id)?;
        self.touch(Touch::Item(number, index));
        self.runs.get_mut(&number)?.items.get_mut(index)
    }

    /// Takes the next waiting item of a run into work. Not written down: work begins anew after a restart.
    pub(crate) fn begin_next(&mut self, run: Uuid) -> Option<(&Run, usize)> {
        let run = self.runs.get_mut(self.numbers.get(&run)?)?;
        let index = run.begin_next()?;
        Some((run, index))
    }

    /// Notes what the slide of an item in work looks like; false when it is not in work any more.
    pub(crate) fn show_picture(&mut self, run: Uuid, index: usize, picture: Picture) -> bool {
        let Some(number) = self.numbers.get(&run).copied() else { return false };
        let item = self.runs.get(&number).and_then(|run| run.items.get(index));
        if item.is_none_or(|item| item.phase != ItemPhase::Processing) {
            return false;
        }
        self.touch(Touch::Item(number, index));
        if let Some(item) = self.runs.get_mut(&number).and_then(|run| run.items.get_mut(index)) {
            item.picture = Some(picture);
        }
        true
    }

    /// Ends an item that is in work, and with the last one its run.
    pub(crate) fn end_item(
        &mut self,
        run: Uuid,
        index: usize,
        result: Result<Vec<Output>, (Reason, Failure)>,
        at: Timestamp,
    ) {
        let Some(number) = self.numbers.get(&run).copied() else { return };
        self.touch(Touch::Item(number, index));
        if let Some(run) = self.runs.get_mut(&number) {
            run.end_item(index, result, at);
        }
    }

    /// Items that were in work when an earlier sandbox ended wait again.
    pub(crate) fn begin_anew(&mut self) {
        self.runs.values_mut().for_each(Run::begin_anew);
    }

    /// The newest first.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &Run> {
        self.runs.values().rev()
    }

    pub(crate) fn grants(&self) -> &[Grant] {
        &self.grants
    }

    pub(crate) fn add_grant(&mut self, grant: Grant) {
        self.touch(Touch::Grant(self.grants.len()));
        self.grants.push(grant);
    }

    pub(crate) fn grant_mut(&mut self, id: Uuid) -> Option<&mut Grant> {
        let index = self.grants.iter().position(|grant| grant.id == id)?;
        self.touch(Touch::Grant(index));
        self.grants.get_mut(index)
    }

    pub(crate) fn share_tokens(&self) -> &[ShareToken] {
        &self.share_tokens
    }

    pub(crate) fn add_share_token(&mut self, token: ShareToken) {
        self.touch(Touch::ShareToken(self.share_tokens.len()));
        self.share_tokens.push(token);
    }

    pub(crate) fn share_token_mut(&mut self, id: Uuid) -> Option<&mut ShareToken> {
        let index = self.share_tokens.iter().position(|token| token.id == id)?;
        self.touch(Touch::ShareToken(index));
        self.share_tokens.get_mut(index)
    }

    /// What is ahead of each run.
    pub(crate) fn queue(&self) -> Queue {
        let (mut platform, mut organizations) = (0, HashMap::<&str, i64>::new());
        let waiting = self.runs.values().filter(|run| run.end.is_none()).map(|run| {
            let organization = organizations.entry(&run.organization).or_default();
            let ahead = Ahead { organization: *organization, platform };
            let items = run.unfinished();
            *organization += items;
            platform += items;
            (run.number, ahead)
        });
        Queue(waiting.collect())
    }
}

/// By the number of each run that has not ended.
#[derive(Debug)]
pub(crate) struct Queue(HashMap<u64, Ahead>);

impl Queue {
    /// Items that are ahead of a run: all, and those of its own organization.
    pub(crate) fn ahead_of(&self, run: &Run) -> Ahead {
        self.0.get(&run.number).copied().unwrap_or_default()
    }
}

/// How many items are to be worked on first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ahead {
    pub(crate) organization: i64,
    pub(crate) platform: i64,
}
