#![doc = include_str!("../README.md")]
//!
//! # Invariant
//! This crate is the only one that turns operations into requests; it never prints, never opens a browser by itself,
//! never ends the process, and never sends credentials anywhere but to the API root it was given.

mod access;
mod applications;
mod call;
mod client;
mod error;
mod file;
pub mod guides;
mod health;
mod info;
mod listing;
mod random;
pub mod reference;
mod runs;
pub mod sdk_metadata;
pub mod settings;
pub mod sign_in;
pub mod slide;
mod text;
pub mod transfer;
pub mod transport;
mod user_agent;
mod user_info;

pub use access::{Grants, ShareTokens};
pub use aig_cache::{NoCache, OperationCache, Policy};
pub use aig_codegen::{enums, models, operations};
pub use applications::{Applications, Documents, Versions};
pub use client::{Client, ClientBuilder};
pub use error::{CurrentMetadata, Error, ErrorKind, FieldProblem, Result};
pub use health::{ComponentHealth, Health, HealthStatus};
pub use info::Info;
pub use listing::Listing;
pub use runs::{RunEvent, RunHandle, RunOutcome, Runs, Submission, SubmissionItem, Submitted, WaitOptions, Watch};
pub use user_info::{Masking, TokenInfo, UserInfo};
