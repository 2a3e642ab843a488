//! Whatever happens in whatever order: no dead token is served, and no source is asked too often.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use proptest::prelude::*;

use super::{RefreshPolicy, RefreshingProvider};
use crate::{
    AccessToken, AuthError, AuthErrorKind, Clock as _, ManualClock, Recovery, Rejection, TokenProvider as _,
    TokenRequest, TokenSource, Want, clock::after,
};

#[derive(Debug, Clone)]
enum Event {
    Advance(u64),
    /// The wall clock is set, by so many seconds, while the monotonic one goes on.
    SetClock(i64),
    Token,
    Reject,
    SourceBreaks,
    SourceWorks,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (1u64..4_000).prop_map(Event::Advance),
        1 => (-100_000i64..100_000).prop_map(Event::SetClock),
        8 => Just(Event::Token),
        2 => Just(Event::Reject),
        1 => Just(Event::SourceBreaks),
        2 => Just(Event::SourceWorks),
    ]
}

/// Numbers its tokens, and knows when each was given by a clock that nobody sets.
#[derive(Debug)]
struct Source {
    clock: Arc<ManualClock>,
    lifetime: Duration,
    calls: AtomicUsize,
    broken: Mutex<bool>,
    given_at: Mutex<Vec<Duration>>,
}

#[async_trait]
impl TokenSource for Arc<Source> {
    async fn fetch(&self, _: &Want) -> Result<AccessToken, AuthError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        if *self.broken.lock().unwrap() {
            return Err(AuthError::new(AuthErrorKind::Unavailable, Recovery::Retry { after: None }, "broken"));
        }
        let mut given_at = self.given_at.lock().unwrap();
        given_at.push(self.clock.ticks());
        let token = AccessToken::new(&(given_at.len() - 1).to_string()).unwrap();
        Ok(token.with_expiry(after(self.clock.now(), self.lifetime)))
    }
}

/// The naive model: a token is dead when its lifetime has passed on the clock that nobody sets.
async fn run(lifetime: u64, events: &[Event]) -> Result<(), TestCaseError> {
    let clock = Arc::new(ManualClock::new("2026-01-01T00:00:00Z".parse().unwrap()));
    let source = Arc::new(Source {
        clock: clock.clone(),
        lifetime: Duration::from_secs(lifetime),
        calls: AtomicUsize::new(0),
        broken: Mutex::new(false),
        given_at: Mutex::default(),
    });
    let provider = RefreshingProvider::with(source.clone(), clock.clone(), RefreshPolicy::default());
    let (mut last, mut asked) = (None, 0);
    for event in events {
        match event {
            Event::Advance(seconds) => clock.advance(Duration::from_secs(*seconds)),
            Event::SetClock(seconds) => {
                let now = clock.now();
                let seconds = jiff::SignedDuration::from_secs(*seconds);
                clock.set_wall(now.checked_add(seconds).unwrap());
            }
            Event::SourceBreaks => *source.broken.lock().unwrap() = true,
            Event::SourceWorks => *source.broken.lock().unwrap() = false,
            Event::Reject => {
                if let Some(token) = &last {
                    provider.reject(token, Rejection::Unauthorized).await;
                }
            }
            Event::Token => {
                asked += 1;
                if let Ok(token) = provider.token(&TokenRequest::new()).await {
                    let given_at = source.given_at.lock().unwrap()[token.expose().parse::<usize>().unwrap()];
                    let age = clock.ticks() - given_at;
                    prop_assert!(
                        age < source.lifetime,
                        "a token of {age:?} was served, which lives {:?}",
                        source.lifetime
                    );
                    last = Some(token);
                }
            }
        }
        for _ in 0..4 {
            tokio::task::yield_now().await;
        }
    }
    prop_assert!(source.calls.load(Ordering::SeqCst) <= asked, "more questions than callers");
    Ok(())
}

proptest! {
    #[test]
    fn no_dead_token_is_served(lifetime in 10u64..8_000, events in proptest::collection::vec(event(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(run(lifetime, &events))?;
    }
}
