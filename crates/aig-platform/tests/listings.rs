//! Listings and the cache: kept whole or not at all, never for another user, never over a change of one's own.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use aig_auth::{AccessToken, AuthError, Identity, TokenProvider, TokenRequest};
use aig_cache::{MokaCache, OperationCache, Policy};
use aig_platform::{
    Client,
    operations::{ListGrants, ListRuns, ListShareTokens},
    transport::{RecordedRequest, RecordingTransport, Reply},
};
use async_trait::async_trait;
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use uuid::Uuid;

#[derive(Debug)]
struct Of(&'static str);

#[async_trait]
impl TokenProvider for Of {
    async fn token(&self, _request: &TokenRequest) -> Result<AccessToken, AuthError> {
        Ok(AccessToken::new(self.0).unwrap())
    }

    fn identity(&self) -> Option<Identity> {
        Some(Identity::new("issuer", self.0))
    }
}

fn client(transport: &Arc<RecordingTransport>, cache: &Arc<dyn OperationCache>, who: &'static str) -> Client {
    let builder = Client::builder().api_root("https://platform.example").token_provider(Arc::new(Of(who)));
    builder.transport(Arc::clone(transport) as _).cache(Arc::clone(cache)).build().unwrap()
}

fn cache() -> Arc<dyn OperationCache> {
    Arc::new(MokaCache::default())
}

fn run_json(number: i64) -> Value {
    json!({ "run_id": Uuid::from_u128(number as u128 + 1), "application_id": "app", "version_number": "1.0.0",
        "state": "PENDING", "output": "NONE", "termination_reason": null, "error_code": null, "error_message": null,
        "submitted_at": "2026-11-22T03:00:00Z", "submitted_by": "ada", "statistics": { "item_count": 1,
        "item_pending_count": 1, "item_processing_count": 0, "item_user_error_count": 0, "item_system_error_count": 0,
        "item_skipped_count": 0, "item_succeeded_count": 0 } })
}

fn number(request: &RecordedRequest, name: &str) -> i64 {
    request.query(name).and_then(|text| text.parse().ok()).unwrap()
}

/// A platform with `total` runs; whatever changes something succeeds.
fn platform(total: i64) -> Arc<RecordingTransport> {
    Arc::new(RecordingTransport::new().fallback(move |request| {
        if request.method != "GET" {
            return Reply::status(202);
        }
        if !request.path.ends_with("/runs") {
            return Reply::json(200, &json!([]));
        }
        let (page, size) = (number(request, "page"), number(request, "page_size"));
        let runs: Vec<_> = (0..total).skip(((page - 1) * size) as usize).take(size as usize).map(run_json).collect();
        Reply::json(200, &runs)
    }))
}

async fn all(client: &Client) -> usize {
    client.runs().list(ListRuns::new()).all().await.unwrap().len()
}

#[tokio::test]
async fn a_listing_that_was_read_whole_is_kept_as_one_entry() {
    let (platform, cache) = (platform(250), cache());
    let ada = client(&platform, &cache, "ada");
    assert_eq!(all(&ada).await, 250);
    assert_eq!(platform.requests().len(), 3);
    assert_eq!(all(&ada).await, 250);
    let some = ada.runs().list(ListRuns::new()).limit(7).all().await.unwrap();
    let mut stream = ada.runs().list(ListRuns::new());
    let first = stream.next().await.unwrap().unwrap();
    assert_eq!((some.len(), first.run_id), (7, Uuid::from_u128(1)), "in the same order");
    assert_eq!(platform.requests().len(), 3, "nothing more was asked");
    assert_eq!(ada.runs().list(ListRuns::new().with_application_id("app")).all().await.unwrap().len(), 250);
    assert_eq!(platform.requests().len(), 6, "another filter is another listing");
    println!("listing_cache pages=3 entries=1 requests_when_kept=0");
}

#[tokio::test]
async fn a_half_read_listing_is_never_kept() {
    let (platform, cache) = (platform(250), cache());
    let ada = client(&platform, &cache, "ada");
    assert_eq!(ada.runs().list(ListRuns::new()).limit(120).all().await.unwrap().len(), 120);
    let mut stream = ada.runs().list(ListRuns::new());
    for _ in 0..150 {
        stream.next().await.unwrap().unwrap();
    }
    drop(stream);
    let dropped = tokio::time::timeout(std::time::Duration::ZERO, ada.runs().list(ListRuns::new()).all()).await;
    let before = platform.requests().len();
    assert_eq!(all(&ada).await, 250);
    assert_eq!(platform.requests().len(), before + 3, "what was read in part was used: {dropped:?}");
}

#[tokio::test(start_paused = true)]
async fn a_listing_that_failed_on_its_way_is_not_kept() {
    let failing = RecordingTransport::new().reply(Reply::json(200, &(0..100).map(run_json).collect::<Vec<_>>()));
    let transport = Arc::new(failing.reply(Reply::status(403)).fallback(|_| Reply::json(200, &[run_json(1)])));
    let ada = client(&transport, &cache(), "ada");
    assert!(ada.runs().list(ListRuns::new()).all().await.is_err());
    assert_eq!(all(&ada).await, 1);
}

#[tokio::test]
async fn a_change_drops_the_listings_it_may_show_in_and_no_others() {
    let (platform, cache) = (platform(1), cache());
    let (ada, grace) = (client(&platform, &cache, "ada"), client(&platform, &cache, "grace"));
    let sent = || platform.requests().len();
    assert_eq!((all(&ada).await, all(&grace).await), (1, 1));
    ada.applications().list().all().await.unwrap();
    ada.share_tokens().list(ListShareTokens::new()).all().await.unwrap();
    ada.grants().list(ListGrants::new()).all().await.unwrap();
    assert_eq!(sent(), 5, "another user's listing was used");
    ada.run(Uuid::nil()).cancel().await.unwrap();
    all(&ada).await;
    assert_eq!(sent(), 7, "the change did not drop the listing");
    let _ = ada.share_tokens().revoke(Uuid::nil()).await;
    ada.share_tokens().list(ListShareTokens::new()).all().await.unwrap();
    ada.grants().list(ListGrants::new()).all().await.unwrap();
    assert_eq!(sent(), 10, "a share token that is taken back takes its grants along");
    ada.applications().list().all().await.unwrap();
    assert_eq!((all(&ada).await, all(&grace).await), (1, 1));
    assert_eq!(sent(), 10, "what nobody changed was dropped");
}

#[tokio::test]
async fn clearing_the_cache_forgets_this_user_and_no_other() {
    let (platform, cache) = (platform(1), cache());
    let (ada, grace) = (client(&platform, &cache, "ada"), client(&platform, &cache, "grace"));
    assert_eq!((all(&ada).await, all(&grace).await), (1, 1));
    ada.clear_cache().await.unwrap();
    assert_eq!((all(&ada).await, all(&grace).await), (1, 1));
    assert_eq!(platform.requests().len(), 3);
}

#[tokio::test]
async fn a_change_that_nobody_waited_for_drops_the_listing_all_the_same() {
    let (platform, cache) = (platform(1), cache());
    let ada = client(&platform, &cache, "ada");
    all(&ada).await;
    let run = ada.run(Uuid::nil());
    let mut cancel = Box::pin(run.cancel());
    assert!(futures_util::poll!(&mut cancel).is_pending() || !platform.requests().is_empty());
    drop(cancel);
    let before = platform.requests().len();
    all(&ada).await;
    assert_eq!(platform.requests().len(), before + 1);
}

#[tokio::test]
async fn a_refresh_asks_the_platform_and_a_bypass_leaves_what_is_kept() {
    let (platform, cache) = (platform(3), cache());
    let ada = client(&platform, &cache, "ada");
    let list = |policy| ada.runs().list(ListRuns::new()).policy(policy).all();
    for (policy, requests) in
        [(Policy::Bypass, 1), (Policy::Use, 2), (Policy::Refresh, 3), (Policy::Use, 3), (Policy::Bypass, 4)]
    {
        assert_eq!(list(policy).await.unwrap().len(), 3);
        assert_eq!(platform.requests().len(), requests, "{policy:?}");
    }
}

#[tokio::test]
async fn a_very_long_listing_and_the_items_of_a_run_are_not_kept() {
    let (platform, cache) = (platform(1_200), cache());
    let ada = client(&platform, &cache, "ada");
    for requests in [13, 26] {
        assert_eq!(all(&ada).await, 1_200);
        assert_eq!(platform.requests().len(), requests);
    }
    for requests in [27, 28] {
        ada.run(Uuid::nil()).items().all().await.unwrap();
        assert_eq!(platform.requests().len(), requests);
    }
}

#[tokio::test]
async fn a_thousand_alternations_of_users_and_environments_meet_nobody_elses_answers() {
    let cache = cache();
    let answer = |request: &RecordedRequest| {
        let mut run = run_json(0);
        run["submitted_by"] = json!(format!("{} at {}", request.bearer().unwrap(), request.origin));
        Reply::json(200, &[run])
    };
    let transport = Arc::new(RecordingTransport::new().fallback(answer));
    let mut mix_ups = 0;
    for number in 0..1_000 {
        let (who, root) =
            (["ada", "grace", "linus"][number % 3], ["https://a.example", "https://b.example"][number % 2]);
        let builder = Client::builder().api_root(root).token_provider(Arc::new(Of(who)));
        let client = builder.transport(Arc::clone(&transport) as _).cache(Arc::clone(&cache)).build().unwrap();
        let runs = client.runs().list(ListRuns::new()).all().await.unwrap();
        mix_ups += usize::from(runs[0].submitted_by != format!("{who} at {root}"));
    }
    println!("mix_ups alternations=1000 requests={} mix_ups={mix_ups}", transport.requests().len());
    assert_eq!((mix_ups, transport.requests().len()), (0, 6));
}
