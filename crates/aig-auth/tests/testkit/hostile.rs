//! Whatever is sent, the server answers in bounds: no panic, no fault of its own, nothing reflected.

use aig_auth::testkit::{AuthorizationServer, Endpoint, Request};
use proptest::prelude::*;

use crate::{authorize_url, error_of, text, token};

fn request() -> impl Strategy<Value = Request> {
    let path = prop_oneof![
        8 => prop::sample::select(Endpoint::PATHS.to_vec()).prop_map(str::to_owned),
        1 => ".{0,40}".prop_map(|path| path),
    ];
    let name = prop_oneof![
        prop::sample::select(vec![
            "grant_type",
            "client_id",
            "client_secret",
            "code",
            "code_verifier",
            "redirect_uri",
            "refresh_token",
            "scope",
            "state",
            "response_type",
            "code_challenge",
            "code_challenge_method",
            "user_code",
            "device_code",
            "ticket",
            "user",
            "decision",
            "token",
            "audience",
            "organization",
            "prompt",
            "login_hint",
        ])
        .prop_map(str::to_owned),
        ".{0,8}".prop_map(|name| name),
    ];
    let value = prop_oneof![
        prop::sample::select(vec!["native", "service", "code", "S256", "allow", "refresh_token", "http://127.0.0.1/"])
            .prop_map(str::to_owned),
        ".{0,60}".prop_map(|value| format!("<script>{value}")),
    ];
    let method = prop::sample::select(vec!["GET", "POST", "HEAD", "PUT", "", "get"]);
    (method, path, prop::collection::vec((name, value), 0..8), any::<bool>()).prop_map(
        |(method, path, fields, in_query)| {
            let fields: Vec<(&str, &str)> =
                fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let form = Request::post(&path, &fields);
            let body = String::from_utf8(form.body.clone()).unwrap();
            let form = Request { method: method.into(), ..form };
            if in_query { Request { query: body, body: Vec::new(), ..form } } else { form }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_request_breaks_the_server_or_is_reflected(requests in prop::collection::vec(request(), 1..6)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let server = AuthorizationServer::builder().build();
            for request in requests {
                let response = server.handle(request.clone()).await;
                assert!(response.status < 500, "{request:?}: {}", response.status);
                assert!(!response.text().contains("<script>"), "{request:?}");
                assert!(response.headers.iter().all(|(_, value)| !value.contains(['\r', '\n'])), "{request:?}");
            }
        });
    }
}

#[tokio::test]
async fn a_form_of_thirty_thousand_fields_is_refused_at_once() {
    let server = AuthorizationServer::builder().build();
    let fields: Vec<(String, String)> = (0..6_000).map(|index| (index.to_string(), "x".into())).collect();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = token(&server, &fields).await;
    assert_eq!(error_of(&answer), "invalid_request");
    let request = Request { body: vec![b'&'; 64 * 1024], ..Request::post("/oauth/token", &[]) };
    assert_eq!(error_of(&server.handle(request).await), "invalid_request");
}

#[tokio::test]
async fn what_is_too_long_is_refused() {
    let server = AuthorizationServer::builder().build();
    let (long, longer) = ("x".repeat(1_025), "x".repeat(8 * 1024 + 1));
    let redirect = server.sign_in(&authorize_url(&[("scope", &long)]), "auth0|ada").await.unwrap();
    assert_eq!(crate::answered(&redirect, "error").as_deref(), Some("invalid_scope"));
    let redirect = server.sign_in(&authorize_url(&[("nonce", &longer)]), "auth0|ada").await.unwrap();
    assert_eq!(crate::answered(&redirect, "error").as_deref(), Some("invalid_request"));
    let huge = Request { body: vec![b'x'; 64 * 1024 + 1], ..Request::post("/oauth/token", &[]) };
    assert_eq!(server.handle(huge).await.status, 413);
}

#[tokio::test]
async fn the_log_stays_small_whatever_is_sent() {
    let server = AuthorizationServer::builder().build();
    let big = "x".repeat(60_000);
    for _ in 0..200 {
        token(&server, &[("grant_type", &big)]).await;
    }
    let kept: usize = server.log().iter().flat_map(|entry| &entry.params).map(|(_, value)| value.len()).sum();
    assert!(kept < 4 << 20, "{kept} bytes");
    assert!(!server.log().is_empty());
}

#[tokio::test]
async fn waiting_pages_and_devices_are_bounded_and_the_newest_still_work() {
    let server = AuthorizationServer::builder().build();
    for _ in 0..1_500 {
        server.handle(Request::get(&authorize_url(&[]))).await;
        crate::post(&server, "/oauth/device/code", &[("client_id", "native")]).await;
    }
    assert_eq!(server.pending_devices().len(), 1_000);
    let device = crate::post(&server, "/oauth/device/code", &[("client_id", "native")]).await;
    server.approve_device(&text(&device, "user_code"), "auth0|ada").unwrap();
    assert!(server.sign_in(&authorize_url(&[]), "auth0|ada").await.unwrap().contains("code="));
}
