//! Rows of cells as an aligned table for people, and as CSV for programs.

use comfy_table::{ContentArrangement, Table, presets};

/// A table without borders; wrapped to `width` where there is one, never cut off.
pub(crate) fn text(titles: &[&str], rows: &[Vec<String>], width: Option<u16>) -> String {
    let mut table = Table::new();
    table.set_header(titles.iter().map(|title| title.to_uppercase()));
    fill(table, rows, width)
}

/// The same without a header.
pub(crate) fn rows(rows: &[Vec<String>], width: Option<u16>) -> String {
    fill(Table::new(), rows, width)
}

fn fill(mut table: Table, rows: &[Vec<String>], width: Option<u16>) -> String {
    table.load_style(presets::NOTHING).add_rows(rows);
    match width {
        Some(width) => table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// CSV as RFC 4180 has it, with titles as they are named; the last line break is left to the printer.
pub(crate) fn csv(titles: &[&str], rows: &[Vec<String>]) -> String {
    let header = titles.iter().map(|title| title.replace(' ', "_")).collect::<Vec<_>>().join(",");
    let lines = rows.iter().map(|row| row.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(","));
    std::iter::once(header).chain(lines).collect::<Vec<_>>().join("\n")
}

fn quoted(cell: &str) -> String {
    if cell.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Vec<String>> {
        vec![vec!["a".into(), "a long value with words".into()], vec!["bcd".into(), "x".into()]]
    }

    #[test]
    fn columns_are_aligned_and_lines_end_without_blanks() {
        assert_eq!(text(&["id", "name"], &rows(), None), "ID   NAME\na    a long value with words\nbcd  x");
    }

    #[test]
    fn a_narrow_terminal_wraps_and_loses_nothing() {
        let table = text(&["id", "name"], &rows(), Some(20));
        assert!(table.lines().all(|line| line.chars().count() <= 20), "{table}");
        for word in ["long", "value", "with", "words"] {
            assert!(table.contains(word), "{table}");
        }
    }

    #[test]
    fn csv_quotes_what_needs_it() {
        let rows = vec![vec!["a,b".into(), "say \"hi\"".into()], vec!["plain".into(), "two\nlines".into()]];
        assert_eq!(csv(&["run id", "note"], &rows), "run_id,note\n\"a,b\",\"say \"\"hi\"\"\"\nplain,\"two\nlines\"");
    }
}
