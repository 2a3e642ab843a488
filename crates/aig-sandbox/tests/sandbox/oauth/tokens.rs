//! What becomes of tokens on the sandbox's port: refresh, rotation, reuse, revocation, keys, lifetimes, discovery.

use std::time::Duration;

use aig_sandbox::{RefreshTokenRotation, Sandbox};
use base64::{Engine, prelude::BASE64_STANDARD};

use super::person::{ADA, Reply, Tenant};

const INTERACTIVE: &str = "sandbox-interactive";
const DEVICE: &str = "sandbox-device";
const SECOND: Duration = Duration::from_secs(1);

/// The tokens of somebody who has signed in with this client.
async fn signed_in(tenant: &Tenant, client_id: &str) -> Reply {
    let changes = [("client_id", client_id), ("scope", "offline_access")];
    tenant.redeem(&tenant.code(&changes).await, &changes[..1]).await
}

#[tokio::test]
async fn the_device_client_rotates_and_a_token_that_comes_twice_ends_its_session_and_no_other() {
    let tenant = Tenant::new().await;
    let (first, other) = (signed_in(&tenant, DEVICE).await, signed_in(&tenant, DEVICE).await);
    let second = tenant.refresh(DEVICE, &first.member("refresh_token")).await;
    assert_eq!((second.status, second.member("scope").as_str()), (200, "offline_access"), "{second:?}");
    assert_ne!(second.member("refresh_token"), first.member("refresh_token"));
    let third = tenant.refresh(DEVICE, &second.member("refresh_token")).await;
    for tokens in [&first, &second, &third] {
        assert_eq!(tenant.status_of_me(&tokens.member("access_token")).await, 200);
    }
    tenant.refresh(DEVICE, &first.member("refresh_token")).await.is_refused(403, "invalid_grant");
    tenant.refresh(DEVICE, &third.member("refresh_token")).await.is_refused(403, "invalid_grant");
    for tokens in [&first, &second, &third] {
        assert_eq!(tenant.status_of_me(&tokens.member("access_token")).await, 401, "the whole family");
    }
    assert_eq!(tenant.refresh(DEVICE, &other.member("refresh_token")).await.status, 200);
}

#[tokio::test]
async fn within_the_reuse_interval_a_lost_answer_is_given_again() {
    let tenant = Tenant::of(Sandbox::builder().refresh_token_reuse_interval(10 * SECOND)).await;
    let first = signed_in(&tenant, DEVICE).await.member("refresh_token");
    assert_eq!(tenant.refresh(DEVICE, &first).await.status, 200);
    tenant.sandbox.advance_clock(5 * SECOND).unwrap();
    assert_eq!(tenant.refresh(DEVICE, &first).await.status, 200);
    tenant.sandbox.advance_clock(5 * SECOND).unwrap();
    tenant.refresh(DEVICE, &first).await.is_refused(403, "invalid_grant");
}

#[tokio::test]
async fn whose_refresh_tokens_rotate_is_chosen() {
    for (rotation, rotating) in [
        (RefreshTokenRotation::Device, &[DEVICE][..]),
        (RefreshTokenRotation::All, &[INTERACTIVE, DEVICE][..]),
        (RefreshTokenRotation::Off, &[][..]),
    ] {
        let tenant = Tenant::of(Sandbox::builder().refresh_token_rotation(rotation)).await;
        for client_id in [INTERACTIVE, DEVICE] {
            let token = signed_in(&tenant, client_id).await.member("refresh_token");
            let answer = tenant.refresh(client_id, &token).await.json();
            assert_eq!(answer["refresh_token"].is_string(), rotating.contains(&client_id), "{rotation:?} {client_id}");
            let again = tenant.refresh(client_id, &token).await.status;
            assert_eq!(again == 403, rotating.contains(&client_id), "{rotation:?} {client_id}: {again}");
        }
    }
}

#[tokio::test]
async fn a_refresh_token_is_for_its_client_and_for_no_more_than_was_allowed() {
    let tenant = Tenant::new().await;
    let token = signed_in(&tenant, INTERACTIVE).await.member("refresh_token");
    tenant.refresh(DEVICE, &token).await.is_refused(403, "invalid_grant");
    tenant.refresh(INTERACTIVE, "made-up").await.is_refused(403, "invalid_grant");
    tenant.refresh("nobody", &token).await.is_refused(401, "invalid_client");
    let wider = [("grant_type", "refresh_token"), ("client_id", INTERACTIVE), ("refresh_token", &token)];
    tenant.token(&[&wider[..], &[("scope", "openid")]].concat()).await.is_refused(400, "invalid_scope");
    assert_eq!(tenant.refresh(INTERACTIVE, &token).await.status, 200);
    let other = Tenant::new().await;
    other.refresh(INTERACTIVE, &token).await.is_refused(403, "invalid_grant");
}

