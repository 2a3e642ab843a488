//! Page after page: the next one fetched while one is read, nothing twice, and an end whatever the server says.

use std::{
    collections::{HashSet, VecDeque},
    future::Future,
    hash::Hash,
};

use tokio::task::JoinHandle;

use crate::{Error, ErrorKind, Result};

/// Pages on their way to be things.
pub(super) struct Pages<T, K, F> {
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
    /// Reads pages of `page_size` with `fetch`; `identity` tells things apart.
    pub(super) fn new(page_size: i64, identity: fn(&T) -> K, fetch: F) -> Self {
        let (known, waiting) = (HashSet::new(), VecDeque::new());
        Self { fetch, identity, page_size, number: 0, known, waiting, next: Next::Wanted }
    }

    /// The next thing, once; none after a page that is short, is missing, or brings nothing new.
    pub(super) async fn item(&mut self) -> Result<Option<T>> {
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
