//! Tokens from outside: a command, an HTTP endpoint, and an API key that is exchanged, as their users see them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../all_logs/mod.rs"]
mod all_logs;
mod api_key;
mod canaries;
#[cfg(unix)]
mod command;
mod disk;
mod endpoint;
mod retries;
mod rotation;
mod support;
