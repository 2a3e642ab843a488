//! `aig run download`.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use aig_platform::{
    Client,
    transfer::{DownloadOptions, DownloadReport, DownloadedFile, FileOutcome, SkippedItem, Verification},
};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    args::DownloadArgs,
    exit::Exit,
    failure::Failure,
    folder::Folder,
    format::Format,
    output::{Column, Document, Listing},
    printer::Printer,
    progress::Transfers,
    table, text,
    views::RunView,
};

use super::how_items_ended;

/// A result that lies on this machine.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Fetched {
    pub(crate) external_id: String,
    pub(crate) artifact: String,
    media_type: Option<String>,
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
    checksum_base64_crc32c: String,
    /// The bytes on disk were checked against the checksum that the platform gave.
    pub(crate) verified: bool,
    already_there: bool,
}

impl Fetched {
    const CSV: &'static [Column<Self>] = &[
        Column { title: "external_id", cell: |file| file.external_id.clone() },
        Column { title: "artifact", cell: |file| file.artifact.clone() },
        Column { title: "media_type", cell: |file| file.media_type.clone().unwrap_or_default() },
        Column { title: "bytes", cell: |file| file.bytes.to_string() },
        Column { title: "checksum_base64_crc32c", cell: |file| file.checksum_base64_crc32c.clone() },
        Column { title: "verified", cell: |file| file.verified.to_string() },
        Column { title: "already_there", cell: |file| file.already_there.to_string() },
        Column { title: "path", cell: |file| file.path.display().to_string() },
    ];

    fn name(&self) -> String {
        self.path.file_name().map(|name| text::plain(&name.to_string_lossy())).unwrap_or_default()
    }
}

/// Files under the items that they belong to: narrow enough for any terminal.
pub(crate) fn tree(files: &[Fetched], width: Option<u16>) -> String {
    let mut lines = Vec::new();
    for group in files.chunk_by(|one, other| one.external_id == other.external_id) {
        let folder = group.first().and_then(|file| file.path.parent());
        lines.extend(folder.map(|folder| format!("{}/", text::plain(&folder.display().to_string()))));
        let row = |file: &Fetched| {
            let verified = if file.verified { "verified" } else { "not verifiable" };
            let checksum = file.checksum_base64_crc32c.clone();
            vec![format!("  {}", file.name()), text::bytes(file.bytes), checksum, verified.to_owned()]
        };
        lines.push(table::rows(&group.iter().map(row).collect::<Vec<_>>(), width));
    }
    lines.join("\n")
}

impl From<&DownloadedFile> for Fetched {
    fn from(file: &DownloadedFile) -> Self {
        Self {
            external_id: file.external_id.clone(),
            artifact: file.artifact.clone(),
            media_type: file.mime_type.clone(),
            path: file.path.clone(),
            bytes: file.bytes,
            checksum_base64_crc32c: file.crc32c.to_string(),
            verified: file.verification == Verification::Checksum,
            already_there: file.outcome == FileOutcome::AlreadyThere,
        }
    }
}

/// Downloads the results of `run_id` below `folder`.
pub(crate) async fn fetch(
    printer: &Printer,
    client: &Client,
    run_id: Uuid,
    folder: &Path,
) -> anyhow::Result<(Vec<Fetched>, DownloadReport)> {
    let progress = Arc::new(Transfers::downloads(printer));
    let options = DownloadOptions::to(folder);
    let report = client.run(run_id).download(&options, progress).await?;
    Ok((report.files.iter().map(Fetched::from).collect(), report))
}

/// The first failure of a download, with the number of all.
pub(crate) fn failure_of(report: &DownloadReport) -> anyhow::Result<()> {
    let Some(first) = report.failed.first() else { return Ok(()) };
    let what = format!("{} could not be downloaded", text::count(report.failed.len(), "file"));
    Err(anyhow::Error::new(first.error.clone()).context(what))
}

#[derive(Debug, Serialize)]
struct Downloaded<'a> {
    run_id: Uuid,
    run_state: &'a str,
    /// None when nothing came: there is no such folder then.
    directory: Option<&'a Path>,
    files: &'a [Fetched],
    failed: Vec<Failed>,
    skipped_items: Vec<Skipped>,
}

