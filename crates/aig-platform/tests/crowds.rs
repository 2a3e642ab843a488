//! Many calls at once: how many are on their way together, and that waiting for a place costs no call its time.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use aig_platform::{
    Client,
    transport::{RecordingTransport, Reply, Request, Response, Transport, TransportError},
};
use async_trait::async_trait;
use futures_util::future::try_join_all;
use serde_json::json;
use uuid::Uuid;

/// A server that takes a second for each answer, and counts the requests that it has in hand.
#[derive(Debug)]
struct Busy {
    answers: RecordingTransport,
    in_hand: AtomicUsize,
    most: AtomicUsize,
}

impl Busy {
    fn new() -> Self {
        Self::over(RecordingTransport::new())
    }

    fn over(script: RecordingTransport) -> Self {
        let answers = script.fallback(|_| Reply::json(202, &json!({})));
        Self { answers, in_hand: AtomicUsize::new(0), most: AtomicUsize::new(0) }
    }
}

#[async_trait]
impl Transport for Busy {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let now = self.in_hand.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_secs(1)).await;
        self.in_hand.fetch_sub(1, Ordering::SeqCst);
        self.answers.send(request).await
    }
}

fn client(server: &Arc<Busy>) -> Client {
    let builder = Client::builder().api_root("https://platform.example").token("token");
    builder.transport(Arc::clone(server) as _).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn of_ten_thousand_calls_a_few_dozen_travel_together_and_none_runs_out_of_time() {
    let server = Arc::new(Busy::new());
    let client = client(&server);
    let calls = (0..10_000).map(async |number| client.run(Uuid::from_u128(number)).cancel().await);
    try_join_all(calls).await.unwrap();
    assert_eq!(server.most.load(Ordering::SeqCst), 64);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_leaves_its_place_to_others() {
    let server = Arc::new(Busy::new());
    let client = client(&server);
    let calls = || (0..64).map(async |number| client.run(Uuid::from_u128(number)).cancel().await);
    let dropped = tokio::time::timeout(Duration::from_millis(500), try_join_all(calls())).await;
    assert!(dropped.is_err());
    try_join_all(calls()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn calls_that_wait_for_their_next_attempt_stand_in_nobodys_way() {
    let refused = (0..64).map(|_| Reply::status(429).with_header("retry-after", "60"));
    let answers = refused.fold(RecordingTransport::new(), RecordingTransport::reply);
    let server = Arc::new(Busy::over(answers));
    let client = client(&server);
    let waiting = (0..64).map(async |number| client.run(Uuid::from_u128(number)).cancel().await);
    let quick = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        tokio::time::timeout(Duration::from_secs(2), client.run(Uuid::from_u128(64)).cancel()).await
    };
    let (waited, quick) = tokio::join!(try_join_all(waiting), quick);
    quick.unwrap().unwrap();
    waited.unwrap();
}
