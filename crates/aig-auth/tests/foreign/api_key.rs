//! An API key that is exchanged for a token, and the token that rests between processes.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use aig_auth::{
    AuthErrorKind, Clock as _, ManualClock, Recovery, Rejection, TokenProvider as _, TokenRequest,
    api_key::{ApiKeyExchange, ApiKeyProvider, KeyPlacement},
    session::StoreSettings,
};
use serde_json::json;
use wiremock::{MockServer, ResponseTemplate};

use crate::{
    all_logs::canary,
    support::{clock, requests, server, token},
};

pub(crate) const BASE_URL: &str = "https://api.example";

/// A token endpoint, a directory and a clock. Each provider is a process of its own.
pub(crate) struct Bench {
    pub(crate) server: MockServer,
    pub(crate) directory: tempfile::TempDir,
    pub(crate) clock: Arc<ManualClock>,
}

impl Bench {
    /// A token endpoint whose tokens are numbered and live for an hour.
    pub(crate) async fn new() -> Self {
        Self::answering(|number| {
            let body = json!({"access_token": format!("token-{number}"), "expires_in": 3600});
            ResponseTemplate::new(200).set_body_json(body)
        })
        .await
    }

    pub(crate) async fn answering(answer: impl Fn(u64) -> ResponseTemplate + Send + Sync + 'static) -> Self {
        Self { server: server(answer).await, directory: tempfile::tempdir().unwrap(), clock: clock() }
    }

    pub(crate) fn exchange(&self) -> ApiKeyExchange {
        let endpoint = format!("{}/auth/token", self.server.uri());
        ApiKeyExchange::new(BASE_URL, &endpoint).unwrap().with_clock(self.clock.clone())
    }

    pub(crate) fn settings(&self) -> StoreSettings {
        StoreSettings::new("test").with_directory(self.directory.path().join("cache"))
    }

    pub(crate) fn process(&self) -> ApiKeyProvider {
        self.exchange().with_cache(self.settings()).provider(canary::API_KEY)
    }

    /// The digits come from `printf '%s' 'https://api.example|kQ7canaryKey' | sha256sum`.
    pub(crate) fn entry(&self) -> PathBuf {
        self.file("8aeaa046ee9b61c9.json")
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join("cache/sessions").join(name)
    }

    pub(crate) fn minutes(&self, minutes: u64) {
        self.clock.advance(Duration::from_secs(60 * minutes));
    }
}

/// Everything below `directory` except locks.
pub(crate) fn files(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    let below = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
    let all = entries.flat_map(|entry| below(entry.unwrap().path()));
    all.filter(|path| path.extension().is_none_or(|extension| extension != "lock")).collect()
}

#[tokio::test]
async fn a_key_is_exchanged_once_for_a_token_with_its_end() {
    let bench = Bench::new().await;
    let provider = bench.process();
    let first = provider.token(&TokenRequest::new()).await.unwrap();
    assert_eq!(first.expose(), "token-1");
    assert_eq!(first.expires_at().unwrap().to_string(), "2026-01-01T01:00:00Z");
    assert_eq!(token(&provider).await.unwrap(), "token-1");

    let seen = bench.server.received_requests().await.unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!((seen[0].method.as_str(), seen[0].url.path()), ("POST", "/auth/token"));
    assert_eq!(seen[0].body_json::<serde_json::Value>().unwrap(), json!({"api_key": canary::API_KEY}));
}

#[tokio::test]
async fn the_shape_of_the_request_is_configured() {
    let bench = Bench::new().await;
    for placement in
        [KeyPlacement::FormField("key".into()), KeyPlacement::Header("x-api-key".into()), KeyPlacement::Bearer]
    {
        let exchange = bench.exchange().with_placement(placement).with_parameter("scope", "all");
        token(&exchange.provider(format!(" {}\n", canary::API_KEY))).await.unwrap();
    }
    let seen = bench.server.received_requests().await.unwrap();
    assert_eq!(seen[0].body, format!("scope=all&key={}", canary::API_KEY).as_bytes());
    assert_eq!(
        (&seen[1].headers["x-api-key"], seen[1].body.as_slice()),
        (&canary::API_KEY.parse().unwrap(), br#"{"scope":"all"}"#.as_slice())
    );
    assert_eq!(seen[2].headers["authorization"], format!("Bearer {}", canary::API_KEY));
}

/// C1, C3, C8.
#[tokio::test]
async fn the_next_process_finds_the_token_on_disk() {
    let bench = Bench::new().await;
    let before = bench.process();
    token(&before).await.unwrap();
    assert_eq!(files(bench.directory.path()), [bench.entry()]);
    assert_eq!(token(&bench.process()).await.unwrap(), "token-1");
    assert_eq!(requests(&bench.server).await, 1);

    let elsewhere = bench.process();
    let blocking = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(token(&elsewhere)).unwrap()
    });
    assert_eq!(blocking.join().unwrap(), "token-1", "a blocking caller shares the file");
    assert_eq!(requests(&bench.server).await, 1);
}

