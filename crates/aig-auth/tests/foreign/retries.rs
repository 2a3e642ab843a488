//! A token endpoint that fails for a while.

use std::{sync::Arc, time::Duration};

use aig_auth::{AuthError, AuthErrorKind, Clock, Recovery, api_key::ApiKeyExchange};
use async_trait::async_trait;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket},
    sync::Semaphore,
};
use wiremock::ResponseTemplate;

use crate::{
    all_logs::canary,
    support::{HastyClock, requests, server, token},
};

const DATE: &str = "Thu, 01 Jan 2026 00:00:00 GMT";

struct Outcome {
    token: Result<String, AuthError>,
    requests: usize,
    slept: Vec<Duration>,
}

/// What comes of a token endpoint that answers with the nth of `answers`, and then with a token.
async fn exchanged(answers: Vec<ResponseTemplate>) -> Outcome {
    let last = ResponseTemplate::new(200).set_body_json(json!({"token": "abc", "expires_in": 3600}));
    let answer = move |number| answers.get(number as usize - 1).unwrap_or(&last).clone();
    let (server, clock) = (server(answer).await, HastyClock::new());
    let exchange = ApiKeyExchange::new("https://api.example", &server.uri()).unwrap().with_clock(clock.clone());
    let token = token(&exchange.provider(canary::API_KEY)).await;
    Outcome { token, requests: requests(&server).await, slept: clock.slept() }
}

fn busy(status: u16, retry_after: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).insert_header("retry-after", retry_after).insert_header("date", DATE)
}

#[tokio::test]
async fn passing_faults_are_tried_again_with_growing_pauses() {
    for status in [429, 502, 503, 504] {
        let outcome = exchanged(vec![ResponseTemplate::new(status); 2]).await;
        assert_eq!((outcome.token.unwrap().as_str(), outcome.requests), ("abc", 3), "{status}");
        let within = |pause: Duration, low, high| (low..=high).contains(&pause.as_millis());
        let [first, second] = outcome.slept[..] else { panic!("{:?}", outcome.slept) };
        assert!(within(first, 250, 500) && within(second, 500, 1_000), "{first:?}, {second:?}");
    }
}

#[tokio::test]
async fn after_three_tries_it_is_the_callers_turn() {
    let outcome = exchanged(vec![ResponseTemplate::new(503); 9]).await;
    let error = outcome.token.unwrap_err();
    assert_eq!((error.kind(), error.recovery()), (AuthErrorKind::Unavailable, Recovery::Retry { after: None }));
    assert!(error.to_string().contains("503"), "{error}");
    assert_eq!((outcome.requests, outcome.slept.len()), (3, 2));
}

#[tokio::test]
async fn lasting_faults_are_not_tried_again() {
    for status in [400, 401, 403, 404, 405, 409, 410, 422, 500, 501, 307, 302] {
        let outcome = exchanged(vec![ResponseTemplate::new(status); 9]).await;
        assert!(outcome.token.is_err());
        assert_eq!((outcome.requests, outcome.slept.len()), (1, 0), "{status}");
    }
    let outcome = exchanged(vec![ResponseTemplate::new(200).set_body_string("<html>"); 9]).await;
    assert_eq!((outcome.requests, outcome.token.unwrap_err().recovery()), (1, Recovery::FixSetup));
}

#[tokio::test]
async fn the_server_says_how_long_to_wait_in_seconds_or_as_a_date_but_not_for_ever() {
    for (retry_after, seconds) in [
        ("7", 7),
        ("0", 0),
        ("60", 60),
        ("1000000000", 60),
        ("Thu, 01 Jan 2026 00:00:30 GMT", 30),
        ("Wed, 31 Dec 2025 00:00:00 GMT", 0),
        ("Fri, 01 Jan 2027 00:00:00 GMT", 60),
    ] {
        let outcome = exchanged(vec![busy(429, retry_after)]).await;
        assert_eq!(outcome.token.unwrap(), "abc");
        assert_eq!(outcome.slept, [Duration::from_secs(seconds)], "{retry_after}");
    }
    for junk in ["soon", "-1", "1e3", ""] {
        let outcome = exchanged(vec![busy(503, junk)]).await;
        assert!(
            outcome.slept.len() == 1 && outcome.slept[0] <= Duration::from_millis(500),
            "{junk}: {:?}",
            outcome.slept
        );
    }
    let error = exchanged(vec![busy(503, "1000000000"); 9]).await.token.unwrap_err();
    assert_eq!(error.recovery(), Recovery::Retry { after: Some(Duration::from_secs(60)) });
}

/// Closes `cuts` connections without an answer, after reading or in the middle of one, and then answers.
async fn serve(listener: TcpListener, cuts: usize) {
    for number in 0.. {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 64 * 1024];
        let _ = connection.read(&mut request).await.unwrap();
        let body = r#"{"token":"abc","expires_in":3600}"#;
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
        let sent = if number >= cuts { answer.len() } else { number * 40 };
        connection.write_all(&answer.as_bytes()[..sent]).await.unwrap();
        connection.shutdown().await.unwrap();
    }
}

#[tokio::test]
async fn a_connection_that_breaks_is_tried_again() {
    for (cuts, works) in [(0, true), (1, true), (2, true), (3, false)] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(serve(listener, cuts));
        let clock = HastyClock::new();
        let exchange = ApiKeyExchange::new("https://api.example", &format!("http://{address}/")).unwrap();
        let token = token(&exchange.with_clock(clock.clone()).provider(canary::API_KEY)).await;
        assert_eq!(token.is_ok(), works, "{cuts} cuts: {token:?}");
        assert_eq!(clock.slept().len(), cuts.min(2));
        serving.abort();
    }
}

/// A clock on which a sleeper says that it sleeps, and is woken by hand.
#[derive(Debug)]
struct GatedClock {
    asleep: Semaphore,
    wake: Semaphore,
}

#[async_trait]
impl Clock for GatedClock {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::UNIX_EPOCH
    }

    fn ticks(&self) -> Duration {
        Duration::ZERO
    }

    async fn sleep(&self, _: Duration) {
        self.asleep.add_permits(1);
        self.wake.acquire().await.unwrap().forget();
    }
}

#[tokio::test]
async fn a_server_that_is_not_up_yet_is_tried_again() {
    // Bound and not listening: connections are refused, and nobody else gets the port.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}/", socket.local_addr().unwrap());
    let clock = Arc::new(GatedClock { asleep: Semaphore::new(0), wake: Semaphore::new(0) });
    let exchange = ApiKeyExchange::new("https://api.example", &url).unwrap().with_clock(clock.clone());
    let asking = tokio::spawn(async move { token(&exchange.provider(canary::API_KEY)).await });

    clock.asleep.acquire().await.unwrap().forget();
    let serving = tokio::spawn(serve(socket.listen(16).unwrap(), 0));
    clock.wake.add_permits(1);
    assert_eq!(asking.await.unwrap().unwrap(), "abc");
    serving.abort();
}

#[tokio::test]
async fn nobody_there_is_an_error_that_names_the_host_and_says_to_try_again() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let clock = HastyClock::new();
    let exchange = ApiKeyExchange::new("https://api.example", &format!("http://{address}/")).unwrap();
    let error = token(&exchange.with_clock(Arc::clone(&clock) as _).provider(canary::API_KEY)).await.unwrap_err();
    assert_eq!((error.kind(), error.recovery()), (AuthErrorKind::Unavailable, Recovery::Retry { after: None }));
    assert!(error.to_string().contains("cannot connect to 127.0.0.1"), "{error}");
    assert_eq!(clock.slept().len(), 2, "three tries in all, whoever makes them");
}
