//! Knows the report for a pull request.

use super::{
    super::{change::Change, verdict::Impact},
    Report, Side, operations,
};

/// Operations named in a row, at most.
const MOST_OPERATIONS: usize = 3;

/// The report as a heading, two counts and a table, the worst for clients first.
pub(in super::super) fn markdown(report: &Report<'_>) -> String {
    let mut lines = vec![format!("### {}", escaped(&report.headline()))];
    if !report.changes.is_empty() {
        lines.push(String::new());
        lines.extend(Side::ALL.map(|side| format!("- {}", report.summary(side))));
        lines.push(String::new());
        lines.push("| Clients | Servers | Change | Place | Reaches |".to_owned());
        lines.push("|---|---|---|---|---|".to_owned());
        let mut changes: Vec<_> = report.changes.iter().collect();
        changes.sort_by_key(|change| std::cmp::Reverse((change.verdict.clients, change.verdict.servers)));
        lines.extend(changes.into_iter().map(row));
    }
    lines.join("\n") + "\n"
}

fn row(change: &Change) -> String {
    let pointers = &change.pointers;
    let place = if pointers.old == pointers.new {
        code(&pointers.new)
    } else {
        format!("{} → {}", code(&pointers.old), code(&pointers.new))
    };
    let impact = |impact: Impact| if impact == Impact::Breaking { "**breaking**" } else { impact.name() };
    let (clients, servers) = (impact(change.verdict.clients), impact(change.verdict.servers));
    let reaches = escaped(&operations(change, MOST_OPERATIONS));
    format!("| {clients} | {servers} | {} | {place} | {reaches} |", escaped(&change.message))
}

fn code(pointer: &str) -> String {
    format!("`#{}`", escaped(pointer))
}

/// A cell ends at a bar, also within code, and at the end of the line.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace(['\r', '\n'], " ")
}
