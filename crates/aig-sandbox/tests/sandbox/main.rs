//! The sandbox over real HTTP, as clients see it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod boto3;
mod control;
mod curl;
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
