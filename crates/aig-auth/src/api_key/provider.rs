//! The provider for one key at a time.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use async_trait::async_trait;
use tokio::sync::Mutex;

use super::{ApiKeyExchange, source::KeySource};
use crate::{AccessToken, AuthError, Identity, RefreshingProvider, Rejection, Secret, TokenProvider, TokenRequest};

/// Tokens for an API key.
///
/// - A token is taken from memory, else from disk, else from the token endpoint; any trouble with the disk is a warning
///   and a fresh token.
/// - A token that a server refused is removed from the disk, if it is still that one.
/// - [`set_key`](Self::set_key) removes what rests of the old key before the new one is used.
///
/// ```no_run
/// use aig_auth::{TokenProvider, TokenRequest, api_key::ApiKeyExchange, session::StoreSettings};
///
/// # async fn run(key: String) -> Result<(), aig_auth::AuthError> {
/// let provider = ApiKeyExchange::new("https://api.example.com", "https://api.example.com/auth/token")?
///     .with_cache(StoreSettings::new("example"))
///     .provider(key);
/// let token = provider.token(&TokenRequest::new()).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct ApiKeyProvider {
    exchange: Arc<ApiKeyExchange>,
    /// The memory of one key. A new key has a new one, so that nothing that is under way for the old key ends in it.
    current: ArcSwap<RefreshingProvider<KeySource>>,
    turn: Mutex<()>,
}

impl ApiKeyProvider {
    pub(super) fn new(exchange: Arc<ApiKeyExchange>, key: Secret) -> Self {
        let current = ArcSwap::from_pointee(memory(&exchange, key));
        Self { exchange, current, turn: Mutex::new(()) }
    }

    /// Uses `key` from now on. What is stored of the old key is removed first. The same key changes nothing.
    pub async fn set_key(&self, key: impl Into<Secret>) {
        let (key, _turn) = (bare(key.into()), self.turn.lock().await);
        if *self.current.load().source().key() != key {
            self.begin_again(key).await;
        }
    }

    /// A fresh token, whatever is in memory or on disk; what is stored is removed first.
    ///
    /// # Errors
    /// Those of the exchange.
    pub async fn refresh(&self) -> Result<AccessToken, AuthError> {
        let turn = self.turn.lock().await;
        let key = self.current.load().source().key().clone();
        self.begin_again(key).await;
        drop(turn);
        self.token(&TokenRequest::new()).await
    }

    /// Waits for an exchange under way, at most so long: call it before the process ends.
    pub async fn settle(&self, at_most: Duration) {
        self.current.load_full().settle(at_most).await;
    }

    async fn begin_again(&self, key: Secret) {
        self.current.load_full().source().entry().retire().await;
        self.current.store(Arc::new(memory(&self.exchange, key)));
    }
}

fn memory(exchange: &Arc<ApiKeyExchange>, key: Secret) -> RefreshingProvider<KeySource> {
    let source = KeySource::new(exchange.clone(), bare(key));
    RefreshingProvider::with(source, exchange.clock.clone(), exchange.policy.clone())
}

/// Keys come from files and shells: white space around one is not part of it.
fn bare(key: Secret) -> Secret {
    let bare = key.expose().trim();
    if bare.len() == key.expose().len() { key } else { Secret::new(bare) }
}

#[async_trait]
impl TokenProvider for ApiKeyProvider {
    async fn token(&self, request: &TokenRequest) -> Result<AccessToken, AuthError> {
        self.current.load_full().token(request).await
    }

    fn ready(&self, request: &TokenRequest) -> Option<AccessToken> {
        self.current.load().ready(request)
    }

    async fn reject(&self, token: &AccessToken, reason: Rejection) {
        let current = self.current.load_full();
        current.source().entry().remove(token.clone()).await;
        current.reject(token, reason).await;
    }

    fn identity(&self) -> Option<Identity> {
        self.current.load().identity()
    }
}
