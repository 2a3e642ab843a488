//! `aig run list`.

use aig_platform::{Client, operations::ListRuns};

use crate::{args::ListArgs, exit::Exit, output::Listing, printer::Printer, text, views::RunView};

pub(super) async fn list(printer: &Printer, client: &Client, args: &ListArgs) -> anyhow::Result<Exit> {
    let limit = usize::try_from(args.limit)?;
    let mut filter = ListRuns::new().with_sort(["-submitted_at"]);
    if let Some(application) = &args.application {
        filter = filter.with_application_id(application);
    }
    // One more than asked for tells whether there are more.
    let runs = client.runs().list(filter).limit(limit + 1).all().await?;
    let mut runs: Vec<RunView> = runs.iter().map(RunView::from).collect();
    let more = runs.len() > limit;
    runs.truncate(limit);
    let listing = Listing {
        schema: "aig.run.list/1",
        line_schema: "aig.run.summary/1",
        member: "runs",
        items: &runs,
        columns: RunView::COLUMNS,
        csv: RunView::CSV,
    };
    listing.print(printer)?;
    if runs.is_empty() {
        printer.note(match &args.application {
            Some(application) => format!("no runs of `{}` yet", text::plain(application)),
            None => "no runs yet; `aig run submit` starts one".to_owned(),
        });
    }
    if more {
        printer
            .note(format_args!("there are more runs; `--limit {}` shows more of them", args.limit.saturating_mul(4)));
    }
    Ok(Exit::Done)
}
