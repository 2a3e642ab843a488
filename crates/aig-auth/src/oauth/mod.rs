//! OAuth 2.0: configuration, the grants, signing in, and the session that comes of it.

#[cfg(feature = "interactive")]
mod browser;
#[cfg(feature = "interactive")]
mod callback;
mod client_credentials;
#[cfg(feature = "interactive")]
mod code;
mod config;
mod device;
mod discovery;
mod explain;
mod fault;
mod grants;
mod held;
mod http;
#[cfg(feature = "interactive")]
mod loopback;
mod prompt;
mod provider;
mod retry_after;
mod sign_in;
mod source;
mod wire;

#[cfg(feature = "interactive")]
pub use browser::{Browser, NoBrowser, SystemBrowser};
pub use client_credentials::ClientCredentials;
pub(crate) use config::endpoint;
pub use config::{CallbackIssuer, OAuthConfig};
pub use discovery::Metadata;
pub use explain::{Explanation, Standing};
pub(crate) use fault::HttpFault;
pub use http::{HttpClient, HttpSettings};
pub use prompt::{SignInPrompt, SignInStep, SilentPrompt};
pub use provider::{OAuthProvider, OAuthProviderBuilder, SignedOut};
pub use sign_in::Flow;
