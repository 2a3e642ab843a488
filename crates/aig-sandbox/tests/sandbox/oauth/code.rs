//! The authorization code and PKCE on the sandbox's port: what is asked for, what comes of it, and what is refused.

use std::time::Duration;

use super::person::{ADA, GRACE, LINUS, REDIRECT, Tenant, VERIFIER};

const AUDIENCE: &str = "https://aignostics-platform-sandbox";
const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_request_without_an_s256_challenge_goes_back_with_the_reason() {
    let tenant = Tenant::new().await;
    let wrong = [
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge", "too-short"), "invalid_request"),
        (("code_challenge_method", ""), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("response_type", "token"), "unsupported_response_type"),
        (("response_type", ""), "unsupported_response_type"),
        (("audience", "https://elsewhere.example"), "access_denied"),
        (("organization", "org_of_nobody"), "invalid_request"),
    ];
    for (change, error) in wrong {
        let sent = tenant.authorize(&[change]).await.sent_back();
        assert_eq!((sent["error"].as_str(), sent["state"].as_str()), (error, "abc"), "{change:?}");
    }
}

#[tokio::test]
async fn a_code_goes_to_who_asked_for_it_within_its_minute() {
    let tenant = Tenant::new().await;
    let other = "http://127.0.0.1:4711/other";
    let guess = "another-verifier-of-at-least-forty-three-characters";
    for (change, status, error) in [
        (("client_id", "sandbox-device"), 403, "invalid_grant"),
        (("client_id", "nobody"), 401, "invalid_client"),
        (("redirect_uri", other), 403, "invalid_grant"),
        (("redirect_uri", ""), 403, "invalid_grant"),
        (("code_verifier", ""), 400, "invalid_request"),
        (("code", ""), 400, "invalid_request"),
        (("code", "made-up"), 403, "invalid_grant"),
        (("code_verifier", guess), 403, "invalid_grant"),
    ] {
        let code = tenant.code(&[]).await;
        tenant.redeem(&code, &[change]).await.is_refused(status, error);
    }
    let code = tenant.code(&[]).await;
    tenant.redeem(&code, &[("code_verifier", guess)]).await.is_refused(403, "invalid_grant");
    tenant.redeem(&code, &[]).await.is_refused(403, "invalid_grant");

    let code = tenant.code(&[]).await;
    tenant.sandbox.advance_clock(MINUTE - Duration::from_secs(5)).unwrap();
    assert_eq!(tenant.redeem(&code, &[]).await.status, 200);
    let code = tenant.code(&[]).await;
    tenant.sandbox.advance_clock(MINUTE).unwrap();
    tenant.redeem(&code, &[]).await.is_refused(403, "invalid_grant");
}

#[tokio::test]
async fn a_code_that_comes_twice_takes_back_what_came_of_it() {
    let tenant = Tenant::new().await;
    let code = tenant.code(&[]).await;
    let first = tenant.redeem(&code, &[]).await;
    let access = first.member("access_token");
    assert_eq!(tenant.status_of_me(&access).await, 200);
    tenant.redeem(&code, &[]).await.is_refused(403, "invalid_grant");
    assert_eq!(tenant.status_of_me(&access).await, 401);
    let refresh = first.member("refresh_token");
    tenant.refresh("sandbox-interactive", &refresh).await.is_refused(403, "invalid_grant");
}

#[tokio::test]
async fn the_answer_has_the_scope_that_was_asked_for_and_tokens_to_match() {
    let tenant = Tenant::new().await;
    for (scope, refresh, id) in [
        ("openid profile email offline_access", true, true),
        ("offline_access", true, false),
        ("openid", false, true),
        ("read:things  of_tomorrow", false, false),
    ] {
        let code = tenant.code(&[("scope", scope)]).await;
        let tokens = tenant.redeem(&code, &[]).await;
        let json = tokens.json();
        assert_eq!((json["scope"].as_str(), json["token_type"].as_str()), (Some(scope), Some("Bearer")));
        assert_eq!(json["expires_in"], 24 * 60 * 60);
        assert_eq!((json["refresh_token"].is_string(), json["id_token"].is_string()), (refresh, id), "{scope}");
        assert_eq!((tokens.header("cache-control"), tokens.header("pragma")), ("no-store", "no-cache"));
    }
    let code = tenant.code(&[("scope", "")]).await;
    assert!(tenant.redeem(&code, &[]).await.json().get("scope").is_none());
}

