//! Listings: pages as one stream, without repetitions, that ends.

use std::{
    collections::{HashSet, VecDeque},
    fmt,
    future::Future,
    hash::Hash,
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::Stream;
use futures_util::{TryStreamExt as _, stream};
use tokio::task::JoinHandle;

use crate::{Error, ErrorKind, Result};

/// The most that a page may hold.
pub(crate) const LARGEST_PAGE: i64 = 100;

/// Things as they come, page by page. The next page is fetched while one is being read.
///
/// Each thing comes once, whatever is inserted meanwhile, and the end comes even when the server repeats itself.
pub struct Listing<T>(Pin<Box<dyn Stream<Item = Result<T>> + Send>>);

impl<T: Send + 'static> Listing<T> {
    /// Reads pages with `fetch` until one is short, is missing, or brings nothing new.
    pub(crate) fn paged<K, F, Fut>(page_size: i64, identity: fn(&T) -> K, fetch: F) -> Self
    where
        K: Hash + Eq + Send + 'static,
        F: Fn(i64) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Vec<T>>> + Send + 'static,
    {
        let pages = Pages {
            fetch,
            identity,
            page_size,
            number: 0,
            known: HashSet::new(),
            waiting: VecDeque::new(),
            next: Next::Wanted,
        };
        Self(Box::pin(stream::try_unfold(pages, |mut pages| async move {
            Ok(pages.item().await?.map(|item| (item, pages)))
        })))
    }

    /// At most `count` things.
    #[must_use]
    pub fn limit(self, count: usize) -> Self {
        Self(Box::pin(futures_util::StreamExt::take(self.0, count)))
    }

    /// Everything there is.
    ///
    /// # Errors
    /// The first error on the way.
    pub async fn all(self) -> Result<Vec<T>> {
        self.0.try_collect().await
    }
}

impl<T> Stream for Listing<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context)
    }
}

impl<T> fmt::Debug for Listing<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listing(..)")
    }
}

struct Pages<T, K, F> {
    fetch: F,
    identity: fn(&T) -> K,
    page_size: i64,
    number: i64,
    known: HashSet<K>,
    waiting: VecDeque<T>,
    next: Next<T>,
}

/// The page after the one that is being read.
enum Next<T> {
    Wanted,
    OnItsWay(Ahead<T>),
    None,
}

/// A page that is fetched ahead. Dropping it stops the fetch.
struct Ahead<T>(JoinHandle<Result<Vec<T>>>);

impl<T> Drop for Ahead<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl<T, K, F, Fut> Pages<T, K, F>
where
    T: Send + 'static,
    K: Hash + Eq,
    F: Fn(i64) -> Fut,
    Fut: Future<Output = Result<Vec<T>>> + Send + 'static,
{
    async fn item(&mut self) -> Result<Option<T>> {
        loop {
            if let Some(item) = self.waiting.pop_front() {
                return Ok(Some(item));
            }
            let page = match std::mem::replace(&mut self.next, Next::None) {
                Next::None => return Ok(None),
                Next::Wanted => {
                    self.number += 1;
                    (self.fetch)(self.number).await
                }
                Next::OnItsWay(mut ahead) => (&mut ahead.0).await.unwrap_or_else(|_| Err(interrupted())),
            };
            self.take(page)?;
        }
    }

    /// Keeps what is new, and begins the next page when there may be one.
    fn take(&mut self, page: Result<Vec<T>>) -> Result<()> {
        let page = match page {
            // What is missing after the first page is a page, not the thing that is listed.
            Err(error) if error.kind() == ErrorKind::NotFound && self.number > 1 => return Ok(()),
            page => page?,
        };
        let full = page.len() as i64 >= self.page_size;
        let known = self.known.len();
        self.waiting.extend(page.into_iter().filter(|item| self.known.insert((self.identity)(item))));
        if full && self.known.len() > known {
            self.number += 1;
            self.next = Next::OnItsWay(Ahead(tokio::spawn((self.fetch)(self.number))));
        }
        Ok(())
    }
}

