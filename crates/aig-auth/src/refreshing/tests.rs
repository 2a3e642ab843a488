//! The memory layer against a source that does as it is told.

use std::{
    collections::VecDeque,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use jiff::Timestamp;
use tokio::sync::Semaphore;

use super::*;
use crate::{ManualClock, SignInReason, clock::after};

/// Answers by script, else with numbered tokens of one hour; each answer waits for a permit of the gate.
#[derive(Debug)]
struct Scripted {
    clock: Arc<ManualClock>,
    gate: Semaphore,
    calls: AtomicUsize,
    sign_ins: AtomicUsize,
    wants: Mutex<Vec<Want>>,
    script: Mutex<VecDeque<Result<AccessToken, AuthError>>>,
}

#[async_trait]
impl TokenSource for Arc<Scripted> {
    async fn fetch(&self, want: &Want) -> Result<AccessToken, AuthError> {
        let number = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        self.wants.lock().unwrap().push(want.clone());
        self.gate.acquire().await.unwrap().forget();
        let scripted = self.script.lock().unwrap().pop_front();
        scripted.unwrap_or_else(|| Ok(hour(&format!("token-{number}"), &*self.clock)))
    }

    async fn sign_in(&self) -> Result<AccessToken, AuthError> {
        let number = self.sign_ins.fetch_add(1, Ordering::SeqCst) + 1;
        tokio::task::yield_now().await;
        Ok(hour(&format!("signed-in-{number}"), &*self.clock))
    }
}

fn hour(text: &str, clock: &dyn Clock) -> AccessToken {
    AccessToken::new(text).unwrap().with_expiry(after(clock.now(), Duration::from_secs(3_600)))
}

struct Bench {
    clock: Arc<ManualClock>,
    source: Arc<Scripted>,
    provider: RefreshingProvider<Arc<Scripted>>,
}

fn bench(permits: usize) -> Bench {
    let clock = Arc::new(ManualClock::new("2026-01-01T00:00:00Z".parse().unwrap()));
    let source = Arc::new(Scripted {
        clock: clock.clone(),
        gate: Semaphore::new(permits),
        calls: AtomicUsize::new(0),
        sign_ins: AtomicUsize::new(0),
        wants: Mutex::default(),
        script: Mutex::default(),
    });
    let provider = RefreshingProvider::with(source.clone(), clock.clone(), RefreshPolicy::default());
    Bench { clock, source, provider }
}

impl Bench {
    async fn token(&self) -> Result<String, AuthError> {
        let token = self.provider.token(&TokenRequest::new()).await?;
        Ok(token.expose().to_owned())
    }

    fn calls(&self) -> usize {
        self.source.calls.load(Ordering::SeqCst)
    }

    fn script(&self, answer: Result<AccessToken, AuthError>) {
        self.source.script.lock().unwrap().push_back(answer);
    }

    fn minutes(&self, minutes: u64) {
        self.clock.advance(Duration::from_secs(60 * minutes));
    }
}

fn down() -> AuthError {
    AuthError::new(AuthErrorKind::Unavailable, Recovery::Retry { after: None }, "down")
}

async fn idle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_thousand_cold_callers_cause_one_request() {
    let bench = bench(0);
    let callers: Vec<_> = (0..1_000)
        .map(|_| {
            let provider = bench.provider.clone();
            tokio::spawn(async move { provider.token(&TokenRequest::new()).await })
        })
        .collect();
    idle().await;
    bench.source.gate.add_permits(1_000);
    for caller in callers {
        assert_eq!(caller.await.unwrap().unwrap().expose(), "token-1");
    }
    assert_eq!(bench.calls(), 1);
}

#[tokio::test]
async fn a_hundred_rejections_of_one_token_cause_one_refresh() {
    let bench = bench(1_000);
    let token = bench.provider.token(&TokenRequest::new()).await.unwrap();
    let callers: Vec<_> = (0..100)
        .map(|_| {
            let (provider, token) = (bench.provider.clone(), token.clone());
            tokio::spawn(async move {
                provider.reject(&token, Rejection::Unauthorized).await;
                provider.token(&TokenRequest::new()).await
            })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap().unwrap().expose(), "token-2");
    }
    assert_eq!(bench.calls(), 2);
    assert_eq!(bench.source.wants.lock().unwrap()[1].replaces, Some(token));
}

#[tokio::test]
async fn what_a_refresh_brings_is_kept_though_its_caller_has_gone() {
    let bench = bench(0);
    let caller = tokio::spawn({
        let provider = bench.provider.clone();
        async move { provider.token(&TokenRequest::new()).await }
    });
    idle().await;
    caller.abort();
    bench.source.gate.add_permits(1);
    idle().await;
    let ready = bench.provider.ready(&TokenRequest::new()).unwrap();
    assert_eq!((ready.expose(), bench.calls()), ("token-1", 1));
}

#[tokio::test]
async fn near_its_end_the_old_token_is_used_while_a_new_one_is_fetched() {
    let bench = bench(1);
    assert_eq!(bench.token().await.unwrap(), "token-1");
    bench.minutes(55);
    assert_eq!(bench.token().await.unwrap(), "token-1", "nobody waits");
    idle().await;
    assert_eq!(bench.calls(), 2, "the refresh is under way");
    assert_eq!(bench.token().await.unwrap(), "token-1");
    bench.source.gate.add_permits(1);
    idle().await;
    assert_eq!(bench.token().await.unwrap(), "token-2");
    assert_eq!(bench.calls(), 2);
}

#[tokio::test]
async fn a_failed_refresh_displaces_nothing_and_is_not_repeated_at_once() {
    let bench = bench(1_000);
    assert_eq!(bench.token().await.unwrap(), "token-1");
    bench.minutes(55);
    bench.script(Err(down()));
    for _ in 0..50 {
        assert_eq!(bench.token().await.unwrap(), "token-1");
        idle().await;
    }
    assert_eq!(bench.calls(), 2);
    bench.clock.advance(Duration::from_secs(2));
    bench.token().await.unwrap();
    idle().await;
    assert_eq!(bench.token().await.unwrap(), "token-3");
}

#[tokio::test]
async fn shortly_before_the_end_callers_wait_but_not_for_ever() {
    let bench = bench(1);
    assert_eq!(bench.token().await.unwrap(), "token-1");
    bench.clock.advance(Duration::from_secs(3_550));
    let caller = tokio::spawn({
        let provider = bench.provider.clone();
        async move { provider.token(&TokenRequest::new()).await }
    });
    idle().await;
    assert!(!caller.is_finished());
    bench.clock.advance(Duration::from_secs(10));
    assert_eq!(caller.await.unwrap().unwrap().expose(), "token-1");
}

#[tokio::test]
async fn when_the_token_is_dead_the_failure_is_shared_for_a_moment() {
    let bench = bench(1_000);
    bench.script(Err(down()));
    for _ in 0..100 {
        assert_eq!(bench.token().await.unwrap_err().kind(), AuthErrorKind::Unavailable);
    }
    assert_eq!(bench.calls(), 1);
    bench.clock.advance(Duration::from_secs(2));
    assert_eq!(bench.token().await.unwrap(), "token-2");
}

#[tokio::test]
async fn neither_suspend_nor_a_clock_set_back_keeps_a_dead_token_alive() {
    let suspended = bench(1_000);
    suspended.token().await.unwrap();
    suspended.clock.set_wall("2026-01-01T08:00:00Z".parse().unwrap());
    assert_eq!(suspended.token().await.unwrap(), "token-2");

    let set_back = bench(1_000);
    set_back.token().await.unwrap();
    set_back.clock.set_wall("2025-12-31T00:00:00Z".parse().unwrap());
    assert_eq!(set_back.token().await.unwrap(), "token-1", "it has not aged");
    set_back.minutes(60);
    assert_eq!(set_back.token().await.unwrap(), "token-2");
}

#[tokio::test]
async fn refreshes_of_a_day_are_bounded_whatever_the_clock_does() {
    let bench = bench(10_000);
    let start: Timestamp = bench.clock.now();
    for minute in 0..24 * 60 {
        if minute == 12 * 60 {
            bench.clock.set_wall(start);
        }
        bench.minutes(1);
        bench.token().await.unwrap();
        idle().await;
    }
    assert!(bench.calls() <= 24 * 60 / 48 + 2, "{} refreshes in a day of one-hour tokens", bench.calls());
}

#[tokio::test]
async fn rejecting_an_old_token_spares_the_new_one() {
    let bench = bench(1_000);
    let old = bench.provider.token(&TokenRequest::new()).await.unwrap();
    bench.provider.reject(&old, Rejection::Unauthorized).await;
    assert_eq!(bench.token().await.unwrap(), "token-2");
    bench.minutes(1);
    bench.provider.reject(&old, Rejection::Unauthorized).await;
    assert_eq!(bench.token().await.unwrap(), "token-2");
    assert_eq!(bench.calls(), 2);
}

#[tokio::test]
async fn a_server_that_refuses_every_token_does_not_cause_a_refresh_a_call() {
    let bench = bench(1_000);
    for _ in 0..100 {
        let token = bench.provider.token(&TokenRequest::new()).await.unwrap();
        bench.provider.reject(&token, Rejection::Unauthorized).await;
        bench.clock.advance(Duration::from_secs(1));
    }
    assert!(bench.calls() <= 2 + 100 / 30 + 1, "{} refreshes in 100 s", bench.calls());
}

#[tokio::test]
async fn a_token_refused_while_a_refresh_runs_is_not_taken_from_it() {
    let bench = bench(1);
    let token = bench.provider.token(&TokenRequest::new()).await.unwrap();
    bench.minutes(55);
    bench.script(Ok(token.clone()));
    bench.token().await.unwrap();
    idle().await;
    bench.provider.reject(&token, Rejection::Unauthorized).await;
    bench.source.gate.add_permits(2);
    assert_eq!(bench.token().await.unwrap(), "token-3");
}

#[tokio::test]
async fn a_person_is_asked_once_and_only_with_leave() {
    let bench = bench(1_000);
    bench.script(Err(AuthError::sign_in(SignInReason::NoSession)));
    assert_eq!(bench.token().await.unwrap_err().recovery(), Recovery::SignIn(SignInReason::NoSession));
    assert_eq!(bench.source.sign_ins.load(Ordering::SeqCst), 0);
    let request = TokenRequest::new().with_interaction(Interaction::Allowed);
    let (one, other) = tokio::join!(bench.provider.token(&request), bench.provider.token(&request));
    assert_eq!((one.unwrap().expose(), other.unwrap().expose()), ("signed-in-1", "signed-in-1"));
    assert_eq!(bench.source.sign_ins.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_token_that_is_dead_on_arrival_is_an_error_that_names_the_clock() {
    let bench = bench(1_000);
    let dead = AccessToken::new("dead").unwrap().with_expiry(bench.clock.now());
    bench.script(Ok(dead));
    assert!(bench.token().await.unwrap_err().to_string().contains("clock"));
}

#[tokio::test]
async fn asking_for_more_life_than_tokens_have_is_an_error_and_no_storm() {
    let bench = bench(1_000);
    let request = TokenRequest::new().with_min_valid_for(Duration::from_secs(7_200));
    for _ in 0..10 {
        assert_eq!(bench.provider.token(&request).await.unwrap_err().recovery(), Recovery::Fail);
    }
    assert_eq!(bench.calls(), 1);
    assert_eq!(bench.token().await.unwrap(), "token-1");
}

#[test]
fn without_a_runtime_a_refresh_has_a_thread_of_its_own() {
    #[derive(Debug)]
    struct Plain;
    #[async_trait]
    impl TokenSource for Plain {
        async fn fetch(&self, _: &Want) -> Result<AccessToken, AuthError> {
            tokio::time::sleep(Duration::from_millis(1)).await;
            Ok(AccessToken::new("plain").unwrap())
        }
    }
    let provider = RefreshingProvider::new(Plain);
    let request = TokenRequest::new();
    let mut token = std::pin::pin!(provider.token(&request));
    let waker = std::task::Waker::noop();
    let token = loop {
        match token.as_mut().poll(&mut std::task::Context::from_waker(waker)) {
            std::task::Poll::Ready(token) => break token.unwrap(),
            std::task::Poll::Pending => std::thread::yield_now(),
        }
    };
    assert_eq!(token.expose(), "plain");
}

#[tokio::test]
async fn a_source_that_panics_blocks_nobody() {
    #[derive(Debug, Default)]
    struct Panics(AtomicUsize);
    #[async_trait]
    impl TokenSource for Panics {
        async fn fetch(&self, _: &Want) -> Result<AccessToken, AuthError> {
            assert!(self.0.fetch_add(1, Ordering::SeqCst) > 0, "the first call panics");
            Ok(AccessToken::new("second").unwrap())
        }
    }
    let provider = RefreshingProvider::new(Panics::default());
    assert_eq!(provider.token(&TokenRequest::new()).await.unwrap_err().kind(), AuthErrorKind::Source);
    assert_eq!(provider.token(&TokenRequest::new()).await.unwrap().expose(), "second");
}

#[tokio::test]
async fn settling_waits_for_the_refresh_under_way() {
    let bench = bench(1);
    bench.token().await.unwrap();
    bench.minutes(55);
    bench.token().await.unwrap();
    let settled = tokio::spawn({
        let provider = bench.provider.clone();
        async move { provider.settle(Duration::from_secs(5)).await }
    });
    idle().await;
    assert!(!settled.is_finished());
    bench.source.gate.add_permits(1);
    settled.await.unwrap();
    assert_eq!(bench.token().await.unwrap(), "token-2");
}

/// Rotates at its third step and keeps what it got at its sixth, as a refresh does.
#[derive(Debug, Default)]
struct Rotating {
    rotated: AtomicUsize,
    kept: AtomicUsize,
}

#[async_trait]
impl TokenSource for Arc<Rotating> {
    async fn fetch(&self, _: &Want) -> Result<AccessToken, AuthError> {
        for step in 1..=6 {
            tokio::task::yield_now().await;
            self.rotated.fetch_add(usize::from(step == 3), Ordering::SeqCst);
            self.kept.fetch_add(usize::from(step == 6), Ordering::SeqCst);
        }
        Ok(AccessToken::new("rotated").unwrap())
    }
}

/// Polls `future` so often and drops it.
async fn polled(times: usize, future: impl Future) {
    let mut future = std::pin::pin!(future);
    for _ in 0..times {
        let done =
            std::future::poll_fn(|context| std::task::Poll::Ready(future.as_mut().poll(context).is_ready())).await;
        if done {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_caller_dropped_at_any_await_loses_no_rotated_token() {
    for times in 0..20 {
        let source = Arc::new(Rotating::default());
        let provider = RefreshingProvider::new(source.clone());
        polled(times, provider.token(&TokenRequest::new())).await;
        idle().await;
        assert_eq!(source.rotated.load(Ordering::SeqCst), source.kept.load(Ordering::SeqCst), "after {times} polls");
    }
}

#[tokio::test]
async fn control_a_refresh_in_the_caller_s_own_future_does_lose_one() {
    let mut lost = 0;
    for times in 0..20 {
        let source = Arc::new(Rotating::default());
        polled(times, source.fetch(&Want::default())).await;
        idle().await;
        lost += source.rotated.load(Ordering::SeqCst) - source.kept.load(Ordering::SeqCst);
    }
    assert!(lost > 0);
}
