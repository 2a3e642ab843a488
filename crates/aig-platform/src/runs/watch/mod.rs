//! Following a run to its end by asking again and again: often at first and near the end, seldom in between.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use aig_cache::Policy;
use aig_codegen::{
    enums::{ItemState, ItemTerminationReason, RunState},
    models::{ItemResultReadResponse, RunItemStatistics, RunReadResponse},
};
use futures_core::Stream;
use tokio::time::Instant;
use uuid::Uuid;

use crate::{Error, ErrorKind, Result, RunHandle, random};

/// How to wait.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct WaitOptions {
    /// The time allowed; without it, as long as it takes.
    pub timeout: Option<Duration>,
    /// The first wait between two questions, and the shortest.
    pub first_interval: Duration,
    /// The longest wait between two questions.
    pub max_interval: Duration,
}

impl Default for WaitOptions {
    fn default() -> Self {
        Self { timeout: None, first_interval: Duration::from_millis(500), max_interval: Duration::from_secs(15) }
    }
}

impl WaitOptions {
    /// Allows this much time.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout: Some(timeout), ..self }
    }

    /// Asks no more often than this.
    #[must_use]
    pub fn first_interval(self, interval: Duration) -> Self {
        Self { first_interval: interval, ..self }
    }

    /// Asks at least this often.
    #[must_use]
    pub fn max_interval(self, interval: Duration) -> Self {
        Self { max_interval: interval, ..self }
    }
}

/// Something that happened to a run.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum RunEvent {
    /// The run is in a state: first of all, and whenever that changes.
    Run {
        /// The run.
        run: Arc<RunReadResponse>,
        /// The state before; none at first.
        previous: Option<RunState>,
    },
    /// An item is in a state: when it is first seen, and whenever that changes.
    Item {
        /// The item.
        item: Arc<ItemResultReadResponse>,
        /// The state before; none at first.
        previous: Option<ItemState>,
    },
    /// The counts changed.
    Progress {
        /// The counts now.
        statistics: RunItemStatistics,
    },
    /// The platform cannot be reached. It is tried again.
    Unreachable {
        /// Why.
        error: Error,
        /// For how long by now.
        since: Duration,
    },
    /// The run ended: the last event.
    Finished(RunOutcome),
}

/// A run that ended.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RunOutcome {
    /// The run.
    pub run: Arc<RunReadResponse>,
    /// All of its items.
    pub items: Vec<Arc<ItemResultReadResponse>>,
}

impl RunOutcome {
    /// The items that ended well.
    pub fn succeeded(&self) -> impl Iterator<Item = &ItemResultReadResponse> {
        self.items.iter().map(Arc::as_ref).filter(|item| is_success(item))
    }

    /// The items that did not.
    pub fn failed(&self) -> impl Iterator<Item = &ItemResultReadResponse> {
        self.items.iter().map(Arc::as_ref).filter(|item| !is_success(item))
    }
}

fn is_success(item: &ItemResultReadResponse) -> bool {
    item.termination_reason == Some(ItemTerminationReason::Succeeded)
}

/// After the run has ended, items may take this long to say so everywhere.
const ITEMS_SETTLE_WITHIN: Duration = Duration::from_secs(5);

/// The events of one run. A stream; [`next`](Self::next) does without stream adapters.
#[derive(Debug)]
pub struct Watch {
    run: RunHandle,
    options: WaitOptions,
    begun: Instant,
    interval: Duration,
    state: Option<RunState>,
    statistics: Option<RunItemStatistics>,
    items: HashMap<Uuid, ItemState>,
    outage: Option<Outage>,
    pending: VecDeque<RunEvent>,
    phase: Phase,
}

/// A time without answers.
#[derive(Debug, Clone)]
struct Outage {
    begun: Instant,
    last: ErrorKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    First,
    Following,
    Done,
}

impl Watch {
    pub(crate) fn new(run: RunHandle, options: WaitOptions) -> Self {
        Self {
            run,
            interval: options.first_interval,
            options,
            begun: Instant::now(),
            state: None,
            statistics: None,
            items: HashMap::new(),
            outage: None,
            pending: VecDeque::new(),
            phase: Phase::First,
        }
    }

    /// The next event; none after the last.
    ///
    /// Cancel safe: what was read and not yet handed out comes with the next call.
    ///
    /// # Errors
    /// When the run cannot be read for good, or the time is up. That, too, is the last.
    pub async fn next(&mut self) -> Option<Result<RunEvent>> {
        loop {
            if let Some(event) = self.pending.pop_front() {
                return Some(Ok(event));
            }
            match self.phase {
                Phase::Done => return None,
                Phase::First => self.phase = Phase::Following,
                Phase::Following => {
                    if let Err(error) = self.pause().await {
                        self.phase = Phase::Done;
                        return Some(Err(error));
                    }
                }
            }
            if let Err(error) = self.poll().await {
                self.phase = Phase::Done;
                return Some(Err(error));
            }
        }
    }

