//! `aig sandbox snapshot`.

use aig_sandbox::{Remote, SnapshotInfo};

use super::found::running;
use crate::{
    args::{NamedSnapshot, SnapshotCommand},
    exit::Exit,
    output::{Column, Listing, print_one, refuse_csv},
    printer::Printer,
    text,
};

pub(super) async fn run(printer: &Printer, command: SnapshotCommand) -> anyhow::Result<Exit> {
    match command {
        SnapshotCommand::List { at } => list(printer, &running(&at).await?).await?,
        SnapshotCommand::Save(NamedSnapshot { name, at }) => {
            refuse_csv(printer.format())?;
            let saved = running(&at).await?.save_snapshot(&name).await?;
            tell(printer, &saved, "saved")?;
        }
        SnapshotCommand::Load(NamedSnapshot { name, at }) => {
            refuse_csv(printer.format())?;
            let loaded = running(&at).await?.load_snapshot(&name).await?;
            tell(printer, &loaded, "loaded")?;
        }
        SnapshotCommand::Delete(NamedSnapshot { name, at }) => {
            refuse_csv(printer.format())?;
            running(&at).await?.delete_snapshot(&name).await?;
            let deleted = serde_json::json!({ "name": name });
            print_one(printer, "aig.sandbox.snapshot.deleted/1", &deleted, |_| {
                format!("deleted {}", text::plain(&name))
            })?;
        }
    }
    Ok(Exit::Done)
}

fn tell(printer: &Printer, snapshot: &SnapshotInfo, what: &str) -> anyhow::Result<()> {
    print_one(printer, "aig.sandbox.snapshot/1", snapshot, |snapshot| {
        let (runs, objects) = (text::count(snapshot.runs, "run"), text::count(snapshot.objects, "object"));
        format!("{what} {}: {runs}, {objects} ({})", text::plain(&snapshot.name), text::bytes(snapshot.bytes))
    })
}

const COLUMNS: &[Column<SnapshotInfo>] = &[
    Column { title: "name", cell: |snapshot| text::plain(&snapshot.name) },
    Column { title: "created at", cell: |snapshot| text::time(snapshot.created_at) },
    Column { title: "runs", cell: |snapshot| snapshot.runs.to_string() },
    Column { title: "objects", cell: |snapshot| snapshot.objects.to_string() },
    Column { title: "size", cell: |snapshot| text::bytes(snapshot.bytes) },
];

const CSV: &[Column<SnapshotInfo>] = &[
    Column { title: "name", cell: |snapshot| snapshot.name.clone() },
    Column { title: "created_at", cell: |snapshot| snapshot.created_at.to_string() },
    Column { title: "runs", cell: |snapshot| snapshot.runs.to_string() },
    Column { title: "objects", cell: |snapshot| snapshot.objects.to_string() },
    Column { title: "bytes", cell: |snapshot| snapshot.bytes.to_string() },
];

async fn list(printer: &Printer, remote: &Remote) -> anyhow::Result<()> {
    let snapshots = remote.snapshots().await?;
    let listing = Listing {
        schema: "aig.sandbox.snapshots/1",
        line_schema: "aig.sandbox.snapshot/1",
        member: "snapshots",
        items: &snapshots,
        columns: COLUMNS,
        csv: CSV,
    };
    listing.print(printer)?;
    if snapshots.is_empty() {
        printer.note("no snapshots; `aig sandbox snapshot save NAME` keeps the state");
    }
    Ok(())
}
