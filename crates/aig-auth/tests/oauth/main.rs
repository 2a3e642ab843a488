//! The OAuth provider against an authorization server on loopback: signing in, staying signed in, signing out.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../all_logs/mod.rs"]
mod all_logs;
mod audit;
mod browser;
mod device;
mod explain;
mod jwt;
mod person;
mod refresh;
mod sign_out;
mod transport;
mod world;
