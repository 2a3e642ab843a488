//! One token, given once.

use async_trait::async_trait;

use crate::{AccessToken, AuthError, Identity, TokenProvider, TokenRequest};

/// A provider of one token: a personal access token, or one that lives as long as the job.
///
/// ```
/// use aig_auth::{AccessToken, TokenProvider, TokenRequest, external::FixedToken};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let provider = FixedToken::new(AccessToken::new("Bearer abc")?);
/// assert_eq!(provider.token(&TokenRequest::new()).await?.expose(), "abc");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct FixedToken {
    token: AccessToken,
    identity: Option<Identity>,
}

impl FixedToken {
    /// A provider of `token`. An end it may have is left to the server to enforce, or not.
    pub fn new(token: AccessToken) -> Self {
        Self { token, identity: None }
    }

    /// The same, known to be `identity`'s.
    #[must_use]
    pub fn with_identity(mut self, identity: Identity) -> Self {
        self.identity = Some(identity);
        self
    }
}

#[async_trait]
impl TokenProvider for FixedToken {
    async fn token(&self, request: &TokenRequest) -> Result<AccessToken, AuthError> {
        let _ = request;
        Ok(self.token.clone())
    }

    fn ready(&self, _: &TokenRequest) -> Option<AccessToken> {
        Some(self.token.clone())
    }

    fn identity(&self) -> Option<Identity> {
        self.identity.clone()
    }
}
