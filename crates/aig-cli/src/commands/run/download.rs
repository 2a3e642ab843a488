//! `aig run download`.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use aig_platform::{
    Client,
    transfer::{DownloadOptions, DownloadReport, FileOutcome},
};
use anyhow::Context as _;
use serde::Serialize;
use uuid::Uuid;

use crate::{
    args::DownloadArgs,
    exit::Exit,
    output::{Column, Document, Format, Listing},
    printer::Printer,
    progress::Transfers,
    text,
};

/// A result that lies on this machine.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Fetched {
    pub(crate) external_id: String,
    pub(crate) artifact: String,
    media_type: String,
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
    checksum_base64_crc32c: String,
    /// The bytes on disk were checked against the checksum that the platform gave.
    pub(crate) verified: bool,
    already_there: bool,
}

impl Fetched {
    pub(crate) const COLUMNS: &'static [Column<Self>] = &[
        Column { title: "item", cell: |file| text::plain(&file.external_id) },
        Column { title: "file", cell: Self::name },
        Column { title: "size", cell: |file| text::bytes(file.bytes) },
        Column { title: "crc32c", cell: |file| file.checksum_base64_crc32c.clone() },
        Column { title: "path", cell: |file| file.path.display().to_string() },
    ];

    pub(crate) fn checksum(&self) -> &str {
        &self.checksum_base64_crc32c
    }

    pub(crate) fn name(&self) -> String {
        self.path.file_name().map(|name| text::plain(&name.to_string_lossy())).unwrap_or_default()
    }
}

/// Downloads the results of `run_id` below `folder`.
pub(crate) async fn fetch(
    printer: &Printer,
    client: &Client,
    run_id: Uuid,
    folder: &Path,
) -> anyhow::Result<(Vec<Fetched>, DownloadReport)> {
    let progress = Arc::new(Transfers::new(printer, "downloaded"));
    let report = client
        .run(run_id)
        .download(DownloadOptions::to(folder), progress)
        .await
        .with_context(|| format!("cannot download the results of run {run_id} to `{}`", folder.display()))?;
    let fetched = report.files.iter().map(|file| Fetched {
        external_id: file.external_id.clone(),
        artifact: file.artifact.clone(),
        media_type: file.mime_type.clone(),
        path: file.path.clone(),
        bytes: file.bytes,
        checksum_base64_crc32c: file.crc32c.to_string(),
        verified: true,
        already_there: matches!(file.outcome, FileOutcome::AlreadyThere),
    });
    Ok((fetched.collect(), report))
}

#[derive(Debug, Serialize)]
struct Downloaded<'a> {
    run_id: Uuid,
    directory: &'a Path,
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
    reason: String,
}

pub(super) async fn download(printer: &Printer, client: &Client, args: &DownloadArgs) -> anyhow::Result<Exit> {
    let run_id = args.run;
    let (files, report) = fetch(printer, client, run_id, &args.dest).await?;
    if printer.format() == Format::Json {
        printer.json(&Document::new("aig.run.download/1", document(run_id, &files, &report)))?;
    } else {
        let listing = Listing {
            schema: "aig.run.download/1",
            line_schema: "aig.run.download.file/1",
            member: "files",
            items: &files,
            columns: Fetched::COLUMNS,
        };
        listing.print(printer)?;
    }
    for item in &report.skipped_items {
        printer.warn(format_args!("{} has no results: {}", text::plain(&item.external_id), item.reason));
    }
    outcome(printer, &files, &report)
}

fn document<'a>(run_id: Uuid, files: &'a [Fetched], report: &'a DownloadReport) -> Downloaded<'a> {
    let failed = report.failed.iter().map(|file| Failed {
        external_id: file.external_id.clone(),
        artifact: file.artifact.clone(),
        error: file.error.to_string(),
    });
    let skipped = report
        .skipped_items
        .iter()
        .map(|item| Skipped { external_id: item.external_id.clone(), reason: item.reason.to_string() });
    Downloaded {
        run_id,
        directory: &report.directory,
        files,
        failed: failed.collect(),
        skipped_items: skipped.collect(),
    }
}

fn outcome(printer: &Printer, files: &[Fetched], report: &DownloadReport) -> anyhow::Result<Exit> {
    if let Some(first) = report.failed.first() {
        let what = format!("{} could not be downloaded", text::count(report.failed.len(), "file"));
        return Err(anyhow::Error::new(first.error.clone()).context(what));
    }
    let bytes: u64 = files.iter().map(|file| file.bytes).sum();
    printer.note(format_args!(
        "{} ({}), every checksum right, in {}",
        text::count(files.len(), "file"),
        text::bytes(bytes),
        report.directory.display()
    ));
    Ok(Exit::Done)
}
