//! Tokens of a program that has a client id and a secret of its own (RFC 6749 section 4.4).

use std::sync::Arc;

use async_trait::async_trait;

use super::{
    HttpClient, OAuthConfig,
    grants::{self, Terms},
    wire::GrantFault,
};
use crate::{AccessToken, AuthError, Clock, Identity, SystemClock, TokenSource, Want};

/// A source of tokens for a confidential client. There is no person and nothing to store: put a
/// [`RefreshingProvider`](crate::RefreshingProvider) around it.
#[derive(Debug, Clone)]
pub struct ClientCredentials {
    config: OAuthConfig,
    http: HttpClient,
    clock: Arc<dyn Clock>,
}

impl ClientCredentials {
    /// The client of `config`.
    ///
    /// # Errors
    /// When it has no secret.
    pub fn new(config: OAuthConfig, http: HttpClient) -> Result<Self, AuthError> {
        if config.client_secret.as_ref().is_none_or(|secret| secret.is_empty()) {
            return Err(AuthError::setup("client credentials need a client secret"));
        }
        Ok(Self { config, http, clock: Arc::new(SystemClock::new()) })
    }

    /// The same on another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }
}

#[async_trait]
impl TokenSource for ClientCredentials {
    async fn fetch(&self, _: &Want) -> Result<AccessToken, AuthError> {
        let Self { config, http, clock } = self;
        let terms = Terms { config, http, client_id: &config.client_id, now: clock.now() };
        Ok(grants::client_credentials(terms).await.map_err(GrantFault::into_error)?.access_token)
    }

    fn identity(&self) -> Option<Identity> {
        let identity = Identity::new(&self.config.issuer, &self.config.client_id);
        Some(match &self.config.organization {
            Some(organization) => identity.with_organization(organization),
            None => identity,
        })
    }
}
