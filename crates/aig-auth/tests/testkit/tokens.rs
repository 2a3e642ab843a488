//! Access tokens: what they say, who verifies them, and which ones are refused.

use std::time::Duration;

use aig_auth::testkit::{AuthorizationServer, Refused, Request, Snapshot};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use serde_json::{Value, json};

use crate::{error_of, text, token};

pub(crate) fn claims_of(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

async fn access(server: &AuthorizationServer, user: &str) -> String {
    server.issue(user, "native", "offline_access").await.unwrap().access_token.expose().to_owned()
}

/// What a client does that trusts the published keys and nothing else.
async fn verified_by_jwks(server: &AuthorizationServer, token: &str) -> jsonwebtoken::errors::Result<Value> {
    let jwks: JwkSet =
        serde_json::from_value(server.handle(Request::get("/.well-known/jwks.json")).await.json()).unwrap();
    let kid = jsonwebtoken::decode_header(token)?.kid.unwrap();
    let jwk = jwks.find(&kid).ok_or(jsonwebtoken::errors::ErrorKind::InvalidKeyFormat)?;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_issuer(&[server.issuer()]);
    validation.set_audience(&["https://api.example.test"]);
    jsonwebtoken::decode(token, &DecodingKey::from_jwk(jwk)?, &validation).map(|data| data.claims)
}

#[tokio::test]
async fn an_access_token_has_the_claims_that_auth0_puts_in() {
    let server = AuthorizationServer::builder().access_token_lifetime(Duration::from_secs(600)).build();
    let claims = claims_of(&access(&server, "auth0|ada").await);
    assert_eq!(claims["iss"], format!("{}/", server.base_url()));
    assert_eq!(claims["sub"], "auth0|ada");
    assert_eq!(claims["aud"], "https://api.example.test");
    assert_eq!(claims["azp"], "native");
    assert_eq!(claims["scope"], "offline_access");
    assert_eq!(claims["org_id"], "org_analytical");
    assert_eq!(claims["https://api.example.test/role"], "admin");
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 600);
    assert_eq!(server.verify(&access(&server, "auth0|ada").await).unwrap().role.as_deref(), Some("admin"));
}

#[tokio::test]
async fn a_client_that_knows_only_the_published_keys_verifies_the_token() {
    let server = AuthorizationServer::builder().build();
    let claims = verified_by_jwks(&server, &access(&server, "auth0|ada").await).await.unwrap();
    assert_eq!(claims["sub"], "auth0|ada");
}

#[tokio::test]
async fn old_tokens_verify_after_a_rotation_of_keys_until_the_old_keys_are_forgotten() {
    let server = AuthorizationServer::builder().build();
    let old = access(&server, "auth0|ada").await;
    server.rotate_keys().await;
    let new = access(&server, "auth0|ada").await;
    for token in [&old, &new] {
        assert!(server.verify(token).is_ok());
        assert!(verified_by_jwks(&server, token).await.is_ok());
    }
    server.forget_old_keys();
    assert!(verified_by_jwks(&server, &old).await.is_err());
    assert!(verified_by_jwks(&server, &new).await.is_ok());
}

#[tokio::test]
async fn servers_share_a_key_and_refuse_the_tokens_of_each_other() {
    let (one, other) = (AuthorizationServer::builder().build(), AuthorizationServer::builder().build());
    let token = access(&one, "auth0|ada").await;
    assert!(one.verify(&token).is_ok());
    assert_eq!(other.verify(&token), Err(Refused::Foreign));
}

#[tokio::test]
async fn a_token_is_taken_with_the_word_bearer_and_without() {
    let server = AuthorizationServer::builder().build();
    let token = access(&server, "auth0|ada").await;
    for text in [token.clone(), format!("Bearer {token}"), format!("bearer  {token}")] {
        assert!(server.verify(&text).is_ok());
    }
}

