//! Tokens from elsewhere: a program that has its own, and gives one when asked.

pub(crate) mod answer;
mod closure;
#[cfg(feature = "command")]
mod command;
#[cfg(feature = "http")]
pub(crate) mod endpoint;
mod environment;
mod expiry;
mod file;
mod fixed;
#[cfg(feature = "command")]
mod process;
pub(crate) mod said;

pub use closure::{Closure, from_fn, from_sync_fn};
#[cfg(feature = "command")]
pub use command::CommandToken;
#[cfg(feature = "http")]
pub use endpoint::EndpointToken;
pub use environment::EnvironmentToken;
pub use expiry::{InvalidExpiry, parse_expiry};
pub use file::FileToken;
pub use fixed::FixedToken;
