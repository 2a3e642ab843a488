//! The cache's promises: one load, no stale reads after a write, no answers of others, bounded.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use aig_cache::{
    CacheKey, Fetch, Lookup, ManualTicks, MokaCache, NoCache, OperationCache, Policy, Scope, Shared, Statistics,
};
use tokio::sync::Notify;

const TTL: Duration = Duration::from_secs(15);

fn scope() -> Scope {
    Scope::of_identity(["https://issuer.example/", "ada", "org"])
}

fn key(name: &str) -> CacheKey {
    CacheKey::new(scope(), "api.example", "get_run", [name]).tagged(name).tagged("runs")
}

fn moka() -> Arc<dyn OperationCache> {
    Arc::new(MokaCache::default())
}

async fn put(cache: &dyn OperationCache, key: &CacheKey, policy: Policy, value: u64) -> u64 {
    *cache.get_or_fetch(key, TTL, policy, async move { Ok::<_, String>(value) }).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_callers_of_a_cold_key_share_one_load() {
    let cache = moka();
    let loads = Arc::new(AtomicU64::new(0));
    let tasks: Vec<_> = (0..1_000)
        .map(|_| {
            let (cache, loads) = (Arc::clone(&cache), Arc::clone(&loads));
            tokio::spawn(async move {
                let fetch = async {
                    tokio::task::yield_now().await;
                    Ok::<_, String>(loads.fetch_add(1, Ordering::SeqCst))
                };
                *cache.get_or_fetch(&key("run-1"), TTL, Policy::Use, fetch).await.unwrap()
            })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), 0);
    }
    assert_eq!(loads.load(Ordering::SeqCst), 1);
    assert_eq!(cache.statistics().loads, 1);
    assert_eq!(cache.statistics().hits + cache.statistics().misses, 1_000);
}

#[tokio::test]
async fn errors_reach_every_waiter_and_are_not_kept() {
    let cache = moka();
    let failing = || async {
        tokio::task::yield_now().await;
        Err::<u64, _>("down".to_owned())
    };
    let key = key("run-1");
    let (first, second) = tokio::join!(
        cache.get_or_fetch(&key, TTL, Policy::Use, failing()),
        cache.get_or_fetch(&key, TTL, Policy::Use, failing()),
    );
    assert_eq!((first.unwrap_err(), second.unwrap_err()), ("down".to_owned(), "down".to_owned()));
    assert_eq!((cache.statistics().loads, cache.statistics().failed_loads), (1, 1));
    assert_eq!(put(&*cache, &key, Policy::Use, 7).await, 7);
}

#[tokio::test]
async fn what_is_kept_can_be_looked_at_without_loading() {
    let cache = moka();
    let key = key("run-1");
    assert_eq!(cache.kept::<u64, String>(&key).await, None);
    put(&*cache, &key, Policy::Use, 7).await;
    assert_eq!(cache.kept::<u64, String>(&key).await.as_deref(), Some(&7));
    assert_eq!(cache.kept::<u32, String>(&key).await, None, "another type is another entry");
    cache.invalidate(&scope(), &["run-1"]);
    assert_eq!(cache.kept::<u64, String>(&key).await, None);
    assert_eq!(cache.statistics().loads, 1);
}

#[tokio::test]
async fn a_dropped_loader_hands_over_to_a_waiter() {
    let cache = moka();
    let key = key("run-1");
    let never = std::future::pending::<Result<u64, String>>();
    let dropped = tokio::time::timeout(Duration::ZERO, cache.get_or_fetch(&key, TTL, Policy::Use, never)).await;
    assert!(dropped.is_err());
    assert_eq!(put(&*cache, &key, Policy::Use, 3).await, 3);
}

#[tokio::test]
async fn an_entry_ends_with_its_time_to_live_and_not_before() {
    let ticks = Arc::new(ManualTicks::default());
    let cache: Arc<dyn OperationCache> = Arc::new(MokaCache::with_ticks(10, Arc::clone(&ticks) as _));
    assert_eq!(put(&*cache, &key("a"), Policy::Use, 1).await, 1);
    ticks.advance(TTL - Duration::from_nanos(1));
    assert_eq!(put(&*cache, &key("a"), Policy::Use, 2).await, 1);
    ticks.advance(Duration::from_nanos(1));
    assert_eq!(put(&*cache, &key("a"), Policy::Use, 3).await, 3);
}

