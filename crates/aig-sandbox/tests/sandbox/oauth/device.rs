//! Device authorization on the sandbox's port, and the page that a person opens for it.

use std::time::Duration;

use aig_sandbox::Sandbox;

use super::person::{ADA, GRACE, Reply, Tenant};

const CLIENT: (&str, &str) = ("client_id", "sandbox-device");

async fn begin(tenant: &Tenant) -> Reply {
    let audience = ("audience", "https://aignostics-platform-sandbox");
    let reply = tenant.form("/oauth/device/code", &[CLIENT, ("scope", "openid offline_access"), audience]).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply
}

async fn poll(tenant: &Tenant, device: &Reply) -> Reply {
    poll_as(tenant, device, "sandbox-device").await
}

async fn poll_as(tenant: &Tenant, device: &Reply, client_id: &str) -> Reply {
    let code = device.member("device_code");
    let grant_type = ("grant_type", "urn:ietf:params:oauth:grant-type:device_code");
    tenant.token(&[grant_type, ("device_code", &code), ("client_id", client_id)]).await
}

#[tokio::test]
async fn a_person_types_the_code_in_agrees_and_the_device_is_signed_in_once() {
    let tenant = Tenant::new().await;
    let device = begin(&tenant).await;
    let (code, json) = (device.member("user_code"), device.json());
    assert_eq!((&json["expires_in"], &json["interval"]), (&900.into(), &1.into()));
    assert_eq!(device.member("verification_uri"), format!("{}/activate", tenant.wire.url));
    assert_eq!(device.member("verification_uri_complete"), format!("{}/activate?user_code={code}", tenant.wire.url));

    tenant.get("/activate").await.is_page(200, "<form method=\"get\" action=\"/activate\">");
    let typed = code.replace('-', " ").to_lowercase().replace(' ', "+");
    let page = tenant.get(&format!("/activate?user_code={typed}")).await;
    page.is_page(200, &code);
    tenant.press(&page, "allow", "").await.is_page(400, "Choose an account first");
    let page = tenant.get(&device.member("verification_uri_complete")).await;
    tenant.press(&page, "allow", GRACE).await.is_page(200, "Device connected");

    let tokens = poll(&tenant, &device).await;
    assert_eq!((tokens.status, tokens.member("scope").as_str()), (200, "openid offline_access"), "{tokens:?}");
    assert_eq!(tokens.claims("access_token")["sub"], GRACE);
    assert_eq!(tokens.claims("access_token")["azp"], "sandbox-device");
    poll(&tenant, &device).await.is_refused(403, "invalid_grant");
    tenant.get(&device.member("verification_uri_complete")).await.is_page(400, "answered before");
}

#[tokio::test]
async fn a_device_waits_and_one_that_asks_too_often_waits_longer() {
    let tenant = Tenant::new().await;
    let device = begin(&tenant).await;
    let pending = (403, "authorization_pending");
    let slower = (429, "slow_down");
    // The interval is a second; each hurry adds five (RFC 8628 section 3.5).
    for (seconds, (status, error)) in
        [(0, pending), (0, slower), (5, slower), (10, slower), (16, pending), (15, slower)]
    {
        tenant.sandbox.advance_clock(Duration::from_secs(seconds)).unwrap();
        poll(&tenant, &device).await.is_refused(status, error);
    }
    tenant.sandbox.approve_device(&device.member("user_code")).await.unwrap();
    assert_eq!(poll(&tenant, &device).await.status, 200, "an answer is given at once");
}

#[tokio::test]
async fn refused_expired_and_foreign_devices_are_told_so() {
    let tenant = Tenant::new().await;
    let device = begin(&tenant).await;
    let page = tenant.get(&device.member("verification_uri_complete")).await;
    tenant.press(&page, "deny", ADA).await.is_page(200, "Device refused");
    poll(&tenant, &device).await.is_refused(403, "access_denied");

    let device = begin(&tenant).await;
    poll_as(&tenant, &device, "sandbox-interactive").await.is_refused(403, "invalid_grant");
    let page = tenant.get(&device.member("verification_uri_complete")).await;
    tenant.sandbox.advance_clock(Duration::from_secs(900)).unwrap();
    poll(&tenant, &device).await.is_refused(403, "expired_token");
    assert_eq!(tenant.press(&page, "allow", ADA).await.status, 400, "the page is as old");
    tenant.get(&device.member("verification_uri_complete")).await.is_page(400, "too old");

    tenant.get("/activate?user_code=AAAA-BBBB").await.is_page(400, "not known");
    let unknown = [("client_id", "nobody")];
    tenant.form("/oauth/device/code", &unknown).await.is_refused(401, "invalid_client");
    let elsewhere = [CLIENT, ("audience", "https://elsewhere.example")];
    tenant.form("/oauth/device/code", &elsewhere).await.is_refused(403, "access_denied");
    assert_eq!(tenant.get("/oauth/device/code").await.status, 405);
}

#[tokio::test]
async fn a_form_that_no_page_of_ours_showed_lets_no_device_in() {
    let tenant = Tenant::new().await;
    let device = begin(&tenant).await;
    let page = tenant.get(&device.member("verification_uri_complete")).await;
    let fields = [("ticket", page.ticket()), ("user", ADA), ("decision", "allow")];
    assert_eq!(tenant.form_from("http://evil.example", "/activate", &fields).await.status, 403);
    let code = device.member("user_code");
    let guessed = [("user_code", code.as_str()), ("user", ADA), ("decision", "allow")];
    tenant.form("/activate", &guessed).await.is_page(400, "too old");
    tenant.form("/u/login", &fields).await.is_page(400, "too old");
    poll(&tenant, &device).await.is_refused(403, "authorization_pending");
}

#[tokio::test]
async fn a_scope_sent_once_for_each_element_is_taken_together() {
    let tenant = Tenant::of(Sandbox::builder().auto_approve(GRACE)).await;
    let fields = [CLIENT, ("scope", "openid"), ("scope", "offline_access")];
    let device = tenant.form("/oauth/device/code", &fields).await;
    let tokens = poll(&tenant, &device).await;
    assert_eq!(tokens.member("scope"), "openid offline_access");
    assert_eq!(tokens.claims("access_token")["sub"], GRACE, "auto-approve answers the first poll");
}
