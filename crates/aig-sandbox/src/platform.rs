//! The platform itself: everything it remembers, its storage, its clock, and the work in progress.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use uuid::Uuid;

use crate::{
    catalog::{Application, Product},
    clock::Clock,
    engine::{Engine, Job, Outcome, Script},
    ids::Ids,
    state::{Output, People, Picture, Reason, RunEnd, World},
    storage::Storage,
};

/// Where results lie.
pub(crate) const RESULTS_BUCKET: &str = "aignostics-platform-results";

/// Where small pictures of slides lie, for the console. No key of a user reaches it.
pub(crate) const PICTURES_BUCKET: &str = "sandbox-pictures";

/// One platform. Handlers and the engine share it.
#[derive(Debug)]
pub(crate) struct Platform {
    pub(crate) people: People,
    pub(crate) applications: Vec<Application>,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) storage: Arc<Storage>,
    pub(crate) engine: Engine,
    pub(crate) url_lifetime: Duration,
    pub(crate) scratch: PathBuf,
    pub(crate) scratch_names: AtomicU64,
    pub(crate) world: Mutex<World>,
}

impl Platform {
    /// Looks at or changes what is remembered. Never held across an await.
    pub(crate) fn with<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        look(&mut self.world.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn application(&self, id: &str) -> Option<&Application> {
        self.applications.iter().find(|application| application.id == id)
    }

    /// A path for a file that is needed for a moment.
    pub(crate) fn scratch_path(&self) -> PathBuf {
        self.scratch.join(format!("input-{}", self.scratch_names.fetch_add(1, Ordering::Relaxed)))
    }

    /// Takes the next item of a run into work; `None` when there is none, or the run has ended.
    pub(crate) fn begin_item(&self, run: Uuid) -> Option<Job> {
        self.with(|world| {
            let run = world.run_mut(run)?;
            let index = run.begin_next()?;
            let item = run.items.get(index)?;
            let outputs: Vec<(Uuid, Product)> = item.outputs.iter().map(|output| (output.id, output.product)).collect();
            Some(Job {
                run: run.id,
                index,
                item: item.id,
                external_id: item.external_id.clone(),
                script: Script::of(run, item),
                input: item.inputs.first().cloned(),
                outputs,
            })
        })
    }

    /// Notes what the slide of an item looks like.
    pub(crate) fn show_picture(&self, run: Uuid, index: usize, picture: Picture) {
        self.with(|world| {
            if let Some(item) = world.run_mut(run).and_then(|run| run.items.get_mut(index)) {
                item.picture = Some(picture);
            }
        });
    }

    /// Ends a run whose deadline has come.
    pub(crate) fn cancel_late(&self, run: Uuid) {
        let now = self.clock.now();
        self.with(|world| {
            if let Some(run) = world.run_mut(run).filter(|run| run.end.is_none()) {
                run.cancel(RunEnd::CanceledBySystem, now);
            }
        });
    }

    /// Takes away the results of a run that has been kept long enough.
    pub(crate) fn expire_results(&self, run: Uuid) {
        let keys = self.with(|world| Some(world.run_mut(run)?.delete_results(Output::DeletedBySystem)));
        keys.iter().flatten().for_each(|key| self.storage.remove(RESULTS_BUCKET, key));
    }

    pub(crate) fn end_item(&self, job: &Job, outcome: Outcome) {
        let now = self.clock.now();
        if let Err((reason, failure)) = &outcome {
            let level_is_ours = *reason == Reason::SystemError;
            tracing::debug!(run = %job.run, item = %job.item, code = failure.code, level_is_ours, "an item failed");
        }
        self.with(|world| {
            if let Some(run) = world.run_mut(job.run) {
                run.end_item(job.index, outcome, now);
            }
        });
    }
}
