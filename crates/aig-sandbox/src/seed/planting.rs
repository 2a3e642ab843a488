//! Puts the runs of a seed into a platform, with real results of the sandbox's own slides.

use std::{io, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{
    SeedDocument,
    document::{SeedItem, SeedOutcome, SeedRun},
};
use crate::{
    SandboxError,
    catalog::Version,
    engine::{Engine, Outcome, Script, system_error, user_error, work},
    platform::Platform,
    state::{Artifact, Input, Item, ItemPhase, Metadata, Output, Person, Run, RunEnd},
};

/// How long an item took, by its times.
const AN_ITEM: SignedDuration = SignedDuration::from_mins(4);

/// Puts all runs there, each as it has ended, and sets those in motion that have not.
pub(crate) async fn plant(document: &SeedDocument, platform: &Arc<Platform>) -> Result<(), SandboxError> {
    for seed in &document.runs {
        plant_run(seed, platform).await?;
    }
    Engine::go_on(platform);
    Ok(())
}

async fn plant_run(seed: &SeedRun, platform: &Arc<Platform>) -> Result<(), SandboxError> {
    let disk = |source| SandboxError::Storage { source };
    let Some(run) = new_run(seed, platform) else { return Ok(()) };
    let (id, mut at) = (run.id, run.submitted_at);
    platform.change(|world| world.add_run(run)).map_err(disk)?;
    for item in &seed.items {
        if matches!(item.outcome, SeedOutcome::Skipped | SeedOutcome::Waiting) {
            continue;
        }
        let Some(mut job) = platform.begin_item(id) else { break };
        job.script = Script::Planted;
        at = at.saturating_add(AN_ITEM).unwrap_or(at);
        let mut stored = None;
        let outcome: Outcome = match item.outcome {
            SeedOutcome::UserError => Err(user_error("no_tissue", "no tissue found on the slide")),
            SeedOutcome::SystemError => Err(system_error("analysis_failed", "the analysis broke off")),
            _ => match work(platform, &job).await {
                // A seed's results come from the sandbox's own slides: only its disk can be in the way.
                Err((_, failure)) => return Err(disk(io::Error::other(failure.message))),
                Ok(done) => Ok(stored.insert(done).outputs()),
            },
        };
        platform.try_end_item(&job, &outcome, at).map_err(disk)?;
    }
    if seed.items.iter().any(|item| item.outcome == SeedOutcome::Skipped) {
        let cancel = |run: &mut Run| run.cancel(RunEnd::CanceledByUser, at);
        platform.change(|world| world.run_mut(id).map(cancel)).map_err(disk)?;
    }
    Ok(())
}

/// `None` for what the check of the document has ruled out.
fn new_run(seed: &SeedRun, platform: &Platform) -> Option<Run> {
    let application = platform.application(&seed.application)?;
    let version = match &seed.application_version {
        Some(number) => application.version(number)?,
        None => application.latest()?,
    };
    let submitter = submitter(seed, platform)?;
    let now: Timestamp = platform.clock.now();
    // In the order in which items are worked on: those that do not end come last.
    let mut items: Vec<&SeedItem> = seed.items.iter().collect();
    items.sort_by_key(|item| matches!(item.outcome, SeedOutcome::Skipped | SeedOutcome::Waiting));
    Some(Run {
        id: platform.ids.next(),
        number: platform.with(|world| world.next_number()),
        application_id: application.id.clone(),
        version: version.number.clone(),
        submitted_by: submitter.id.clone(),
        organization: submitter.organization.clone(),
        submitted_at: now.saturating_sub(seed.age()?).unwrap_or(now),
        scheduling: None,
        metadata: seed.custom_metadata.clone(),
        items: items.into_iter().map(|item| new_item(item, version, platform)).collect(),
        end: None,
    })
}

fn submitter<'p>(seed: &SeedRun, platform: &'p Platform) -> Option<&'p Person> {
    match &seed.submitted_by {
        Some(id) => platform.people.person(id),
        None => platform.people.persons.first(),
    }
}

fn new_item(seed: &SeedItem, version: &Version, platform: &Platform) -> Item {
    let ids = &platform.ids;
    let output = |output: &crate::catalog::Output| Artifact {
        id: ids.next(),
        name: output.name.clone(),
        product: output.product,
        output: Output::None,
    };
    Item {
        id: ids.next(),
        external_id: seed.external_id.clone(),
        metadata: seed.custom_metadata.clone(),
        inputs: vec![Input {
            id: ids.next(),
            name: version.input.name.clone(),
            url: "https://slides.invalid/demo.tiff".to_owned(),
            metadata: slide_metadata(),
        }],
        phase: ItemPhase::Pending,
        picture: None,
        outputs: version.outputs.iter().map(output).collect(),
    }
}

/// Of the small slides that results of planted items come from.
fn slide_metadata() -> Metadata {
    let facts = json!({
        "checksum_base64_crc32c": "AAAAAA==", "width_px": 512, "height_px": 384,
        "resolution_mpp": 0.5, "media_type": "image/tiff",
    });
    facts.as_object().cloned().unwrap_or_default()
}
