//! The Aignostics Platform on loopback: API, OAuth server and object storage in one process.
//!
//! Invariant: knows the platform's contract and plays its part; never a client of it, never reachable from another machine.

mod analysis;
mod api;
mod builder;
mod catalog;
mod clock;
mod engine;
mod environment;
mod error;
mod guard;
mod ids;
mod oauth;
mod plan;
mod platform;
mod raster;
mod sandbox;
mod server;
mod state;
mod storage;
pub mod synthetic;
mod tiled_tiff;

pub use builder::SandboxBuilder;
pub use environment::Environment;
pub use error::SandboxError;
pub use guard::SANDBOX_HEADER;
pub use plan::{RunPlan, UnknownPlan};
pub use sandbox::Sandbox;
