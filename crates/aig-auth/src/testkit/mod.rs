//! An authorization server in the process: the other side of every flow, for tests.
//!
//! It is a real one: authorization code with PKCE behind a page that a person can use, device authorization, refresh
//! tokens that rotate and whose reuse ends the session, client credentials, revocation, user info, discovery and keys,
//! at the paths that Auth0 has. It keeps everything in memory, starts at once, and hundreds of them run side by side.
//!
//! # Test your code against it
//! A provider with a session, against a server on a port of its own:
//! ```
//! use std::time::Duration;
//!
//! use aig_auth::{
//!     Rejection, TokenProvider as _, TokenRequest,
//!     oauth::{OAuthConfig, OAuthProvider},
//!     testkit::{AuthorizationServer, GrantType},
//! };
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = AuthorizationServer::builder().access_token_lifetime(Duration::from_secs(600)).serve().await?;
//! let tokens = server.issue("auth0|ada", "native", "offline_access").await?;
//!
//! let config = OAuthConfig::new(server.issuer(), &server.endpoints().token, "native")?;
//! let refresh_token = tokens.refresh_token.ok_or("offline_access was asked for")?;
//! let provider = OAuthProvider::builder(config).refresh_token(refresh_token).build()?;
//!
//! let token = provider.token(&TokenRequest::new()).await?;
//! assert_eq!(server.verify(token.expose())?.sub, "auth0|ada");
//!
//! // Your API refuses it: one refresh, whoever asks. The refresh token has rotated meanwhile.
//! provider.reject(&token, Rejection::Unauthorized).await;
//! assert_ne!(provider.token(&TokenRequest::new()).await?, token);
//! assert_eq!(server.token_requests(GrantType::RefreshToken), 2);
//! # Ok(())
//! # }
//! ```
//!
//! The other side alone, without a network, with faults on demand and a clock that moves when told:
//! ```
//! use std::time::Duration;
//!
//! use aig_auth::testkit::{AuthorizationServer, Dialect, Ended, Fault, GrantType, Request};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = AuthorizationServer::builder().dialect(Dialect::Auth0).build();
//! let tokens = server.issue("auth0|ada", "native", "offline_access").await?;
//! let refresh_token = tokens.refresh_token.ok_or("offline_access was asked for")?;
//! let fields = [("grant_type", "refresh_token"), ("client_id", "native"), ("refresh_token", refresh_token.expose())];
//! let refresh = Request::post("/oauth/token", &fields);
//!
//! // An outage costs nothing. An answer that is lost after the work was done costs a strict session its life.
//! server.inject(Fault::unavailable(503).on_grant(GrantType::RefreshToken).retry_after("1"));
//! server.inject(Fault::lost().on_grant(GrantType::RefreshToken));
//! assert_eq!(server.handle(refresh.clone()).await.status, 503);
//! server.handle(refresh.clone()).await;
//! assert_eq!(server.handle(refresh).await.json()["error"], "invalid_grant");
//! assert_eq!(server.sessions()[0].ended, Some(Ended::ReuseDetected));
//!
//! // The access token dies with its session; it would have died with time, too.
//! server.advance(Duration::from_secs(24 * 60 * 60));
//! assert!(server.verify(tokens.access_token.expose()).is_err());
//! # Ok(())
//! # }
//! ```
//! [`AuthorizationServer::sign_in`] and [`AuthorizationServer::approve_device`] are the person in front of the browser.
//! With a clock of your own: `.clock(move || clock.now())`, such as of a [`ManualClock`](crate::ManualClock).
//!
//! # What it is not
//! It guards nothing: whoever reaches it chooses an account, and no password is asked for. It listens on loopback only.
//! Time-outs of its own listener run in tokio's time; a test that pauses time had better use
//! [`AuthorizationServer::handle`] than a socket.

mod authorize;
mod bounded;
mod builder;
mod claims;
mod client;
mod core;
mod device;
mod endpoint;
mod entropy;
mod error;
mod fault;
mod grant;
mod jwt;
mod keys;
mod listener;
mod message;
mod observed;
mod page;
mod params;
mod published;
mod server;
mod session;
mod settings;
mod snapshot;
mod state;
mod tokens;
mod user;

pub use builder::Builder;
pub use claims::{Claims, Refused};
pub use client::Client;
pub use device::PendingDevice;
pub use endpoint::{Endpoint, GrantType};
pub use error::Dialect;
pub use fault::Fault;
pub use message::{Delivery, Request, Response};
pub use observed::Recorded;
pub use published::Endpoints;
pub use server::{AuthorizationServer, NoRedirect, Tokens, Unknown};
pub use session::{Ended, Rotation, Session};
pub use snapshot::Snapshot;
pub use user::{Organization, User};