#[tokio::test]
async fn the_claims_are_those_that_the_clients_read() {
    let tenant = Tenant::new().await;
    let asked = [("audience", AUDIENCE), ("scope", "openid profile email"), ("nonce", "n-0S6")];
    let tokens = tenant.redeem(&tenant.code(&asked).await, &[]).await;
    let (access, id) = (tokens.claims("access_token"), tokens.claims("id_token"));
    let issuer = format!("{}/", tenant.wire.url);
    for (name, value) in [
        ("iss", issuer.as_str()),
        ("sub", ADA),
        ("azp", "sandbox-interactive"),
        ("scope", "openid profile email"),
        ("org_id", "org_sandbox"),
        // The Python SDK reads the role below the name of the first audience.
        ("https://aignostics-platform-sandbox/role", "admin"),
    ] {
        assert_eq!(access[name], value, "{name}");
    }
    assert_eq!(access["aud"], serde_json::json!([AUDIENCE, format!("{issuer}userinfo")]));
    assert_eq!(access["exp"].as_i64().unwrap() - access["iat"].as_i64().unwrap(), 24 * 60 * 60);
    for (name, value) in [
        ("iss", issuer.as_str()),
        ("sub", ADA),
        ("aud", "sandbox-interactive"),
        ("nonce", "n-0S6"),
        ("name", "Ada Sandbox"),
        ("email", "ada@sandbox.example"),
        ("org_id", "org_sandbox"),
    ] {
        assert_eq!(id[name], value, "{name}");
    }
    let without_openid = tenant.redeem(&tenant.code(&[("scope", "offline_access")]).await, &[]).await;
    assert_eq!(without_openid.claims("access_token")["aud"], AUDIENCE, "one audience, no list");
    let profile = tenant.wire.client.get(format!("{}/userinfo", tenant.wire.url));
    let profile = super::Reply::of(profile.bearer_auth(tokens.member("access_token"))).await;
    assert_eq!((profile.member("sub").as_str(), profile.member("given_name").as_str()), (ADA, "Ada"));
}

#[tokio::test]
async fn only_members_of_the_organization_that_was_asked_for_are_let_in() {
    let tenant = Tenant::new().await;
    let asked = [("organization", "org_sandbox")];
    let page = tenant.authorize(&asked).await;
    assert!(page.text.contains(GRACE) && !page.text.contains(LINUS), "who is no member is not offered");
    let sent = tenant.press(&page, "allow", LINUS).await.sent_back();
    assert_eq!(sent["error"], "access_denied", "nor is it enough to send the form");
    let page = tenant.authorize(&asked).await;
    let code = tenant.press(&page, "allow", GRACE).await.sent_back()["code"].clone();
    assert_eq!(tenant.redeem(&code, &[]).await.claims("access_token")["org_id"], "org_sandbox");
}

#[tokio::test]
async fn token_requests_are_forms_or_json_by_post_and_nothing_else() {
    let tenant = Tenant::new().await;
    let url = format!("{}/oauth/token", tenant.wire.url);
    let post = async |kind: &str, body: String| {
        let mut request = tenant.wire.client.post(&url).body(body);
        if !kind.is_empty() {
            request = request.header("content-type", kind);
        }
        super::Reply::of(request).await
    };
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", "sandbox-interactive"),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    let code = tenant.code(&[]).await;
    let form = super::encoded(&[&fields[..], &[("code", &code)]].concat());
    for kind in ["text/plain", "", "multipart/form-data; boundary=x"] {
        post(kind, form.clone()).await.is_refused(400, "invalid_request");
    }
    for broken in ["", "[]", "{\"grant_type\":"] {
        post("application/json", broken.into()).await.is_refused(400, "invalid_request");
    }
    assert_eq!(post("application/x-www-form-urlencoded; charset=utf-8", form.clone()).await.status, 200);
    let mut object: serde_json::Map<String, serde_json::Value> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    object.insert("code".into(), tenant.code(&[]).await.into());
    let object = serde_json::Value::Object(object).to_string();
    assert_eq!(post("application/json", object).await.status, 200, "Auth0 takes JSON, too");

    let asked = tenant.get(&format!("/oauth/token?{form}")).await;
    assert_eq!((asked.status, asked.header("allow")), (405, "POST"), "codes do not belong in an address");
    tenant.token(&[("client_id", "sandbox-interactive")]).await.is_refused(400, "invalid_request");
    let password = [("grant_type", "password"), ("client_id", "sandbox-interactive")];
    tenant.token(&password).await.is_refused(400, "unsupported_grant_type");
    let twice =
        [("grant_type", "refresh_token"), ("grant_type", "refresh_token"), ("client_id", "sandbox-interactive")];
    tenant.token(&twice).await.is_refused(400, "invalid_request");
}
