//! What it costs to be handed a token that is there, here and elsewhere: one line a candidate, name and nanoseconds.

mod peers;

use std::{
    error::Error,
    hint::black_box,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use aig_auth::{AccessToken, TokenProvider, TokenRequest, external};

const ROUNDS: usize = 15;
const TIMES: u32 = 100_000;

/// The best of several rounds, in nanoseconds a call.
fn best(name: &str, mut call: impl FnMut()) {
    let round = |_| {
        let begun = Instant::now();
        (0..TIMES).for_each(|_| call());
        begun.elapsed().as_nanos() as f64 / f64::from(TIMES)
    };
    let nanoseconds = (0..ROUNDS).map(round).fold(f64::INFINITY, f64::min);
    println!("{name}\t{nanoseconds:.1}");
}

/// Drives a future that must be done at the first poll: a token in hand is not waited for.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a token in hand was waited for"),
    }
}

fn token_text() -> String {
    "x".repeat(900)
}

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let _inside = runtime.enter();

    let ours: Arc<dyn TokenProvider> = Arc::new(external::from_fn(|| async {
        let end = jiff::Timestamp::now() + Duration::from_secs(86_400);
        Ok(AccessToken::new(&token_text())?.with_expiry(end))
    }));
    let request = TokenRequest::new();
    runtime.block_on(ours.token(&request))?;
    best("aig-auth ready()", || drop(black_box(ours.ready(&request))));
    best("aig-auth token().await", || drop(black_box(at_once(ours.token(&request)))));

    let google = runtime.block_on(peers::google())?;
    best("google-cloud-auth access_token().await", || drop(black_box(at_once(google.access_token()))));

    let directory = tempfile::tempdir()?;
    let yup = runtime.block_on(peers::yup(directory.path()))?;
    best("yup-oauth2 token().await", || drop(black_box(at_once(yup.token(&[peers::SCOPE])))));
    Ok(())
}
