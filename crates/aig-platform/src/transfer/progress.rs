//! What a transfer tells while it is under way.

use crate::transfer::FileOutcome;

/// Hears of a transfer's progress. Called often, from the tasks that move the bytes: be quick.
pub trait Progress: Send + Sync {
    /// Something happened.
    fn report(&self, event: &TransferEvent);
}

impl<F: Fn(&TransferEvent) + Send + Sync> Progress for F {
    fn report(&self, event: &TransferEvent) {
        self(event);
    }
}

/// Hears nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn report(&self, _event: &TransferEvent) {}
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransferEvent {
    /// It is known how many files there will be.
    Planned {
        /// How many.
        files: usize,
    },
    /// A file begins.
    Started {
        /// Tells the files of one transfer apart.
        id: u64,
        /// Its name for people.
        name: String,
        /// Its size, where known.
        size: Option<u64>,
    },
    /// Bytes are where they shall be.
    Advanced {
        /// Which file.
        id: u64,
        /// How many bytes of it are there. Goes back when the file has to begin anew.
        position: u64,
        /// Its size, where known by now.
        size: Option<u64>,
    },
    /// Something went wrong and is tried again.
    Retrying {
        /// Which file.
        id: u64,
        /// What went wrong.
        reason: String,
    },
    /// A file is complete and verified.
    Finished {
        /// Which file.
        id: u64,
        /// What was done.
        outcome: FileOutcome,
    },
    /// A file could not be had.
    Failed {
        /// Which file.
        id: u64,
        /// Why.
        error: String,
    },
}
