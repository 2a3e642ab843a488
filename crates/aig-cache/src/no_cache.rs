//! The cache that keeps nothing.

use async_trait::async_trait;

use crate::{Fetch, Lookup, OperationCache, Scope, Shared, Statistics, statistics::Counters};

/// Keeps nothing: every call is a load, and callers do not wait for one another.
#[derive(Debug, Default)]
pub struct NoCache {
    counters: Counters,
}

impl NoCache {
    /// A cache that keeps nothing.
    pub fn new() -> Self {
        Self::default()
    }

    async fn run(&self, fetch: Fetch<'_>) -> Result<Shared, Shared> {
        self.counters.loads.add();
        fetch.await.inspect_err(|_| self.counters.failed_loads.add())
    }
}

#[async_trait]
impl OperationCache for NoCache {
    async fn get(&self, _lookup: Lookup<'_>) -> Option<Shared> {
        self.counters.misses.add();
        None
    }

    async fn load(&self, _lookup: Lookup<'_>, fetch: Fetch<'_>) -> Result<Shared, Shared> {
        self.run(fetch).await
    }

    async fn refresh(&self, _lookup: Lookup<'_>, fetch: Fetch<'_>) -> Result<Shared, Shared> {
        self.run(fetch).await
    }

    fn invalidate(&self, _scope: &Scope, _tags: &[&str]) {}

    async fn clear(&self, _scope: &Scope) {}

    fn statistics(&self) -> Statistics {
        self.counters.snapshot(0)
    }
}
