//! Knows the report for programs: `aig.api-diff/1`.

use serde::Serialize;

use super::{
    super::{
        change::{Change, Rule},
        document::Document,
        verdict::{Impact, Position},
    },
    Report, Side,
};

/// Grows by fields; a change of what is there gets a new number.
const SCHEMA: &str = "aig.api-diff/1";

#[derive(Serialize)]
struct Output<'d> {
    schema: &'static str,
    old: Source<'d>,
    new: Source<'d>,
    clients: Counts,
    servers: Counts,
    changes: Vec<Entry<'d>>,
}

#[derive(Serialize)]
struct Source<'d> {
    source: &'d str,
    title: String,
    version: String,
}

#[derive(Serialize)]
struct Counts {
    breaking: usize,
    risky: usize,
    compatible: usize,
}

#[derive(Serialize)]
struct Entry<'d> {
    rule: Rule,
    clients: Impact,
    servers: Impact,
    message: &'d str,
    /// JSON pointer into the old document.
    old: &'d str,
    /// JSON pointer into the new document.
    new: &'d str,
    positions: Vec<Position>,
    operations: Vec<&'d str>,
}

/// The report as a JSON document.
///
/// # Errors
/// Never in practice: nothing in it can fail to serialise.
pub(in super::super) fn json(report: &Report<'_>) -> serde_json::Result<String> {
    let output = Output {
        schema: SCHEMA,
        old: source(report.old),
        new: source(report.new),
        clients: counts(report, Side::Clients),
        servers: counts(report, Side::Servers),
        changes: report.changes.iter().map(entry).collect(),
    };
    serde_json::to_string_pretty(&output).map(|text| text + "\n")
}

fn source(document: &Document) -> Source<'_> {
    Source { source: document.source(), title: document.info("title"), version: document.info("version") }
}

fn counts(report: &Report<'_>, side: Side) -> Counts {
    let count = |impact| report.count(side, impact);
    Counts { breaking: count(Impact::Breaking), risky: count(Impact::Risky), compatible: count(Impact::Compatible) }
}

fn entry(change: &Change) -> Entry<'_> {
    Entry {
        rule: change.rule,
        clients: change.verdict.clients,
        servers: change.verdict.servers,
        message: &change.message,
        old: &change.pointers.old,
        new: &change.pointers.new,
        positions: change.positions.iter().copied().collect(),
        operations: change.operations.iter().map(String::as_str).collect(),
    }
}
