#![doc = include_str!("../README.md")]
//!
//! # Invariant
//! This crate is the only one that turns operations into requests; it never prints, never opens a browser by itself,
//! never ends the process, and never sends credentials anywhere but to the API root it was given.

mod call;
mod error;
mod random;
pub mod settings;
pub mod slide;
mod text;
pub mod transport;
mod user_agent;

pub use error::{Error, ErrorKind, FieldProblem, Result};
