//! The whole state as it lies on disk: what all lines of a journal come to.

use std::path::Path;

use aig_auth::testkit::Snapshot;

use super::{Entry, Head, home::KeepError, journal};
use crate::{
    clock::Hand,
    state::World,
    storage::{Shelved, StoredChange},
};

/// Everything that a sandbox begins with.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) head: Head,
    pub(crate) world: World,
    pub(crate) stored: Shelved,
    pub(crate) clock: Hand,
    pub(crate) sessions: Option<Snapshot>,
}

impl State {
    /// Of a sandbox in which nothing has happened yet.
    pub(crate) fn new(head: Head) -> Self {
        Self { head, world: World::default(), stored: Shelved::default(), clock: Hand::default(), sessions: None }
    }

    /// From the journal of a directory; `None` where there is none.
    pub(crate) fn read(directory: &Path) -> Result<Option<Self>, KeepError> {
        let path = directory.join(journal::FILE);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let mut lines = journal::read(&bytes)?;
        let damaged = |what: &str| KeepError::Damaged(format!("{}: {what}", path.display()));
        let Some(Ok(Entry::Head(head))) = lines.next() else { return Err(damaged("it does not begin with a head")) };
        let mut state = Self::new(*head);
        for entry in lines {
            if !state.apply(entry?) {
                return Err(damaged("a line changes what is not there"));
            }
        }
        state.stored.check(&directory.join(super::home::OBJECTS)).map_err(|what| damaged(&what))?;
        state.head.epoch += 1;
        state.world.begin_anew();
        Ok(Some(state))
    }

    fn apply(&mut self, entry: Entry) -> bool {
        match entry {
            Entry::Head(_) => return false,
            Entry::World(change) => return self.world.apply(change),
            Entry::Stored(change) => return self.stored.apply(change),
            Entry::Clock(hand) => self.clock = hand,
            Entry::Sessions(sessions) => self.sessions = Some(*sessions),
        }
        true
    }

    /// As a journal would write it at once.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let head = Entry::Head(Box::new(self.head.clone()));
        let world = self.world.as_changes().into_iter().map(Entry::World);
        let stored = self.stored.as_changes().into_iter().map(|change: StoredChange| Entry::Stored(change));
        let sessions = self.sessions.clone().map(|sessions| Entry::Sessions(Box::new(sessions)));
        [head, Entry::Clock(self.clock)].into_iter().chain(stored).chain(world).chain(sessions).collect()
    }
}
