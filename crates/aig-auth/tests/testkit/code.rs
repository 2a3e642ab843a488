//! Authorization code with PKCE: RFC 6749 section 4.1, RFC 7636, RFC 8252, RFC 9207.

use std::time::Duration;

use aig_auth::testkit::{AuthorizationServer, Client, Ended, Request, User};

use crate::{REDIRECT, VERIFIER, answered, authorize_url, error_of, redeem, redeem_with, text};

fn server() -> AuthorizationServer {
    AuthorizationServer::builder().build()
}

async fn code(server: &AuthorizationServer) -> String {
    let redirect = server.sign_in(&authorize_url(&[]), "auth0|ada").await.unwrap();
    answered(&redirect, "code").unwrap()
}

#[tokio::test]
async fn a_person_who_allows_is_sent_back_with_code_state_and_issuer() {
    let server = server();
    let redirect = server.sign_in(&authorize_url(&[]), "auth0|ada").await.unwrap();
    assert!(redirect.starts_with(REDIRECT));
    assert_eq!(answered(&redirect, "state").as_deref(), Some("af0ifjsldkj"));
    assert_eq!(answered(&redirect, "iss"), Some(server.issuer()));

    let tokens = redeem(&server, &answered(&redirect, "code").unwrap()).await;
    assert_eq!(tokens.status, 200);
    assert_eq!(tokens.header("cache-control"), Some("no-store"));
    assert_eq!(text(&tokens, "token_type"), "Bearer");
    assert_eq!(text(&tokens, "scope"), "openid offline_access");
    assert_eq!(server.verify(&text(&tokens, "access_token")).unwrap().sub, "auth0|ada");
    assert!(!text(&tokens, "refresh_token").is_empty());
}

#[tokio::test]
async fn a_person_who_says_no_sends_access_denied_back() {
    let redirect = server().decline(&authorize_url(&[])).await.unwrap();
    assert_eq!(answered(&redirect, "error").as_deref(), Some("access_denied"));
    assert_eq!(answered(&redirect, "state").as_deref(), Some("af0ifjsldkj"));
    assert_eq!(answered(&redirect, "code"), None);
}

#[tokio::test]
async fn a_request_that_is_wrong_is_told_to_the_client_by_redirect() {
    for (change, error) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("response_type", ""), "unsupported_response_type"),
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge", "short"), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge_method", ""), "invalid_request"),
        (("audience", "https://other.example"), "access_denied"),
        (("organization", "org_unknown"), "invalid_request"),
        (("prompt", "none"), "login_required"),
    ] {
        let redirect = server().sign_in(&authorize_url(&[change]), "auth0|ada").await.unwrap();
        assert_eq!(answered(&redirect, "error").as_deref(), Some(error), "{change:?}");
        assert_eq!(answered(&redirect, "state").as_deref(), Some("af0ifjsldkj"), "{change:?}");
    }
}

#[tokio::test]
async fn a_repeated_parameter_is_refused() {
    let redirect = server().sign_in(&(authorize_url(&[]) + "&scope=more"), "auth0|ada").await.unwrap();
    assert_eq!(answered(&redirect, "error").as_deref(), Some("invalid_request"));
}

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_the_clients() {
    for change in [
        ("client_id", "stranger"),
        ("client_id", ""),
        ("redirect_uri", ""),
        ("redirect_uri", "https://evil.example/"),
        ("redirect_uri", "http://127.0.0.1.evil.example/"),
        ("redirect_uri", "javascript:alert(1)"),
    ] {
        let response = server().handle(Request::get(&authorize_url(&[change]))).await;
        assert_eq!((response.status, response.header("location")), (400, None), "{change:?}");
        assert!(!response.text().contains("evil.example"), "{change:?}");
    }
}

#[tokio::test]
async fn unknown_parameters_are_ignored() {
    let url = authorize_url(&[("access_type", "offline"), ("screen_hint", "signup"), ("ext-x", "1")]);
    let redirect = server().sign_in(&url, "auth0|ada").await.unwrap();
    assert!(answered(&redirect, "code").is_some());
}

