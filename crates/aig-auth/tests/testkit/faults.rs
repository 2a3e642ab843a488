//! Faults and delays, without a socket and without waiting.

use std::time::Duration;

use aig_auth::testkit::{AuthorizationServer, Delivery, Dialect, Endpoint, Fault, GrantType, Request};
use tokio::time::{Instant, timeout};

use crate::{error_of, refresh, session, text};

async fn ready() -> AuthorizationServer {
    let server = AuthorizationServer::builder().dialect(Dialect::Auth0).build();
    server.ready().await;
    server
}

#[tokio::test(start_paused = true)]
async fn an_answer_takes_the_latency_and_the_delays_of_its_fault() {
    let server = ready().await;
    server.set_latency(Duration::from_secs(1));
    let delays = Fault::none().delay(Duration::from_secs(10)).delay_answer(Duration::from_secs(100));
    server.inject(delays.on(Endpoint::Jwks));
    let begin = Instant::now();
    server.handle(Request::get("/.well-known/openid-configuration")).await;
    assert_eq!(begin.elapsed(), Duration::from_secs(1));
    server.handle(Request::get("/.well-known/jwks.json")).await;
    assert_eq!(begin.elapsed(), Duration::from_secs(112));
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_goes_away_before_the_work_changes_nothing() {
    let server = ready().await;
    let first = session(&server).await;
    server.inject(Fault::none().delay(Duration::from_secs(10)));
    assert!(timeout(Duration::from_secs(5), refresh(&server, &first)).await.is_err());
    assert_eq!(refresh(&server, &first).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_goes_away_after_the_work_has_lost_the_answer() {
    let server = ready().await;
    let first = session(&server).await;
    server.inject(Fault::none().delay_answer(Duration::from_secs(10)));
    assert!(timeout(Duration::from_secs(5), refresh(&server, &first)).await.is_err());
    assert_eq!(error_of(&refresh(&server, &first).await), "invalid_grant");
    assert_eq!(server.token_requests(GrantType::RefreshToken), 2);
}

#[tokio::test]
async fn an_ordered_refusal_has_the_status_of_the_dialect_and_touches_nothing() {
    let server = ready().await;
    let first = session(&server).await;
    server.inject(Fault::oauth("invalid_grant").on_grant(GrantType::RefreshToken));
    let refused = refresh(&server, &first).await;
    assert_eq!((refused.status, error_of(&refused).as_str()), (403, "invalid_grant"));
    assert_eq!(refresh(&server, &first).await.status, 200);
}

#[tokio::test]
async fn any_answer_can_be_put_in_place_of_the_right_one() {
    let server = ready().await;
    server.inject(Fault::answer(200, "application/json", r#"{"access_token":"#).on(Endpoint::Token));
    let answer = refresh(&server, "whatever").await;
    assert_eq!((answer.status, answer.text().as_str()), (200, r#"{"access_token":"#));
}

#[tokio::test]
async fn faults_strike_in_the_order_they_were_ordered_and_end_when_cleared() {
    let server = ready().await;
    server.inject(Fault::unavailable(502).on(Endpoint::Discovery));
    server.inject(Fault::dropped().always());
    let ask = || async { server.handle(Request::get("/.well-known/openid-configuration")).await };
    assert_eq!((ask().await.status, ask().await.delivery), (502, Delivery::Lost));
    assert_eq!(ask().await.delivery, Delivery::Lost);
    server.clear_faults();
    assert_eq!(ask().await.delivery, Delivery::Whole);
}

#[tokio::test]
async fn a_torn_answer_was_worked_for() {
    let server = ready().await;
    let first = session(&server).await;
    server.inject(Fault::torn(7));
    let torn = refresh(&server, &first).await;
    assert_eq!(torn.delivery, Delivery::Torn(7));
    assert_eq!(
        refresh(&server, &text(&torn, "refresh_token")).await.status,
        200,
        "the rest of it would have been good"
    );
}
