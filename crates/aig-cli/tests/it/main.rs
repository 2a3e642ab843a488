//! Tests of the binary `aig`: what it prints and where, how it ends, what it leaves behind.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod bad_input;
mod common;
mod control;
#[cfg(unix)]
mod descriptors;
mod exec;
mod help;
#[cfg(unix)]
mod interrupt;
mod separate_commands;
mod sign_in;
mod streams;
