//! Whoever can tell a genuine token from another one.

use std::fmt;

use async_trait::async_trait;

use crate::{AccessToken, AuthError, Identity};

/// Checks tokens when they are new: at sign-in, not at every request.
#[async_trait]
pub trait TokenVerifier: fmt::Debug + Send + Sync {
    /// Who a genuine token is for.
    ///
    /// # Errors
    /// With [`AuthErrorKind::Verification`](crate::AuthErrorKind::Verification) when the token is not genuine, not for
    /// us or over; with another kind when that could not be found out.
    async fn verify_identity(&self, token: &AccessToken) -> Result<Identity, AuthError>;
}
