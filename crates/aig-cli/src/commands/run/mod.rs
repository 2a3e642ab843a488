//! `aig run`.

mod download;
mod list;
mod submit;
mod watch;

pub(super) use download::{Fetched, failure_of, fetch, tree};

use aig_platform::Client;
use serde::Serialize;
use uuid::Uuid;

use crate::{
    args::RunCommand,
    exit::Exit,
    output::{print_one, refuse_csv},
    printer::Printer,
    session::Platform,
    table,
    views::{ItemView, RunView},
};

pub(super) async fn run(printer: &Printer, command: RunCommand) -> anyhow::Result<Exit> {
    let client = Platform::from_process(printer)?.client;
    match command {
        RunCommand::Submit(args) => submit::submit(printer, &client, &args).await,
        RunCommand::List(args) => list::list(printer, &client, &args).await,
        RunCommand::Show { run } => show(printer, &client, run).await,
        RunCommand::Watch(args) => watch::watch(printer, &client, &args).await,
        RunCommand::Cancel { run } => cancel(printer, &client, run).await,
        RunCommand::Download(args) => download::download(printer, &client, &args).await,
    }
}

#[derive(Debug, Serialize)]
struct RunWithItems {
    #[serde(flatten)]
    run: RunView,
    items: Vec<ItemView>,
}

async fn show(printer: &Printer, client: &Client, run_id: Uuid) -> anyhow::Result<Exit> {
    refuse_csv(printer.format())?;
    let handle = client.run(run_id);
    let run = RunView::from(&*handle.get().await?);
    let items = handle.items().all().await?.iter().map(ItemView::from).collect();
    print_one(printer, "aig.run/1", &RunWithItems { run, items }, |shown| {
        format!("{}\n\n{}", shown.run.lines(), item_table(&shown.items, printer.table_width()))
    })?;
    Ok(Exit::Done)
}

/// The items of a run as a table.
pub(super) fn item_table(items: &[ItemView], width: Option<u16>) -> String {
    let titles: Vec<&str> = ItemView::COLUMNS.iter().map(|column| column.title).collect();
    let row = |item: &ItemView| ItemView::COLUMNS.iter().map(|column| (column.cell)(item)).collect();
    table::text(&titles, &items.iter().map(row).collect::<Vec<_>>(), width)
}

async fn cancel(printer: &Printer, client: &Client, run_id: Uuid) -> anyhow::Result<Exit> {
    refuse_csv(printer.format())?;
    client.run(run_id).cancel().await?;
    let outcome = serde_json::json!({ "run_id": run_id, "cancel_requested": true });
    print_one(printer, "aig.run.cancel/1", &outcome, |_| format!("run {run_id} is being canceled"))?;
    Ok(Exit::Done)
}
