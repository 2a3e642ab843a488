//! An authorization server in the process: the other side of every flow, for tests.
//!
//! It is a real one: authorization code with PKCE behind a page that a person can use, device authorization, refresh
//! tokens that rotate and whose reuse ends the session, client credentials, revocation, user info, discovery and keys,
//! at the paths that Auth0 has. It keeps everything in memory, starts at once, and hundreds of them run side by side.
//!
//! # Test your code against it
//! ```
//! use aig_auth::testkit::{AuthorizationServer, Fault, GrantType, Request};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // On a port of its own; `build()` gives the same without a network.
//! let server = AuthorizationServer::builder().serve().await?;
//! assert_eq!(server.endpoints().token, format!("{}/oauth/token", server.base_url()));
//!
//! // A session to begin with.
//! let tokens = server.issue("auth0|ada", "native", "offline_access").await?;
//! let refresh_token = tokens.refresh_token.ok_or("offline_access was asked for")?;
//!
//! // Its refresh token rotates: presented twice, the session is over.
//! let refresh = Request::post("/oauth/token", &[
//!     ("grant_type", "refresh_token"),
//!     ("client_id", "native"),
//!     ("refresh_token", refresh_token.expose()),
//! ]);
//! assert_eq!(server.handle(refresh.clone()).await.status, 200);
//! assert_eq!(server.handle(refresh.clone()).await.json()["error"], "invalid_grant");
//! assert!(server.sessions()[0].ended.is_some());
//! assert_eq!(server.token_requests(GrantType::RefreshToken), 2);
//!
//! // Faults on demand, and a clock that moves when told.
//! server.inject(Fault::unavailable(503).on_grant(GrantType::RefreshToken).retry_after("1"));
//! assert_eq!(server.handle(refresh).await.status, 503);
//! server.advance(std::time::Duration::from_secs(60 * 60));
//! # Ok(())
//! # }
//! ```
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
