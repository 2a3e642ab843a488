//! What a watch tells.

use std::{sync::Arc, time::Duration};

use aig_codegen::{
    enums::{ItemState, ItemTerminationReason, RunState},
    models::{ItemResultReadResponse, RunItemStatistics, RunReadResponse},
};

use crate::Error;

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
