//! The one trait that callers hold, and its typed front.

use std::{
    any::{Any, TypeId},
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;

use crate::{CacheKey, Scope, Statistics};

/// A value, or an error, whose type only the typed front knows.
pub type Shared = Arc<dyn Any + Send + Sync>;

/// A load under way: a value to keep, or an error to hand on.
pub type Fetch<'a> = Pin<Box<dyn Future<Output = Result<Shared, Shared>> + Send + 'a>>;

/// How one call uses the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Policy {
    /// Take what is there, else load and keep.
    #[default]
    Use,
    /// Do not read; load, and keep what came. A failed load leaves what was there.
    Refresh,
    /// Neither read nor keep.
    Bypass,
}

/// One question to a cache.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Lookup<'a> {
    /// What is asked.
    pub key: &'a CacheKey,
    /// The type of the values under this key; two types never share an entry.
    pub type_id: TypeId,
    /// How long an answer that is loaded now may be used.
    pub time_to_live: Duration,
}

/// A store of operations' answers. Made for `Arc<dyn OperationCache>`; callers use the typed
/// [`get_or_fetch`](trait.OperationCache.html#method.get_or_fetch).
#[async_trait]
pub trait OperationCache: fmt::Debug + Send + Sync {
    /// What is stored and still good.
    async fn get(&self, lookup: Lookup<'_>) -> Option<Shared>;

    /// What is stored, else what `fetch` gives. Concurrent callers of one key share one load.
    ///
    /// # Errors
    /// The error of the load that this call ran or waited for.
    async fn load(&self, lookup: Lookup<'_>, fetch: Fetch<'_>) -> Result<Shared, Shared>;

    /// What `fetch` gives, whatever is stored, and keeps it.
    ///
    /// # Errors
    /// The error of `fetch`; what was stored stays.
    async fn refresh(&self, lookup: Lookup<'_>, fetch: Fetch<'_>) -> Result<Shared, Shared>;

    /// "These were written": from now on nobody in `scope` gets an answer with one of these tags that was loaded, or began to
    /// load, before.
    fn invalidate(&self, scope: &Scope, tags: &[&str]);

    /// Drops everything of `scope`: what signing out does.
    async fn clear(&self, scope: &Scope);

    /// What the cache did so far.
    fn statistics(&self) -> Statistics;
}

impl dyn OperationCache + '_ {
    /// The typed front: the answer of `key`, loaded by `fetch` when the policy or an empty cache asks for it.
    ///
    /// # Errors
    /// The error of the load that this call ran or waited for. Errors are not kept.
    pub async fn get_or_fetch<T, E, F>(
        &self,
        key: &CacheKey,
        time_to_live: Duration,
        policy: Policy,
        fetch: F,
    ) -> Result<Arc<T>, E>
    where
        T: Send + Sync + 'static,
        E: Clone + Send + Sync + 'static,
        F: Future<Output = Result<T, E>> + Send,
    {
        let lookup = Lookup { key, type_id: TypeId::of::<(T, E)>(), time_to_live };
        let outcome = match policy {
            Policy::Bypass => return fetch.await.map(Arc::new),
            Policy::Refresh => self.refresh(lookup, erase(fetch)).await,
            Policy::Use => match self.get(lookup).await {
                Some(hit) => Ok(hit),
                None => self.load(lookup, erase(fetch)).await,
            },
        };
        match outcome {
            Ok(value) => Ok(typed(value)),
            Err(error) => Err(E::clone(&typed(error))),
        }
    }

    /// What is kept under `key` by loads of the same two types, and still good. Loads nothing.
    pub async fn kept<T, E>(&self, key: &CacheKey) -> Option<Arc<T>>
    where
        T: Send + Sync + 'static,
        E: Send + Sync + 'static,
    {
        let lookup = Lookup { key, type_id: TypeId::of::<(T, E)>(), time_to_live: Duration::ZERO };
        self.get(lookup).await.map(typed)
    }
}

fn erase<'a, T, E>(fetch: impl Future<Output = Result<T, E>> + Send + 'a) -> Fetch<'a>
where
    T: Send + Sync + 'static,
    E: Send + Sync + 'static,
{
    Box::pin(async move {
        match fetch.await {
            Ok(value) => Ok(Arc::new(value) as Shared),
            Err(error) => Err(Arc::new(error) as Shared),
        }
    })
}

#[expect(clippy::expect_used, reason = "the types are part of the key under which the value was stored")]
fn typed<T: Send + Sync + 'static>(value: Shared) -> Arc<T> {
    value.downcast().expect("a cache answers with what was stored for this type")
}
