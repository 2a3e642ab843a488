//! The Aignostics Platform on loopback: API, OAuth server and object storage in one process.
//!
//! # Invariant
//! Knows the platform's contract and plays its part; never a client of it, never reachable from another machine.
//!
//! # What it is
#![doc = include_str!("../README.md")]

mod analysis;
mod api;
mod builder;
mod catalog;
mod clock;
mod connection;
mod console;
mod control;
mod engine;
mod environment;
mod error;
pub mod faults;
mod guard;
mod http_client;
mod ids;
mod limits;
mod oauth;
mod persist;
mod plan;
mod platform;
mod png;
mod raster;
mod remote;
mod request_log;
mod sandbox;
mod seed;
mod server;
mod span;
mod stage;
mod state;
mod storage;
pub mod synthetic;
mod tiled_tiff;

pub use builder::SandboxBuilder;
pub use engine::{Improbable, Outcomes, SlideUse};
pub use environment::Environment;
pub use error::SandboxError;
pub use guard::SANDBOX_HEADER;
pub use oauth::{RefreshTokenRotation, UnknownRotation};
pub use persist::{KeepError, SnapshotError, SnapshotInfo};
pub use plan::{RunPlan, UnknownPlan};
pub use remote::{ClockReading, Remote, RemoteError, RemoteStatus, RequestFilter, Rule};
pub use request_log::LoggedRequest;
pub use sandbox::Sandbox;
pub use seed::Seed;