#[tokio::test]
async fn any_port_and_path_of_the_loopback_is_taken_and_its_query_kept() {
    for uri in ["http://127.0.0.1:1/", "http://[::1]:50000/x/y", "http://localhost:8989/?keep=1"] {
        let redirect = server().sign_in(&authorize_url(&[("redirect_uri", uri)]), "auth0|ada").await.unwrap();
        assert!(redirect.starts_with(uri), "{redirect}");
        assert!(answered(&redirect, "code").is_some());
    }
}

#[tokio::test]
async fn a_code_is_good_once_and_the_second_use_revokes_what_came_of_the_first() {
    let server = server();
    let code = code(&server).await;
    let first = redeem(&server, &code).await;
    assert_eq!(error_of(&redeem(&server, &code).await), "invalid_grant");
    assert_eq!(server.sessions()[0].ended, Some(Ended::CodeReplayed));
    assert!(server.verify(&text(&first, "access_token")).is_err());
}

#[tokio::test]
async fn a_code_belongs_to_its_client_its_redirect_and_its_verifier() {
    for (change, error) in [
        (("code_verifier", "x".repeat(43)), "invalid_grant"),
        (("code_verifier", String::new()), "invalid_request"),
        (("redirect_uri", "http://127.0.0.1:49153/callback".into()), "invalid_grant"),
        (("redirect_uri", String::new()), "invalid_grant"),
        (("client_id", "other".into()), "invalid_grant"),
        (("client_id", "stranger".into()), "invalid_client"),
        (("code", "unknown".into()), "invalid_grant"),
    ] {
        let server = AuthorizationServer::builder().client(Client::native("native")).client(Client::native("other"));
        let server = server.build();
        let response = redeem_with(&server, &code(&server).await, &[(change.0, &change.1)]).await;
        assert_eq!(error_of(&response), error, "{change:?}");
    }
}

#[tokio::test]
async fn a_wrong_verifier_spends_the_code() {
    let server = server();
    let code = code(&server).await;
    assert_eq!(error_of(&redeem_with(&server, &code, &[("code_verifier", &"x".repeat(43))]).await), "invalid_grant");
    assert_eq!(error_of(&redeem_with(&server, &code, &[("code_verifier", VERIFIER)]).await), "invalid_grant");
}

#[tokio::test]
async fn a_code_expires() {
    let server = crate::timeless().code_lifetime(Duration::from_secs(30)).build();
    let (early, late) = (code(&server).await, code(&server).await);
    server.advance(Duration::from_secs(29));
    assert_eq!(redeem(&server, &early).await.status, 200);
    server.advance(Duration::from_secs(1));
    assert_eq!(error_of(&redeem(&server, &late).await), "invalid_grant");
}

#[tokio::test]
async fn no_refresh_token_comes_without_offline_access_and_no_id_token_without_openid() {
    let server = server();
    let redirect = server.sign_in(&authorize_url(&[("scope", "reports")]), "auth0|ada").await.unwrap();
    let tokens = redeem(&server, &answered(&redirect, "code").unwrap()).await.json();
    assert_eq!(tokens["scope"], "reports");
    assert_eq!((tokens.get("refresh_token"), tokens.get("id_token")), (None, None));
}

#[tokio::test]
async fn only_members_may_sign_in_to_an_organization() {
    let server = server();
    let url = authorize_url(&[("organization", "org_analytical")]);
    let page = server.handle(Request::get(&url)).await.text();
    assert!(page.contains("Ada Lovelace") && !page.contains("Linus Pauling"));
    let redirect = server.sign_in(&url, "auth0|linus").await.unwrap();
    assert_eq!(answered(&redirect, "error").as_deref(), Some("access_denied"));
    let redirect = server.sign_in(&url, "auth0|ada").await.unwrap();
    assert!(answered(&redirect, "code").is_some());
}

