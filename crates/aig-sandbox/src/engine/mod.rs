//! Moves runs through their states by plan, and works on their items.

mod fetch;
mod outcomes;
mod pictures;
mod products;
mod script;
mod stand_in;
#[cfg(test)]
mod tests;
mod work;

use std::{
    collections::HashMap,
    num::NonZero,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use tokio::{
    sync::{Notify, Semaphore},
    task::JoinSet,
};
use uuid::Uuid;

use crate::{
    persist::Head,
    plan::RunPlan,
    platform::Platform,
    state::{Item, Run},
};
use fetch::Fetcher;
pub use outcomes::{Improbable, Outcomes};
use products::Stored;
pub(crate) use script::Script;
use stand_in::StandIns;
pub(crate) use work::{Job, Outcome, system_error, user_error, work};

/// Results are kept for thirty days, as on the platform.
const RETENTION: Duration = Duration::from_secs(30 * 24 * 3600);
/// Before a recoverable error is tried again.
const RECOVERY: Duration = Duration::from_millis(200);

/// Whether submitted slides are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SlideUse {
    /// Each is fetched, checked and analysed.
    #[default]
    Read,
    /// None is fetched: results come from small slides of the sandbox's own. For load tests and pipelines without slides.
    Ignore,
}

/// The runs in motion.
#[derive(Debug)]
pub(crate) struct Engine {
    plan: RunPlan,
    slides: SlideUse,
    fetcher: Fetcher,
    stand_ins: StandIns,
    /// Analyses at a time, over all runs.
    workers: Arc<Semaphore>,
    tasks: Mutex<JoinSet<()>>,
    /// By run, while it moves.
    motions: Mutex<HashMap<Uuid, Arc<Motion>>>,
}

/// What others may say to a run in motion.
#[derive(Debug)]
struct Motion {
    /// With the manual plan: a permit for each step that somebody allowed.
    steps: Semaphore,
    /// Nobody wants its results any more.
    abandoned: Notify,
}

impl Motion {
    fn new() -> Self {
        Self { steps: Semaphore::new(0), abandoned: Notify::new() }
    }
}

impl Engine {
    /// How an item ends: as its submission says, else as chance has it, else as its slide gives.
    pub(crate) fn script(head: &Head, run: &Run, item: &Item) -> Script {
        let by_chance = || head.outcomes.draw(head.seed, run.number, &item.external_id);
        Script::of(run, item).or_else(by_chance).unwrap_or(Script::Honest)
    }

    pub(crate) fn new(plan: RunPlan, slides: SlideUse) -> Self {
        Self {
            plan,
            slides,
            fetcher: Fetcher::default(),
            stand_ins: StandIns::default(),
            workers: Arc::new(Semaphore::new(parallelism())),
            tasks: Mutex::default(),
            motions: Mutex::default(),
        }
    }

    /// How runs move.
    pub(crate) fn plan(&self) -> &RunPlan {
        &self.plan
    }

    /// Sets a submitted run in motion.
    pub(crate) fn start(platform: &Arc<Platform>, run: Uuid, items: usize, deadline: Option<Timestamp>) {
        let engine = &platform.engine;
        let motion = Arc::new(Motion::new());
        lock(&engine.motions).insert(run, Arc::clone(&motion));
        engine.spawn(life(Arc::clone(platform), motion, Moving { run, items, deadline }));
    }

    /// Goes on with every run that was kept: those that have not ended move, the others wait for the end of their results.
    pub(crate) fn go_on(platform: &Arc<Platform>) {
        let runs = platform.with(|world| world.runs().map(|run| (run.id, Rest::of(run))).collect::<Vec<_>>());
        for (run, rest) in runs {
            match rest {
                Rest::Work { items, deadline } => Self::start(platform, run, items, deadline),
                Rest::Results { until } => platform.engine.spawn(retire(Arc::clone(platform), run, until)),
                Rest::Nothing => {}
            }
        }
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = lock(&self.tasks);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
    }

    /// Lets one more item of a run go through, with the manual plan. False for a run that nobody waits for.
    pub(crate) fn step(&self, run: Uuid) -> bool {
        let motions = lock(&self.motions);
        let waiting = motions.get(&run).filter(|_| self.plan == RunPlan::Manual);
        waiting.inspect(|motion| motion.steps.add_permits(1)).is_some()
    }

