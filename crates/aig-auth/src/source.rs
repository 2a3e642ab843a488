//! Where fresh tokens come from: what the memory layer is wrapped around.

use std::{fmt, time::Duration};

use async_trait::async_trait;

use crate::{AccessToken, AuthError, Identity, SignInReason};

/// A source of fresh tokens: a session, an authorization server, somebody else's program.
///
/// A source keeps nothing in memory and may be slow; [`RefreshingProvider`](crate::RefreshingProvider) around it
/// remembers, calls it once for many callers, and early enough.
#[async_trait]
pub trait TokenSource: fmt::Debug + Send + Sync + 'static {
    /// A token, got without disturbing anybody.
    ///
    /// # Errors
    /// With [`Recovery::SignIn`](crate::Recovery::SignIn) when only a person can help.
    async fn fetch(&self, want: &Want) -> Result<AccessToken, AuthError>;

    /// A token from a new sign-in, in which a person takes part.
    ///
    /// # Errors
    /// When the sign-in fails, or when this source has none (the default).
    async fn sign_in(&self) -> Result<AccessToken, AuthError> {
        Err(AuthError::sign_in(SignInReason::NoSession))
    }

    /// Who the tokens are for, when known without a network.
    fn identity(&self) -> Option<Identity> {
        None
    }
}

/// What the memory layer wants of a source.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Want {
    /// The token that is to be replaced: refused by a server, or about to end. A source does not answer with this one
    /// if it can have another.
    pub replaces: Option<AccessToken>,
    /// How long the answer should live at least.
    pub min_valid_for: Duration,
}
