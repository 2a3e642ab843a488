//! What it costs to be handed a token that is there: the part of this crate that every request pays.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock of the machine")]

use std::{
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use aig_auth::{AccessToken, RefreshingProvider, TokenProvider, TokenRequest, external};

const ROUNDS: usize = 15;
const TIMES: u32 = 200_000;

/// The best of several rounds, in nanoseconds a call.
fn best(name: &str, mut call: impl FnMut()) {
    let round = |_| {
        let begun = Instant::now();
        (0..TIMES).for_each(|_| call());
        begun.elapsed().as_nanos() as f64 / f64::from(TIMES)
    };
    let nanoseconds = (0..ROUNDS).map(round).fold(f64::INFINITY, f64::min);
    println!("{name:<58} {nanoseconds:>8.1} ns");
}

fn token() -> AccessToken {
    let end = jiff::Timestamp::now() + Duration::from_secs(86_400);
    AccessToken::new(&"x".repeat(900)).map_or_else(|_| unreachable!(), |token| token.with_expiry(end))
}

fn provider() -> RefreshingProvider<impl aig_auth::TokenSource> {
    external::from_fn(|| async { Ok(token()) })
}

/// What many clients do: an async lock around the token and its end.
async fn naive(slot: &tokio::sync::RwLock<(String, SystemTime)>) -> Option<String> {
    let held = slot.read().await;
    (held.1 > SystemTime::now()).then(|| held.0.clone())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let provider = provider();
    let shared: Arc<dyn TokenProvider> = Arc::new(provider.clone());
    let request = TokenRequest::new();
    runtime.block_on(shared.token(&request))?;

    best("ready(): a token in hand, without await", || drop(black_box(shared.ready(&request))));
    runtime.block_on(async {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        best("token().await: the same through the async trait", || {
            drop(black_box(std::pin::pin!(shared.token(&request)).poll(&mut context)));
        });
        let slot = tokio::sync::RwLock::new(("x".repeat(900), SystemTime::now() + Duration::from_secs(86_400)));
        best("for comparison: tokio RwLock around a string", || {
            drop(black_box(std::pin::pin!(naive(&slot)).poll(&mut context)));
        });
    });
    Ok(())
}
