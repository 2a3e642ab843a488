//! Listings over servers that are honest, forgetful and hostile.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use super::*;
use crate::{Error, ErrorKind};

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
    println!("hostile_listings pages=100000 duplicates=0 ends=1");
}

fn numbers_of(page: i64, pages: i64) -> Vec<i64> {
    if page > pages { Vec::new() } else { ((page - 1) * SIZE..page * SIZE).collect() }
}
