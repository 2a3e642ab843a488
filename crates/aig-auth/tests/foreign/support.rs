//! What these tests share: clocks that need no waiting, numbered answers, and everything that was logged.

use std::{
    io,
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use aig_auth::{AuthError, Clock, ManualClock, TokenProvider, TokenRequest};
use async_trait::async_trait;
use jiff::Timestamp;
use tracing_subscriber::fmt::MakeWriter;
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

/// Everything that this process logs at any level, from the first call of [`logged`] on.
static LOG: LazyLock<Log> = LazyLock::new(|| {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    log
});

#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

pub(crate) fn logged() -> String {
    String::from_utf8_lossy(&LOG.0.lock().unwrap()).into_owned()
}
