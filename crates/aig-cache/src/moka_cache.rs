//! The default cache: moka for room and single flight, epochs for invalidation, our own clock for the time to live.

use std::{any::TypeId, fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use moka::{future::Cache, notification::RemovalCause, ops::compute::Op};

use crate::{
    CacheKey, Fetch, Lookup, OperationCache, Scope, Shared, Statistics,
    clock::{SystemTicks, Ticks},
    epoch::Epochs,
    key::{scope_tag, tag_hash},
    statistics::Counters,
};

/// Room of the default cache, in entries: some hundred runs with their pages of items.
const DEFAULT_CAPACITY: u64 = 2_000;

/// A bounded cache with single flight. Cheap to share behind an `Arc`.
pub struct MokaCache {
    entries: Cache<Slot, Entry>,
    epochs: Epochs,
    ticks: Arc<dyn Ticks>,
    counters: Arc<Counters>,
    /// Publishing of refreshed answers takes turns, so that an older answer never replaces a newer one.
    publishing: tokio::sync::Mutex<()>,
}

/// Where an answer rests. The epoch is part of it: a write moves readers to a new place, and what was loaded before,
/// or is still loading, is found by nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Slot {
    digest: [u8; 32],
    type_id: TypeId,
    epoch: u64,
}

#[derive(Debug, Clone)]
struct Entry {
    value: Shared,
    scope: Scope,
    /// When its load began, and until when it may be used.
    begun: Duration,
    good_until: Duration,
}

impl Default for MokaCache {
    fn default() -> Self {
        Self::new(DEFAULT_CAPACITY)
    }
}

impl MokaCache {
    /// A cache with room for `capacity` entries.
    pub fn new(capacity: u64) -> Self {
        Self::with_ticks(capacity, Arc::new(SystemTicks::new()))
    }

    /// The same on a clock of the caller's.
    pub fn with_ticks(capacity: u64, ticks: Arc<dyn Ticks>) -> Self {
        let counters = Arc::new(Counters::default());
        let evicted = Arc::clone(&counters);
        let entries = Cache::builder()
            .max_capacity(capacity)
            .eviction_listener(move |_, _, cause| {
                if cause == RemovalCause::Size {
                    evicted.evictions.add();
                }
            })
            .build();
        Self { entries, epochs: Epochs::new(), ticks, counters, publishing: tokio::sync::Mutex::new(()) }
    }

    /// Does the housekeeping that otherwise happens by and by; afterwards [`Statistics::entries`] is exact.
    pub async fn settle(&self) {
        self.entries.run_pending_tasks().await;
    }

    fn slot(&self, lookup: &Lookup<'_>) -> Slot {
        let key = lookup.key;
        let epoch = self.epochs.of(key.tags.iter().copied().chain([own_tag(key)]));
        Slot { digest: key.digest, type_id: lookup.type_id, epoch }
    }

    fn is_good(&self, entry: &Entry) -> bool {
        self.ticks.elapsed() < entry.good_until
    }

    fn entry(&self, lookup: &Lookup<'_>, begun: Duration, value: Shared) -> Entry {
        let good_until = self.ticks.elapsed().saturating_add(lookup.time_to_live);
        Entry { value, scope: lookup.key.scope, begun, good_until }
    }

    async fn run(&self, fetch: Fetch<'_>) -> Result<Shared, Shared> {
        self.counters.loads.add();
        fetch.await.inspect_err(|_| self.counters.failed_loads.add())
    }

    async fn drop_expired(&self, slot: Slot) {
        let expired = |found: Option<moka::Entry<Slot, Entry>>| match found {
            Some(found) if !self.is_good(found.value()) => Op::Remove,
            _ => Op::Nop,
        };
        self.entries.entry(slot).and_compute_with(|found| std::future::ready(expired(found))).await;
    }

    /// Puts a refreshed answer where readers look, unless a write came in between or a newer answer is there.
    async fn publish(&self, lookup: &Lookup<'_>, tags_before: u64, entry: Entry) {
        let _turn = self.publishing.lock().await;
        if self.epochs.of(lookup.key.tags.iter().copied()) != tags_before {
            return;
        }
        let newer = self.entries.get(&self.slot(lookup)).await.is_some_and(|found| found.begun > entry.begun);
        if newer {
            return;
        }
        // Loads of this key that are under way began before this one ended: they must not replace its answer.
        self.epochs.advance(own_tag(lookup.key));
        self.entries.insert(self.slot(lookup), entry).await;
    }
}

/// The tag that only this key carries: a refreshed answer begins a new epoch for its own key alone.
fn own_tag(key: &CacheKey) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = key.digest;
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

impl fmt::Debug for MokaCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MokaCache").field("statistics", &self.statistics()).finish_non_exhaustive()
    }
}

#[async_trait]
impl OperationCache for MokaCache {
    async fn get(&self, lookup: Lookup<'_>) -> Option<Shared> {
        let slot = self.slot(&lookup);
        match self.entries.get(&slot).await {
            Some(entry) if self.is_good(&entry) => {
                self.counters.hits.add();
                Some(entry.value)
            }
            Some(_) => {
                self.counters.misses.add();
                self.drop_expired(slot).await;
                None
            }
            None => {
                self.counters.misses.add();
                None
            }
        }
    }

    async fn load(&self, lookup: Lookup<'_>, fetch: Fetch<'_>) -> Result<Shared, Shared> {
        let slot = self.slot(&lookup);
        let begun = self.ticks.elapsed();
        let fill = async { self.run(fetch).await.map(|value| self.entry(&lookup, begun, value)) };
        let loaded = self.entries.try_get_with(slot, fill).await;
        if self.slot(&lookup) != slot {
            self.entries.invalidate(&slot).await;
        }
        loaded.map(|entry| entry.value).map_err(|error| Shared::clone(&error))
    }

    async fn refresh(&self, lookup: Lookup<'_>, fetch: Fetch<'_>) -> Result<Shared, Shared> {
        let tags_before = self.epochs.of(lookup.key.tags.iter().copied());
        let begun = self.ticks.elapsed();
        let value = self.run(fetch).await?;
        self.publish(&lookup, tags_before, self.entry(&lookup, begun, Shared::clone(&value))).await;
        Ok(value)
    }

    fn invalidate(&self, scope: &Scope, tags: &[&str]) {
        tags.iter().for_each(|tag| self.epochs.advance(tag_hash(scope, tag)));
    }

    async fn clear(&self, scope: &Scope) {
        self.epochs.advance(scope_tag(scope));
        let theirs: Vec<Slot> =
            self.entries.iter().filter(|(_, entry)| entry.scope == *scope).map(|(slot, _)| *slot).collect();
        for slot in theirs {
            self.entries.invalidate(&slot).await;
        }
    }

    fn statistics(&self) -> Statistics {
        self.counters.snapshot(self.entries.entry_count())
    }
}