#[tokio::test]
async fn auto_approve_asks_nobody() {
    let server = AuthorizationServer::builder().auto_approve("auth0|grace").build();
    let response = server.handle(Request::get(&authorize_url(&[("prompt", "none")]))).await;
    assert_eq!(response.status, 303);
    let code = answered(response.header("location").unwrap(), "code").unwrap();
    let tokens = redeem(&server, &code).await;
    assert_eq!(server.verify(&text(&tokens, "access_token")).unwrap().sub, "auth0|grace");
}

#[tokio::test]
async fn the_nonce_comes_back_in_the_id_token() {
    let server = server();
    let redirect = server.sign_in(&authorize_url(&[("nonce", "n-0S6_WzA2Mj")]), "auth0|ada").await.unwrap();
    let tokens = redeem(&server, &answered(&redirect, "code").unwrap()).await;
    let claims = crate::tokens::claims_of(&text(&tokens, "id_token"));
    assert_eq!(claims["nonce"], "n-0S6_WzA2Mj");
    assert_eq!((&claims["aud"], &claims["sub"]), (&"native".into(), &"auth0|ada".into()));
}

#[tokio::test]
async fn a_page_is_answered_once_and_in_time() {
    let server = server();
    let page = server.handle(Request::get(&authorize_url(&[]))).await.text();
    let ticket = page.split_once("name=\"ticket\" value=\"").unwrap().1.split_once('"').unwrap().0;
    let answer = Request::post("/u/login", &[("ticket", ticket), ("user", "auth0|ada"), ("decision", "allow")]);
    assert_eq!(server.handle(answer.clone()).await.status, 303);
    assert_eq!(server.handle(answer).await.status, 400);

    let page = server.handle(Request::get(&authorize_url(&[]))).await.text();
    let ticket = page.split_once("name=\"ticket\" value=\"").unwrap().1.split_once('"').unwrap().0;
    server.advance(Duration::from_secs(600));
    let answer = Request::post("/u/login", &[("ticket", ticket), ("user", "auth0|ada"), ("decision", "allow")]);
    assert_eq!(server.handle(answer).await.status, 400);
}

#[tokio::test]
async fn to_allow_without_an_account_shows_the_page_again() {
    let server = server();
    let page = server.handle(Request::get(&authorize_url(&[]))).await.text();
    let ticket = page.split_once("name=\"ticket\" value=\"").unwrap().1.split_once('"').unwrap().0;
    let again = server.handle(Request::post("/u/login", &[("ticket", ticket), ("decision", "allow")])).await;
    assert_eq!(again.status, 400);
    assert!(again.text().contains("Choose an account first"));
    assert!(again.text().contains("name=\"ticket\""));
}

#[tokio::test]
async fn what_strangers_write_is_escaped_on_every_page() {
    const EVIL: &str = "\"><script>alert(1)</script>'";
    let server = AuthorizationServer::builder()
        .user(User::new(EVIL, EVIL).named(EVIL).in_organization(EVIL, EVIL).with_role(EVIL))
        .client(Client::native("native").named(EVIL))
        .banner(EVIL)
        .build();
    let device = crate::post(&server, "/oauth/device/code", &[("client_id", "native"), ("scope", EVIL)]).await;
    let code = text(&device, "user_code");
    let encoded: String = url::form_urlencoded::byte_serialize(EVIL.as_bytes()).collect();
    for target in [
        authorize_url(&[("scope", EVIL), ("state", EVIL), ("login_hint", EVIL)]),
        authorize_url(&[("redirect_uri", EVIL)]),
        "/activate".into(),
        format!("/activate?user_code={encoded}"),
        format!("/activate?user_code={code}"),
    ] {
        let page = server.handle(Request::get(&target)).await;
        assert!(!page.text().contains("<script"), "{target}");
        assert!(page.text().contains("&lt;script&gt;"), "the banner at least: {target}");
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert_eq!(page.header("referrer-policy"), Some("same-origin"));
    }
}
