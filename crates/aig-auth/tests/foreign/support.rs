//! What these tests share: clocks that need no waiting, and numbered answers.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use aig_auth::{AuthError, Clock, ManualClock, TokenProvider, TokenRequest};
use async_trait::async_trait;
use jiff::Timestamp;
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::any};

pub(crate) fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new("2026-01-01T00:00:00Z".parse().unwrap()))
}

/// A server whose answer to its nth request is `answer(n)`, from 1 on.
pub(crate) async fn server(answer: impl Fn(u64) -> ResponseTemplate + Send + Sync + 'static) -> MockServer {
    let (server, count) = (MockServer::start().await, AtomicU64::new(0));
    let answer = move |_: &Request| answer(count.fetch_add(1, Ordering::SeqCst) + 1);
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

pub(crate) async fn requests(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

pub(crate) async fn token(provider: &dyn TokenProvider) -> Result<String, AuthError> {
    provider.token(&TokenRequest::new()).await.map(|token| token.expose().to_owned())
}

/// A clock on which every sleep is over at once, and remembered.
#[derive(Debug)]
pub(crate) struct HastyClock {
    clock: Arc<ManualClock>,
    slept: Mutex<Vec<Duration>>,
}

impl HastyClock {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { clock: clock(), slept: Mutex::default() })
    }

    pub(crate) fn slept(&self) -> Vec<Duration> {
        self.slept.lock().unwrap().clone()
    }
}

#[async_trait]
impl Clock for HastyClock {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn ticks(&self) -> Duration {
        self.clock.ticks()
    }

    async fn sleep(&self, duration: Duration) {
        self.slept.lock().unwrap().push(duration);
        self.clock.advance(duration);
    }
}
