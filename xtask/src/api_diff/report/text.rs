//! Knows the report for a terminal of 80 columns.

use super::{
    super::{change::Change, verdict::Impact},
    Report, Side, operations,
};

/// Columns of a line of words; pointers stay whole, so that they can be copied.
const WIDTH: usize = 80;

/// Operations named below a change, at most.
const MOST_OPERATIONS: usize = 2;

/// The report grouped by what it means for clients, the worst first.
pub(in super::super) fn text(report: &Report<'_>) -> String {
    let mut lines = wrapped(&report.headline(), "");
    if !report.changes.is_empty() {
        lines.extend(Side::ALL.map(|side| report.summary(side)));
    }
    for impact in Impact::ALL {
        let changes = report.changes.iter().filter(|change| change.verdict.clients == impact);
        let body: Vec<_> = changes.flat_map(entry).collect();
        if !body.is_empty() {
            lines.push(String::new());
            lines.push(format!("{} for clients", capitalised(impact.name())));
            lines.extend(body);
        }
    }
    lines.join("\n") + "\n"
}

fn entry(change: &Change) -> Vec<String> {
    let mut lines = bullet(&change.message);
    let positions: Vec<_> = change.positions.iter().map(|position| position.name()).collect();
    let place = if positions.is_empty() { String::new() } else { format!(" ({})", positions.join(" and ")) };
    lines.push(format!("      {}{place}; {} for servers", change.rule, change.verdict.servers.name()));
    if !change.operations.iter().all(|operation| change.message.contains(operation.as_str())) {
        lines.extend(wrapped(&format!("reaches {}", operations(change, MOST_OPERATIONS)), "      "));
    }
    if change.pointers.old == change.pointers.new {
        lines.push(format!("      at  #{}", change.pointers.new));
    } else {
        lines.push(format!("      old #{}", change.pointers.old));
        lines.push(format!("      new #{}", change.pointers.new));
    }
    lines
}

fn bullet(message: &str) -> Vec<String> {
    let mut lines = wrapped(message, "    ");
    if let Some(first) = lines.first_mut() {
        first.replace_range(..4, "  - ");
    }
    lines
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Lines of words, each after the margin; a word that is wider than a line stands alone.
fn wrapped(text: &str, margin: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = margin.to_owned();
    for word in text.split_whitespace() {
        let is_empty = line.len() == margin.len();
        if !is_empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(std::mem::replace(&mut line, margin.to_owned()));
        }
        if line.len() > margin.len() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}
