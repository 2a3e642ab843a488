//! Data in the format that was asked for: one thing or a list, and what every JSON document starts with.

use serde::Serialize;

use crate::{failure::Failure, format::Format, printer::Printer, table};

/// A JSON document with the name and version of its schema in front.
#[derive(Debug, Serialize)]
pub(crate) struct Document<T> {
    schema: &'static str,
    #[serde(flatten)]
    body: T,
}

impl<T: Serialize> Document<T> {
    pub(crate) fn new(schema: &'static str, body: T) -> Self {
        Self { schema, body }
    }
}

/// A list of things, in whatever format is asked for.
pub(crate) struct Listing<'a, T> {
    /// Schema of the whole list, for instance `aig.run.list/1`.
    pub(crate) schema: &'static str,
    /// Schema of one line with `--output jsonl`.
    pub(crate) line_schema: &'static str,
    /// Name of the array in the JSON document.
    pub(crate) member: &'static str,
    pub(crate) items: &'a [T],
    /// For people.
    pub(crate) columns: &'a [Column<T>],
    /// For programs: what the JSON document has, under the same names.
    pub(crate) csv: &'a [Column<T>],
}

/// A column of a listing: its title, its name in CSV, and how a cell is filled.
pub(crate) struct Column<T> {
    pub(crate) title: &'static str,
    pub(crate) cell: fn(&T) -> String,
}

impl<T: Serialize> Listing<'_, T> {
    pub(crate) fn print(&self, printer: &Printer) -> anyhow::Result<()> {
        match printer.format() {
            // Nothing is a word on stderr, from whoever knows what there is none of.
            Format::Text if self.items.is_empty() => Ok(()),
            Format::Text => {
                let (titles, rows) = self.table(self.columns);
                printer.data(table::text(&titles, &rows, printer.table_width()))
            }
            Format::Json => printer.json(&serde_json::json!({ "schema": self.schema, self.member: self.items })),
            Format::Jsonl => {
                self.items.iter().try_for_each(|item| printer.json(&Document::new(self.line_schema, item)))
            }
            Format::Csv => {
                let (titles, rows) = self.table(self.csv);
                printer.data(table::csv(&titles, &rows))
            }
        }
    }

    fn table(&self, columns: &[Column<T>]) -> (Vec<&'static str>, Vec<Vec<String>>) {
        let row = |item: &T| columns.iter().map(|column| (column.cell)(item)).collect();
        (columns.iter().map(|column| column.title).collect(), self.items.iter().map(row).collect())
    }
}

/// One thing: a JSON document, or the text that `text` makes of it.
pub(crate) fn print_one<T: Serialize>(
    printer: &Printer,
    schema: &'static str,
    body: &T,
    text: impl FnOnce(&T) -> String,
) -> anyhow::Result<()> {
    match printer.format() {
        Format::Text => printer.data(text(body)),
        Format::Json | Format::Jsonl => printer.json(&Document::new(schema, body)),
        Format::Csv => Err(no_csv().into()),
    }
}

/// Refuses `--output csv` before a command does anything that it could not tell about.
pub(crate) fn refuse_csv(format: Format) -> Result<(), Failure> {
    if format == Format::Csv { Err(no_csv()) } else { Ok(()) }
}

fn no_csv() -> Failure {
    Failure::usage("`--output csv` is for lists").with_hint("use `--output json` here")
}