#[tokio::test]
async fn refresh_skips_the_read_and_keeps_the_answer_and_bypass_does_neither() {
    let cache = moka();
    let key = key("a");
    assert_eq!(put(&*cache, &key, Policy::Use, 1).await, 1);
    assert_eq!(put(&*cache, &key, Policy::Bypass, 2).await, 2);
    assert_eq!(put(&*cache, &key, Policy::Use, 9).await, 1);
    assert_eq!(put(&*cache, &key, Policy::Refresh, 3).await, 3);
    assert_eq!(put(&*cache, &key, Policy::Use, 9).await, 3);
    let failed = cache.get_or_fetch(&key, TTL, Policy::Refresh, async { Err::<u64, _>("down".to_owned()) }).await;
    assert!(failed.is_err());
    assert_eq!(put(&*cache, &key, Policy::Use, 9).await, 3, "a failed refresh leaves what was there");
}

#[tokio::test]
async fn a_write_drops_its_tags_and_leaves_the_rest() {
    let cache = moka();
    let other = CacheKey::new(scope(), "api.example", "list_applications", ["1"]).tagged("applications");
    put(&*cache, &key("run-1"), Policy::Use, 1).await;
    put(&*cache, &key("run-2"), Policy::Use, 1).await;
    put(&*cache, &other, Policy::Use, 1).await;
    cache.invalidate(&scope(), &["run-1"]);
    assert_eq!(put(&*cache, &key("run-1"), Policy::Use, 2).await, 2);
    assert_eq!(put(&*cache, &key("run-2"), Policy::Use, 2).await, 1);
    assert_eq!(put(&*cache, &other, Policy::Use, 2).await, 1);
    cache.invalidate(&Scope::of_identity(["somebody", "else"]), &["run-2", "applications"]);
    assert_eq!(put(&*cache, &key("run-2"), Policy::Use, 2).await, 1, "tags belong to a scope");
}

/// Runs a load with `policy` that a write overtakes: what a reader gets while it is under way, and after it ended.
async fn reads_around_overtaken_fill(cache: Arc<dyn OperationCache>, policy: Policy) -> (u64, u64) {
    let (gate, begun) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let fill = tokio::spawn({
        let (cache, gate, begun) = (Arc::clone(&cache), Arc::clone(&gate), Arc::clone(&begun));
        async move {
            let fetch = async {
                begun.notify_one();
                gate.notified().await;
                Ok::<_, String>(1_u64)
            };
            cache.get_or_fetch(&key("run-1"), TTL, policy, fetch).await.unwrap();
        }
    });
    begun.notified().await;
    cache.invalidate(&scope(), &["run-1"]);
    let during = put(&*cache, &key("run-1"), Policy::Use, 2).await;
    gate.notify_one();
    fill.await.unwrap();
    (during, put(&*cache, &key("run-1"), Policy::Use, 3).await)
}

#[tokio::test]
async fn a_fill_that_began_before_a_write_is_neither_joined_nor_kept() {
    for round in 0..200 {
        let policy = if round % 2 == 0 { Policy::Use } else { Policy::Refresh };
        assert_eq!(reads_around_overtaken_fill(moka(), policy).await, (2, 2), "stale read in round {round}");
    }
    println!("cache mutation_in_flight rounds=200 stale_reads=0");
}

#[tokio::test]
async fn control_a_cache_that_only_drops_what_is_there_reads_stale() {
    assert_eq!(reads_around_overtaken_fill(Arc::new(DropsWhatIsThere::default()), Policy::Use).await, (2, 1));
}

/// The usual mistake: a write removes what is stored, and a fill under way stores its old answer afterwards.
#[derive(Debug, Default)]
struct DropsWhatIsThere(Mutex<HashMap<CacheKey, Shared>>);

#[async_trait::async_trait]
impl OperationCache for DropsWhatIsThere {
    async fn get(&self, lookup: Lookup<'_>) -> Option<Shared> {
        self.0.lock().unwrap().get(lookup.key).cloned()
    }

    async fn load(&self, lookup: Lookup<'_>, fetch: Fetch<'_>) -> Result<Shared, Shared> {
        let value = fetch.await?;
        self.0.lock().unwrap().insert(lookup.key.clone(), Shared::clone(&value));
        Ok(value)
    }