#[tokio::test]
async fn a_token_is_refused_from_the_second_of_its_expiry() {
    let server = crate::timeless().access_token_lifetime(Duration::from_secs(60)).build();
    let token = access(&server, "auth0|ada").await;
    server.advance(Duration::from_secs(58));
    assert!(server.verify(&token).is_ok());
    server.advance(Duration::from_secs(2));
    assert_eq!(server.verify(&token), Err(Refused::Expired));
}

#[tokio::test]
async fn what_is_no_token_of_this_server_is_refused_with_the_reason() {
    let server = AuthorizationServer::builder().build();
    let good = access(&server, "auth0|ada").await;
    let claims = claims_of(&good);
    let with = |name: &str, value: Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        claims
    };
    let sign = |header: Value, claims: Value| {
        let server = server.clone();
        async move { server.sign(header, claims).await.unwrap() }
    };
    let rs256 = json!({ "alg": "RS256" });
    let (head, rest) = good.split_once('.').unwrap();
    let (payload, signature) = rest.split_once('.').unwrap();
    let id_token = server.issue("auth0|ada", "native", "openid").await.unwrap().id_token.unwrap();
    for (what, token, reason) in [
        ("nothing", String::new(), Refused::Missing),
        ("the word alone", "Bearer ".into(), Refused::Missing),
        ("a word", "hunter2".into(), Refused::Malformed),
        ("two parts", format!("{head}.{payload}"), Refused::Malformed),
        ("no base64", format!("{head}.{payload}.***"), Refused::Malformed),
        ("no signature", format!("{head}.{payload}."), Refused::Foreign),
        ("another payload", format!("{head}.{}.{signature}", URL_SAFE_NO_PAD.encode("{}")), Refused::Foreign),
        ("alg none", format!("{}.{payload}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#)), Refused::Foreign),
        ("alg HS256", sign(json!({ "alg": "HS256" }), claims.clone()).await, Refused::Foreign),
        ("an unknown kid", sign(json!({ "alg": "RS256", "kid": "x" }), claims.clone()).await, Refused::Foreign),
        ("another issuer", sign(rs256.clone(), with("iss", "https://evil.example/".into())).await, Refused::Foreign),
        ("another audience", sign(rs256.clone(), with("aud", "https://other".into())).await, Refused::Audience),
        ("expired", sign(rs256.clone(), with("exp", 1.into())).await, Refused::Expired),
        ("an expiry that is no number", sign(rs256.clone(), with("exp", "soon".into())).await, Refused::Malformed),
        ("an unknown session", sign(rs256.clone(), with("jti", "nobody.1".into())).await, Refused::Revoked),
        ("an ID token", id_token.expose().to_owned(), Refused::Malformed),
    ] {
        assert_eq!(server.verify(&token).err(), Some(reason), "{what}");
    }
    assert!(server.verify(&sign(rs256, claims.clone()).await).is_ok(), "the control");
}

#[tokio::test]
async fn a_service_signs_in_with_its_secret_in_the_header_or_in_the_form() {
    let server = AuthorizationServer::builder().build();
    let in_form = [("grant_type", "client_credentials"), ("client_id", "service"), ("client_secret", "service-secret")];
    let answer = token(&server, &in_form).await;
    assert_eq!(server.verify(&text(&answer, "access_token")).unwrap().sub, "service@clients");
    assert_eq!(answer.json().get("refresh_token"), None);

    let basic = base64::engine::general_purpose::STANDARD.encode("service:service-secret");
    let request = Request::post("/oauth/token", &[("grant_type", "client_credentials")]);
    let answer = server.handle(request.with_header("Authorization", &format!("Basic {basic}"))).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_client_that_is_not_who_it_says_gets_401() {
    let server = AuthorizationServer::builder().build();
    for fields in [
        vec![("client_id", "service"), ("client_secret", "wrong")],
        vec![("client_id", "service")],
        vec![("client_id", "stranger")],
        vec![("client_id", "native"), ("client_secret", "surprise")],
        vec![],
    ] {
        let fields: Vec<_> = [("grant_type", "client_credentials")].into_iter().chain(fields).collect();
        let answer = token(&server, &fields).await;
        assert_eq!((answer.status, error_of(&answer).as_str()), (401, "invalid_client"), "{fields:?}");
        assert!(answer.header("www-authenticate").is_some());
    }
    let public = [("grant_type", "client_credentials"), ("client_id", "native")];
    assert_eq!(error_of(&token(&server, &public).await), "unauthorized_client");
}

#[tokio::test]
async fn a_token_request_that_makes_no_sense_is_refused() {
    let server = AuthorizationServer::builder().build();
    for (fields, error) in [
        (vec![("client_id", "native")], "invalid_request"),
        (vec![("client_id", "native"), ("grant_type", "password")], "unsupported_grant_type"),
        (vec![("client_id", "native"), ("grant_type", "refresh_token")], "invalid_request"),
        (vec![("client_id", "native"), ("client_id", "native"), ("grant_type", "refresh_token")], "invalid_request"),
        (vec![("client_id", "native"), ("grant_type", "authorization_code"), ("code", "")], "invalid_request"),
    ] {
        assert_eq!(error_of(&token(&server, &fields).await), error, "{fields:?}");
    }
}

#[tokio::test]
async fn user_info_says_what_the_scope_allows() {
    let server = AuthorizationServer::builder().build();
    let ask = |bearer: String| {
        let server = server.clone();
        async move { server.handle(Request::get("/userinfo").with_header("authorization", &bearer)).await }
    };
    let issue = |scope: &'static str| {
        let server = server.clone();
        async move { format!("Bearer {}", server.issue("auth0|ada", "native", scope).await.unwrap().access_token.expose()) }
    };
    let full = ask(issue("openid profile email").await).await.json();
    assert_eq!((&full["name"], &full["email"]), (&"Ada Lovelace".into(), &"ada@example.com".into()));
    let little = ask(issue("openid").await).await.json();
    assert_eq!((little["sub"].as_str(), little.get("email")), (Some("auth0|ada"), None));
    assert_eq!(ask(issue("offline_access").await).await.status, 403);
    let refused = ask("Bearer rubbish".into()).await;
    assert_eq!(refused.header("www-authenticate"), Some("Bearer error=\"invalid_token\""));
    assert_eq!(server.handle(Request::get("/userinfo")).await.header("www-authenticate"), Some("Bearer"));
}

#[tokio::test]
async fn discovery_says_who_issues_and_where() {
    let server = AuthorizationServer::builder().base_url("http://127.0.0.1:8080/").build();
    for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        let document = server.handle(Request::get(path)).await.json();
        assert_eq!(document["issuer"], "http://127.0.0.1:8080/");
        assert_eq!(document["token_endpoint"], "http://127.0.0.1:8080/oauth/token");
        assert_eq!(document["code_challenge_methods_supported"], json!(["S256"]));
        assert_eq!(document["authorization_response_iss_parameter_supported"], true);
    }
}

#[tokio::test]
async fn access_tokens_outlive_a_restart_with_the_keys_and_revoked_ones_stay_so() {
    let server = AuthorizationServer::builder().build();
    let good = server.issue("auth0|ada", "native", "").await.unwrap().access_token;
    let revoked = server.issue("auth0|ada", "native", "").await.unwrap().access_token;
    let fields = [("client_id", "native"), ("token", revoked.expose())];
    assert_eq!(server.handle(Request::post("/oauth/revoke", &fields)).await.status, 200);
    let restarted = |kept: Snapshot| {
        let kept = serde_json::from_str(&serde_json::to_string(&kept).unwrap()).unwrap();
        AuthorizationServer::builder().resume(kept).build()
    };
    let without_keys = restarted(server.snapshot());
    assert!(without_keys.verify(good.expose()).is_err());
    let with_keys = restarted(server.snapshot_with_keys());
    assert_eq!(with_keys.verify(good.expose()).unwrap().sub, "auth0|ada");
    assert_eq!(with_keys.verify(revoked.expose()), Err(Refused::Revoked));
    assert!(!format!("{:?}", server.snapshot_with_keys()).contains("private"));
}
