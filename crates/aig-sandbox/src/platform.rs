//! The platform itself: everything it remembers, its storage, its clock, and the work in progress.

use std::{
    io,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use aig_auth::testkit::{AuthorizationServer, Snapshot};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    catalog::{Application, Product},
    clock::Clock,
    engine::{Engine, Job, Outcome},
    ids::Ids,
    persist::{Entry, Head, Journal, Still},
    state::{Gone, ItemPhase, Output, People, Picture, Reason, RunEnd, World},
    storage::{Storage, StoredChange},
};

/// Where results lie.
pub(crate) const RESULTS_BUCKET: &str = "aignostics-platform-results";
/// 64 MiB are read back in a fraction of a second; below that nobody needs the room.
const SHORT_JOURNAL: u64 = 64 << 20;

/// Before what could not be written down is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// Where small pictures of slides lie, for the console. No key of a user reaches it.
pub(crate) const PICTURES_BUCKET: &str = "sandbox-pictures";

/// One platform. Handlers and the engine share it.
#[derive(Debug)]
pub(crate) struct Platform {
    pub(crate) head: Head,
    pub(crate) people: People,
    pub(crate) applications: Vec<Application>,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) storage: Arc<Storage>,
    pub(crate) engine: Engine,
    pub(crate) url_lifetime: Duration,
    pub(crate) scratch: PathBuf,
    pub(crate) scratch_names: AtomicU64,
    pub(crate) memory: Mutex<Memory>,
    pub(crate) journal: Arc<Journal>,
}

/// What changes.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) world: World,
    /// The authorization server's, as they were written down last.
    pub(crate) sessions: Option<Snapshot>,
    /// A journal that is longer is written anew.
    pub(crate) journal_limit: u64,
}

