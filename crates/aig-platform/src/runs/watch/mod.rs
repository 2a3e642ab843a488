//! Following a run to its end by asking again and again, for no more than what changed.

mod event;
mod known;
mod pace;

use std::{collections::VecDeque, sync::Arc, time::Duration};

use aig_cache::Policy;
use aig_codegen::{
    enums::RunState,
    models::{RunItemStatistics, RunReadResponse},
};
use futures_core::Stream;
use tokio::time::Instant;

use crate::{Error, ErrorKind, Result, RunHandle};
use known::{Item, Known};
use pace::Pace;

pub use event::{RunEvent, RunOutcome};
pub use pace::WaitOptions;

/// The events of one run. A stream; [`next`](Self::next) does without stream adapters.
#[derive(Debug)]
pub struct Watch {
    run: RunHandle,
    timeout: Option<Duration>,
    pace: Pace,
    begun: Instant,
    state: Option<RunState>,
    statistics: Option<RunItemStatistics>,
    known: Known,
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
            timeout: options.timeout,
            pace: Pace::new(&options),
            begun: Instant::now(),
            state: None,
            statistics: None,
            known: Known::default(),
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
        let wait = self.pace.wait();
        let left = self.timeout.map(|timeout| timeout.saturating_sub(self.begun.elapsed()));
        tokio::time::sleep(left.map_or(wait, |left| wait.min(left))).await;
        match self.timeout {
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
            Ok(Changes::Some) => self.pace.faster(self.begun.elapsed()),
            Ok(Changes::None) => self.pace.slower(),
            Err(error) if error.is_retryable() => {
                let begun = self.outage.as_ref().map_or_else(Instant::now, |outage| outage.begun);
                self.outage = Some(Outage { begun, last: error.kind() });
                self.pending.push_back(RunEvent::Unreachable { error, since: begun.elapsed() });
                self.pace.slower();
                return Ok(());
            }
            Err(error) => return Err(error),
        }
        self.outage = None;
        Ok(())
    }

    async fn read(&mut self) -> Result<Changes> {
        let run = self.run.get_with(Policy::Refresh).await?;
        let moved = self.statistics.as_ref() != Some(&run.statistics);
        let ended = run.state == RunState::Terminated;
        let wanted = moved || ended || self.known.is_behind(&run.statistics);
        // Read after the run: when the run has ended, these are the last items.
        let items = if wanted { self.known.read(&self.run, &run).await? } else { Vec::new() };
        let before = self.pending.len();
        self.note_run(&run);
        items.iter().for_each(|item| self.note_item(item));
        if moved {
            self.note_counts(&run.statistics);
        }
        if ended {
            self.phase = Phase::Done;
            self.pending.push_back(RunEvent::Finished(RunOutcome { run, items }));
        }
        Ok(if self.pending.len() > before { Changes::Some } else { Changes::None })
    }

    fn note_counts(&mut self, counts: &RunItemStatistics) {
        let open = counts.item_pending_count + counts.item_processing_count;
        self.pace.near_end(open.saturating_mul(10) <= counts.item_count);
        self.statistics = Some(counts.clone());
        self.pending.push_back(RunEvent::Progress { statistics: counts.clone() });
    }

    fn note_run(&mut self, run: &Arc<RunReadResponse>) {
        if self.state.as_ref() != Some(&run.state) {
            let previous = self.state.replace(run.state.clone());
            self.pending.push_back(RunEvent::Run { run: Arc::clone(run), previous });
        }
    }

    fn note_item(&mut self, item: &Item) {
        if let Some(previous) = self.known.note(item) {
            self.pending.push_back(RunEvent::Item { item: Arc::clone(item), previous });
        }
    }
}

enum Changes {
    Some,
    None,
}