#[derive(Debug, Serialize)]
struct Failed {
    external_id: String,
    artifact: String,
    error: String,
}

#[derive(Debug, Serialize)]
struct Skipped {
    external_id: String,
    state: String,
    termination_reason: Option<String>,
    error_code: Option<String>,
    error_message: Option<String>,
}

impl From<&SkippedItem> for Skipped {
    fn from(item: &SkippedItem) -> Self {
        Self {
            external_id: item.external_id.clone(),
            state: item.state.to_string(),
            termination_reason: item.reason.as_ref().map(ToString::to_string),
            error_code: item.error_code.clone(),
            error_message: item.error_message.clone(),
        }
    }
}

impl Skipped {
    fn sentence(&self) -> String {
        let standing = text::state(self.termination_reason.as_deref().unwrap_or(&self.state));
        let said = [&self.error_code, &self.error_message].into_iter().flatten().cloned();
        let parts: Vec<String> = std::iter::once(standing).chain(said).collect();
        text::plain(&format!("{} has no results: {}", self.external_id, parts.join(": ")))
    }
}

pub(super) async fn download(printer: &Printer, client: &Client, args: &DownloadArgs) -> anyhow::Result<Exit> {
    let dest = Folder::open(&args.dest)?;
    // Read before its items: a run that ends in between is said to go on, and never the other way round.
    let run = RunView::from(&*client.run(args.run).get().await?);
    let (files, report) = fetch(printer, client, args.run, dest.path()).await?;
    match printer.format() {
        Format::Text if files.is_empty() => {}
        Format::Text => printer.data(tree(&files, printer.table_width()))?,
        Format::Json => printer.json(&Document::new("aig.run.download/1", document(&run, &files, &report)))?,
        Format::Jsonl | Format::Csv => listing(&files).print(printer)?,
    }
    let ended = report.skipped.iter().filter(|item| item.reason.is_some());
    ended.for_each(|item| printer.warn(Skipped::from(item).sentence()));
    failure_of(&report)?;
    lack(&run, &files)?;
    printer.note(summary(&files, &report));
    Ok(Exit::Done)
}

/// Why a download without a failure is not all that a caller may count on.
fn lack(run: &RunView, files: &[Fetched]) -> Result<(), Failure> {
    let id = run.run_id;
    if !run.has_ended() {
        let (ended, all) = run.progress();
        let have = if ended == 1 { "has" } else { "have" };
        let what = format!("run {id} goes on: {ended} of {} {have} ended", text::count(all, "item"));
        return Err(Failure::new(Exit::Failed, what)
            .with_hint(format!("wait for its end with `aig run watch {id}`, then download again")));
    }
    if files.is_empty() {
        let what = format!("run {id} has ended ({}) and has no results to download", run.ending());
        return Err(Failure::new(Exit::ItemsFailed, what).with_hint(how_items_ended(id)));
    }
    Ok(())
}

fn listing(files: &[Fetched]) -> Listing<'_, Fetched> {
    Listing {
        schema: "aig.run.download/1",
        line_schema: "aig.run.download.file/1",
        member: "files",
        items: files,
        columns: Fetched::CSV,
        csv: Fetched::CSV,
    }
}

fn document<'a>(run: &'a RunView, files: &'a [Fetched], report: &'a DownloadReport) -> Downloaded<'a> {
    let failed = report.failed.iter().map(|file| Failed {
        external_id: file.external_id.clone(),
        artifact: file.artifact.clone(),
        error: file.error.to_string(),
    });
    Downloaded {
        run_id: run.run_id,
        run_state: &run.state,
        directory: (!files.is_empty()).then_some(report.directory.as_path()),
        files,
        failed: failed.collect(),
        skipped_items: report.skipped.iter().map(Skipped::from).collect(),
    }
}

fn summary(files: &[Fetched], report: &DownloadReport) -> String {
    let bytes: u64 = files.iter().map(|file| file.bytes).sum();
    let unverified = files.iter().filter(|file| !file.verified).count();
    let checked = match unverified {
        0 => "every checksum right".to_owned(),
        some => format!("{} without a checksum to hold it against", text::count(some, "file")),
    };
    let (count, directory) = (text::count(files.len(), "file"), report.directory.display());
    format!("{count} ({}), {checked}, in {directory}", text::bytes(bytes))
}
