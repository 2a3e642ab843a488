//! Verification of JWTs: the genuine pass, and of a long list of forged ones none does.

use std::time::Duration;

use aig_auth::{
    AuthErrorKind, Clock as _,
    jwt::{Claims, JwtRules, JwtVerifier},
    oauth::HttpClient,
    testkit::{Endpoint, Fault},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use crate::world::{AUDIENCE, USER, World};

fn good_header() -> Value {
    json!({ "alg": "RS256", "typ": "JWT" })
}

fn good_claims(world: &World) -> Map<String, Value> {
    let now = world.clock.now().as_second();
    let claims = json!({
        "iss": world.server.issuer(), "sub": USER, "aud": AUDIENCE, "iat": now, "exp": now + 3_600,
        "scope": "a b", "azp": "native", "org_id": "org_1", "more": { "x": 1 },
    });
    claims.as_object().cloned().unwrap()
}

fn changed(world: &World, name: &str, value: Value) -> Value {
    let mut claims = good_claims(world);
    if value.is_null() {
        claims.remove(name)
    } else {
        claims.insert(name.into(), value)
    };
    claims.into()
}

async fn signed(world: &World, header: Value, claims: impl Into<Value>) -> String {
    world.server.sign(header, claims.into()).await.unwrap()
}

async fn good(world: &World) -> String {
    signed(world, good_header(), good_claims(world)).await
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

async fn verify(world: &World, token: &str) -> Result<Claims, AuthErrorKind> {
    world.verifier().verify(token).await.map_err(|error| error.kind())
}

#[tokio::test]
async fn a_genuine_token_is_read_in_full() {
    let world = World::new().await;
    let claims = verify(&world, &good(&world).await).await.unwrap();
    assert_eq!(claims.subject, USER);
    assert_eq!(claims.scope, ["a", "b"]);
    assert_eq!(claims.organization.as_deref(), Some("org_1"));
    assert_eq!(claims.all["more"]["x"], 1);
    assert!(!format!("{claims:?}").contains(USER), "a log does not learn who it is");
    let issued = world.server.issue(USER, "native", "offline_access").await.unwrap();
    verify(&world, issued.access_token.expose()).await.unwrap();
}

#[tokio::test]
async fn an_audience_may_be_one_of_several() {
    let world = World::new().await;
    let several = changed(&world, "aud", json!(["https://other", AUDIENCE]));
    verify(&world, &signed(&world, good_header(), several).await).await.unwrap();
}

#[tokio::test]
async fn clocks_may_differ_by_a_minute_and_iat_does_not_matter() {
    let world = World::new().await;
    let now = world.clock.now().as_second();
    for (name, seconds, passes) in [
        ("exp", now - 59, true),
        ("exp", now - 60, false),
        ("nbf", now + 60, true),
        ("nbf", now + 61, false),
        ("iat", now + 86_400, true),
    ] {
        let token = signed(&world, good_header(), changed(&world, name, seconds.into())).await;
        assert_eq!(verify(&world, &token).await.is_ok(), passes, "{name} {}", seconds - now);
    }
}

/// Tokens that are signed with the right key and must not pass all the same.
async fn wrongly_claimed(world: &World) -> Vec<(String, String)> {
    let now = world.clock.now().as_second();
    let cases = [
        ("iss", json!(null)),
        ("iss", json!("")),
        ("iss", json!("https://evil/")),
        ("iss", json!([world.server.issuer()])),
        ("iss", json!(world.server.issuer().trim_end_matches('/'))),
        ("iss", json!(world.server.issuer().to_uppercase())),
        ("aud", json!(null)),
        ("aud", json!("")),
        ("aud", json!([])),
        ("aud", json!("https://other")),
        ("aud", json!([["x"], AUDIENCE])),
        ("aud", json!({ AUDIENCE: 1 })),
        ("aud", json!(format!("{AUDIENCE}/"))),
        ("aud", json!(format!("https://evil {AUDIENCE}"))),
        ("aud", json!([1, AUDIENCE])),
        ("sub", json!(null)),
        ("sub", json!("")),
        ("sub", json!(7)),
        ("sub", json!(["x"])),
        ("exp", json!(null)),
        ("exp", json!("9999999999")),
        ("exp", json!(0)),
        ("exp", json!(-1)),
        ("exp", json!(true)),
        ("exp", json!(now - 61)),
        ("exp", json!(u64::MAX)),
        ("exp", json!(i64::MIN)),
        ("exp", json!(1e300)),
        ("exp", json!([now + 60])),
        ("nbf", json!(now + 3_600)),
        ("nbf", json!("soon")),
        ("nbf", json!(u64::MAX)),
    ];
    let mut tokens = Vec::new();
    for (name, value) in cases {
        let label = format!("{name} = {value}");
        tokens.push((label, signed(world, good_header(), changed(world, name, value)).await));
    }
    tokens
}

/// Headers that ask for another treatment than the configured one.
async fn wrongly_headed(world: &World) -> Vec<(String, String)> {
    let key = jwk(world).await;
    let headers = [
        json!({ "typ": "JWT" }),
        json!({ "alg": "none" }),
        json!({ "alg": "None" }),
        json!({ "alg": "nOnE" }),
        json!({ "alg": "HS256" }),
        json!({ "alg": "RS384" }),
        json!({ "alg": "PS256" }),
        json!({ "alg": "ES256" }),
        json!({ "alg": "rs256" }),
        json!({ "alg": "" }),
        json!({ "alg": ["RS256"] }),
        json!({ "alg": null }),
        json!({ "alg": "RS256", "kid": "unknown" }),
        json!({ "alg": "RS256", "kid": "" }),
        json!({ "alg": "RS256", "kid": "../../etc/passwd" }),
        json!({ "alg": "RS256", "kid": ["x"] }),
        json!({ "alg": "RS256", "kid": "unknown", "jku": "https://evil.example/jwks.json" }),
        json!({ "alg": "RS256", "kid": "unknown", "jwk": key }),
        json!({ "alg": "RS256", "kid": "unknown", "x5u": "https://evil/" }),
        json!({ "alg": "RS256", "crit": ["exp"] }),
        json!({ "alg": "RS256", "crit": [] }),
        json!({ "alg": "RS256", "zip": "DEF" }),
        json!({ "alg": "RS256", "typ": "id+jwt" }),
        json!({ "alg": "RS256", "typ": "logout+jwt" }),
        json!([]),
        json!("RS256"),
    ];
    let mut tokens = Vec::new();
    for header in headers {
        let label = header.to_string();
        let token = match header {
            Value::Object(_) => signed(world, header, good_claims(world)).await,
            other => format!("{}.{}.c2ln", part(&other), part(&good_claims(world).into())),
        };
        tokens.push((label, token));
    }
    tokens
}

/// Tokens whose signature is missing, changed, another's, or made with the public key as a shared secret.
async fn wrongly_signed(world: &World) -> Vec<(String, String)> {
    let token = good(world).await;
    let mut parts = token.split('.');
    let (header, claims, signature) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    let other_claims = part(&changed(world, "sub", json!("somebody else")));
    let mut flipped = URL_SAFE_NO_PAD.decode(signature).unwrap();
    flipped[0] ^= 1;
    let flipped = URL_SAFE_NO_PAD.encode(flipped);
    let stranger = aig_auth::testkit::AuthorizationServer::builder().own_key().build();
    let kid = key_id(&token);
    let stranger = stranger.sign(json!({ "alg": "RS256", "kid": kid }), good_claims(world).into()).await.unwrap();
    let secret = jsonwebtoken::EncodingKey::from_secret(jwk(world).await["n"].as_str().unwrap().as_bytes());
    let mut confused = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
    confused.kid = Some(kid);
    let confused = jsonwebtoken::encode(&confused, &good_claims(world), &secret).unwrap();
    let deep = "[".repeat(10_000);
    let deep = URL_SAFE_NO_PAD.encode(format!("{{\"alg\":\"RS256\",\"kid\":{deep}"));
    let cases = [
        ("no signature", format!("{header}.{claims}.")),
        ("other claims", format!("{header}.{other_claims}.{signature}")),
        ("a changed signature", format!("{header}.{claims}.{flipped}")),
        ("half a signature", format!("{header}.{claims}.{}", &signature[..signature.len() / 2])),
        ("another's key", stranger),
        ("the public key as a secret", confused),
        ("two parts", format!("{header}.{claims}")),
        ("four parts", format!("{token}.{signature}")),
        ("five parts", format!("{token}.a.b")),
        ("nothing", String::new()),
        ("dots", "..".into()),
        ("padding", format!("{header}==.{claims}==.{signature}==")),
        ("white space", format!(" {token}")),
        ("a new line", format!("{token}\n")),
        ("a scheme", format!("Bearer {token}")),
        ("a megabyte", format!("{header}.{}.{signature}", "A".repeat(1_000_000))),
        ("a deep header", format!("{deep}.{claims}.{signature}")),
        ("no base64", format!("{header}.???.{signature}")),
        ("plain text", "an opaque token".into()),
        ("an unsecured token", format!("{}.{claims}.", part(&json!({ "alg": "none" })))),
    ];
    cases.map(|(label, token)| (label.to_owned(), token)).into()
}

async fn jwk(world: &World) -> Value {
    let path = world.server.endpoints().jwks.replace(&world.server.base_url(), "");
    let answer = world.server.handle(aig_auth::testkit::Request::get(&path)).await;
    answer.json()["keys"][0].clone()
}

fn key_id(token: &str) -> String {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    serde_json::from_slice::<Value>(&header).unwrap()["kid"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn of_more_than_sixty_hostile_tokens_none_is_accepted() {
    let world = World::new().await;
    let verifier = world.verifier();
    verifier.verify(&good(&world).await).await.unwrap();
    let tokens = [wrongly_claimed(&world).await, wrongly_headed(&world).await, wrongly_signed(&world).await].concat();
    assert!(tokens.len() >= 60, "{}", tokens.len());
    let fetches = world.server.requests(Endpoint::Jwks);
    let mut accepted = Vec::new();
    for (label, token) in &tokens {
        match verifier.verify(token).await {
            Ok(_) => accepted.push(label),
            Err(error) => assert_eq!(error.kind(), AuthErrorKind::Verification, "{label}: {error}"),
        }
    }
    println!("hostile tokens: {} accepted of {}", accepted.len(), tokens.len());
    assert!(accepted.is_empty(), "{accepted:?}");
    let fetches = world.server.requests(Endpoint::Jwks) - fetches;
    assert!(fetches <= 1, "unknown keys were asked about {fetches} times in a moment");
}

#[tokio::test]
async fn keys_are_fetched_once_and_a_new_one_is_found_within_five_minutes() {
    let world = World::new().await;
    let verifier = world.verifier();
    for _ in 0..20 {
        verifier.verify(&good(&world).await).await.unwrap();
    }
    let base = world.server.requests(Endpoint::Jwks);
    assert_eq!(base, 1);
    world.server.rotate_keys().await;
    let rotated = good(&world).await;
    assert!(verifier.verify(&rotated).await.is_err(), "too early to ask again");
    world.clock.advance(301);
    verifier.verify(&rotated).await.unwrap();
    assert_eq!(world.server.requests(Endpoint::Jwks), base + 1);
    world.clock.advance(86_400);
    verifier.verify(&good(&world).await).await.unwrap();
    assert_eq!(world.server.requests(Endpoint::Jwks), base + 2, "a day later");
}

#[tokio::test]
async fn a_thousand_unknown_keys_cause_one_request_in_five_minutes() {
    let world = World::new().await;
    let verifier = world.verifier();
    verifier.verify(&good(&world).await).await.unwrap();
    world.clock.advance(301);
    for number in 0..1_000 {
        let header = json!({ "alg": "RS256", "kid": format!("forged-{number}") });
        let token = format!("{}.{}.c2ln", part(&header), part(&good_claims(&world).into()));
        assert!(verifier.verify(&token).await.is_err());
    }
    assert_eq!(world.server.requests(Endpoint::Jwks), 2);
}

#[tokio::test]
async fn when_the_keys_cannot_be_had_those_at_hand_do_and_without_any_it_is_no_verdict() {
    let world = World::new().await;
    world.server.inject(Fault::unavailable(503).on(Endpoint::Jwks).always());
    assert_eq!(verify(&world, &good(&world).await).await, Err(AuthErrorKind::Unavailable));
    world.server.clear_faults();
    let verifier = world.verifier();
    verifier.verify(&good(&world).await).await.unwrap();
    world.server.inject(Fault::unavailable(503).on(Endpoint::Jwks).always());
    world.clock.advance(2 * 86_400);
    verifier.verify(&good(&world).await).await.unwrap();
}

#[tokio::test]
async fn a_key_set_that_is_none_is_named_as_such() {
    for body in ["", "[]", "{}", "<html>", "{\"keys\":7}"] {
        let world = World::new().await;
        world.server.inject(Fault::answer(200, "application/json", body).on(Endpoint::Jwks));
        let error = world.verifier().verify(&good(&world).await).await.unwrap_err();
        assert!(error.to_string().contains("JWKS"), "{error}");
    }
}

#[tokio::test]
async fn rules_that_let_everything_through_are_no_rules() {
    let rules = |issuer: &str| JwtRules::new(issuer, "a", "https://issuer/jwks");
    assert!(JwtVerifier::new(rules(""), HttpClient::default()).is_err());
    let mut anybody = rules("i");
    anybody.audiences.clear();
    assert!(JwtVerifier::new(anybody, HttpClient::default()).is_err());
    let mut anyhow = rules("i").with_keys_lifetime(Duration::from_secs(1));
    anyhow.algorithms.clear();
    assert!(JwtVerifier::new(anyhow, HttpClient::default()).is_err());
    assert!(JwtVerifier::new(JwtRules::new("i", "a", "http://issuer/jwks"), HttpClient::default()).is_err());
}

#[tokio::test]
async fn a_sign_in_whose_token_is_not_genuine_is_no_sign_in() {
    use crate::person::{Answer, Person};
    let world = World::new().await;
    let forged = signed(&world, good_header(), changed(&world, "aud", json!("https://other"))).await;
    let body = json!({ "access_token": forged, "token_type": "Bearer", "expires_in": 60 }).to_string();
    world.server.inject(Fault::answer(200, "application/json", body).on(Endpoint::Token));
    let provider = world.builder().prompt(Person::who(&world.server, Answer::Approve)).build().unwrap();
    assert_eq!(provider.sign_in().await.unwrap_err().kind(), AuthErrorKind::Verification);
    assert!(!world.file_store().path().exists());
}