    async fn refresh(&self, lookup: Lookup<'_>, fetch: Fetch<'_>) -> Result<Shared, Shared> {
        self.load(lookup, fetch).await
    }

    fn invalidate(&self, _scope: &Scope, _tags: &[&str]) {
        self.0.lock().unwrap().clear();
    }

    async fn clear(&self, _scope: &Scope) {}

    fn statistics(&self) -> Statistics {
        Statistics::default()
    }
}

#[tokio::test]
async fn alternating_users_hosts_and_organizations_never_meet() {
    let cache = moka();
    let mut cross_hits = 0;
    for round in 0..1_000_u64 {
        let (user, host, organization) = (round % 2, (round / 2) % 3, (round / 6) % 2);
        let scope = Scope::of_identity(["issuer", &format!("user-{user}"), &format!("org-{organization}")]);
        let key = CacheKey::new(scope, &format!("host-{host}"), "me", [""; 0]);
        let mine = user * 100 + host * 10 + organization;
        cross_hits += u64::from(put(&*cache, &key, Policy::Use, mine).await != mine);
    }
    assert_eq!(cross_hits, 0);
    assert_eq!(cache.statistics().loads, 12);
    println!("cache alternations=1000 cross_hits=0");
}

#[tokio::test]
async fn clearing_a_scope_drops_its_entries_and_no_others() {
    let moka = Arc::new(MokaCache::default());
    let cache: Arc<dyn OperationCache> = Arc::clone(&moka) as _;
    let elsewhere = CacheKey::new(Scope::of_credential("token"), "api.example", "me", [""; 0]);
    put(&*cache, &key("a"), Policy::Use, 1).await;
    put(&*cache, &elsewhere, Policy::Use, 1).await;
    cache.clear(&scope()).await;
    moka.settle().await;
    assert_eq!(cache.statistics().entries, 1);
    assert_eq!(put(&*cache, &key("a"), Policy::Use, 2).await, 2);
    assert_eq!(put(&*cache, &elsewhere, Policy::Use, 2).await, 1);
}

#[tokio::test]
async fn a_hundred_thousand_keys_stay_within_the_cap() {
    let moka = Arc::new(MokaCache::new(1_000));
    let cache: Arc<dyn OperationCache> = Arc::clone(&moka) as _;
    for number in 0..100_000_u64 {
        put(&*cache, &CacheKey::new(scope(), "h", "get_run", [number.to_le_bytes()]), Policy::Use, number).await;
    }
    moka.settle().await;
    let statistics = cache.statistics();
    assert!(statistics.entries <= 1_000, "{statistics:?}");
    assert!(statistics.evictions > 0);
    println!("cache keys=100000 cap=1000 entries={}", statistics.entries);
}

#[tokio::test]
async fn two_types_under_one_key_do_not_meet() {
    let cache = moka();
    put(&*cache, &key("a"), Policy::Use, 1).await;
    let text =
        cache.get_or_fetch(&key("a"), TTL, Policy::Use, async { Ok::<_, String>("text".to_owned()) }).await.unwrap();
    assert_eq!(*text, "text");
}

#[tokio::test]
async fn no_cache_loads_every_time() {
    let cache: Arc<dyn OperationCache> = Arc::new(NoCache::new());
    assert_eq!(put(&*cache, &key("a"), Policy::Use, 1).await, 1);
    assert_eq!(put(&*cache, &key("a"), Policy::Use, 2).await, 2);
    assert_eq!(cache.statistics().loads, 2);
}

#[test]
fn a_million_pairs_of_parts_make_a_million_keys() {
    // Every split of every text over a small alphabet is its own pair: the hardest case for joined parts.
    let (scope, mut keys) = (scope(), HashSet::new());
    let mut pairs = 0_u32;
    'texts: for number in 0_u32.. {
        let text = format!("{number:b}");
        for split in 0..=text.len() {
            let (head, tail) = text.split_at(split);
            keys.insert(CacheKey::new(scope, "h", "op", [head, tail]));
            pairs += 1;
            if pairs == 1_000_000 {
                break 'texts;
            }
        }
    }
    assert_eq!(keys.len(), 1_000_000);
    assert_ne!(CacheKey::new(scope, "h", "op", ["ab", "c"]), CacheKey::new(scope, "h", "op", ["a", "bc"]));
    println!("cache key_pairs=1000000 collisions=0");
}
