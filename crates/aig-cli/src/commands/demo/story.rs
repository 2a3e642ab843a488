//! The whole story of a demo as one document, and its last words for people.

use std::{fmt::Write as _, path::Path};

use aig_platform::models::{InputArtifact, VersionReadResponse};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Fetched, scribe::Step, sign_in::SignInFacts, slides::Chosen};
use crate::{
    exit::Exit,
    submission::{Prepared, Uploaded},
    text,
    views::{ItemView, RunView},
    watching::Watched,
};

/// How the demo ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// Every item ended as its slide had it: succeeded, or as a user error for the blank one.
    AsPlanned,
    /// An item failed that should not have.
    ItemsFailed,
}

impl Outcome {
    pub(super) fn of(watched: &Watched, chosen: &Chosen) -> Self {
        let blank = chosen.blank.as_ref().and_then(|path| path.file_stem()?.to_str());
        let is_planned = |item: &ItemView| {
            let planned = if blank == Some(&item.external_id) { "USER_ERROR" } else { "SUCCEEDED" };
            item.termination_reason.as_deref() == Some(planned)
        };
        if watched.items.iter().all(is_planned) { Self::AsPlanned } else { Self::ItemsFailed }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Story {
    outcome: Outcome,
    sandbox: SandboxFacts,
    sign_in: SignInFacts,
    application: Application,
    slides: Vec<Subject>,
    #[serde(flatten)]
    results: Results,
    skipped: Vec<String>,
    totals: Totals,
    steps: Vec<Step>,
}

#[derive(Debug, Serialize)]
struct SandboxFacts {
    url: String,
}

/// The application that was run.
#[derive(Debug, Serialize)]
pub(super) struct Application {
    application_id: String,
    version_number: String,
    input_artifact: String,
    input_schema: Map<String, Value>,
    available: Vec<String>,
}

impl Application {
    pub(super) fn new(id: &str, version: &VersionReadResponse, input: &InputArtifact, available: Vec<String>) -> Self {
        Self {
            application_id: id.to_owned(),
            version_number: version.version_number.clone(),
            input_artifact: input.name.clone(),
            input_schema: input.metadata_schema.clone(),
            available,
        }
    }
}

/// A slide of the story.
#[derive(Debug, Serialize)]
pub(super) struct Subject {
    #[serde(flatten)]
    slide: Prepared,
    /// Whether an earlier demo had written it.
    was_there: bool,
    bucket_url: String,
}

impl Subject {
    pub(super) fn list(slides: &[Prepared], uploaded: &[Uploaded], chosen: &Chosen) -> Vec<Self> {
        let subject = |(slide, uploaded): (&Prepared, &Uploaded)| Self {
            slide: slide.clone(),
            was_there: chosen.kept.contains(&slide.inspected.slide.path),
            bucket_url: uploaded.location.clone(),
        };
        slides.iter().zip(uploaded).map(subject).collect()
    }
}

/// What came out.
#[derive(Debug, Serialize)]
pub(super) struct Results {
    pub(super) run: RunView,
    pub(super) items: Vec<ItemView>,
    pub(super) artifacts: Vec<Fetched>,
}

#[derive(Debug, Serialize)]
struct Totals {
    items: usize,
    succeeded: usize,
    failed: usize,
    artifacts: usize,
    artifacts_verified: usize,
    artifact_bytes: u64,
    slide_bytes: u64,
}

impl Totals {
    fn of(slides: &[Subject], results: &Results) -> Self {
        let succeeded = results.items.iter().filter(|item| item.has_succeeded()).count();
        Self {
            items: results.items.len(),
            succeeded,
            failed: results.items.len() - succeeded,
            artifacts: results.artifacts.len(),
            artifacts_verified: results.artifacts.iter().filter(|file| file.verified).count(),
            artifact_bytes: results.artifacts.iter().map(|file| file.bytes).sum(),
            slide_bytes: slides.iter().map(|subject| subject.slide.inspected.slide.bytes).sum(),
        }
    }
}

impl Story {
    pub(super) fn new(
        outcome: Outcome,
        sandbox_url: &str,
        sign_in: SignInFacts,
        application: Application,
        slides: Vec<Subject>,
        results: Results,
        skipped: Vec<String>,
    ) -> Self {
        let totals = Totals::of(&slides, &results);
        let sandbox = SandboxFacts { url: sandbox_url.to_owned() };
        Self { outcome, sandbox, sign_in, application, slides, results, skipped, totals, steps: Vec::new() }
    }

    pub(super) fn finish(&mut self, steps: Vec<Step>) {
        self.steps = steps;
    }

    pub(super) fn artifacts(&self) -> &[Fetched] {
        &self.results.artifacts
    }

    pub(super) fn exit(&self) -> Exit {
        match self.outcome {
            Outcome::AsPlanned => Exit::Done,
            Outcome::ItemsFailed => Exit::ItemsFailed,
        }
    }

    /// What to say last: the sums, and what to try next.
    pub(super) fn closing(&self, folder: &Path) -> String {
        let totals = &self.totals;
        let results = folder.join(self.results.run.run_id.to_string());
        let planned = if self.outcome == Outcome::AsPlanned && totals.failed > 0 { ", as planned" } else { "" };
        let mut said = format!(
            "\n{}: {} succeeded, {} failed{planned}\n{} verified ({}) in {}\n",
            text::count(totals.items, "item"),
            totals.succeeded,
            totals.failed,
            text::count(totals.artifacts_verified, "file"),
            text::bytes(totals.artifact_bytes),
            results.display()
        );
        let slides = self.slides.first().and_then(|subject| subject.slide.inspected.slide.path.parent());
        let slides = slides.unwrap_or(folder).display();
        // Writing to a String does not fail.
        let _ = write!(
            said,
            "\nThe same by hand, with the sandbox in a terminal of its own:\n  \
             aig sandbox up                 prints lines to run in another terminal; there:\n  \
             aig login --device\n  \
             aig application list\n  \
             aig run submit --application {} {slides}\n  \
             aig run watch RUN && aig run download RUN\n\
             With your own slides:\n  \
             aig demo --slides DIR\n\
             QuPath shows a .geojson file on its slide: drag it there.",
            self.application.application_id
        );
        said
    }
}