/// C3.
#[cfg(unix)]
#[tokio::test]
async fn the_entry_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = Bench::new().await;
    token(&bench.process()).await.unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&bench.entry()), 0o600);
    assert_eq!(mode(bench.entry().parent().unwrap()), 0o700);
}

/// C1.
#[tokio::test]
async fn keys_and_apis_have_entries_of_their_own() {
    let bench = Bench::new().await;
    token(&bench.process()).await.unwrap();
    token(&bench.exchange().with_cache(bench.settings()).provider("other")).await.unwrap();
    let endpoint = format!("{}/auth/token", bench.server.uri());
    let other_api = ApiKeyExchange::new("https://other.example", &endpoint).unwrap().with_clock(bench.clock.clone());
    token(&other_api.with_cache(bench.settings()).provider(canary::API_KEY)).await.unwrap();
    assert_eq!(requests(&bench.server).await, 3);
    assert_eq!(files(bench.directory.path()).len(), 3);
}

/// C4.
#[tokio::test]
async fn an_entry_with_a_minute_to_live_is_a_miss() {
    let bench = Bench::new().await;
    token(&bench.process()).await.unwrap();
    bench.clock.advance(Duration::from_secs(3_539));
    assert_eq!(token(&bench.process()).await.unwrap(), "token-1", "61 s");
    bench.clock.advance(Duration::from_secs(1));
    assert_eq!(token(&bench.process()).await.unwrap(), "token-2", "60 s");
    assert_eq!(token(&bench.process()).await.unwrap(), "token-2", "it replaced the entry");
}

#[tokio::test]
async fn an_entry_of_before_the_clock_was_set_back_is_a_miss() {
    let bench = Bench::new().await;
    token(&bench.process()).await.unwrap();
    bench.clock.set_wall("2025-12-31T00:00:00Z".parse().unwrap());
    assert_eq!(token(&bench.process()).await.unwrap(), "token-2");
}

/// C5.
#[tokio::test]
async fn who_opted_out_leaves_nothing_on_disk() {
    let bench = Bench::new().await;
    let by_provider = bench.exchange().provider(canary::API_KEY);
    // A variable that is set wherever tests run.
    let by_environment =
        bench.exchange().with_cache(bench.settings().with_opt_out_variable("PATH")).provider(canary::API_KEY);
    for provider in [by_provider, by_environment] {
        token(&provider).await.unwrap();
        token(&provider).await.unwrap();
    }
    assert_eq!(requests(&bench.server).await, 2);
    assert_eq!(files(bench.directory.path()), [] as [PathBuf; 0]);
    let unset = bench.settings().with_opt_out_variable("AIG_AUTH_TEST_THAT_NOBODY_SETS");
    token(&bench.exchange().with_cache(unset).provider(canary::API_KEY)).await.unwrap();
    assert_eq!(files(bench.directory.path()).len(), 1);
}

/// C6.
#[tokio::test]
async fn a_refused_token_takes_its_entry_with_it() {
    let bench = Bench::new().await;
    let provider = bench.process();
    let refused = provider.token(&TokenRequest::new()).await.unwrap();
    provider.reject(&refused, Rejection::Unauthorized).await;
    assert!(!bench.entry().exists());
    assert_eq!(token(&provider).await.unwrap(), "token-2");
    assert_eq!(token(&bench.process()).await.unwrap(), "token-2");
    assert_eq!(requests(&bench.server).await, 2);
}