impl Platform {
    /// Looks at what is remembered. Never held across an await.
    pub(crate) fn with<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        look(&self.memory().world)
    }

    /// Changes what is remembered, and writes it down where that is wanted.
    ///
    /// # Errors
    /// When it could not be written down: then nothing has changed, and nobody has seen that it had.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> io::Result<T> {
        let mut memory = self.memory();
        if self.journal.is_kept() {
            memory.world.remember();
        }
        let changed = change(&mut memory.world);
        if self.journal.is_kept() {
            let entries: Vec<Entry> = memory.world.changes().into_iter().map(Entry::World).collect();
            self.journal.write(&entries).inspect_err(|_| memory.world.go_back())?;
            self.tidy(&mut memory);
        }
        memory.world.settle();
        Ok(changed)
    }

    /// The same for the platform's own doings, which nobody waits for: what cannot be written down is tried again until
    /// it can; `None` when it never will be.
    async fn insist<T>(&self, mut change: impl FnMut() -> io::Result<T>) -> Option<T> {
        let mut is_told = false;
        loop {
            match change() {
                Ok(changed) => return Some(changed),
                Err(error) if self.journal.is_over() => {
                    tracing::warn!(%error, "a change is given up: nothing is written down any more");
                    return None;
                }
                Err(error) if !is_told => tracing::warn!(%error, "a change waits to be written down"),
                Err(_) => {}
            }
            is_told = true;
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// Turns the clock, once it is written down where it will stand.
    pub(crate) fn turn_clock(&self, turn: impl FnOnce(&Clock)) -> io::Result<()> {
        let _memory = self.memory();
        let turned = Clock::at(self.clock.hand());
        turn(&turned);
        self.journal.write(&[Entry::Clock(turned.hand())])?;
        self.clock.put(turned.hand());
        Ok(())
    }

    /// Writes down what the authorization server remembers, if that has changed.
    pub(crate) fn keep_sessions(&self, server: &AuthorizationServer) -> io::Result<()> {
        if !self.journal.is_kept() {
            return Ok(());
        }
        let mut memory = self.memory();
        let now = server.snapshot_with_keys();
        if memory.sessions.as_ref() == Some(&now) {
            return Ok(());
        }
        self.journal.write(&[Entry::Sessions(Box::new(now.clone()))])?;
        memory.sessions = Some(now);
        self.tidy(&mut memory);
        Ok(())
    }

    /// The same for people at the console: a failure ends up in the log.
    pub(crate) fn keep_sessions_unasked(&self, server: &AuthorizationServer) {
        if let Err(error) = self.keep_sessions(server) {
            tracing::error!(%error, "sessions could not be written down");
        }
    }

    /// The state at this moment, with the files that it needs.
    pub(crate) fn still(&self, server: &AuthorizationServer) -> Still {
        let mut memory = self.memory();
        memory.sessions = Some(server.snapshot_with_keys());
        self.still_of(&memory)
    }

    fn still_of(&self, memory: &Memory) -> Still {
        self.storage.buckets().still(|stored, files| Still {
            runs: memory.world.runs().count(),
            objects: stored.len(),
            bytes: files.iter().map(|file| file.size).sum(),
            entries: self.entries(memory, stored),
            files,
        })
    }

    fn entries(&self, memory: &Memory, stored: Vec<StoredChange>) -> Vec<Entry> {
        let head = [Entry::Head(Box::new(self.head.clone())), Entry::Clock(self.clock.hand())];
        let world = memory.world.as_changes().into_iter().map(Entry::World);
        let sessions = memory.sessions.clone().map(|sessions| Entry::Sessions(Box::new(sessions)));
        head.into_iter().chain(stored.into_iter().map(Entry::Stored)).chain(world).chain(sessions).collect()
    }

    /// Writes a long journal anew, while nothing can change. Where that fails, the long one is as good.
    fn tidy(&self, memory: &mut Memory) {
        if self.journal.bytes().is_none_or(|bytes| bytes < memory.journal_limit.max(SHORT_JOURNAL)) {
            return;
        }
        let begun = self.storage.buckets().still(|stored, _| self.journal.begin_anew(&self.entries(memory, stored)));
        if let Err(error) = begun {
            tracing::warn!(%error, "the journal stays as long as it is");
        }
        memory.journal_limit = self.journal.bytes().unwrap_or_default().saturating_mul(2);
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn application(&self, id: &str) -> Option<&Application> {
        self.applications.iter().find(|application| application.id == id)
    }

    /// A path for a file that is needed for a moment.
    pub(crate) fn scratch_path(&self) -> PathBuf {
        self.scratch.join(format!("input-{}", self.scratch_names.fetch_add(1, Ordering::Relaxed)))
    }

    /// Takes the next item of a run into work; `None` when there is none, or the run has ended. Not written down: after a
    /// restart it begins anew.
    pub(crate) fn begin_item(&self, run: Uuid) -> Option<Job> {
        let mut memory = self.memory();
        let (run, index) = memory.world.begin_next(run)?;
        let item = run.items.get(index)?;
        let outputs: Vec<(Uuid, Product)> = item.outputs.iter().map(|output| (output.id, output.product)).collect();
        Some(Job {
            run: run.id,
            index,
            item: item.id,
            external_id: item.external_id.clone(),
            script: Engine::script(&self.head, run, item),
            input: item.inputs.first().cloned(),
            outputs,
            worker: None,
        })
    }

    /// Whether somebody still wants what is computed for an item: its run may have ended meanwhile.
    pub(crate) fn is_in_work(&self, job: &Job) -> bool {
        self.with(|world| world.run(job.run)?.items.get(job.index).map(|item| item.phase == ItemPhase::Processing))
            .unwrap_or_default()
    }

    /// Notes what the slide of an item in work looks like; false when it is not in work any more.
    pub(crate) fn show_picture(&self, run: Uuid, index: usize, picture: Picture) -> io::Result<bool> {
        self.change(|world| world.show_picture(run, index, picture))
    }

    /// Ends a run whose deadline has come.
    pub(crate) async fn cancel_late(&self, run: Uuid) {
        let now = self.clock.now();
        let cancel = |world: &mut World| {
            if world.run(run).is_some_and(|run| run.end.is_none())
                && let Some(run) = world.run_mut(run)
            {
                run.cancel(RunEnd::CanceledBySystem, now);
            }
        };
        self.insist(|| self.change(cancel)).await;
    }

    /// Takes away the results of a run that has been kept long enough.
    pub(crate) async fn expire_results(&self, run: Uuid) {
        let expire = |world: &mut World| Some(world.run_mut(run)?.delete_results(Output::DeletedBySystem));
        let gone = self.insist(|| self.change(expire)).await;
        self.remove_files(&gone.flatten().unwrap_or_default());
    }

    /// Removes what nothing refers to any more.
    pub(crate) fn remove_files(&self, gone: &Gone) {
        gone.results.iter().for_each(|key| self.storage.remove(RESULTS_BUCKET, key));
        gone.pictures.iter().for_each(|key| self.storage.remove(PICTURES_BUCKET, key));
    }

    pub(crate) async fn end_item(&self, job: &Job, outcome: Outcome, at: Timestamp) {
        self.insist(|| self.try_end_item(job, &outcome, at)).await;
    }

    /// # Errors
    /// When it could not be written down: the item is in work as before.
    pub(crate) fn try_end_item(&self, job: &Job, outcome: &Outcome, at: Timestamp) -> io::Result<()> {
        if let Err((reason, failure)) = outcome {
            let level_is_ours = *reason == Reason::SystemError;
            tracing::debug!(run = %job.run, item = %job.item, code = failure.code, level_is_ours, "an item failed");
        }
        self.change(|world| world.end_item(job.run, job.index, outcome.clone(), at))
    }
}
