//! The sandbox over real HTTP, as clients see it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test fails by panicking, and one that is skipped says why"
)]

mod boto3;
mod browser;
mod console;
mod console_content;
mod control;
mod curl;
mod errors;
mod faults;
mod google_host;
mod listings;
mod log;
mod main_job;
mod oauth;
mod outcomes;
mod persistence;
mod python_sdk;
mod remote;
mod safety;
mod seeds;
mod sharing;
mod wire;
