//! Planted secrets: a key, tokens, a header, a query, a variable. None of them may appear in anything that is shown.

use std::{fmt::Debug, time::Duration};

use aig_auth::{
    Clock as _, RefreshingProvider, Rejection, TokenProvider, TokenRequest, TokenSource,
    api_key::{ApiKeyExchange, KeyPlacement},
    external::EndpointToken,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::{
    all_logs::{
        canary::{ACCESS_TOKEN as TOKEN, API_KEY as KEY, BODY, HEADER, QUERY, VARIABLE},
        logged,
    },
    api_key::Bench,
    support::{clock, server},
};

/// Everything that was shown, to be searched.
#[derive(Default)]
struct Shown(String);

impl Shown {
    fn add(&mut self, value: &impl Debug) {
        self.0.push_str(&format!("{value:?} {value:#?}\n"));
    }

    /// What is found of `secret`: as it is, or as base64, percent-encoded or in hexadecimal digits.
    fn finds(&self, secret: &str) -> bool {
        let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        let base64 = STANDARD.encode(secret);
        [secret, base64.trim_end_matches('='), &hex].iter().any(|form| self.0.contains(form))
    }

    /// Uses a provider as a client does, with a refused token and another one.
    async fn use_up(&mut self, provider: &dyn TokenProvider, clock: &aig_auth::ManualClock) {
        for _ in 0..2 {
            match provider.token(&TokenRequest::new()).await {
                Ok(token) => {
                    self.add(&token);
                    provider.reject(&token, Rejection::Unauthorized).await;
                }
                Err(error) => {
                    self.add(&error);
                    self.0.push_str(&error.to_string());
                }
            }
            clock.advance(Duration::from_secs(90));
        }
        self.add(&provider);
        self.add(&provider.identity());
    }

    async fn refresh<S: TokenSource>(&mut self, provider: &RefreshingProvider<S>, clock: &aig_auth::ManualClock) {
        self.add(provider.source());
        self.use_up(provider, clock).await;
    }
}

/// Good and bad answers in turn, with secrets in all of them.
fn answer(number: u64) -> ResponseTemplate {
    let token = format!("{TOKEN}{number}");
    match number % 6 {
        1 => ResponseTemplate::new(200).set_body_json(json!({"token": token, "expires_in": 3600})),
        2 => ResponseTemplate::new(200).set_body_json(json!({"token": token, "expires_at": TOKEN})),
        3 => ResponseTemplate::new(401).set_body_string(BODY),
        4 => ResponseTemplate::new(200).set_body_string(format!("{BODY} {TOKEN}")),
        5 => ResponseTemplate::new(200).set_body_json(json!({"token": format!("{TOKEN} {BODY}")})),
        _ => ResponseTemplate::new(302).insert_header("location", format!("https://a.example/?{BODY}")),
    }
}

#[tokio::test]
async fn planted_secrets_appear_nowhere() {
    logged();
    let (mut shown, clock) = (Shown::default(), clock());

    let broker = server(answer).await;
    for _ in 0..6 {
        let endpoint = EndpointToken::new(&format!("{}/token?ticket={QUERY}", broker.uri())).unwrap();
        let endpoint = endpoint.with_header("x-ticket", HEADER).unwrap().with_post_body(BODY).with_clock(clock.clone());
        shown.refresh(&endpoint.into_provider(), &clock).await;
    }

    let bench = Bench::answering(answer).await;
    for placement in [
        KeyPlacement::default(),
        KeyPlacement::FormField("key".into()),
        KeyPlacement::Header("x-api-key".into()),
        KeyPlacement::Bearer,
    ] {
        let endpoint = format!("{}/token?tenant={QUERY}", bench.server.uri());
        let exchange = ApiKeyExchange::new("https://api.example", &endpoint).unwrap();
        let exchange = exchange.with_placement(placement).with_cache(bench.settings()).with_clock(clock.clone());
        shown.add(&exchange);
        let provider = exchange.provider(KEY);
        shown.use_up(&provider, &clock).await;
        provider.set_key(format!("{KEY}2")).await;
        shown.use_up(&provider, &clock).await;
        let _ = provider.refresh().await.inspect_err(|error| shown.add(error));
    }
    for entry in std::fs::read_dir(bench.file("")).unwrap() {
        let path = entry.unwrap().path();
        let stored = Shown(std::fs::read_to_string(&path).unwrap());
        assert!(!stored.finds(KEY) && !stored.finds(QUERY), "a token rests on disk and nothing else");
        shown.add(&path);
    }

    #[cfg(unix)]
    for script in ["echo $SECRET", "echo $SECRET $SECRET", "echo $SECRET; exit 1", "echo \"{$SECRET\"", "kill -9 $$"] {
        let command = aig_auth::external::CommandToken::new("sh")
            .with_arguments(["-c", script, VARIABLE])
            .with_environment("SECRET", VARIABLE)
            .with_clock(clock.clone());
        shown.refresh(&command.into_provider(), &clock).await;
    }

    assert!(clock.now().to_string().starts_with("2026"));
    shown.0.push_str(&logged());
    for secret in [KEY, TOKEN, HEADER, QUERY, BODY, VARIABLE] {
        assert!(!shown.finds(secret), "{secret} was shown");
    }
    assert!(
        shown.0.contains("token obtained") && shown.0.contains("token rejected by a server"),
        "the log was looked at"
    );
}

/// The control: what is shown is found, in each of its forms.
#[test]
fn the_search_finds_what_is_shown() {
    const PLANTED: &str = "pL4nted";
    logged();
    tracing::trace!(PLANTED, "deep down");
    assert!(logged().contains(PLANTED));
    for text in [PLANTED.to_owned(), STANDARD.encode(PLANTED), "704c346e746564".to_owned()] {
        assert!(Shown(text.clone()).finds(PLANTED), "{text}");
    }
}
