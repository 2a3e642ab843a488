//! `aig run`.

mod download;
mod list;
mod submit;
mod watch;

pub(super) use download::{Fetched, failure_of, fetch, tree};

use aig_platform::{Client, ErrorKind, RunHandle};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    args::RunCommand,
    exit::Exit,
    failure::Failure,
    output::{print_one, refuse_csv},
    printer::Printer,
    session::Platform,
    table,
    views::{ItemView, RunView},
};

pub(super) async fn run(printer: &Printer, command: RunCommand) -> anyhow::Result<Exit> {
    let platform = Platform::from_process(printer)?;
    let outcome = act(printer, &platform.client, command).await;
    platform.settle().await;
    outcome
}

async fn act(printer: &Printer, client: &Client, command: RunCommand) -> anyhow::Result<Exit> {
    match command {
        RunCommand::Submit(args) => submit::submit(printer, client, &args).await,
        RunCommand::List(args) => list::list(printer, client, &args).await,
        RunCommand::Show { run } => show(printer, client, run).await,
        RunCommand::Watch(args) => watch::watch(printer, client, &args).await,
        RunCommand::Cancel { run } => cancel(printer, client, run).await,
        RunCommand::Download(args) => download::download(printer, client, &args).await,
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
    let handle = client.run(run_id);
    if let Err(error) = handle.cancel().await {
        return Err(not_canceled(&handle, error).await);
    }
    let outcome = serde_json::json!({ "run_id": run_id, "cancel_requested": true });
    print_one(printer, "aig.run.cancel/1", &outcome, |_| format!("run {run_id} is being canceled"))?;
    Ok(Exit::Done)
}

/// Why a run could not be canceled: most often, because it has ended.
async fn not_canceled(handle: &RunHandle, error: aig_platform::Error) -> anyhow::Error {
    if error.kind() != ErrorKind::Conflict {
        return error.into();
    }
    match handle.get().await.map(|run| RunView::from(&*run)) {
        Ok(run) if run.has_ended() => {
            let what = format!("run {} has ended already ({})", run.run_id, run.ending());
            Failure::new(Exit::Conflict, what).with_hint(how_items_ended(run.run_id)).into()
        }
        _ => error.into(),
    }
}

/// The hint for a run that is over.
fn how_items_ended(run_id: Uuid) -> String {
    format!("`aig run show {run_id}` says how its items ended")
}
