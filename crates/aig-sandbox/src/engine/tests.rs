//! What is left of work that nobody wants any more: nothing.

use std::{io::Write, sync::Arc};

use tokio::sync::Semaphore;

use super::{Job, work, work::blocking};
use crate::{
    RunPlan, Sandbox, Seed, SlideUse,
    platform::{PICTURES_BUCKET, Platform, RESULTS_BUCKET},
    state::{Output, RunEnd},
};

/// A sandbox with one item, which is in work; nobody but the test works on it.
async fn at_work() -> (Sandbox, Arc<Platform>, Job) {
    let place = tempfile::tempdir().unwrap();
    let seed = place.path().join("seed.toml");
    let run = "[[runs]]\napplication = \"test-app\"\nitems = [{ external_id = \"a\", outcome = \"waiting\" }]\n";
    write!(std::fs::File::create(&seed).unwrap(), "version = 1\n{run}").unwrap();
    let builder = Sandbox::builder().seeded_with(Seed::File(seed)).run_plan(RunPlan::Manual);
    let sandbox = builder.slides(SlideUse::Ignore).start().await.unwrap();
    let platform = Arc::clone(&sandbox.stage().live().control.platform);
    let run = platform.with(|world| world.runs().next().unwrap().id);
    let job = platform.begin_item(run).unwrap();
    (sandbox, platform, job)
}

/// As `delete_run_artifacts` does.
fn delete_results(platform: &Platform, job: &Job) {
    let gone = platform.change(|world| {
        let run = world.run_mut(job.run).unwrap();
        run.cancel(RunEnd::CanceledByUser, platform.clock.now());
        run.delete_results(Output::DeletedByUser)
    });
    platform.remove_files(&gone.unwrap());
}

/// How many results and pictures there are.
fn files(platform: &Platform) -> (usize, usize) {
    let count = |bucket| platform.storage.list(bucket, "", 99).len();
    (count(RESULTS_BUCKET), count(PICTURES_BUCKET))
}

fn has_picture(platform: &Platform, job: &Job) -> bool {
    platform.with(|world| world.run(job.run).unwrap().items[job.index].picture.is_some())
}

#[tokio::test]
async fn results_stay_with_an_item_that_ends_with_them() {
    let (_sandbox, platform, job) = at_work().await;
    let stored = work(&platform, &job).await.unwrap();
    platform.try_end_item(&job, &Ok(stored.outputs()), platform.clock.now()).unwrap();
    drop(stored);
    assert_eq!(files(&platform), (job.outputs.len(), 1));
}

#[tokio::test]
async fn results_go_when_the_run_ends_before_its_item_has_them() {
    let (_sandbox, platform, job) = at_work().await;
    let stored = work(&platform, &job).await.unwrap();
    assert_eq!(files(&platform), (job.outputs.len(), 1));
    delete_results(&platform, &job);
    platform.try_end_item(&job, &Ok(stored.outputs()), platform.clock.now()).unwrap();
    drop(stored);
    assert_eq!(files(&platform), (0, 0));
}

#[tokio::test]
async fn nothing_is_stored_or_shown_for_a_run_that_has_ended() {
    let (_sandbox, platform, job) = at_work().await;
    delete_results(&platform, &job);
    assert!(work(&platform, &job).await.is_err());
    assert_eq!((files(&platform), has_picture(&platform, &job)), ((0, 0), false));
}

#[tokio::test]
async fn a_worker_is_busy_until_its_thread_is_done() {
    let (_sandbox, _platform, mut job) = at_work().await;
    let workers = Arc::new(Semaphore::new(1));
    job.worker = Some(Arc::new(Arc::clone(&workers).acquire_owned().await.unwrap()));
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let (go_on, goes_on) = std::sync::mpsc::channel::<()>();
    let abandoned = tokio::spawn(async move {
        blocking(&job, move |_| {
            begun.send(()).unwrap();
            goes_on.recv()
        })
        .await
    });
    has_begun.await.unwrap();
    abandoned.abort();
    assert!(abandoned.await.unwrap_err().is_cancelled());
    assert_eq!(workers.available_permits(), 0);
    go_on.send(()).unwrap();
    drop(workers.acquire().await.unwrap());
}
