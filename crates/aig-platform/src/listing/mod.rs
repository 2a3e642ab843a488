//! Listings: pages as one stream, without repetitions, that ends; kept whole or not at all.

mod pages;
mod shelf;

use std::{
    fmt,
    future::Future,
    hash::Hash,
    mem,
    pin::Pin,
    task::{Context, Poll},
};

use aig_cache::Policy;
use futures_core::Stream;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::Result;
use pages::Pages;

pub(crate) use shelf::Shelf;

/// The most that a page may hold.
pub(crate) const LARGEST_PAGE: i64 = 100;

/// Things as they come, page by page. The next page is fetched while one is being read.
///
/// Each thing comes once, whatever is inserted meanwhile, and the end comes even when the server repeats itself.
///
/// A listing that [`all`](Self::all) read to its end is kept for as long as the settings say, whole, for this user alone,
/// until this client changes something in it. What was read in part is never kept. Items of a run are not kept at all:
/// they are many, they change all the time, and their links age.
#[must_use = "nothing is read before the first thing is asked for"]
pub struct Listing<T> {
    things: Things<T>,
    shelf: Option<Shelf>,
    policy: Policy,
    left: usize,
}

type Things<T> = Pin<Box<dyn Stream<Item = Result<T>> + Send>>;

impl<T: Send + 'static> Listing<T> {
    /// Reads pages with `fetch` until one is short, is missing, or brings nothing new.
    pub(crate) fn paged<K, F, Fut>(page_size: i64, identity: fn(&T) -> K, fetch: F) -> Self
    where
        K: Hash + Eq + Send + 'static,
        F: Fn(i64) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Vec<T>>> + Send + 'static,
    {
        let pages = Pages::new(page_size, identity, fetch);
        let things =
            stream::try_unfold(pages, |mut pages| async move { Ok(pages.item().await?.map(|item| (item, pages))) });
        Self { things: Box::pin(things), shelf: None, policy: Policy::Use, left: usize::MAX }
    }

    /// The same, kept on this shelf when it was read whole.
    pub(crate) fn kept_on(self, shelf: Shelf) -> Self {
        Self { shelf: Some(shelf), ..self }
    }

    /// At most `count` things.
    pub fn limit(self, count: usize) -> Self {
        Self { left: self.left.min(count), ..self }
    }

    /// With a say about the cache: [`Policy::Refresh`] asks the platform whatever is kept.
    pub fn policy(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }
}

impl<T: Clone + Send + Sync + 'static> Listing<T> {
    /// Everything there is.
    ///
    /// # Errors
    /// The first error on the way.
    pub async fn all(mut self) -> Result<Vec<T>> {
        match self.shelf.take() {
            Some(shelf) if self.left == usize::MAX => shelf.whole(self.policy, self.things.try_collect()).await,
            shelf => Self { shelf, ..self }.try_collect().await,
        }
    }

    /// What is on the shelf, else the pages. What is read piece by piece is not put there.
    fn open(&mut self) {
        let Some(shelf) = self.shelf.take() else { return };
        if self.policy != Policy::Use {
            return;
        }
        let pages = mem::replace(&mut self.things, Box::pin(stream::empty()));
        self.things = Box::pin(
            stream::once(async move {
                match shelf.find::<T>().await {
                    Some(whole) => stream::iter(whole).map(Ok).boxed(),
                    None => pages,
                }
            })
            .flatten(),
        );
    }
}

impl<T: Clone + Send + Sync + 'static> Stream for Listing<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.left == 0 {
            // Ends what is fetched ahead.
            self.things = Box::pin(stream::empty());
            return Poll::Ready(None);
        }
        self.open();
        let next = self.things.as_mut().poll_next(context);
        if let Poll::Ready(Some(Ok(_))) = next {
            self.left -= 1;
        }
        next
    }
}

impl<T> fmt::Debug for Listing<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listing(..)")
    }
}

#[cfg(test)]
mod tests;