#[tokio::test]
async fn lifetimes_are_as_chosen_to_the_second() {
    let builder = Sandbox::builder().access_token_lifetime(60 * SECOND).refresh_token_lifetime(3600 * SECOND);
    let tenant = Tenant::of(builder).await;
    let tokens = signed_in(&tenant, INTERACTIVE).await;
    assert_eq!(tokens.json()["expires_in"], 60);
    let claims = tokens.claims("access_token");
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 60);
    tenant.sandbox.advance_clock(55 * SECOND).unwrap();
    assert_eq!(tenant.status_of_me(&tokens.member("access_token")).await, 200);
    tenant.sandbox.advance_clock(5 * SECOND).unwrap();
    assert_eq!(tenant.status_of_me(&tokens.member("access_token")).await, 401);
    let token = tokens.member("refresh_token");
    assert_eq!(tenant.refresh(INTERACTIVE, &token).await.status, 200);
    tenant.sandbox.advance_clock(3540 * SECOND).unwrap();
    tenant.refresh(INTERACTIVE, &token).await.is_refused(403, "invalid_grant");
}

#[tokio::test]
async fn a_service_signs_in_with_its_secret_in_the_form_in_the_header_or_in_json() {
    let tenant = Tenant::new().await;
    let grant = ("grant_type", "client_credentials");
    let with = |secret| [grant, ("client_id", "sandbox-service"), ("client_secret", secret)];
    let tokens = tenant.token(&with("sandbox-service-secret")).await;
    assert_eq!(tokens.claims("access_token")["sub"], "sandbox-service@clients");
    assert_eq!(tenant.status_of_me(&tokens.member("access_token")).await, 200, "it acts for the first user");
    assert!(tokens.json().get("refresh_token").is_none());

    let url = format!("{}/oauth/token", tenant.wire.url);
    let basic = async |credentials: &str| {
        let request = tenant.wire.client.post(&url).body("grant_type=client_credentials");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        Reply::of(request.header("authorization", format!("Basic {}", BASE64_STANDARD.encode(credentials)))).await
    };
    assert_eq!(basic("sandbox-service:sandbox-service-secret").await.status, 200);
    let json =
        r#"{"grant_type":"client_credentials","client_id":"sandbox-service","client_secret":"sandbox-service-secret"}"#;
    let request = tenant.wire.client.post(&url).body(json).header("content-type", "application/json");
    assert_eq!(Reply::of(request).await.status, 200);

    let wrong = basic("sandbox-service:guessed").await;
    wrong.is_refused(401, "invalid_client");
    assert!(wrong.header("www-authenticate").starts_with("Basic "));
    tenant.token(&with("guessed")).await.is_refused(401, "invalid_client");
    tenant.token(&with("")).await.is_refused(401, "invalid_client");
    tenant.token(&[grant, ("client_id", INTERACTIVE)]).await.is_refused(403, "unauthorized_client");
    let elsewhere = [&with("sandbox-service-secret")[..], &[("audience", "https://elsewhere.example")]].concat();
    tenant.token(&elsewhere).await.is_refused(403, "access_denied");
}

#[tokio::test]
async fn a_revoked_token_is_refused_from_then_on_and_an_unknown_one_is_revoked_already() {
    let tenant = Tenant::new().await;
    let tokens = signed_in(&tenant, INTERACTIVE).await;
    let (access, refresh) = (tokens.member("access_token"), tokens.member("refresh_token"));
    let revoke = async |client_id: &str, token: &str| {
        tenant.form("/oauth/revoke", &[("client_id", client_id), ("token", token)]).await
    };
    let unknown = revoke(INTERACTIVE, "nobody-has-this").await;
    assert_eq!((unknown.status, unknown.text.as_str()), (200, ""));
    revoke(DEVICE, &refresh).await.is_refused(403, "invalid_grant");
    revoke("nobody", &refresh).await.is_refused(401, "invalid_client");
    tenant.form("/oauth/revoke", &[("client_id", INTERACTIVE)]).await.is_refused(400, "invalid_request");
    assert_eq!(tenant.status_of_me(&access).await, 200, "none of these did anything");

    let fresh = tenant.refresh(INTERACTIVE, &refresh).await.member("access_token");
    assert_eq!(revoke(INTERACTIVE, &fresh).await.status, 200);
    assert_eq!((tenant.status_of_me(&fresh).await, tenant.status_of_me(&access).await), (401, 200), "one token alone");
    assert_eq!(revoke(INTERACTIVE, &refresh).await.status, 200);
    assert_eq!(tenant.status_of_me(&access).await, 401, "with the session goes what came of it");
    tenant.refresh(INTERACTIVE, &refresh).await.is_refused(403, "invalid_grant");
    assert_eq!(revoke(INTERACTIVE, &refresh).await.status, 200, "twice is no error");
}

