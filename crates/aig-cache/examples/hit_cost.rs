//! What a hit costs, key and all: run with `cargo run --release -p aig-cache --example hit_cost`.

use std::{convert::Infallible, hint::black_box, sync::Arc, time::Duration};

use aig_cache::{CacheKey, MokaCache, OperationCache, Policy, Scope};

const ROUNDS: u32 = 200_000;
const TTL: Duration = Duration::from_secs(300);

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a measurement reads the clock and prints")]
async fn main() {
    let cache: Arc<dyn OperationCache> = Arc::new(MokaCache::default());
    let (mut of_key, mut of_hit) = (Duration::MAX, Duration::MAX);
    for _ in 0..10 {
        let begun = std::time::Instant::now();
        for _ in 0..ROUNDS {
            black_box(key());
        }
        of_key = of_key.min(begun.elapsed());
        let begun = std::time::Instant::now();
        for _ in 0..ROUNDS {
            hit(&*cache).await;
        }
        of_hit = of_hit.min(begun.elapsed());
    }
    let one = |all: Duration| all.as_nanos() / u128::from(ROUNDS);
    println!("key: {} ns, hit with its key: {} ns (best of 10 x {ROUNDS})", one(of_key), one(of_hit));
}

/// What a client does for a cached call: scope from the identity, key from operation and address.
fn key() -> CacheKey {
    let scope = Scope::of_identity(black_box(["https://issuer.example/", "auth0|user-1", "org-1"]));
    let path = black_box("/v1/runs/0b7a3d3e-0c5e-4d57-8f5c-1d2f3a4b5c6d");
    CacheKey::new(scope, "https://platform.example/", "get_run", [path]).tagged("run:0b7a3d3e")
}

async fn hit(cache: &dyn OperationCache) {
    let value = cache.get_or_fetch(&key(), TTL, Policy::Use, async { Ok::<_, Infallible>(7_u64) }).await;
    black_box(value).ok();
}
