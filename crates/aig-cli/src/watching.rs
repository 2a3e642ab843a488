//! Follows a run to its end and tells what happens on the way.

use std::{sync::Arc, time::Duration};

use aig_platform::{Client, RunEvent, WaitOptions, models::RunItemStatistics};
use anyhow::Context as _;
use serde::Serialize;
use uuid::Uuid;

use crate::{
    exit::Exit,
    failure::Failure,
    format::Format,
    output::Document,
    printer::Printer,
    progress::Items,
    text,
    views::{ItemView, RunView},
};

/// How long an outage of the platform is sat out.
const PATIENCE: Duration = Duration::from_secs(5 * 60);
/// The same on loopback: a sandbox that has ended does not come back with the run in its memory.
const LOOPBACK_PATIENCE: Duration = Duration::from_secs(5);

/// A run that has ended.
#[derive(Debug, Serialize)]
pub(crate) struct Watched {
    pub(crate) run: RunView,
    pub(crate) items: Vec<ItemView>,
}

impl Watched {
    /// 0 when every item succeeded, 7 when one did not.
    pub(crate) fn exit(&self) -> Exit {
        if self.items.iter().all(ItemView::has_succeeded) { Exit::Done } else { Exit::ItemsFailed }
    }
}

/// One line of `--output jsonl`.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Line<'a> {
    Run { run: &'a RunView },
    Item { item: &'a ItemView },
    Progress { statistics: &'a RunItemStatistics },
    Unreachable { reason: String, seconds: u64 },
    Finished { run: &'a RunView, items: &'a [ItemView] },
}

/// What has been shown so far.
struct Shown {
    items: Items,
    outage: Outage,
}

/// Whether an outage has been told: once is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outage {
    None,
    Told,
}

/// Who watches, and how long.
pub(crate) struct Watcher<'a> {
    pub(crate) printer: &'a Printer,
    pub(crate) client: &'a Client,
    pub(crate) timeout: Option<Duration>,
}

impl Watcher<'_> {
    /// Follows `run_id` to its end.
    pub(crate) async fn watch(&self, run_id: Uuid) -> anyhow::Result<Watched> {
        let mut options = WaitOptions::default();
        if let Some(timeout) = self.timeout {
            options = options.timeout(timeout);
        }
        let mut events = self.client.run(run_id).events(options);
        let mut shown = Shown { items: Items::new(self.printer), outage: Outage::None };
        while let Some(event) = events.next().await {
            let event = event.with_context(|| format!("cannot watch run {run_id}"))?;
            if let Some(watched) = self.follow(event, &mut shown)? {
                return Ok(watched);
            }
        }
        Err(Failure::new(Exit::Failed, format!("the platform stopped telling about run {run_id}")).into())
    }

    /// What an event says; the end of the run with the last one.
    fn follow(&self, event: RunEvent, shown: &mut Shown) -> anyhow::Result<Option<Watched>> {
        if !matches!(event, RunEvent::Unreachable { .. }) {
            shown.outage = Outage::None;
        }
        match event {
            RunEvent::Run { run, .. } => {
                let run = RunView::from(&*run);
                shown.items.run_moved(&run);
                self.line(&Line::Run { run: &run })?;
            }
            RunEvent::Item { item, .. } => {
                let item = ItemView::from(&*item);
                shown.items.moved(&item);
                self.line(&Line::Item { item: &item })?;
            }
            RunEvent::Progress { statistics } => {
                let open = statistics.item_pending_count + statistics.item_processing_count;
                let all = statistics.item_count.unsigned_abs();
                shown.items.counted(all.saturating_sub(open.unsigned_abs()), all);
                self.line(&Line::Progress { statistics: &statistics })?;
            }
            RunEvent::Unreachable { error, since } => {
                self.sit_out(error, since, shown)?;
            }
            RunEvent::Finished(outcome) => {
                shown.items.clear();
                let items = outcome.items.iter().map(Arc::as_ref).map(ItemView::from).collect();
                let watched = Watched { run: RunView::from(&*outcome.run), items };
                self.line(&Line::Finished { run: &watched.run, items: &watched.items })?;
                return Ok(Some(watched));
            }
            _ => {}
        }
        Ok(None)
    }

    fn sit_out(&self, error: aig_platform::Error, outage: Duration, shown: &mut Shown) -> anyhow::Result<()> {
        let patience = if self.is_on_loopback() { LOOPBACK_PATIENCE } else { PATIENCE };
        if outage >= patience {
            let what = format!("the platform has not answered for {}", text::duration(outage));
            return Err(anyhow::Error::new(error).context(what));
        }
        if shown.outage == Outage::None {
            shown.outage = Outage::Told;
            self.printer.detail(format_args!("the platform does not answer; still trying ({error})"));
        }
        self.line(&Line::Unreachable { reason: error.to_string(), seconds: outage.as_secs() })
    }

    fn is_on_loopback(&self) -> bool {
        match self.client.api_root().host() {
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost",
            None => false,
        }
    }

    fn line(&self, line: &Line<'_>) -> anyhow::Result<()> {
        if self.printer.format() != Format::Jsonl {
            return Ok(());
        }
        self.printer.json(&Document::new("aig.run.event/1", line))
    }
}
