//! Tokens from an HTTP endpoint.

use std::time::Duration;

use aig_auth::{
    AuthErrorKind, Clock as _, Recovery, Rejection, TokenProvider as _, TokenRequest, TokenSource as _, Want,
    external::EndpointToken,
};
use serde_json::{Value, json};
use wiremock::{MockServer, ResponseTemplate};

use crate::{
    all_logs::canary,
    support::{clock, requests, server, token},
};

fn at(server: &MockServer) -> EndpointToken {
    EndpointToken::new(&format!("{}/token?ticket={}", server.uri(), canary::QUERY)).unwrap()
}

async fn answering(body: Value) -> MockServer {
    server(move |_| ResponseTemplate::new(200).set_body_json(&body)).await
}

/// A1, P2.
#[tokio::test]
async fn the_answer_brings_a_token_and_its_end() {
    for (body, end) in [
        (json!({"token": "abc", "expiresAt": "2026-01-01T01:00:00.000Z"}), Some("2026-01-01T01:00:00Z")),
        (json!({"token": "Bearer abc", "expires_at": 1_767_229_200}), Some("2026-01-01T01:00:00Z")),
        (json!({"access_token": "abc", "expires_in": 60}), Some("2026-01-01T00:01:00Z")),
        (json!({"token": "abc", "expiresAt": "someday"}), None),
        (json!({"token": "abc"}), None),
    ] {
        let server = answering(body.clone()).await;
        let token = at(&server).with_clock(clock()).fetch(&Want::default()).await.unwrap();
        assert_eq!(token.expose(), "abc", "{body}");
        assert_eq!(token.expires_at().map(|end| end.to_string()).as_deref(), end, "{body}");
    }
}

