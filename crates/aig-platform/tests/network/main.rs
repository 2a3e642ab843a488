//! The real HTTP stack on loopback: certificates, proxies, redirects, floods and what is logged of it all.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "a process of a test says what came of it")]

mod authority;
mod canaries;
mod child;
#[path = "../every_call/mod.rs"]
mod every_call;
mod floods;
mod proxies;
mod redirects;
mod server;
mod tls;
