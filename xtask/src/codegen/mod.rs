//! `cargo xtask codegen`: models and operations from an OpenAPI document.

pub(crate) mod api;
mod drift;
mod emit;
pub(crate) mod json;
pub(crate) mod lower;
mod names;
pub(crate) mod node;
pub(crate) mod source;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail, ensure};

use node::Problem;
use source::Document;

/// Generate models and operations from an OpenAPI 3.1 document.
#[derive(Debug, clap::Args)]
pub(crate) struct CodegenArgs {
    /// Write nothing; show how the files on disk differ and fail when they do.
    #[arg(long)]
    check: bool,
    /// The document: a file, a URL, or `-` for the standard input [default: the document of aig-codegen].
    #[arg(long, value_name = "FILE|URL|-", requires = "out")]
    spec: Option<String>,
    /// Where the files go [default: src/generated of aig-codegen].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Generate from the odd documents of the generator's own tests, each beside its document.
    #[arg(long, conflicts_with_all = ["spec", "out"])]
    golden: bool,
}

const SPEC: &str = "crates/aig-codegen/openapi/aignostics-platform.json";
const OUT: &str = "crates/aig-codegen/src/generated";
/// Each directory here holds a document of one feature and what is generated from it; a test compiles them all.
const GOLDEN: &str = "crates/aig-codegen/tests/documents";

/// Runs the command.
///
/// # Errors
/// When the document cannot be read or generated from, a file cannot be written, or `--check` finds a difference.
pub(crate) fn run(root: &Path, args: &CodegenArgs) -> Result<()> {
    let jobs = if args.golden { golden(root)? } else { vec![Job::of(root, args)] };
    for job in jobs {
        let (files, remarks) = generate(&Document::read(&job.spec)?)?;
        job.tell(&remarks)?;
        if args.check {
            compare(&job, &files)?;
        } else {
            drift::publish(&job.out, &files)?.iter().for_each(|path| eprintln!("generated {}", path.display()));
        }
    }
    Ok(())
}

/// A document and where its code goes.
#[derive(Debug)]
struct Job {
    spec: String,
    out: PathBuf,
    origin: Origin,
}

/// Whose document it is, and so what is done with remarks about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// The project's own: it is written so that there is nothing to remark.
    Own,
    /// A document of the tests, odd on purpose.
    Golden,
    /// Somebody else's, taken as it is.
    Foreign,
}

impl Job {
    fn of(root: &Path, args: &CodegenArgs) -> Self {
        let origin = if args.spec.is_some() { Origin::Foreign } else { Origin::Own };
        Self {
            spec: args.spec.clone().unwrap_or_else(|| root.join(SPEC).display().to_string()),
            out: args.out.clone().unwrap_or_else(|| root.join(OUT)),
            origin,
        }
    }

    fn tell(&self, remarks: &[Problem]) -> Result<()> {
        match self.origin {
            Origin::Own if !remarks.is_empty() => bail!("the document says what has no effect:\n{}", listed(remarks)),
            Origin::Own | Origin::Golden => {}
            Origin::Foreign => remarks.iter().for_each(|remark| eprintln!("note: {remark}")),
        }
        Ok(())
    }
}

/// The documents of the generator's own tests.
fn golden(root: &Path) -> Result<Vec<Job>> {
    let mut jobs = Vec::new();
    for entry in std::fs::read_dir(root.join(GOLDEN))? {
        let out = entry?.path();
        if out.is_dir() {
            jobs.push(Job { spec: out.join("document.json").display().to_string(), out, origin: Origin::Golden });
        }
    }
    jobs.sort_by(|one, other| one.spec.cmp(&other.spec));
    Ok(jobs)
}

/// Compares all generated code of the workspace with its documents.
///
/// # Errors
/// When they differ; the difference is printed first.
pub(crate) fn check(root: &Path) -> Result<()> {
    for golden in [false, true] {
        run(root, &CodegenArgs { check: true, spec: None, out: None, golden })?;
    }
    Ok(())
}

fn compare(job: &Job, files: &emit::Files) -> Result<()> {
    let difference = drift::difference(&job.out, files)?;
    print!("{difference}");
    ensure!(
        difference.is_empty(),
        "the code in {} is not that of {}; run `cargo xtask codegen`",
        job.out.display(),
        job.spec
    );
    Ok(())
}

/// The files of a document, and what of it has no effect on them.
///
/// # Errors
/// Every shape of the document that is not supported, with its place.
fn generate(document: &Document) -> Result<(emit::Files, Vec<Problem>)> {
    let unsupported =
        |problems: Vec<Problem>| anyhow!("the document has what is not supported:\n{}", listed(&problems));
    let lowered = lower::lower(&document.json).map_err(unsupported)?;
    Ok((emit::emit(&lowered.api, &document.sha256)?, lowered.remarks))
}

fn listed(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("  {problem}")).collect::<Vec<_>>().join("\n")
}
