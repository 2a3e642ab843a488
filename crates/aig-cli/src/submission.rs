//! From slides on disk to a run: what each file says, its checksum, its metadata, its way to the bucket.

mod metadata;
mod problems;
mod slides;

use aig_platform::{
    Client, Submission, SubmissionItem,
    models::{InputArtifact, VersionReadResponse},
    transfer::{Bucket, SignedUrl, object_key},
};
use anyhow::Context as _;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{args::Setting, exit::Exit, failure::Failure, printer::Printer, progress::Transfers};

pub(crate) use slides::{Inspected, Resolution, external_ids, find, inspect, measure};

/// Slides that are uploaded at the same time.
const PARALLEL_UPLOADS: usize = 4;

/// A slide that is ready to be uploaded.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Prepared {
    #[serde(flatten)]
    pub(crate) inspected: Inspected,
    pub(crate) metadata: Map<String, Value>,
}

/// The one input artifact of a version: what a slide is called, and what must be said of it.
pub(crate) fn input_of(version: &VersionReadResponse) -> Result<&InputArtifact, Failure> {
    match version.input_artifacts.as_slice() {
        [input] => Ok(input),
        inputs => Err(Failure::new(
            Exit::Usage,
            format!("this version takes {} input artifacts an item, and `aig` gives one slide", inputs.len()),
        )),
    }
}

/// Refuses settings that `input` has no field for: known before a slide is read, which may take long.
pub(crate) fn check_settings(input: &InputArtifact, settings: &[Setting]) -> Result<(), Failure> {
    metadata::check(&input.metadata_schema, settings)
}

/// Where the resolution of slides comes from: from the files, unless a setting gives it or nobody asks for it.
pub(crate) fn resolution(input: &InputArtifact, settings: &[Setting]) -> Resolution {
    metadata::resolution(&input.metadata_schema, settings)
}

/// Adds to each slide the metadata that `input` asks for.
pub(crate) fn prepare(
    slides: Vec<Inspected>,
    input: &InputArtifact,
    settings: &[Setting],
) -> anyhow::Result<Vec<Prepared>> {
    let one = |inspected: Inspected| {
        let metadata = metadata::of(&inspected, &input.metadata_schema, settings)?;
        Ok(Prepared { inspected, metadata })
    };
    slides.into_iter().map(one).collect()
}

/// What a person says about a run, to find it by.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    pub(crate) note: Option<String>,
    pub(crate) tags: Vec<String>,
}

/// What is run on which slides.
pub(crate) struct Job<'a> {
    pub(crate) application: &'a str,
    pub(crate) version: &'a VersionReadResponse,
    pub(crate) input: &'a InputArtifact,
    pub(crate) slides: &'a [Prepared],
    pub(crate) labels: Labels,
    /// Mark of this one submission: in the metadata of the run, and in the keys of its slides.
    pub(crate) id: Uuid,
}

impl Job<'_> {
    /// Checks the metadata of all slides against the schema of the application, before anything is uploaded.
    pub(crate) async fn check(&self, client: &Client) -> anyhow::Result<()> {
        let place = SignedUrl::new("https://storage.invalid/not-uploaded-yet")?;
        let draft = self.submission(std::iter::repeat(&place));
        let checked = client.runs().check(&draft).await;
        checked.map(drop).map_err(|error| problems::told(error, self))
    }

    /// Uploads the slides, and gives a URL for each, signed for as long as a run may wait.
    pub(crate) async fn upload(&self, client: &Client, printer: &Printer) -> anyhow::Result<Vec<Uploaded>> {
        let bucket = client.bucket().await.context("cannot open the bucket of the organization")?;
        let progress = Transfers::uploads(printer);
        stream::iter(self.slides)
            .map(|slide| self.upload_one(&bucket, slide, &progress))
            .buffered(PARALLEL_UPLOADS)
            .try_collect()
            .await
    }

    async fn upload_one(&self, bucket: &Bucket, slide: &Prepared, progress: &Transfers) -> anyhow::Result<Uploaded> {
        let path = &slide.inspected.slide.path;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let id = self.id.to_string();
        let key = object_key(["aig", self.application, &self.version.version_number, &id, &name]);
        let uploaded =
            bucket.upload(path, &key, progress).await.with_context(|| format!("cannot upload `{}`", path.display()))?;
        if uploaded.crc32c != slide.inspected.crc32c {
            let changed = format!("`{}` was changed while it was uploaded", path.display());
            return Err(Failure::new(Exit::Integrity, changed).with_hint("submit it again").into());
        }
        let link = bucket.signed_get_url(&key).await.context("cannot sign a URL for the upload")?;
        Ok(Uploaded { location: uploaded.url, link })
    }

    /// The request for a run on slides that lie at `links`, in the order of the slides.
    pub(crate) fn submission<'l>(&self, links: impl IntoIterator<Item = &'l SignedUrl>) -> Submission {
        let items = self.slides.iter().zip(links).map(|(slide, link)| {
            SubmissionItem::new(&slide.inspected.external_id).artifact(&self.input.name, link, slide.metadata.clone())
        });
        let submission = Submission::new(self.application)
            .version(&self.version.version_number)
            .submission_id(self.id)
            .tags(&self.labels.tags)
            .items(items);
        match &self.labels.note {
            Some(note) => submission.note(note),
            None => submission,
        }
    }
}

/// Where a slide went.
pub(crate) struct Uploaded {
    /// `gs://bucket/key`: may be shown.
    pub(crate) location: String,
    pub(crate) link: SignedUrl,
}
