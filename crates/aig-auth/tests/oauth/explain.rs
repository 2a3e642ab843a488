//! Why somebody is signed in or not; and finding a server's endpoints.

use std::{path::Path, sync::Arc};

use aig_auth::{
    SignInReason,
    http::{HttpClient, HttpSettings},
    oauth::{CallbackIssuer, Metadata, Standing},
    session::FileSessionStore,
    testkit::{Endpoint, Fault, GrantType},
};

use crate::world::{USER, World, token};

const MOST_OF_AN_HOUR: u64 = 3_590;

async fn standing(world: &World) -> Standing {
    world.provider().explain().await.unwrap().standing
}

#[tokio::test]
async fn the_life_of_a_session_is_told_without_asking_the_server() {
    let world = World::new().await;
    assert_eq!(standing(&world).await, Standing::SignedOut(SignInReason::NoSession));
    world.signed_in().await;
    let explained = world.provider().explain().await.unwrap();
    assert!(matches!(explained.standing, Standing::SignedIn { until: Some(_), renewable: true, .. }));
    assert_eq!(explained.account.unwrap().subject, USER);
    assert_eq!(explained.store_problem, None);
    assert!(explained.location.ends_with(".json"));
    world.clock.advance(MOST_OF_AN_HOUR + 60);
    assert_eq!(standing(&world).await, Standing::Renewable);
    assert_eq!(world.server.requests(Endpoint::Token), 1);
    world.server.inject(Fault::lost().on_grant(GrantType::RefreshToken));
    assert!(token(&world.provider()).await.is_err());
    assert_eq!(standing(&world).await, Standing::Doubtful);
    assert!(token(&world.provider()).await.is_err());
    assert_eq!(standing(&world).await, Standing::SignedOut(SignInReason::OutcomeUnknown));
}

#[tokio::test]
async fn a_revoked_session_is_said_to_be_revoked() {
    let world = World::new().await;
    world.signed_in().await;
    world.server.revoke_sessions_of(USER);
    world.clock.advance(MOST_OF_AN_HOUR);
    assert!(token(&world.provider()).await.is_err());
    assert_eq!(standing(&world).await, Standing::SignedOut(SignInReason::Revoked));
}

#[tokio::test]
async fn a_place_that_cannot_be_written_and_a_wrong_clock_are_named() {
    let world = World::new().await;
    let file = world.directory.path().join("a-file");
    std::fs::File::create(&file).unwrap();
    let store = FileSessionStore::new(file.join("below"), &world.config().session_key("default"));
    let http = HttpClient::default();
    let provider = world.builder().http(http.clone()).store(Arc::new(store));
    let provider = provider.refresh_token(world.refresh_token().await).build().unwrap();
    let body = r#"{"access_token":"a","token_type":"bearer","expires_in":60}"#;
    world.server.inject(Fault::answer(200, "application/json", body).on(Endpoint::Token));
    let _ = token(&provider).await;
    let explained = provider.explain().await.unwrap();
    assert!(explained.store_problem.unwrap().contains("a-file"));
    assert!(explained.from_outside);
    assert_eq!(explained.clock_ahead.is_some(), http.clock_ahead().is_some());
}

#[tokio::test]
async fn custom_certificates_are_named() {
    let world = World::new().await;
    assert!(world.provider().explain().await.unwrap().ca_bundles.is_empty());
    let settings = HttpSettings::default().with_ca_bundle("/etc/company.pem").with_ca_bundle("/etc/proxy.pem");
    let provider = world.builder().http(HttpClient::new(settings)).build().unwrap();
    let bundles = provider.explain().await.unwrap().ca_bundles;
    assert_eq!(bundles, [Path::new("/etc/company.pem"), Path::new("/etc/proxy.pem")]);
}

#[tokio::test]
async fn a_server_is_found_by_its_issuer_and_by_nothing_else() {
    let world = World::new().await;
    let http = HttpClient::default();
    let issuer = world.server.issuer();
    let found = Metadata::discover(&issuer, &http).await.unwrap();
    assert_eq!(found.token_endpoint, world.server.endpoints().token);
    let config = found.client("native").unwrap();
    assert!(config.device_endpoint.is_some() && config.authorization_endpoint.is_some());
    assert_eq!(config.callback_issuer, CallbackIssuer::Required, "RFC 9207: the server promises its name");
    let other = issuer.trim_end_matches('/');
    let error = Metadata::discover(other, &http).await.unwrap_err().to_string();
    assert!(error.contains("another issuer"), "{error}");
    assert!(Metadata::discover("http://issuer.example/", &http).await.is_err());
}
