#![doc = include_str!("../README.md")]
//!
//! # Invariant
//! This crate knows tokens, OAuth and where sessions rest; it never knows an endpoint, a client id or a
//! header of any one API. All of those are configuration.

#[cfg(test)]
#[path = "../tests/all_logs/mod.rs"]
mod all_logs;
#[cfg(feature = "http")]
pub mod api_key;
mod blocking;
mod clock;
mod environment;
mod error;
pub mod external;
#[cfg(any(all(test, feature = "interactive"), feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
#[cfg(feature = "http")]
pub mod http;
mod identity;
#[cfg(feature = "jwt")]
pub mod jwt;
#[cfg(feature = "oauth")]
pub mod oauth;
mod provider;
mod random;
mod refreshing;
mod secret;
pub mod session;
mod source;
mod task;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
mod token;
mod verifier;

pub use blocking::BlockingProvider;
pub use clock::{Clock, ManualClock, SystemClock};
pub use error::{AuthError, AuthErrorKind, Recovery, SignInReason};
pub use identity::Identity;
pub use provider::{Interaction, Rejection, TokenProvider, TokenRequest};
pub use refreshing::{RefreshPolicy, RefreshingProvider};
pub use secret::Secret;
pub use source::{TokenSource, Want};
pub use token::{AccessToken, InvalidToken};
pub use verifier::TokenVerifier;