    /// The events as a stream.
    pub fn into_stream(self) -> impl Stream<Item = Result<RunEvent>> + Send {
        futures_util::stream::unfold(self, |mut watch| async move { Some((watch.next().await?, watch)) })
    }

    /// The end of the run.
    pub(crate) async fn outcome(mut self) -> Result<RunOutcome> {
        while let Some(event) = self.next().await {
            if let RunEvent::Finished(outcome) = event? {
                return Ok(outcome);
            }
        }
        Err(Error::new(ErrorKind::Protocol, format!("run {} came to no end", self.run.id())))
    }

    /// Waits for the next question, but not beyond the time allowed.
    async fn pause(&mut self) -> Result<()> {
        let wait = self.interval.mul_f64(0.8 + 0.4 * random::fraction());
        let left = self.options.timeout.map(|timeout| timeout.saturating_sub(self.begun.elapsed()));
        tokio::time::sleep(left.map_or(wait, |left| wait.min(left))).await;
        match self.options.timeout {
            Some(timeout) if self.begun.elapsed() >= timeout => Err(self.timed_out(timeout)),
            _ => Ok(()),
        }
    }

    fn timed_out(&self, timeout: Duration) -> Error {
        let state = self.state.as_ref().map_or("not read yet", RunState::as_str);
        let message = format!("run {} did not end within {} s; it is {state}", self.run.id(), timeout.as_secs_f64());
        let kind = self.outage.as_ref().map_or(ErrorKind::Timeout, |outage| outage.last);
        Error::new(kind, message).with_hint("it goes on by itself: wait again, or look at it later")
    }

    /// One question about the run; about its items only when the counts say that something happened to them.
    async fn poll(&mut self) -> Result<()> {
        match self.read().await {
            Ok(Changes::Some) => self.interval = (self.interval / 2).max(self.options.first_interval),
            Ok(Changes::None) => self.interval = self.slower(),
            Err(error) if error.is_retryable() => {
                let begun = self.outage.as_ref().map_or_else(Instant::now, |outage| outage.begun);
                self.outage = Some(Outage { begun, last: error.kind() });
                self.pending.push_back(RunEvent::Unreachable { error, since: begun.elapsed() });
                self.interval = self.slower();
                return Ok(());
            }
            Err(error) => return Err(error),
        }
        self.outage = None;
        Ok(())
    }

    /// Half as long again, up to the longest; a few seconds at most when little is left to do.
    fn slower(&self) -> Duration {
        let near_end = self.statistics.as_ref().is_some_and(|counts| {
            let open = counts.item_pending_count + counts.item_processing_count;
            open * 10 <= counts.item_count
        });
        let longest = if near_end { self.options.max_interval.min(NEAR_END) } else { self.options.max_interval };
        self.interval.mul_f64(1.5).clamp(self.options.first_interval.min(longest), longest)
    }

    async fn read(&mut self) -> Result<Changes> {
        let run = self.run.get_with(Policy::Refresh).await?;
        let moved = self.statistics.as_ref() != Some(&run.statistics);
        let ended = run.state == RunState::Terminated;
        // Read after the run: when the run has ended, these are the last items.
        let items = if moved || ended { Some(self.read_items(ended).await?) } else { None };
        let before = self.pending.len();
        self.note_run(&run);
        items.iter().flatten().for_each(|item| self.note_item(item));
        if moved {
            self.statistics = Some(run.statistics.clone());
            self.pending.push_back(RunEvent::Progress { statistics: run.statistics.clone() });
        }
        if ended {
            self.phase = Phase::Done;
            self.pending.push_back(RunEvent::Finished(RunOutcome { run, items: items.unwrap_or_default() }));
        }
        Ok(if self.pending.len() > before { Changes::Some } else { Changes::None })
    }

    async fn read_items(&self, ended: bool) -> Result<Vec<Arc<ItemResultReadResponse>>> {
        let begun = Instant::now();
        loop {
            let items = self.run.items().all().await?;
            let settled = items.iter().all(|item| item.state == ItemState::Terminated);
            if !ended || settled || begun.elapsed() >= ITEMS_SETTLE_WITHIN {
                return Ok(items.into_iter().map(Arc::new).collect());
            }
            tokio::time::sleep(self.options.first_interval).await;
        }
    }

    fn note_run(&mut self, run: &Arc<RunReadResponse>) {
        if self.state.as_ref() != Some(&run.state) {
            let previous = self.state.replace(run.state.clone());
            self.pending.push_back(RunEvent::Run { run: Arc::clone(run), previous });
        }
    }

    fn note_item(&mut self, item: &Arc<ItemResultReadResponse>) {
        let previous = self.items.insert(item.item_id, item.state.clone());
        if previous.as_ref() != Some(&item.state) {
            self.pending.push_back(RunEvent::Item { item: Arc::clone(item), previous });
        }
    }
}

/// The longest wait when less than a tenth of the items is open.
const NEAR_END: Duration = Duration::from_secs(3);

enum Changes {
    Some,
    None,
}
