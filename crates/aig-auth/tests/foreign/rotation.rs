//! A key that is replaced by another.

use std::{
    fs,
    sync::{Arc, Mutex, mpsc},
};

use aig_auth::{Rejection, TokenProvider as _, TokenRequest};
use serde_json::json;
use wiremock::{Mock, Request, ResponseTemplate, matchers::any};

use crate::{
    all_logs::canary,
    api_key::{Bench, files},
    support::{requests, token},
};

fn key_of(request: &Request) -> String {
    request.body_json::<serde_json::Value>().unwrap()["api_key"].as_str().unwrap().to_owned()
}

fn named_after(key: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({"access_token": format!("token-of-{key}"), "expires_in": 3600}))
}

/// C6.
#[tokio::test]
async fn the_entry_of_the_old_key_is_gone_before_the_new_key_is_sent() {
    let bench = Bench::new().await;
    bench.server.reset().await;
    let (entry, seen) = (bench.entry(), Arc::new(Mutex::new(Vec::new())));
    let answer = {
        let seen = seen.clone();
        move |request: &Request| {
            let key = key_of(request);
            seen.lock().unwrap().push((key.clone(), entry.exists()));
            named_after(&key)
        }
    };
    Mock::given(any()).respond_with(answer).mount(&bench.server).await;

    let provider = bench.process();
    assert_eq!(token(&provider).await.unwrap(), format!("token-of-{}", canary::API_KEY));
    assert!(bench.entry().exists());
    provider.set_key("new").await;
    assert!(!bench.entry().exists(), "also when no token is asked for any more");
    assert_eq!(token(&provider).await.unwrap(), "token-of-new");
    assert_eq!(*seen.lock().unwrap(), [(canary::API_KEY.to_owned(), false), ("new".to_owned(), false)]);
    assert_eq!(files(bench.directory.path()).len(), 1);
}

#[tokio::test]
async fn the_same_key_changes_nothing() {
    let bench = Bench::new().await;
    let provider = bench.process();
    token(&provider).await.unwrap();
    provider.set_key(format!("{}\n", canary::API_KEY)).await;
    assert!(bench.entry().exists());
    assert_eq!(token(&provider).await.unwrap(), "token-1");
    assert_eq!(requests(&bench.server).await, 1);
}

#[tokio::test]
async fn a_token_of_the_old_key_that_is_refused_late_costs_the_new_one_nothing() {
    let bench = Bench::new().await;
    let provider = bench.process();
    let old = provider.token(&TokenRequest::new()).await.unwrap();
    provider.set_key("new").await;
    assert_eq!(token(&provider).await.unwrap(), "token-2");
    provider.reject(&old, Rejection::Unauthorized).await;
    assert_eq!(token(&provider).await.unwrap(), "token-2");
    assert_eq!(requests(&bench.server).await, 2);
    assert_eq!(files(bench.directory.path()).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exchange_of_the_old_key_that_is_under_way_leaves_nothing_behind() {
    let bench = Bench::new().await;
    bench.server.reset().await;
    let (arrived, arrival) = mpsc::channel();
    let (go, gate) = mpsc::channel();
    let gate = Mutex::new(gate);
    let answer = move |request: &Request| {
        let key = key_of(request);
        if key == canary::API_KEY {
            arrived.send(()).unwrap();
            gate.lock().unwrap().recv().unwrap();
        }
        named_after(&key)
    };
    Mock::given(any()).respond_with(answer).mount(&bench.server).await;

    let provider = Arc::new(bench.process());
    let early = tokio::spawn({
        let provider = provider.clone();
        async move { token(&*provider).await }
    });
    tokio::task::spawn_blocking(move || arrival.recv().unwrap()).await.unwrap();
    let rotation = tokio::spawn({
        let provider = provider.clone();
        async move { provider.set_key("new").await }
    });
    go.send(()).unwrap();
    rotation.await.unwrap();
    assert_eq!(
        early.await.unwrap().unwrap(),
        format!("token-of-{}", canary::API_KEY),
        "who asked before gets what was asked for"
    );
    assert_eq!(token(&*provider).await.unwrap(), "token-of-new");
    assert!(!bench.entry().exists());
    assert_eq!(files(bench.directory.path()).len(), 1);
}

/// C6.
#[tokio::test]
async fn an_explicit_refresh_clears_what_is_stored_and_asks() {
    let bench = Bench::new().await;
    let provider = bench.process();
    token(&provider).await.unwrap();
    assert_eq!(provider.refresh().await.unwrap().expose(), "token-2");
    assert_eq!(token(&provider).await.unwrap(), "token-2");
    assert!(fs::read_to_string(bench.entry()).unwrap().contains("token-2"));
    assert_eq!(token(&bench.process()).await.unwrap(), "token-2");
    assert_eq!(requests(&bench.server).await, 2);
}
