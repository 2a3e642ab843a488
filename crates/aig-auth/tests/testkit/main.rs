//! The authorization server of the test kit, rule by rule, as its clients see it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../all_logs/mod.rs"]
mod all_logs;
mod code;
mod device;
mod faults;
mod hostile;
mod model;
mod refresh;
mod tokens;
mod wire;

use aig_auth::testkit::{AuthorizationServer, Builder, Request, Response};

/// A pair of RFC 7636 appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const REDIRECT: &str = "http://127.0.0.1:49152/callback";
pub(crate) const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A server whose clock stands still but for what a test advances: the seconds of a busy machine do not count.
pub(crate) fn timeless() -> Builder {
    AuthorizationServer::builder().clock(|| "2026-01-01T00:00:00Z".parse().unwrap())
}

/// The parameters of an authorization request that is right, with changes: a value of `""` leaves one out.
pub(crate) fn authorize_url(changes: &[(&str, &str)]) -> String {
    let mut params = vec![
        ("response_type", "code"),
        ("client_id", "native"),
        ("redirect_uri", REDIRECT),
        ("scope", "openid offline_access"),
        ("state", "af0ifjsldkj"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    for &(name, value) in changes {
        params.retain(|(existing, _)| *existing != name);
        if !value.is_empty() {
            params.push((name, value));
        }
    }
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish();
    format!("/authorize?{query}")
}

/// The value of a parameter in a redirect.
pub(crate) fn answered(redirect: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(redirect).unwrap();
    url.query_pairs().find(|(existing, _)| existing == name).map(|(_, value)| value.into_owned())
}

pub(crate) async fn post(server: &AuthorizationServer, path: &str, fields: &[(&str, &str)]) -> Response {
    server.handle(Request::post(path, fields)).await
}

pub(crate) async fn token(server: &AuthorizationServer, fields: &[(&str, &str)]) -> Response {
    post(server, "/oauth/token", fields).await
}

pub(crate) async fn redeem(server: &AuthorizationServer, code: &str) -> Response {
    redeem_with(server, code, &[]).await
}

/// A code exchange that is right, with changes.
pub(crate) async fn redeem_with(server: &AuthorizationServer, code: &str, changes: &[(&str, &str)]) -> Response {
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("client_id", "native"),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    for &(name, value) in changes {
        fields.retain(|(existing, _)| *existing != name);
        fields.push((name, value));
    }
    token(server, &fields).await
}

pub(crate) async fn refresh(server: &AuthorizationServer, refresh_token: &str) -> Response {
    token(server, &[("grant_type", "refresh_token"), ("client_id", "native"), ("refresh_token", refresh_token)]).await
}

/// A refresh token of a new session.
pub(crate) async fn session(server: &AuthorizationServer) -> String {
    let tokens = server.issue("auth0|ada", "native", "openid offline_access").await.unwrap();
    tokens.refresh_token.unwrap().expose().to_owned()
}

/// The error code of a refusal.
pub(crate) fn error_of(response: &Response) -> String {
    assert!(response.status >= 400, "status {}", response.status);
    text(response, "error")
}

pub(crate) fn text(response: &Response, name: &str) -> String {
    response.json()[name].as_str().unwrap_or_default().to_owned()
}
