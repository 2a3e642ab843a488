//! The results of a run, fetched in parallel, each verified.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use aig_codegen::{
    enums::{ItemState, ItemTerminationReason},
    models::ItemResultReadResponse,
};
use async_trait::async_trait;
use futures_util::{StreamExt as _, stream};
use uuid::Uuid;

use crate::{
    Error, Result, RunHandle,
    transfer::{
        Crc32c, Expected, Fetcher, LinkSource, Progress, SignedUrl, TransferEvent, checksum,
        fetch::blocking,
        part_file::make_below,
        plan::{self, MediaTypes, Planned},
    },
};

/// How to fetch results.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DownloadOptions {
    /// Where the directory of the run is made.
    pub directory: PathBuf,
    /// How many files are fetched at once.
    pub parallel: usize,
    /// Only these items, by the caller's own names; all when empty.
    pub external_ids: Vec<String>,
}

/// As many at once as pays off: more gained less than a tenth on many small files.
const PARALLEL: usize = 8;

impl DownloadOptions {
    /// Into `directory`, as `RUN/ITEM/OUTPUT.EXTENSION`.
    pub fn to(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into(), parallel: PARALLEL, external_ids: Vec::new() }
    }

    /// Fetches this many files at once.
    #[must_use]
    pub fn parallel(self, parallel: usize) -> Self {
        Self { parallel: parallel.max(1), ..self }
    }

    /// Fetches the results of these items alone.
    #[must_use]
    pub fn only<S: Into<String>>(self, external_ids: impl IntoIterator<Item = S>) -> Self {
        Self { external_ids: external_ids.into_iter().map(Into::into).collect(), ..self }
    }
}

/// What was fetched, and what was not.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DownloadReport {
    /// The directory of the run.
    pub directory: PathBuf,
    /// The files that are there, verified.
    pub files: Vec<DownloadedFile>,
    /// The files that could not be had.
    pub failed: Vec<FailedFile>,
    /// The items without results.
    pub skipped: Vec<SkippedItem>,
}

/// A file that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DownloadedFile {
    /// The item, by the caller's own name.
    pub external_id: String,
    /// The name of the output.
    pub artifact: String,
    /// The media type, where known.
    pub mime_type: Option<String>,
    /// Where the file is.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// Its checksum, computed here.
    pub crc32c: Crc32c,
    /// Whether there was something to hold it against.
    pub verification: Verification,
    /// What was done.
    pub outcome: FileOutcome,
}

/// What a file was held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verification {
    /// The checksum that the platform gives.
    Checksum,
    /// Nothing: the platform gives no checksum for this file.
    None,
}

/// What was done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileOutcome {
    /// It was fetched.
    Downloaded,
    /// It was there already, with the right checksum.
    AlreadyThere,
    /// It was sent.
    Uploaded,
}

/// A file that could not be had.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FailedFile {
    /// The item, by the caller's own name.
    pub external_id: String,
    /// The name of the output.
    pub artifact: String,
    /// Where it would be.
    pub path: PathBuf,
    /// Why.
    pub error: Error,
}

/// An item without results.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SkippedItem {
    /// The caller's own name.
    pub external_id: String,
    /// Its state.
    pub state: ItemState,
    /// Why it ended, when it did.
    pub reason: Option<ItemTerminationReason>,
    /// What went wrong, as a code.
    pub error_code: Option<String>,
    /// What went wrong, in words.
    pub error_message: Option<String>,
}

impl RunHandle {
    /// Fetches the results that there are. Each file appears under its name when it is whole and verified, and not
    /// before; one that is there already is kept when its checksum is right. Giving up in the middle leaves nothing
    /// unfinished behind.
    ///
    /// One file's failure does not keep the others from coming: see [`DownloadReport::failed`]. A full disk does: what is
    /// whole stays, and a later download goes on from there.
    ///
    /// # Errors
    /// When the run or its items cannot be read, its directory cannot be made, or the disk is full.
    pub async fn download(&self, options: &DownloadOptions, progress: Arc<dyn Progress>) -> Result<DownloadReport> {
        let items = self.wanted_items(&options.external_ids).await?;
        let directory = options.directory.join(self.id().to_string());
        let media_types = self.declared_media_types(&items).await;
        let plan = plan::plan(&items, &directory, &media_types);
        if !plan.files.is_empty() {
            make(&options.directory, &directory).await?;
        }
        progress.report(&TransferEvent::Planned { files: plan.files.len() });
        let fetcher = Fetcher {
            transport: Arc::clone(&self.client().inner().wire.transport),
            behaviour: self.behaviour(),
            progress,
            root: options.directory.clone(),
        };
        let (all, parallel) = (plan.files.len(), options.parallel.max(1));
        let mut report = DownloadReport { directory, files: Vec::new(), failed: Vec::new(), skipped: plan.skipped };
        let one = |file: Planned| async {
            let outcome = fetch(self, &fetcher, &file).await;
            (file, outcome)
        };
        let mut fetched = stream::iter(plan.files).map(one).buffer_unordered(parallel);
        while let Some((file, outcome)) = fetched.next().await {
            report.add(file, outcome, &fetcher).map_err(|full| full.with_note(&report.standing(all)))?;
        }
        drop(fetched);
        report.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(report)
    }

    async fn wanted_items(&self, external_ids: &[String]) -> Result<Vec<ItemResultReadResponse>> {
        let mut items = self.items().all().await?;
        if !external_ids.is_empty() {
            items.retain(|item| external_ids.contains(&item.external_id));
        }
        Ok(items)
    }

