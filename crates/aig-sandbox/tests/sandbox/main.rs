//! The sandbox over real HTTP, as clients see it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod control;
mod errors;
mod faults;
mod listings;
mod main_job;
mod outcomes;
mod python_sdk;
mod remote;
mod safety;
mod sharing;
mod wire;
