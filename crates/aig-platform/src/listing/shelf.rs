//! Where a listing rests that was read to its end: one entry, whole.

use std::{future::Future, time::Duration};

use aig_cache::Policy;
use aig_codegen::Operation;

use crate::{Client, Error, Result};

/// More things than this are not kept: reading them again costs less than holding them for a few seconds.
const LARGEST: usize = 1_000;

/// The place of one listing in the cache.
pub(crate) struct Shelf {
    client: Client,
    key: Key,
    time_to_live: Duration,
}

/// Found when it is needed: it takes an identity, and that may take a token.
type Key = std::pin::Pin<Box<dyn Future<Output = Result<aig_cache::CacheKey>> + Send>>;

/// Why a listing is not kept.
#[derive(Clone)]
enum Unkept<T> {
    Failed(Error),
    TooLong(Vec<T>),
}

impl Shelf {
    /// The place of what `operation`, its first page, begins to list.
    pub(crate) fn new<O: Operation>(
        client: &Client,
        operation: O,
        time_to_live: Duration,
        tags: &'static [&'static str],
    ) -> Self {
        let asking = client.clone();
        let key = Box::pin(async move { asking.key(&operation, tags).await });
        Self { client: client.clone(), key, time_to_live }
    }

    /// What is kept.
    pub(super) async fn find<T: Clone + Send + Sync + 'static>(self) -> Option<Vec<T>> {
        let key = self.key.await.ok()?;
        let kept = self.client.inner().cache.kept::<Vec<T>, Unkept<T>>(&key).await?;
        Some(kept.to_vec())
    }

    /// What is kept, else what `read` brings, which is kept then. Whoever asks meanwhile waits for the one reading.
    pub(super) async fn whole<T: Clone + Send + Sync + 'static>(
        self,
        policy: Policy,
        read: impl Future<Output = Result<Vec<T>>> + Send,
    ) -> Result<Vec<T>> {
        let key = self.key.await?;
        let fetch = async {
            match read.await {
                Ok(things) if things.len() > LARGEST => Err(Unkept::TooLong(things)),
                Ok(things) => Ok(things),
                Err(error) => Err(Unkept::Failed(error)),
            }
        };
        match self.client.inner().cache.get_or_fetch(&key, self.time_to_live, policy, fetch).await {
            Ok(kept) => Ok(kept.to_vec()),
            Err(Unkept::TooLong(things)) => Ok(things),
            Err(Unkept::Failed(error)) => Err(error),
        }
    }
}
