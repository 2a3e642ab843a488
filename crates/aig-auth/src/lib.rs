#![doc = include_str!("../README.md")]
//!
//! # Invariant
//! This crate knows tokens, OAuth and where sessions rest; it never knows an endpoint, a client id or a
//! header of any one API. All of those are configuration.

mod error;
mod identity;
mod provider;
mod secret;
mod token;

pub use error::{AuthError, AuthErrorKind, Recovery, SignInReason};
pub use identity::Identity;
pub use provider::{Interaction, Rejection, TokenProvider, TokenRequest};
pub use secret::Secret;
pub use token::{AccessToken, InvalidToken};
