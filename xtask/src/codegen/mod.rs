//! `cargo xtask codegen`: models and operations from an OpenAPI document.

pub(crate) mod api;
mod drift;
mod emit;
pub(crate) mod json;
pub(crate) mod lower;
mod names;
pub(crate) mod node;
pub(crate) mod source;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};

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
}

const SPEC: &str = "crates/aig-codegen/openapi/aignostics-platform.json";
const OUT: &str = "crates/aig-codegen/src/generated";

/// Runs the command.
///
/// # Errors
/// When the document cannot be read or generated from, a file cannot be written, or `--check` finds a difference.
pub(crate) fn run(root: &Path, args: &CodegenArgs) -> Result<()> {
    let spec = args.spec.clone().unwrap_or_else(|| root.join(SPEC).display().to_string());
    let out = args.out.clone().unwrap_or_else(|| root.join(OUT));
    let files = generate(&Document::read(&spec)?)?;
    if args.check {
        return compare(&spec, &out, &files);
    }
    for path in drift::publish(&out, &files)? {
        eprintln!("generated {}", path.display());
    }
    Ok(())
}

/// Compares the generated code of the workspace with its document.
///
/// # Errors
/// When they differ; the difference is printed first.
pub(crate) fn check(root: &Path) -> Result<()> {
    run(root, &CodegenArgs { check: true, spec: None, out: None })
}

fn compare(spec: &str, out: &Path, files: &emit::Files) -> Result<()> {
    let difference = drift::difference(out, files)?;
    print!("{difference}");
    ensure!(difference.is_empty(), "the code in {} is not that of {spec}; run `cargo xtask codegen`", out.display());
    Ok(())
}

/// The files of a document.
///
/// # Errors
/// Every shape of the document that is not supported, with its place.
pub(crate) fn generate(document: &Document) -> Result<emit::Files> {
    let lowered = lower::lower(&document.json).or_else(|problems| bail!(listed(&problems)))?;
    for remark in &lowered.remarks {
        eprintln!("note: {remark}");
    }
    emit::emit(&lowered.api, &document.sha256)
}

fn listed(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(|problem| format!("  {problem}")).collect();
    format!("the document has what the generator does not support:\n{}", lines.join("\n"))
}
