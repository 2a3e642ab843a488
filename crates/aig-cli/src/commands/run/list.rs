//! `aig run list`.

use aig_platform::{Client, RunFilter};
use futures_util::{StreamExt, TryStreamExt};

use crate::{args::ListArgs, exit::Exit, output::Listing, printer::Printer, views::RunView};

pub(super) async fn list(printer: &Printer, client: &Client, args: &ListArgs) -> anyhow::Result<Exit> {
    let limit = usize::try_from(args.limit)?;
    let mut filter = RunFilter::default();
    if let Some(application) = &args.application {
        filter = filter.application(application);
    }
    // One more than asked for tells whether there are more.
    let runs = client.runs();
    let page = runs.list(filter).take(limit + 1);
    let mut runs: Vec<RunView> = page.map_ok(|run| RunView::from(&run)).try_collect().await?;
    let more = runs.len() > limit;
    runs.truncate(limit);
    let listing = Listing {
        schema: "aig.run.list/1",
        line_schema: "aig.run.summary/1",
        member: "runs",
        items: &runs,
        columns: RunView::COLUMNS,
    };
    listing.print(printer)?;
    if more {
        printer
            .note(format_args!("there are more runs; `--limit {}` shows more of them", args.limit.saturating_mul(4)));
    }
    Ok(Exit::Done)
}
