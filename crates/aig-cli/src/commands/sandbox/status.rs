//! `aig sandbox status`.

use aig_sandbox::RemoteStatus;

use super::{clock::told, found::running};
use crate::{
    args::At,
    exit::Exit,
    output::{print_one, refuse_csv},
    printer::Printer,
    text,
};

pub(super) async fn status(printer: &Printer, at: &At) -> anyhow::Result<Exit> {
    refuse_csv(printer.format())?;
    let status = running(at).await?.status().await?;
    print_one(printer, "aig.sandbox.status/1", &status, lines)?;
    Ok(Exit::Done)
}

fn lines(status: &RemoteStatus) -> String {
    let runs = status.runs.iter().map(|(state, count)| format!("{count} {}", text::state(state)));
    [
        format!("sandbox   {}, version {}", status.url, status.version),
        format!("clock     {}", told(status.now, status.machine, status.frozen)),
        format!("run plan  {}", status.run_plan),
        format!("runs      {}", runs.collect::<Vec<_>>().join(", ")),
        format!("faults    {}", status.faults),
        format!("requests  {}", status.requests),
        format!("page      {}/_sandbox/", status.url),
    ]
    .map(|line| text::plain(&line))
    .join("\n")
}
