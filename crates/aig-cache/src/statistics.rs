//! What a cache did so far.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts since the cache was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Statistics {
    /// Reads that were answered from the cache.
    pub hits: u64,
    /// Reads that were not, including those that waited for another caller's load.
    pub misses: u64,
    /// Loads that were run.
    pub loads: u64,
    /// Loads that ended in an error.
    pub failed_loads: u64,
    /// Entries that had to go for want of room.
    pub evictions: u64,
    /// Entries that are held now, as far as is known.
    pub entries: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) hits: Counter,
    pub(crate) misses: Counter,
    pub(crate) loads: Counter,
    pub(crate) failed_loads: Counter,
    pub(crate) evictions: Counter,
}

impl Counters {
    pub(crate) fn snapshot(&self, entries: u64) -> Statistics {
        Statistics {
            hits: self.hits.get(),
            misses: self.misses.get(),
            loads: self.loads.get(),
            failed_loads: self.failed_loads.get(),
            evictions: self.evictions.get(),
            entries,
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
