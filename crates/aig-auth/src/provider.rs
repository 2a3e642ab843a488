//! The one trait that callers of this crate hold: something that has tokens.

use std::{fmt, time::Duration};

use async_trait::async_trait;

use crate::{AccessToken, AuthError, Identity};

/// A source of access tokens.
///
/// Callers hold an `Arc<dyn TokenProvider>` and ask for a token before every request: a provider keeps what it has
/// until it expires or is refused, so asking is cheap.
#[async_trait]
pub trait TokenProvider: fmt::Debug + Send + Sync {
    /// A token that is good for at least [`TokenRequest::min_valid_for`].
    ///
    /// # Errors
    /// When no such token can be had; [`AuthError::recovery`] says what the caller can do about it.
    async fn token(&self, request: &TokenRequest) -> Result<AccessToken, AuthError>;

    /// A token already in hand: no await, no I/O.
    fn ready(&self, request: &TokenRequest) -> Option<AccessToken> {
        let _ = request;
        None
    }

    /// "The server refused this token." A newer token is left alone.
    async fn reject(&self, token: &AccessToken, reason: Rejection) {
        let _ = (token, reason);
    }

    /// Who the tokens are for, when known without a network: the cache key of things that belong to a user.
    fn identity(&self) -> Option<Identity> {
        None
    }
}

/// What a caller needs of a token.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct TokenRequest {
    /// How long the token must still live when it is handed out.
    pub min_valid_for: Duration,
    /// Whether a person may be asked to sign in.
    pub interaction: Interaction,
}

impl TokenRequest {
    /// A token that lives, got without disturbing anybody.
    pub fn new() -> Self {
        Self::default()
    }

    /// The token must live at least this long.
    #[must_use]
    pub fn with_min_valid_for(mut self, min_valid_for: Duration) -> Self {
        self.min_valid_for = min_valid_for;
        self
    }

    /// Whether a person may be asked.
    #[must_use]
    pub fn with_interaction(mut self, interaction: Interaction) -> Self {
        self.interaction = interaction;
        self
    }
}

/// Whether a person may be asked to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Interaction {
    /// Never: a library call opens no browser and prints no code.
    #[default]
    Never,
    /// A sign-in may be started when nothing else gives a token.
    Allowed,
}

/// Why a server refused a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rejection {
    /// The server answered 401 to a request that carried it.
    Unauthorized,
    /// The server said that it expired, whatever the local clock says.
    Expired,
    /// It was revoked.
    Revoked,
}
