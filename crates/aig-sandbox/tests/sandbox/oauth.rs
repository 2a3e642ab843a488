//! Signing in at the sandbox, as a browser, a device and a service do.

use aig_sandbox::Sandbox;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::Value;
use sha2::Digest;

use crate::wire::Wire;

const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters-for-pkce";

async fn form(wire: &Wire, path: &str, fields: &[(&str, &str)]) -> reqwest::Response {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = wire.client.post(format!("{}{path}", wire.url)).body(body);
    request.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap()
}

async fn json(response: reqwest::Response) -> Value {
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

fn authorize(wire: &Wire, extra: &[(&str, &str)]) -> String {
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(VERIFIER));
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs([
        ("response_type", "code"),
        ("client_id", "sandbox-interactive"),
        ("redirect_uri", "http://127.0.0.1:4711/callback"),
        ("scope", "openid offline_access"),
        ("state", "abc"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("some_parameter_of_tomorrow", "1"),
    ]);
    format!("{}/authorize?{}", wire.url, query.extend_pairs(extra).finish())
}

fn ticket(page: &str) -> &str {
    page.split_once("name=\"ticket\" value=\"").unwrap().1.split_once('"').unwrap().0
}

#[tokio::test]
async fn a_person_signs_in_by_the_form_of_the_page_without_any_script() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let page = wire.client.get(authorize(&wire, &[])).send().await.unwrap();
    assert_eq!(page.status(), 200);
    let page = page.text().await.unwrap();
    assert!(page.contains("<form") && !page.contains("<script") && page.contains("SANDBOX"));
    for name in ["Ada", "Grace", "Linus"] {
        assert!(page.contains(name), "{name}");
    }
    let answer = [("ticket", ticket(&page)), ("user", "auth0|sandbox-grace"), ("decision", "allow")];
    let back = form(&wire, "/u/login", &answer).await;
    let location = url::Url::parse(back.headers()["location"].to_str().unwrap()).unwrap();
    assert_eq!((location.port(), location.path()), (Some(4711), "/callback"));
    let code = location.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let redeem = |verifier: &'static str| {
        [
            ("grant_type", "authorization_code".to_owned()),
            ("client_id", "sandbox-interactive".to_owned()),
            ("redirect_uri", "http://127.0.0.1:4711/callback".to_owned()),
            ("code", code.clone()),
            ("code_verifier", verifier.to_owned()),
        ]
    };
    let fields = redeem(VERIFIER);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let tokens = json(form(&wire, "/oauth/token", &fields).await).await;
    assert_eq!(tokens["scope"], "openid offline_access");
    let grace = Wire { token: tokens["access_token"].as_str().unwrap().to_owned(), ..wire };
    assert_eq!(grace.get("/api/v1/me").await.body["user"]["id"], "auth0|sandbox-grace");
}

#[tokio::test]
async fn auto_approve_asks_nobody_and_lifetimes_are_as_chosen() {
    let minute = std::time::Duration::from_secs(60);
    let builder = Sandbox::builder().auto_approve("auth0|sandbox-linus").access_token_lifetime(minute);
    let sandbox = builder.start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let back = wire.client.get(authorize(&wire, &[])).send().await.unwrap();
    assert!(back.headers()["location"].to_str().unwrap().starts_with("http://127.0.0.1:4711/callback?code="));
    assert_eq!(wire.get("/api/v1/me").await.status, 200);
    sandbox.advance_clock(2 * minute);
    assert_eq!(wire.get("/api/v1/me").await.status, 401);
}

#[tokio::test]
async fn a_service_signs_in_with_its_secret_and_acts_for_the_first_user() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", "sandbox-service"),
        ("client_secret", "sandbox-service-secret"),
        ("audience", "https://aignostics-platform-sandbox"),
    ];
    let tokens = json(form(&wire, "/oauth/token", &fields).await).await;
    let service = Wire { token: tokens["access_token"].as_str().unwrap().to_owned(), ..wire };
    assert_eq!(service.get("/api/v1/me").await.body["user"]["id"], "auth0|sandbox-ada");
}

#[tokio::test]
async fn keys_rotate_and_old_tokens_stay_good() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let keys = async || wire.get("/.well-known/jwks.json").await.body["keys"].as_array().unwrap().len();
    assert_eq!(keys().await, 1);
    assert_eq!(wire.send("POST", "/_sandbox/keys/rotate", None).await.status, 204);
    assert_eq!(keys().await, 2);
    assert_eq!(wire.get("/api/v1/me").await.status, 200);
    assert_eq!(Wire::new(&sandbox).await.get("/api/v1/me").await.status, 200);
}

#[tokio::test]
async fn tokens_of_others_are_refused_everywhere_and_told_so() {
    let (sandbox, other) = (Sandbox::builder().start().await.unwrap(), Sandbox::builder().start().await.unwrap());
    let (wire, foreign) = (Wire::new(&sandbox).await, other.access_token().await.unwrap());
    let path = "/api/v1/applications/he-tme/versions/1.1.0/documents/release-notes.md/content";
    let link = wire.get(path).await.headers["location"].to_str().unwrap().to_owned();
    let get = async |url: &str, token: &str| {
        let answer = wire.client.get(url).bearer_auth(token).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let (status, text) = get(&format!("{}/api/v1/me", sandbox.url()), &foreign).await;
    assert!(status == 401 && text.contains("not issued by this server"), "{text}");
    let (status, text) = get(&link, &foreign).await;
    assert!(status == 403 && text.contains("<Code>AccessDenied</Code>") && text.contains("not issued"), "{text}");
    assert_eq!(get(&link, "made-up").await.0, 403);
    assert_eq!(get(&link, &wire.token).await.0, 200, "its own is ignored");
    sandbox.advance_clock(std::time::Duration::from_secs(2 * 3600));
    let expired = wire.client.get(&link).send().await.unwrap();
    assert_eq!(expired.status(), 403);
    assert!(expired.text().await.unwrap().contains("<Code>ExpiredToken</Code>"));
}
