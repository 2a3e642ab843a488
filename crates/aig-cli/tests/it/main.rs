//! Tests of the binary `aig`: what it prints and where, how it ends, what it leaves behind.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and one that is skipped says why"
)]

mod bad_input;
mod common;
mod control;
mod exec;
mod help;
#[cfg(unix)]
mod interrupt;
mod separate_commands;
mod sign_in;
mod streams;
