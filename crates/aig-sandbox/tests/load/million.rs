//! Small requests of all kinds, many of them: memory stays where it is.

use std::net::SocketAddr;

use aig_sandbox::Sandbox;

use crate::{
    UNTOLD, alone, by_tier, grown_since,
    naive::{self, Fault},
    resident,
    wire::{Wire, links},
};

const CONNECTIONS: u64 = 8;
/// The log keeps the last 10,000 requests; the allocator breathes.
const MOST_MIB: i64 = 8;

/// A request line, its headers, its body, and the status that it gets.
type Small = (String, String, &'static str, u16);

fn mix(sandbox: &Sandbox, token: &str) -> Vec<Small> {
    let bearer = format!("Authorization: Bearer {token}\r\n");
    let (to_put, to_get) = links(sandbox, "small.txt");
    let get = |path: &str, headers: &str, status| (format!("GET {path}"), headers.to_owned(), "", status);
    vec![
        (format!("PUT {to_put}"), String::new(), "four", 200),
        get(&to_get, "", 200),
        get(&to_get, "Range: bytes=1-2\r\n", 206),
        get("/health", "", 200),
        get("/api/v1/me", &bearer, 200),
        get("/api/v1/runs?page_size=5", &bearer, 200),
        get("/api/v1/applications/he-tme/versions/1.1.0", &bearer, 200),
        get("/api/v1/runs/00000000-0000-0000-0000-000000000000", &bearer, 404),
        get("/api/v1/me", "Authorization: Bearer nobody\r\n", 401),
        get("/nowhere", "", 404),
        get("/.well-known/jwks.json", "", 200),
        get("/storage/slides/unsigned", "", 403),
        ("POST /api/v1/runs".to_owned(), format!("{bearer}Content-Type: application/json\r\n"), "{}", 422),
    ]
}

async fn run(address: SocketAddr, mix: &[Small], total: u64) {
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..CONNECTIONS {
        let mix = mix.to_vec();
        workers.spawn(async move {
            let mut wire = Wire::open(address).await;
            for (line, headers, body, status) in mix.iter().cycle().take((total / CONNECTIONS) as usize) {
                assert_eq!(wire.send(line, headers, body).await, *status, "{line}");
            }
        });
    }
    while let Some(worker) = workers.join_next().await {
        worker.unwrap();
    }
}

/// How much memory has grown after each quarter of the requests that follow the first ones.
async fn growth(address: SocketAddr, mix: &[Small], warm: u64, total: u64) -> Option<[i64; 4]> {
    run(address, mix, warm).await;
    let before = resident();
    let mut grown = [0; 4];
    for part in &mut grown {
        run(address, mix, (total - warm) / 4).await;
        *part = grown_since(before)?;
    }
    Some(grown)
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_is_flat_over_many_requests() {
    let _alone = alone().await;
    let (warm, total) = by_tier((4_000, 12_000), (100_000, 1_000_000));
    let sandbox = Sandbox::builder().start().await.unwrap();
    let token = sandbox.access_token().await.unwrap();
    let Some(grown) = growth(sandbox.address(), &mix(&sandbox, &token), warm, total).await else {
        println!("skipped: {UNTOLD}");
        return;
    };
    println!("from request {warm} to {total}, in quarters, memory grew by {grown:?} MiB");
    assert!(grown[3] < MOST_MIB, "{grown:?} MiB");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_check_of_memory_sees_a_server_that_leaks() {
    let _alone = alone().await;
    let mix = [("GET /".to_owned(), String::new(), "", 200)];
    let Some(grown) = growth(naive::serve(Fault::Leaks).await, &mix, 4_000, 12_000).await else {
        println!("skipped: {UNTOLD}");
        return;
    };
    assert!(grown[3] >= MOST_MIB, "{grown:?} MiB");
}
