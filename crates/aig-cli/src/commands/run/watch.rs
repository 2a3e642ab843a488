//! `aig run watch`.

use aig_platform::Client;

use super::item_table;
use crate::{
    args::WatchArgs,
    exit::Exit,
    output::{Document, Format, refuse_csv},
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
    let reason = text::state(watched.run.termination_reason.as_deref().unwrap_or("ended"));
    let succeeded = watched.items.iter().filter(|item| item.has_succeeded()).count();
    let all = text::count(watched.items.len(), "item");
    printer.note(format_args!(
        "{reason}: {succeeded} of {all} succeeded; get the results with `aig run download {run_id}`"
    ));
    Ok(watched.exit())
}