#[tokio::test]
async fn it_is_asked_as_configured() {
    let server = answering(json!({"token": "abc"})).await;
    let get = at(&server).with_header("X-Ticket", "t").unwrap();
    let post = get.clone().with_post_body(r#"{"scope":"x"}"#).with_header("content-type", "application/json").unwrap();
    get.fetch(&Want::default()).await.unwrap();
    post.fetch(&Want::default()).await.unwrap();
    get.with_post().fetch(&Want::default()).await.unwrap();

    let seen = server.received_requests().await.unwrap();
    let methods: Vec<_> = seen.iter().map(|request| request.method.to_string()).collect();
    assert_eq!(methods, ["GET", "POST", "POST"]);
    let query = format!("ticket={}", canary::QUERY);
    assert!(seen.iter().all(|request| request.headers["x-ticket"] == "t" && request.url.query() == Some(&query)));
    assert_eq!((seen[1].body.as_slice(), seen[2].body.as_slice()), (br#"{"scope":"x"}"#.as_slice(), b"".as_slice()));
    assert_eq!(seen[1].headers["content-type"], "application/json");
}

/// A2, P3.
#[tokio::test]
async fn a_token_is_replaced_five_minutes_ahead_whatever_the_interval_says() {
    let clock = clock();
    let time = clock.clone();
    let server = server(move |number| {
        let end = time.now().checked_add(jiff::SignedDuration::from_hours(1)).unwrap();
        ResponseTemplate::new(200).set_body_json(json!({"token": format!("token-{number}"), "expiresAt": end}))
    })
    .await;
    let provider = at(&server).with_clock(clock.clone()).into_provider();
    for minute in 0..=54 {
        assert_eq!(token(&provider).await.unwrap(), "token-1", "after {minute} min");
        provider.settle(Duration::from_secs(60)).await;
        clock.advance(Duration::from_secs(60));
    }
    assert_eq!(requests(&server).await, 1, "not before five and a half minutes ahead");
    assert_eq!(token(&provider).await.unwrap(), "token-1", "nobody waits");
    provider.settle(Duration::from_secs(60)).await;
    assert_eq!(token(&provider).await.unwrap(), "token-2");
    assert_eq!(requests(&server).await, 2);
}

/// A3.
#[tokio::test]
async fn a_token_without_an_end_is_asked_for_again_after_a_minute_and_when_it_is_refused() {
    let clock = clock();
    let server =
        server(|number| ResponseTemplate::new(200).set_body_json(json!({"token": format!("token-{number}")}))).await;
    let provider = at(&server).with_clock(clock.clone()).into_provider();
    let first = provider.token(&TokenRequest::new()).await.unwrap();
    provider.reject(&first, Rejection::Unauthorized).await;
    assert_eq!(token(&provider).await.unwrap(), "token-2");
    clock.advance(Duration::from_secs(59));
    token(&provider).await.unwrap();
    assert_eq!(requests(&server).await, 2);
    clock.advance(Duration::from_secs(1));
    token(&provider).await.unwrap();
    provider.settle(Duration::from_secs(60)).await;
    assert_eq!(token(&provider).await.unwrap(), "token-3");
}

/// A4.
#[tokio::test]
async fn an_end_that_nobody_understands_clears_the_one_that_was_known() {
    let clock = clock();
    let server = server(|number| {
        let end = if number == 1 { "2026-01-01T00:10:00Z" } else { "in a while" };
        ResponseTemplate::new(200).set_body_json(json!({"token": "abc", "expiresAt": end}))
    })
    .await;
    let provider = at(&server).with_clock(clock.clone()).into_provider();
    let first = provider.token(&TokenRequest::new()).await.unwrap();
    assert_eq!(first.expires_at().unwrap().to_string(), "2026-01-01T00:10:00Z");
    clock.advance(Duration::from_secs(9 * 60 + 30));
    let second = provider.token(&TokenRequest::new()).await.unwrap();
    assert_eq!((second.expose(), second.expires_at()), ("abc", None));
    clock.advance(Duration::from_secs(45));
    assert_eq!(token(&provider).await.unwrap(), "abc", "the old end has passed and says nothing");
}

#[tokio::test]
async fn an_error_says_where_and_what_can_be_done_and_shows_neither_query_nor_body() {
    for (status, kind, recovery) in [
        (401, AuthErrorKind::Denied, Recovery::FixSetup),
        (403, AuthErrorKind::Denied, Recovery::FixSetup),
        (404, AuthErrorKind::Protocol, Recovery::Fail),
        (429, AuthErrorKind::Unavailable, Recovery::Retry { after: Some(Duration::from_secs(7)) }),
        (503, AuthErrorKind::Unavailable, Recovery::Retry { after: Some(Duration::from_secs(7)) }),
    ] {
        let server = server(move |_| {
            ResponseTemplate::new(status).insert_header("retry-after", "7").set_body_string(canary::BODY)
        })
        .await;
        let error = at(&server).fetch(&Want::default()).await.unwrap_err();
        assert_eq!((error.kind(), error.recovery()), (kind, recovery), "{status}: {error}");
        let text = format!("{error} {error:?}");
        assert!(text.contains(&format!("{}/token", server.uri())) && text.contains(&status.to_string()), "{text}");
        assert!(!text.contains("canary"), "{text}");
    }
}

#[tokio::test]
async fn what_is_no_answer_with_a_token_is_the_endpoints_fault() {
    for body in ["", "<html>canary</html>", "{}", "canary", r#"{"token":"two canaries"}"#] {
        let server = server(move |_| ResponseTemplate::new(200).set_body_string(body)).await;
        let error = at(&server).fetch(&Want::default()).await.unwrap_err();
        assert_eq!((error.kind(), error.recovery()), (AuthErrorKind::Source, Recovery::FixSetup), "{body}");
        assert!(!format!("{error} {error:?}").contains("canar"), "{error:?}");
    }
    let large = server(|_| ResponseTemplate::new(200).set_body_bytes(vec![b' '; 2 * 1024 * 1024])).await;
    let error = at(&large).fetch(&Want::default()).await.unwrap_err();
    assert!(error.to_string().contains("too large"), "{error}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let target = answering(json!({"token": "abc"})).await;
    let to = format!("{}/elsewhere", target.uri());
    for status in [301, 302, 303, 307, 308] {
        let to = to.clone();
        let server = server(move |_| ResponseTemplate::new(status).insert_header("location", to.as_str())).await;
        let source = at(&server).with_post_body(canary::BODY).with_header("x-ticket", canary::HEADER).unwrap();
        assert_eq!(source.fetch(&Want::default()).await.unwrap_err().recovery(), Recovery::FixSetup);
    }
    assert_eq!(requests(&target).await, 0);
}

#[test]
fn an_endpoint_is_https_or_on_loopback() {
    for good in ["https://a.example/token", "http://127.0.0.1:1/token", "http://[::1]:1/", "http://localhost:1/"] {
        assert!(EndpointToken::new(good).is_ok(), "{good}");
    }
    for bad in ["http://a.example/token", "http://169.254.169.254/", "ftp://a.example/", "https://u:p@a.example/", "a"]
    {
        assert_eq!(EndpointToken::new(bad).unwrap_err().recovery(), Recovery::FixSetup, "{bad}");
    }
}

#[test]
fn a_header_that_cannot_be_sent_is_refused_at_once() {
    let source = EndpointToken::new("https://a.example/token").unwrap();
    for (name, value) in [("a b", "v"), ("", "v"), ("x", "canary\r\ny: z")] {
        let error = source.clone().with_header(name, value).unwrap_err();
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    }
}
