//! Runs that this client made a moment ago: they may not have reached every replica.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;
use uuid::Uuid;

/// How long after its making a missing run may still appear.
const FRESH: Duration = Duration::from_secs(30);

/// The runs made lately.
#[derive(Debug, Default)]
pub(crate) struct FreshRuns(Mutex<HashMap<Uuid, Instant>>);

impl FreshRuns {
    pub(crate) fn made(&self, run_id: Uuid) {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        made.retain(|_, at| at.elapsed() < FRESH);
        made.insert(run_id, Instant::now());
    }

    pub(crate) fn contains(&self, run_id: Uuid) -> bool {
        let made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        made.get(&run_id).is_some_and(|at| at.elapsed() < FRESH)
    }
}
