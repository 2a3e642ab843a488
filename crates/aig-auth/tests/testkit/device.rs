//! Device authorization: RFC 8628.

use std::time::Duration;

use aig_auth::testkit::{AuthorizationServer, Client, Dialect, Request, Response, Unknown};

use crate::{DEVICE_GRANT, error_of, post, text, token};

fn server() -> AuthorizationServer {
    crate::timeless().build()
}

async fn begin(server: &AuthorizationServer) -> Response {
    let response = post(
        server,
        "/oauth/device/code",
        &[("client_id", "native"), ("scope", "offline_access"), ("audience", "https://api.example.test")],
    )
    .await;
    assert_eq!(response.status, 200);
    response
}

async fn poll(server: &AuthorizationServer, device: &Response) -> Response {
    let code = text(device, "device_code");
    token(server, &[("grant_type", DEVICE_GRANT), ("client_id", "native"), ("device_code", &code)]).await
}

#[tokio::test]
async fn the_answer_has_all_that_a_device_shows() {
    let server = server();
    let device = begin(&server).await;
    let code = text(&device, "user_code");
    assert_eq!(text(&device, "verification_uri"), format!("{}/activate", server.base_url()));
    assert_eq!(text(&device, "verification_uri_complete"), format!("{}/activate?user_code={code}", server.base_url()));
    assert_eq!((device.json()["interval"].as_u64(), device.json()["expires_in"].as_u64()), (Some(5), Some(900)));
    assert!(code.len() == 9 && code.chars().all(|letter| letter == '-' || "BCDFGHJKLMNPQRSTVWXZ".contains(letter)));
}

#[tokio::test]
async fn an_approved_device_gets_tokens_once() {
    let server = server();
    let device = begin(&server).await;
    assert_eq!(error_of(&poll(&server, &device).await), "authorization_pending");
    server.approve_device(&text(&device, "user_code").to_lowercase().replace('-', " "), "auth0|grace").unwrap();
    let tokens = poll(&server, &device).await;
    assert_eq!(text(&tokens, "scope"), "offline_access");
    assert_eq!(server.verify(&text(&tokens, "access_token")).unwrap().sub, "auth0|grace");
    assert_eq!(error_of(&poll(&server, &device).await), "invalid_grant");
}

#[tokio::test]
async fn a_denied_device_is_told_so() {
    let server = server();
    let device = begin(&server).await;
    server.deny_device(&text(&device, "user_code")).unwrap();
    assert_eq!(error_of(&poll(&server, &device).await), "access_denied");
    assert_eq!(server.approve_device(&text(&device, "user_code"), "auth0|ada"), Err(Unknown::UserCode));
}

#[tokio::test]
async fn a_device_that_polls_too_fast_is_slowed_down_by_five_seconds_each_time() {
    let server = server();
    let device = begin(&server).await;
    assert_eq!(error_of(&poll(&server, &device).await), "authorization_pending");
    server.advance(Duration::from_secs(4));
    assert_eq!(error_of(&poll(&server, &device).await), "slow_down");
    server.advance(Duration::from_secs(9));
    assert_eq!(error_of(&poll(&server, &device).await), "slow_down", "the interval is 10 s now");
    server.advance(Duration::from_secs(15));
    assert_eq!(error_of(&poll(&server, &device).await), "authorization_pending", "and 15 s now");
}

#[tokio::test]
async fn a_device_that_nobody_answers_expires() {
    let server = AuthorizationServer::builder().device_lifetime(Duration::from_secs(60)).build();
    let device = begin(&server).await;
    server.advance(Duration::from_secs(60));
    assert_eq!(error_of(&poll(&server, &device).await), "expired_token");
    assert_eq!(server.approve_device(&text(&device, "user_code"), "auth0|ada"), Err(Unknown::UserCode));
    assert!(server.pending_devices().is_empty());
}

#[tokio::test]
async fn statuses_are_those_of_the_dialect() {
    for (dialect, pending, slow) in [(Dialect::Rfc6749, 400, 400), (Dialect::Auth0, 403, 429)] {
        let server = AuthorizationServer::builder().dialect(dialect).build();
        let device = begin(&server).await;
        assert_eq!(poll(&server, &device).await.status, pending);
        assert_eq!(poll(&server, &device).await.status, slow);
    }
}

#[tokio::test]
async fn a_device_code_belongs_to_its_client() {
    let builder = AuthorizationServer::builder().client(Client::native("native")).client(Client::native("other"));
    let server = builder.build();
    let code = text(&begin(&server).await, "device_code");
    let response =
        token(&server, &[("grant_type", DEVICE_GRANT), ("client_id", "other"), ("device_code", &code)]).await;
    assert_eq!(error_of(&response), "invalid_grant");
}

#[tokio::test]
async fn a_scope_sent_once_per_element_is_taken_together() {
    let server = server();
    let fields = [("client_id", "native"), ("scope", "openid"), ("scope", "offline_access")];
    assert_eq!(post(&server, "/oauth/device/code", &fields).await.status, 200);
    assert_eq!(server.pending_devices()[0].scope, "openid offline_access");
}

#[tokio::test]
async fn unknown_clients_and_audiences_are_refused() {
    let server = server();
    let response = post(&server, "/oauth/device/code", &[("client_id", "stranger")]).await;
    assert_eq!(error_of(&response), "invalid_client");
    let fields = [("client_id", "native"), ("audience", "https://other.example")];
    assert_eq!(error_of(&post(&server, "/oauth/device/code", &fields).await), "access_denied");
}

#[tokio::test]
async fn a_person_approves_on_the_page_without_scripts() {
    let server = server();
    let device = begin(&server).await;
    let page = server.handle(Request::get("/activate")).await;
    assert!(page.status == 200 && page.text().contains("name=\"user_code\""));

    let target = format!("/activate?user_code={}", text(&device, "user_code"));
    let page = server.handle(Request::get(&target)).await.text();
    let ticket = page.split_once("name=\"ticket\" value=\"").unwrap().1.split_once('"').unwrap().0;
    let fields = [("ticket", ticket), ("user", "auth0|ada"), ("decision", "allow")];
    let done = post(&server, "/activate", &fields).await;
    assert!(done.status == 200 && done.text().contains("Device connected"));
    assert_eq!(poll(&server, &device).await.status, 200);
}

#[tokio::test]
async fn a_form_that_no_page_of_ours_showed_approves_nothing() {
    let server = server();
    let device = begin(&server).await;
    let code = text(&device, "user_code");
    let forged = [("user_code", code.as_str()), ("user", "auth0|ada"), ("decision", "allow")];
    assert_eq!(post(&server, "/activate", &forged).await.status, 400);
    assert_eq!(error_of(&poll(&server, &device).await), "authorization_pending");
}

#[tokio::test]
async fn a_code_that_nobody_has_is_asked_for_again() {
    let page = server().handle(Request::get("/activate?user_code=BBBB-BBBB")).await;
    assert_eq!(page.status, 400);
    assert!(page.text().contains("not known"));
}

#[tokio::test]
async fn auto_approve_answers_the_first_poll() {
    let server = AuthorizationServer::builder().auto_approve("auth0|ada").build();
    let device = begin(&server).await;
    assert_eq!(poll(&server, &device).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn polls_in_paused_time_are_as_far_apart_as_the_client_slept() {
    let server = AuthorizationServer::builder().build();
    server.ready().await;
    let device = begin(&server).await;
    for _ in 0..3 {
        assert_eq!(error_of(&poll(&server, &device).await), "authorization_pending");
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
}