fn interrupted() -> Error {
    Error::new(ErrorKind::Network, "a page was not fetched to its end")
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    };

    use super::*;

    const SIZE: i64 = 10;

    /// A listing over a server that answers page N with `page(N)`; with it, how many pages were asked for.
    fn listing(page: impl Fn(i64) -> Result<Vec<i64>> + Send + Sync + 'static) -> (Listing<i64>, Arc<AtomicI64>) {
        let asked = Arc::new(AtomicI64::new(0));
        let (page, count) = (Arc::new(page), Arc::clone(&asked));
        let listing = Listing::paged(
            SIZE,
            |item| *item,
            move |number| {
                let (page, count) = (Arc::clone(&page), Arc::clone(&count));
                async move {
                    count.fetch_max(number, Ordering::SeqCst);
                    tokio::task::yield_now().await;
                    page(number)
                }
            },
        );
        (listing, asked)
    }

    fn numbers(page: i64, total: i64) -> Vec<i64> {
        (0..total).skip(((page - 1) * SIZE) as usize).take(SIZE as usize).collect()
    }

    fn missing() -> Error {
        Error::new(ErrorKind::NotFound, "missing")
    }

    #[tokio::test]
    async fn all_pages_come_once_and_in_order() {
        for total in [0, 1, 9, 10, 11, 20, 105] {
            let (listing, asked) = listing(move |page| Ok(numbers(page, total)));
            assert_eq!(listing.all().await.unwrap(), (0..total).collect::<Vec<_>>());
            assert_eq!(asked.load(Ordering::SeqCst), total / SIZE + 1, "{total}");
        }
    }

    #[tokio::test]
    async fn a_page_that_is_repeated_for_ever_ends_the_listing() {
        let (listing, asked) = listing(|_| Ok(numbers(1, 10)));
        assert_eq!(listing.all().await.unwrap().len(), 10);
        assert_eq!(asked.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn insertions_and_reordering_repeat_nothing_and_lose_nothing_that_stays() {
        // Before each page, one more thing appears at the front: everything moves one place back.
        let (moving, _) = listing(|page| {
            let front = (0..page).map(|n| 1_000 + n).rev();
            let all: Vec<i64> = front.chain(0..55).collect();
            Ok(all.into_iter().skip(((page - 1) * SIZE) as usize).take(SIZE as usize).collect())
        });
        let seen = moving.all().await.unwrap();
        let distinct: HashSet<_> = seen.iter().collect();
        assert_eq!(distinct.len(), seen.len(), "something came twice");
        assert!((0..55).all(|number| distinct.contains(&number)), "something that was there all the time is missing");
        let (cyclic, _) = listing(|page| Ok((0..SIZE).map(|n| (n * page) % 17).collect()));
        let seen = cyclic.all().await.unwrap();
        assert_eq!(seen.iter().collect::<HashSet<_>>().len(), seen.len());
    }

    #[tokio::test]
    async fn a_missing_first_page_is_an_error_and_a_missing_later_one_is_the_end() {
        let (nowhere, _) = listing(|_| Err(missing()));
        assert_eq!(nowhere.all().await.unwrap_err().kind(), ErrorKind::NotFound);
        let (short, _) = listing(|page| if page <= 2 { Ok(numbers(page, 100)) } else { Err(missing()) });
        assert_eq!(short.all().await.unwrap().len(), 20);
    }

    #[tokio::test]
    async fn a_hundred_thousand_pages_are_read_in_bounded_memory_and_a_limit_stops_early() {
        let (endless, asked) = listing(|page| Ok(((page - 1) * SIZE..page * SIZE).collect()));
        assert_eq!(endless.limit(25).all().await.unwrap().len(), 25);
        assert!(asked.load(Ordering::SeqCst) <= 4);
        let (long, _) = listing(|page| Ok(numbers_of(page, 100_000)));
        let mut long = long;
        let mut count = 0_u64;
        while let Some(_item) = long.try_next().await.unwrap() {
            count += 1;
        }
        assert_eq!(count, 1_000_000);
        println!("listing pages=100000 duplicates=0 ends=1");
    }

    fn numbers_of(page: i64, pages: i64) -> Vec<i64> {
        if page > pages { Vec::new() } else { ((page - 1) * SIZE..page * SIZE).collect() }
    }
}
