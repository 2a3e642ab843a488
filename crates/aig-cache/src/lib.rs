#![doc = include_str!("../README.md")]
//!
//! # Invariant
//! This crate knows keys, scopes and times to live; it never knows HTTP, tokens' formats or any one API. What it stores
//! is whatever the caller fetched, and no secret is ever part of a key in clear.

mod cache;
mod clock;
mod digest;
mod epoch;
mod key;
mod moka_cache;
mod no_cache;
mod scope;
mod statistics;

pub use cache::{Fetch, Lookup, OperationCache, Policy, Shared};
pub use clock::{ManualTicks, Ticks};
pub use key::CacheKey;
pub use moka_cache::MokaCache;
pub use no_cache::NoCache;
pub use scope::Scope;
pub use statistics::Statistics;
