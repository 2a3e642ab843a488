//! The way back: what entities were before a change that could not be written down.

use jiff::Timestamp;

use super::{Grant, Item, Run, RunEnd, ShareToken, World, change::Touch};

/// An entity as it was before it was touched; `None` where there was none.
#[derive(Clone, Debug)]
pub(super) enum Before {
    Run(u64, Option<Box<Run>>),
    Item { run: u64, index: usize, item: Box<Item>, end: Option<(RunEnd, Timestamp)> },
    Grant(usize, Option<Grant>),
    ShareToken(usize, Option<ShareToken>),
}

impl World {
    /// From now on each entity is remembered as it is before it is touched. That costs a copy, so only where changes are
    /// written down, which costs more.
    pub(crate) fn remember(&mut self) {
        self.before = Some(Vec::new());
    }

    /// What has been changed stays.
    pub(crate) fn settle(&mut self) {
        self.before = None;
        self.touched.clear();
    }

    /// Everything is again as it was when [`World::remember`] was called.
    pub(crate) fn go_back(&mut self) {
        for before in self.before.take().into_iter().flatten().rev() {
            self.restore(before);
        }
        self.touched.clear();
    }

    /// Notes that an entity is about to change. The first note in a change counts.
    pub(super) fn touch(&mut self, touch: Touch) {
        if !self.touched.insert(touch) || self.before.is_none() {
            return;
        }
        let before = self.as_it_is(touch);
        self.before.iter_mut().zip(before).for_each(|(all, before)| all.push(before));
    }

    fn as_it_is(&self, touch: Touch) -> Option<Before> {
        Some(match touch {
            Touch::Run(number) => Before::Run(number, self.runs.get(&number).cloned().map(Box::new)),
            Touch::Item(number, index) => {
                let run = self.runs.get(&number)?;
                Before::Item { run: number, index, item: Box::new(run.items.get(index)?.clone()), end: run.end }
            }
            Touch::Grant(index) => Before::Grant(index, self.grants.get(index).cloned()),
            Touch::ShareToken(index) => Before::ShareToken(index, self.share_tokens.get(index).cloned()),
        })
    }

    fn restore(&mut self, before: Before) {
        match before {
            Before::Run(_, Some(run)) => self.put_run(*run),
            Before::Run(number, None) => self.drop_run(number),
            Before::Item { run, index, item, end } => {
                let Some(run) = self.runs.get_mut(&run) else { return };
                run.end = end;
                run.items.get_mut(index).into_iter().for_each(|place| place.clone_from(&item));
            }
            Before::Grant(index, grant) => put_back(&mut self.grants, index, grant),
            Before::ShareToken(index, token) => put_back(&mut self.share_tokens, index, token),
        }
    }
}

/// What was not there is the last of its list: entries are only ever added at the end.
fn put_back<T>(all: &mut Vec<T>, index: usize, before: Option<T>) {
    match (all.get_mut(index), before) {
        (Some(place), Some(before)) => *place = before,
        (_, None) => all.truncate(index),
        (None, Some(_)) => {}
    }
}