    /// Ends the work on a run that has been canceled: whatever it fetches or computes is of no use.
    pub(crate) fn abandon(&self, run: Uuid) {
        if let Some(motion) = lock(&self.motions).get(&run) {
            motion.abandoned.notify_one();
        }
    }

    /// Whether [`Engine::step`] would do something.
    pub(crate) fn waits(&self, run: Uuid) -> bool {
        self.plan == RunPlan::Manual && lock(&self.motions).contains_key(&run)
    }

    /// Ends all work at once.
    pub(crate) fn stop(&self) {
        lock(&self.tasks).abort_all();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn parallelism() -> usize {
    std::thread::available_parallelism().map_or(2, NonZero::get)
}

/// A run that is to be worked on.
#[derive(Clone, Copy, Debug)]
struct Moving {
    run: Uuid,
    items: usize,
    deadline: Option<Timestamp>,
}

/// From the submission to the day when the results are taken away.
async fn life(platform: Arc<Platform>, motion: Arc<Motion>, moving: Moving) {
    let run = moving.run;
    tokio::select! {
        () = drive(&platform, &motion, moving) => {}
        () = until(&platform, moving.deadline) => platform.cancel_late(run).await,
        () = motion.abandoned.notified() => {}
    }
    lock(&platform.engine.motions).remove(&run);
    platform.clock.sleep(RETENTION).await;
    platform.expire_results(run).await;
}

/// Takes the results away when their time has come.
async fn retire(platform: Arc<Platform>, run: Uuid, at: Timestamp) {
    until(&platform, Some(at)).await;
    platform.expire_results(run).await;
}

/// Never, without a deadline.
async fn until(platform: &Platform, deadline: Option<Timestamp>) {
    let Some(deadline) = deadline else { return std::future::pending().await };
    let left = deadline.duration_since(platform.clock.now());
    platform.clock.sleep(Duration::try_from(left).unwrap_or_default()).await;
}

/// What is left to do with a run that was kept.
enum Rest {
    Work { items: usize, deadline: Option<Timestamp> },
    Results { until: Timestamp },
    Nothing,
}

impl Rest {
    fn of(run: &Run) -> Self {
        match run.end {
            None => Self::Work {
                items: usize::try_from(run.unfinished()).unwrap_or_default(),
                deadline: run.scheduling.and_then(|scheduling| scheduling.deadline).map(Into::into),
            },
            Some((_, at)) if run.items.iter().any(Item::has_files) => {
                Self::Results { until: at.checked_add(RETENTION).unwrap_or(Timestamp::MAX) }
            }
            Some(_) => Self::Nothing,
        }
    }
}

/// Returns when the run has ended.
async fn drive(platform: &Arc<Platform>, motion: &Motion, moving: Moving) {
    let Moving { run, items, .. } = moving;
    match platform.engine.plan {
        RunPlan::Immediate => {
            let each = stream::iter(0..items).map(|_| next_item(platform, run, Duration::ZERO));
            each.buffer_unordered(parallelism()).for_each(|()| async {}).await;
        }
        RunPlan::Timed { queued, item } => {
            platform.clock.sleep(queued).await;
            for _ in 0..items {
                next_item(platform, run, item).await;
            }
        }
        RunPlan::Manual => {
            for _ in 0..items {
                let Ok(step) = motion.steps.acquire().await else { return };
                step.forget();
                next_item(platform, run, Duration::ZERO).await;
            }
        }
    }
    // An item that hangs holds its run until somebody cancels it, or its deadline comes.
    if platform.with(|world| world.run(run).is_some_and(|run| run.end.is_none())) {
        std::future::pending::<()>().await;
    }
}

/// Takes the next item of the run through its processing, which lasts `least` at least.
async fn next_item(platform: &Arc<Platform>, run: Uuid, least: Duration) {
    let Ok(worker) = Arc::clone(&platform.engine.workers).acquire_owned().await else { return };
    let Some(mut job) = platform.begin_item(run) else { return };
    job.worker = Some(Arc::new(worker));
    match job.script {
        // It stays in work until the run is canceled.
        Script::Hang => return,
        Script::Recover => platform.clock.sleep(least.max(RECOVERY)).await,
        _ => {}
    }
    let (result, ()) = tokio::join!(work(platform, &job), platform.clock.sleep(least));
    let outcome = result.as_ref().map(Stored::outputs).map_err(Clone::clone);
    platform.end_item(&job, outcome, platform.clock.now()).await;
}
