//! How the server is reached: no redirects, no plain HTTP, and a CA bundle that is there.

use aig_auth::{
    AuthErrorKind, Recovery,
    oauth::{HttpClient, HttpSettings, OAuthConfig, OAuthProvider},
};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::method};

use crate::{
    all_logs::canary,
    world::{World, token},
};

#[tokio::test]
async fn a_redirect_of_the_token_endpoint_carries_no_secret_anywhere() {
    for status in [301, 302, 303, 307, 308] {
        let (here, elsewhere) = (MockServer::start().await, MockServer::start().await);
        let away = ResponseTemplate::new(status).insert_header("location", elsewhere.uri());
        Mock::given(method("POST")).respond_with(away).mount(&here).await;
        let config = OAuthConfig::new("issuer", &format!("{}/token", here.uri()), "native").unwrap();
        let provider = OAuthProvider::builder(config).refresh_token(canary::REFRESH_TOKEN).build().unwrap();
        assert_eq!(token(&provider).await.unwrap_err().recovery(), Recovery::FixSetup, "{status}");
        assert!(elsewhere.received_requests().await.unwrap().is_empty(), "{status} was followed");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let here = MockServer::start().await;
    let endless = ResponseTemplate::new(200).set_body_raw(vec![b' '; 3_000_000], "application/json");
    Mock::given(method("POST")).respond_with(endless).mount(&here).await;
    let config = OAuthConfig::new("issuer", &format!("{}/token", here.uri()), "native").unwrap();
    let provider = OAuthProvider::builder(config).refresh_token(canary::REFRESH_TOKEN).build().unwrap();
    assert_eq!(token(&provider).await.unwrap_err().kind(), AuthErrorKind::Protocol);
}

#[tokio::test]
async fn a_ca_bundle_that_cannot_be_used_is_named() {
    let world = World::new().await;
    let empty = world.directory.path().join("empty.pem");
    std::fs::File::create(&empty).unwrap();
    for path in [world.directory.path().join("missing.pem"), empty] {
        let http = HttpClient::new(HttpSettings::default().with_ca_bundle(&path));
        let provider = world.builder().http(http).refresh_token(world.refresh_token().await).build().unwrap();
        let error = token(&provider).await.unwrap_err();
        assert_eq!(error.recovery(), Recovery::FixSetup);
        assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
    }
}
