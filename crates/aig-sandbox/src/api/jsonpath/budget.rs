//! What one evaluation may cost. Paths of a few characters find values without end: each `[0,0]` doubles them.

use std::cell::Cell;

use super::eval::Broken;

/// Metadata of people and programs has hundreds of values; a hundred thousand are walked in milliseconds.
const MOST_VALUES: usize = 100_000;

/// How many values may still be looked at; nothing once there were too many.
#[derive(Debug)]
pub(super) struct Budget(Cell<Option<usize>>);

impl Budget {
    pub(super) fn new() -> Self {
        Self(Cell::new(Some(MOST_VALUES)))
    }

    pub(super) fn spend(&self, values: usize) -> Result<(), Broken> {
        let left = self.0.get().and_then(|left| left.checked_sub(values));
        self.0.set(left);
        left.map(|_| ()).ok_or(Broken)
    }

    pub(super) fn is_overdrawn(&self) -> bool {
        self.0.get().is_none()
    }
}
