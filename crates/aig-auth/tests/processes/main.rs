//! Many processes on one session: refreshes that race, and processes that are killed.
//!
//! Each test starts this test binary again as another process, which does what `child` says. For the full figures:
//! `AIG_AUTH_STAMPEDE_ROUNDS=100 AIG_AUTH_KILLS=1000 cargo test -p aig-auth --test processes -- --nocapture`.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../all_logs/mod.rs"]
mod all_logs;
mod authority;
mod child;
mod control;
mod disk;
mod keys;
mod kills;
mod network;
mod stampede;
mod surroundings;
mod tls;
mod world;