#[tokio::test]
async fn discovery_names_places_that_are_there_and_are_those_of_the_variables() {
    let tenant = Tenant::new().await;
    let described = tenant.get("/.well-known/openid-configuration").await.json();
    assert_eq!(described, tenant.get("/.well-known/oauth-authorization-server").await.json());
    assert_eq!(described["issuer"], format!("{}/", tenant.wire.url));
    let variables = tenant.sandbox.environment();
    for (member, variable) in [
        ("authorization_endpoint", "AIGNOSTICS_AUTHORIZATION_BASE_URL"),
        ("token_endpoint", "AIGNOSTICS_TOKEN_URL"),
        ("device_authorization_endpoint", "AIGNOSTICS_DEVICE_URL"),
        ("jwks_uri", "AIGNOSTICS_JWS_JSON_URL"),
    ] {
        assert_eq!(described[member].as_str(), variables.get(variable), "{member}");
    }
    let is_place = |name: &str| name.ends_with("_endpoint") || name == "jwks_uri";
    let members = described.as_object().unwrap().iter().filter(|(name, _)| is_place(name));
    let places: Vec<&str> = members.map(|(_, value)| value.as_str().unwrap()).collect();
    assert_eq!(places.len(), 6, "{described}");
    for place in places {
        let status = tenant.get(place).await.status;
        assert!(![404, 500].contains(&status), "{place}: {status}");
    }
    assert_eq!(tenant.get("/oauth/nothing").await.status, 404);
    for (member, element) in [
        ("grant_types_supported", "authorization_code"),
        ("grant_types_supported", "refresh_token"),
        ("grant_types_supported", "client_credentials"),
        ("grant_types_supported", "urn:ietf:params:oauth:grant-type:device_code"),
        ("response_types_supported", "code"),
        ("code_challenge_methods_supported", "S256"),
        ("scopes_supported", "offline_access"),
        ("id_token_signing_alg_values_supported", "RS256"),
        ("token_endpoint_auth_methods_supported", "client_secret_basic"),
    ] {
        assert!(described[member].as_array().unwrap().contains(&element.into()), "{member}: {element}");
    }
    assert!(!described["code_challenge_methods_supported"].as_array().unwrap().contains(&"plain".into()));
}

#[tokio::test]
async fn keys_rotate_and_tokens_of_the_old_one_stay_good_until_they_expire() {
    let tenant = Tenant::new().await;
    let published = async || {
        let keys = tenant.get("/.well-known/jwks.json").await.json();
        let keys = keys["keys"].as_array().unwrap().clone();
        assert!(keys.iter().all(|key| key["kty"] == "RSA" && key["alg"] == "RS256" && key["use"] == "sig"), "{keys:?}");
        keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let old = signed_in(&tenant, INTERACTIVE).await;
    let before = published().await;
    assert_eq!(before, [old.signer()]);
    assert_eq!(tenant.wire.send("POST", "/_sandbox/keys/rotate", None).await.status, 204);
    let new = signed_in(&tenant, INTERACTIVE).await;
    assert_eq!(published().await, [old.signer(), new.signer()], "the old one stays published");
    assert_ne!(old.signer(), new.signer());
    for tokens in [&old, &new] {
        assert_eq!(tenant.status_of_me(&tokens.member("access_token")).await, 200);
    }
    assert_eq!(new.claims("access_token")["sub"], ADA);
    tenant.sandbox.advance_clock(24 * 3600 * SECOND).unwrap();
    assert_eq!(tenant.status_of_me(&old.member("access_token")).await, 401);
}
