//! `cargo xtask api-diff`: what changed between two OpenAPI documents on the wire, and whom it hurts.
//!
//! It reads the documents by itself instead of through the generator's intermediate representation. That one refuses
//! what the generator cannot print, names things in Rust and drops what its output has no use for; here a document
//! that nobody could generate from must still be compared, two ways to write one schema must come out alike, and every
//! finding points into the file. Shared are the JSON of [`crate::codegen::json`] and the places of
//! [`crate::codegen::node`].
//!
//! - [`schema`] takes schemas apart into one normal form (references, `allOf`, unions, null).
//! - [`mod@compare`] holds two documents against each other and tells what each difference does to the set of messages
//!   that is allowed: widens it, narrows it, replaces it, or nobody can tell.
//! - [`verdict`] says, from this and from the position (sent or answered), what it means for clients and for servers.
//! - [`report`] writes it down.
//!
//! Prose is no change: descriptions, titles, examples, tags, operation ids, `deprecated`, extensions, the order of
//! members and of lists that are sets, the names of components and of path parameters, the hosts of servers. What no
//! operation reaches is not on the wire.
//!
//! The exit code is 0 without a change, 1 when all changes are compatible or risky, 2 when one is breaking, and 3 when
//! a document cannot be read. Breaking means breaking for clients unless `--for servers` is given: a new document
//! comes with its servers, and meets the clients of the old one. For servers of the old document every addition is
//! breaking (they do not have it), which tells a maintainer of a server, such as the sandbox, what is to be done.
//! A risky change does not fail: whether it hurts depends on the readers, so it is for people to judge.

mod change;
mod compare;
mod document;
mod report;
mod schema;
#[cfg(test)]
mod tests;
mod verdict;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use anyhow::{Context, Result, ensure};

use crate::codegen;

use self::{
    change::Change,
    document::Document,
    report::{Report, Side},
    verdict::Impact,
};

/// Tell what changed between two OpenAPI documents on the wire.
///
/// Exit code: 0 without a change, 1 for compatible or risky changes, 2 for breaking ones, 3 for an unreadable document.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The OpenAPI document that was: a file, a URL, or `-` for the standard input.
    old: String,
    /// The OpenAPI document that is: a file, a URL, or `-` for the standard input.
    new: String,
    /// The form of the report.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Whose breaking changes make the exit code 2.
    #[arg(long = "for", value_enum, default_value_t = Side::Clients)]
    side: Side,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For a terminal.
    Text,
    /// For a program: `"schema": "aig.api-diff/1"`.
    Json,
    /// For a pull request.
    Markdown,
}

/// How a comparison ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Same,
    Compatible,
    Breaking,
    Unreadable,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Same => 0,
            Outcome::Compatible => 1,
            Outcome::Breaking => 2,
            Outcome::Unreadable => 3,
        })
    }
}

/// Compares two documents and prints the report.
pub(crate) fn run(args: &Args) -> ExitCode {
    let outcome = compare(args).unwrap_or_else(|error| {
        // Standard error may be closed; the exit code is told in any case.
        let _ = writeln!(io::stderr(), "error: {error:#}");
        Outcome::Unreadable
    });
    outcome.into()
}

fn compare(args: &Args) -> Result<Outcome> {
    ensure!(args.old != "-" || args.new != "-", "only one of the two documents can come on the standard input");
    let old = load(&args.old)?;
    let new = load(&args.new)?;
    let changes = compare::compare(&old, &new)?;
    let text = written(&Report { old: &old, new: &new, changes: &changes }, args.format)?;
    io::stdout().write_all(text.as_bytes()).context("cannot write the report")?;
    Ok(outcome(&changes, args.side))
}

fn load(source: &str) -> Result<Document> {
    let read = codegen::source::Document::read(source)?;
    Ok(Document::new(source, read.json)?)
}

fn written(report: &Report<'_>, format: Format) -> Result<String> {
    Ok(match format {
        Format::Text => report::text(report),
        Format::Json => report::json(report)?,
        Format::Markdown => report::markdown(report),
    })
}

fn outcome(changes: &[Change], side: Side) -> Outcome {
    if changes.is_empty() {
        return Outcome::Same;
    }
    let breaks = |change: &Change| side.impact(change.verdict) == Impact::Breaking;
    if changes.iter().any(breaks) { Outcome::Breaking } else { Outcome::Compatible }
}