/// C6.
#[tokio::test]
async fn a_refused_token_spares_the_newer_one_of_another_process_and_takes_it_over() {
    let bench = Bench::new().await;
    let (slow, quick) = (bench.process(), bench.process());
    let refused = slow.token(&TokenRequest::new()).await.unwrap();
    quick.reject(&quick.token(&TokenRequest::new()).await.unwrap(), Rejection::Unauthorized).await;
    assert_eq!(token(&quick).await.unwrap(), "token-2");

    slow.reject(&refused, Rejection::Unauthorized).await;
    assert!(bench.entry().exists());
    assert_eq!(token(&slow).await.unwrap(), "token-2");
    assert_eq!(requests(&bench.server).await, 2);
}

/// A2.
#[tokio::test]
async fn a_token_is_replaced_five_minutes_ahead_on_disk_too() {
    let bench = Bench::new().await;
    let provider = bench.process();
    token(&provider).await.unwrap();
    bench.minutes(54);
    assert_eq!(token(&provider).await.unwrap(), "token-1");
    provider.settle(Duration::from_secs(60)).await;
    assert_eq!(requests(&bench.server).await, 1);
    bench.minutes(1);
    assert_eq!(token(&provider).await.unwrap(), "token-1", "nobody waits");
    provider.settle(Duration::from_secs(60)).await;
    assert_eq!(token(&provider).await.unwrap(), "token-2");
    assert_eq!(token(&bench.process()).await.unwrap(), "token-2");
    assert_eq!(requests(&bench.server).await, 2);
}

/// A3.
#[tokio::test]
async fn a_token_without_an_end_is_not_kept_on_disk() {
    let bench = Bench::answering(|_| ResponseTemplate::new(200).set_body_json(json!({"token": "opaque"}))).await;
    let provider = bench.process();
    token(&provider).await.unwrap();
    bench.clock.advance(Duration::from_secs(59));
    token(&provider).await.unwrap();
    assert_eq!(requests(&bench.server).await, 1);
    assert!(!bench.entry().exists());
    token(
        &bench
            .exchange()
            .with_lifetime(Duration::from_secs(900))
            .with_cache(bench.settings())
            .provider(canary::API_KEY),
    )
    .await
    .unwrap();
    assert!(bench.entry().exists(), "with a configured lifetime it is");
}

/// A5.
#[tokio::test]
async fn what_an_exchange_brings_is_kept_though_its_caller_has_gone() {
    let bench = Bench::new().await;
    let provider = Arc::new(bench.process());
    let caller = tokio::spawn({
        let provider = provider.clone();
        async move { token(&*provider).await }
    });
    tokio::task::yield_now().await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    provider.settle(Duration::from_secs(60)).await;
    assert!(bench.entry().exists());
    assert_eq!(token(&*provider).await.unwrap(), "token-1");
    assert_eq!(requests(&bench.server).await, 1);
}

/// P3.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_that_start_together_cause_one_exchange() {
    let bench = Bench::new().await;
    let processes: Vec<_> = (0..16).map(|_| bench.process()).collect();
    let callers: Vec<_> =
        processes.into_iter().map(|it| tokio::spawn(async move { token(&it).await.unwrap() })).collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap(), "token-1");
    }
    assert_eq!(requests(&bench.server).await, 1);
    for _ in 0..16 {
        token(&bench.exchange().provider(canary::API_KEY)).await.unwrap();
    }
    assert_eq!(requests(&bench.server).await, 17, "the control: without a cache each asks for itself");
}

#[tokio::test]
async fn a_refused_key_is_an_error_that_says_what_to_check() {
    for status in [400, 401, 403] {
        let bench = Bench::answering(move |_| ResponseTemplate::new(status).set_body_string(canary::BODY)).await;
        let error = token(&bench.process()).await.unwrap_err();
        assert_eq!((error.kind(), error.recovery()), (AuthErrorKind::Denied, Recovery::FixSetup));
        assert!(error.to_string().contains(&format!("refused the API key with status {status}")), "{error}");
        assert_eq!((requests(&bench.server).await, files(bench.directory.path()).len()), (1, 0));
    }
}

#[tokio::test]
async fn users_of_one_key_share_what_is_cached_for_them_and_no_others_do() {
    let bench = Bench::new().await;
    let identity = bench.process().identity().unwrap();
    assert_eq!(identity, bench.process().identity().unwrap());
    assert_ne!(identity, bench.exchange().provider("other").identity().unwrap());
    assert!(!format!("{identity:?}").contains(canary::API_KEY));
    assert_eq!(bench.clock.now().to_string(), "2026-01-01T00:00:00Z");
}
