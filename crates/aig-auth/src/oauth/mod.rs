//! OAuth 2.0: configuration, the grants, signing in, and the session that comes of it.

#[cfg(feature = "interactive")]
mod browser;
#[cfg(feature = "interactive")]
pub(crate) mod callback;
mod client_credentials;
#[cfg(feature = "interactive")]
mod code;
mod config;
pub(crate) mod device;
mod discovery;
mod explain;
mod flow;
pub(crate) mod grants;
mod held;
#[cfg(feature = "interactive")]
mod loopback;
mod prompt;
mod provider;
mod setup;
mod sign_in;
mod source;
pub(crate) mod wire;

#[cfg(feature = "interactive")]
pub use browser::{Browser, NoBrowser, SystemBrowser};
pub use client_credentials::ClientCredentials;
pub use config::{CallbackIssuer, OAuthConfig};
pub use discovery::Metadata;
pub use explain::{Explanation, Standing};
pub use flow::Flow;
pub use prompt::{SignInPrompt, SignInStep, SilentPrompt};
pub use provider::{OAuthProvider, OAuthProviderBuilder, SignedOut};

pub use crate::http::{HttpClient, HttpSettings};
