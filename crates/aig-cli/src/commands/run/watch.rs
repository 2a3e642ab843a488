//! `aig run watch`.

use aig_platform::Client;

use super::item_table;
use crate::{
    args::WatchArgs,
    exit::Exit,
    format::Format,
    output::{Document, refuse_csv},
    printer::Printer,
    text,
    watching::Watcher,
};

pub(super) async fn watch(printer: &Printer, client: &Client, args: &WatchArgs) -> anyhow::Result<Exit> {
    refuse_csv(printer.format())?;
    let run_id = args.run;
    let watched = Watcher { printer, client, timeout: args.timeout }.watch(run_id).await?;
    match printer.format() {
        Format::Json => printer.json(&Document::new("aig.run.watch/1", &watched))?,
        // The last event has told it.
        Format::Jsonl => {}
        _ => printer.data(item_table(&watched.items, printer.table_width()))?,
    }
    let succeeded = watched.items.iter().filter(|item| item.has_succeeded()).count();
    let all = text::count(watched.items.len(), "item");
    let next = if watched.items.iter().any(|item| item.results() > 0) {
        format!("; get the results with `aig run download {run_id}`")
    } else {
        String::new()
    };
    printer.note(format_args!("{}: {succeeded} of {all} succeeded{next}", watched.run.ending()));
    Ok(watched.exit())
}
