//! `aig demo`: the whole job, against a sandbox in this process, over HTTP and with the code that the live platform gets.

mod announcer;
mod painting;
mod scribe;
mod sign_in;
mod slides;
mod stage;
mod story;

use std::{path::PathBuf, sync::Arc};

use aig_platform::models::VersionReadResponse;
use uuid::Uuid;

use super::{
    Context,
    application::fields,
    run::{Fetched, failure_of, fetch, tree},
};
use crate::{
    args::DemoArgs,
    exit::Exit,
    failure::Failure,
    format::Format,
    interrupt::advised,
    output::{Document, refuse_csv},
    printer::Printer,
    submission::{Job, Labels, Resolution, Uploaded, input_of, inspect, prepare},
    text,
    watching::{Watched, Watcher},
};
use scribe::Scribe;
use stage::{Ending, Stage};
use story::{Application, Outcome, Results, Story, Subject};

/// The application that is run: it asks for nothing that is not in the file.
const APPLICATION: &str = "test-app";
/// What to do after a Ctrl-C.
const AGAIN: &str = "slides that are whole stay; `aig demo` takes them again";
/// Steps that are announced.
const STEPS: usize = 9;

pub(super) async fn run(context: &Context, args: &DemoArgs) -> anyhow::Result<Exit> {
    let printer = &context.printer;
    refuse_csv(printer.format())?;
    let own = context.interrupt.guard(slides::own(args)).await?;
    let mut scribe = Scribe::new(printer, STEPS);
    let stage = context.interrupt.guard(Stage::set(&mut scribe, args)).await?;
    let told = context.interrupt.guard(stage.while_it_lives(tell(&stage, &mut scribe, own))).await;
    stage.strike(&mut scribe, if told.is_ok() { Ending::Complete } else { Ending::CutShort }).await;
    let mut story = told.map_err(|error| advised(error, Some(AGAIN.to_owned())))?;
    story.finish(scribe.into_steps());
    print(printer, &story, args)?;
    Ok(story.exit())
}

async fn tell(stage: &Stage, scribe: &mut Scribe, own: Option<Vec<PathBuf>>) -> anyhow::Result<Story> {
    let sign_in = sign_in::sign_in(stage, scribe).await?;
    let (application, version) = choose_application(stage, scribe).await?;
    let chosen = slides::choose(stage, scribe, own).await?;
    let input = input_of(&version)?;
    let slides = prepare(inspect(chosen.paths.clone(), Resolution::OfTheFile).await?, input, &[])?;
    slides.iter().for_each(|slide| scribe.say(slides::facts(slide)));
    let job = Job {
        application: APPLICATION,
        version: &version,
        input,
        slides: &slides,
        labels: Labels { note: Some("aig demo".to_owned()), tags: Vec::new() },
        id: Uuid::new_v4(),
    };
    let uploaded = upload(&job, stage, scribe).await?;
    let subjects = Subject::list(&slides, &uploaded, &chosen);
    let run_id = submit(&job, &uploaded, stage, scribe).await?;
    let watched = watch(run_id, stage, scribe).await?;
    let artifacts = download(run_id, stage, scribe).await?;
    let outcome = Outcome::of(&watched, &chosen);
    let results = Results { run: watched.run, items: watched.items, artifacts };
    Ok(Story::new(outcome, stage.sandbox.url(), sign_in, application, subjects, results, chosen.skipped()))
}

async fn choose_application(
    stage: &Stage,
    scribe: &mut Scribe,
) -> anyhow::Result<(Application, Arc<VersionReadResponse>)> {
    scribe.step("applications", "Applications, and the input schema of one of them");
    let client = &stage.platform.client;
    let all = client.applications().list().all().await?;
    for application in &all {
        let mark = if application.application_id == APPLICATION { "  <- used here" } else { "" };
        scribe.say(format_args!("{:10} {}{mark}", application.application_id, application.name));
    }
    let version = client.versions(APPLICATION).get_or_latest(None).await?;
    let input = input_of(&version)?;
    scribe.say(format_args!("{APPLICATION} {} takes `{}` with", version.version_number, input.name));
    fields(&input.metadata_schema).into_iter().for_each(|field| scribe.say(format_args!("  {field}")));
    let available = all.into_iter().map(|application| application.application_id).collect();
    Ok((Application::new(APPLICATION, &version, input, available), version))
}

async fn upload(job: &Job<'_>, stage: &Stage, scribe: &mut Scribe) -> anyhow::Result<Vec<Uploaded>> {
    scribe.step("upload", "Check of the metadata, and upload to the organization's bucket");
    job.check(&stage.platform.client).await?;
    scribe.say(format_args!("{}: the metadata fits the schema", text::count(job.slides.len(), "slide")));
    job.upload(&stage.platform.client, scribe.printer()).await
}

async fn submit(job: &Job<'_>, uploaded: &[Uploaded], stage: &Stage, scribe: &mut Scribe) -> anyhow::Result<Uuid> {
    scribe.step("submit", "Submission of a run");
    let submission = job.submission(uploaded.iter().map(|slide| &slide.link));
    let run_id = stage.platform.client.runs().submit(submission).await?.run_id;
    stage.remember_run(run_id);
    scribe.say(format_args!("{run_id}, {}", text::count(job.slides.len(), "item")));
    Ok(run_id)
}

async fn watch(run_id: Uuid, stage: &Stage, scribe: &mut Scribe) -> anyhow::Result<Watched> {
    scribe.step("watch", "Watch");
    let printer = scribe.printer().without_data();
    let watcher = Watcher { printer: &printer, client: &stage.platform.client, timeout: None };
    let watched = watcher.watch(run_id).await?;
    if printer.bars().is_some() {
        watched.items.iter().for_each(|item| scribe.say(crate::progress::line(item)));
    }
    Ok(watched)
}

async fn download(run_id: Uuid, stage: &Stage, scribe: &mut Scribe) -> anyhow::Result<Vec<Fetched>> {
    scribe.step("download", "Download of the results, CRC32C verified");
    let (files, report) = fetch(scribe.printer(), &stage.platform.client, run_id, stage.folder.path()).await?;
    failure_of(&report)?;
    Ok(files)
}

fn print(printer: &Printer, story: &Story, args: &DemoArgs) -> anyhow::Result<()> {
    if printer.format() != Format::Text {
        return printer.json(&Document::new("aig.demo/1", story));
    }
    printer.data(tree(story.artifacts(), printer.table_width()))?;
    printer.note(story.closing(&args.dir));
    Ok(())
}

/// The sandbox is gone although nobody asked it to.
fn sandbox_died() -> Failure {
    Failure::new(Exit::Unavailable, "the sandbox ended in the middle of the job").with_hint("run `aig demo` again")
}