    /// The media types that the version declares, when an output does not say its own. Nothing fails for want of them.
    async fn declared_media_types(&self, items: &[ItemResultReadResponse]) -> MediaTypes {
        let outputs = items.iter().flat_map(|item| &item.output_artifacts);
        let mut metadata = outputs.map(|output| output.metadata.as_ref());
        if metadata.all(|found| found.is_some_and(plan::says_its_media_type)) {
            return MediaTypes::new();
        }
        let Ok(run) = self.get().await else { return MediaTypes::new() };
        let version = self.client().versions(&run.application_id).get(&run.version_number).await;
        let outputs = version.map(|version| version.output_artifacts.clone()).unwrap_or_default();
        outputs.into_iter().map(|output| (output.name, output.mime_type)).collect()
    }
}

impl DownloadReport {
    /// Whether every file is there.
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty()
    }

    fn standing(&self, all: usize) -> String {
        format!("{} of {all} files are whole", self.files.len())
    }

    /// Takes note of a file. The error is one that every other file would meet too.
    fn add(&mut self, file: Planned, outcome: Result<DownloadedFile>, fetcher: &Fetcher) -> Result<()> {
        match outcome {
            Err(error) if error.is_disk_full() => return Err(error),
            Ok(there) => {
                fetcher.progress.report(&TransferEvent::Finished { id: file.id, outcome: there.outcome });
                self.files.push(there);
            }
            Err(error) => {
                fetcher.progress.report(&TransferEvent::Failed { id: file.id, error: error.to_string() });
                let Planned { external_id, artifact, path, .. } = file;
                self.failed.push(FailedFile { external_id, artifact, path, error });
            }
        }
        Ok(())
    }
}

/// Makes the directory of the run, once and before anything is fetched: what is wrong with it is said once.
async fn make(root: &Path, directory: &Path) -> Result<()> {
    let (root, directory) = (root.to_owned(), directory.to_owned());
    blocking(move || make_below(&root, &directory)).await
}

async fn fetch(run: &RunHandle, fetcher: &Fetcher, file: &Planned) -> Result<DownloadedFile> {
    let name = format!("{}/{}", file.external_id, file.artifact);
    fetcher.progress.report(&TransferEvent::Started { id: file.id, name, size: None });
    if let Some(there) = already_there(&file.path, file).await {
        return Ok(there);
    }
    let links = ArtifactLinks { run, artifact_id: file.artifact_id };
    let fetched = fetcher.fetch(file.id, &links, &file.path, Expected { crc: file.crc }).await?;
    Ok(found(file, fetched.bytes, fetched.crc, FileOutcome::Downloaded))
}

/// The file that is there, when it is the right one.
async fn already_there(path: &Path, file: &Planned) -> Option<DownloadedFile> {
    let expected = file.crc?;
    let there = checksum(path).await.ok()?;
    (there.crc32c == expected).then(|| found(file, there.bytes, there.crc32c, FileOutcome::AlreadyThere))
}

fn found(file: &Planned, bytes: u64, crc32c: Crc32c, outcome: FileOutcome) -> DownloadedFile {
    DownloadedFile {
        external_id: file.external_id.clone(),
        artifact: file.artifact.clone(),
        mime_type: file.mime_type.clone(),
        path: file.path.clone(),
        bytes,
        crc32c,
        verification: if file.crc.is_some() { Verification::Checksum } else { Verification::None },
        outcome,
    }
}

struct ArtifactLinks<'a> {
    run: &'a RunHandle,
    artifact_id: Uuid,
}

#[async_trait]
impl LinkSource for ArtifactLinks<'_> {
    async fn link(&self) -> Result<SignedUrl> {
        self.run.artifact_url(self.artifact_id).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{call::Behaviour, transfer::NoProgress, transport::RecordingTransport};

    fn planned(number: u64) -> Planned {
        let (external_id, artifact) = ("slide".to_owned(), format!("output-{number}"));
        let path = PathBuf::from(&artifact);
        Planned { id: number, external_id, artifact, artifact_id: Uuid::nil(), mime_type: None, path, crc: None }
    }

    #[test]
    fn a_full_disk_is_one_error_for_all_files_and_says_how_far_it_came() {
        let settings = crate::settings::Settings::load(crate::settings::Sources::new(Default::default())).unwrap();
        let fetcher = Fetcher {
            transport: Arc::new(RecordingTransport::new()),
            behaviour: Behaviour::of(&settings.run),
            progress: Arc::new(NoProgress),
            root: PathBuf::new(),
        };
        let directory = PathBuf::from("out");
        let mut report = DownloadReport { directory, files: Vec::new(), failed: Vec::new(), skipped: Vec::new() };
        let whole = found(&planned(0), 1, Crc32c::of(b"x"), FileOutcome::Downloaded);
        report.add(planned(0), Ok(whole), &fetcher).unwrap();
        let denied = Error::io("write", Path::new("a"), std::io::ErrorKind::PermissionDenied.into());
        report.add(planned(1), Err(denied), &fetcher).unwrap();
        let full = Error::io("write", Path::new("b"), std::io::ErrorKind::StorageFull.into());
        let error = report.add(planned(2), Err(full), &fetcher).unwrap_err().with_note(&report.standing(9));
        assert!(error.to_string().ends_with("1 of 9 files are whole"), "{error}");
        assert!(error.hint().unwrap().contains("free some space"));
        assert_eq!(report.failed.len(), 1, "one file's own failure is no reason to stop");
    }
}
