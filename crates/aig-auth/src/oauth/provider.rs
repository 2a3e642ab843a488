//! The provider that keeps a person signed in: memory around the session, the session around the server.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;

#[cfg(feature = "interactive")]
use super::browser::{Browser, SystemBrowser};
use super::{
    HttpClient, OAuthConfig,
    config::CallbackIssuer,
    flow::Flow,
    grants,
    prompt::{SignInPrompt, SilentPrompt},
    setup::{Setup, SignIn},
    source::SessionSource,
};
use crate::{
    AccessToken, AuthError, Clock, Identity, RefreshPolicy, RefreshingProvider, Rejection, Secret, SystemClock,
    TokenProvider, TokenRequest, TokenVerifier,
    session::{MemorySessionStore, Record, Resilient, SessionStore},
};

/// A person's tokens: from memory, else from the stored session, else from a refresh, else, where a person may be
/// asked, from a sign-in.
///
/// Cheap to clone; clones share everything.
#[derive(Debug, Clone)]
pub struct OAuthProvider {
    memory: RefreshingProvider<SessionSource>,
}

/// What became of the session at sign-out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignedOut {
    /// There was none.
    NothingThere,
    /// It was removed here, and revoked at the server.
    Revoked,
    /// It was removed here; the server has no way to revoke it, or there was nothing to revoke.
    Removed,
    /// It was removed here; the server could not be told.
    RevocationFailed,
}

impl OAuthProvider {
    /// A provider for a client of an authorization server.
    pub fn builder(config: OAuthConfig) -> OAuthProviderBuilder {
        OAuthProviderBuilder {
            config,
            http: HttpClient::default(),
            store: Arc::new(MemorySessionStore::new()),
            clock: Arc::new(SystemClock::new()),
            policy: RefreshPolicy::default(),
            seed: None,
            verifier: None,
            flow: Flow::default(),
            prompt: Arc::new(SilentPrompt),
            #[cfg(feature = "interactive")]
            browser: Arc::new(SystemBrowser),
        }
    }

    /// A new sign-in, whatever session there is.
    ///
    /// # Errors
    /// When the person or the server says no, or nobody does anything for too long.
    pub async fn sign_in(&self) -> Result<AccessToken, AuthError> {
        self.memory.sign_in().await
    }

    /// Ends the session: revoked at the server where it can be, and removed here in any case.
    ///
    /// # Errors
    /// When what is stored could not be removed.
    pub async fn sign_out(&self) -> Result<SignedOut, AuthError> {
        let source = self.memory.source();
        let mut held = source.hold().await?;
        let record = held.record().clone();
        held.remove().await?;
        self.memory.forget();
        source.forget_account();
        tracing::info!(target: "aig_auth::audit", "signed out");
        self.revoke(&record).await
    }

    async fn revoke(&self, record: &Record) -> Result<SignedOut, AuthError> {
        let source = self.memory.source();
        let Some(session) = &record.session else { return Ok(SignedOut::NothingThere) };
        let (Some(endpoint), Some(token)) = (&source.setup.config.revocation_endpoint, &session.refresh_token) else {
            return Ok(SignedOut::Removed);
        };
        match grants::revoke(source.setup.terms(session.client_id.as_deref()), endpoint, token).await {
            Ok(()) => Ok(SignedOut::Revoked),
            Err(fault) => {
                tracing::warn!(error = %fault.into_error(), "the session was not revoked at the server");
                Ok(SignedOut::RevocationFailed)
            }
        }
    }

    /// What is stored now, without a network. For people: where, see [`OAuthProvider::location`].
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn stored(&self) -> Result<Record, AuthError> {
        self.memory.source().load().await
    }

    pub(super) fn source(&self) -> &SessionSource {
        self.memory.source()
    }

    /// Where the session rests, for people.
    pub fn location(&self) -> String {
        self.memory.source().setup.store.location()
    }

    /// Whether the session could not be stored, so that it ends with this process.
    pub fn is_degraded(&self) -> bool {
        self.memory.source().setup.store.is_degraded()
    }

    /// Waits for a refresh under way, at most so long: call it before the process ends.
    pub async fn settle(&self, at_most: Duration) {
        self.memory.settle(at_most).await;
    }
}

#[async_trait]
impl TokenProvider for OAuthProvider {
    async fn token(&self, request: &TokenRequest) -> Result<AccessToken, AuthError> {
        self.memory.token(request).await
    }

    fn ready(&self, request: &TokenRequest) -> Option<AccessToken> {
        self.memory.ready(request)
    }

    async fn reject(&self, token: &AccessToken, reason: Rejection) {
        self.memory.reject(token, reason).await;
    }

    fn identity(&self) -> Option<Identity> {
        self.memory.identity()
    }
}

/// Puts an [`OAuthProvider`] together. What is not said is: session in memory, machine's clock, no verification, nothing
/// shown to anybody.
#[derive(Debug)]
#[must_use]
pub struct OAuthProviderBuilder {
    config: OAuthConfig,
    http: HttpClient,
    store: Arc<dyn SessionStore>,
    clock: Arc<dyn Clock>,
    policy: RefreshPolicy,
    seed: Option<Secret>,
    verifier: Option<Arc<dyn TokenVerifier>>,
    flow: Flow,
    prompt: Arc<dyn SignInPrompt>,
    #[cfg(feature = "interactive")]
    browser: Arc<dyn Browser>,
}

impl OAuthProviderBuilder {
    /// The session rests here.
    pub fn store(mut self, store: Arc<dyn SessionStore>) -> Self {
        self.store = store;
        self
    }

    /// The server is reached by this client.
    pub fn http(mut self, http: HttpClient) -> Self {
        self.http = http;
        self
    }

    /// Time comes from here.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Tokens are replaced by this policy.
    pub fn policy(mut self, policy: RefreshPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// The session begins with this refresh token instead of a sign-in. What it rotates to is stored.
    pub fn refresh_token(mut self, token: impl Into<Secret>) -> Self {
        self.seed = Some(token.into());
        self
    }

    /// New tokens are checked by this verifier, which also says whose they are.
    pub fn verifier(mut self, verifier: Arc<dyn TokenVerifier>) -> Self {
        self.verifier = Some(verifier);
        self
    }

    /// People sign in this way.
    pub fn flow(mut self, flow: Flow) -> Self {
        self.flow = flow;
        self
    }

    /// People are shown what to do by this prompt.
    pub fn prompt(mut self, prompt: Arc<dyn SignInPrompt>) -> Self {
        self.prompt = prompt;
        self
    }

    /// Pages are opened by this browser.
    #[cfg(feature = "interactive")]
    pub fn browser(mut self, browser: Arc<dyn Browser>) -> Self {
        self.browser = browser;
        self
    }

    /// Every browser callback must name the issuer (RFC 9207), because the server's metadata promises it.
    pub fn require_callback_issuer(mut self) -> Self {
        self.config.callback_issuer = CallbackIssuer::Required;
        self
    }

    /// The provider. Nothing is read, sent or started yet.
    ///
    /// # Errors
    /// When the refresh token from outside is empty.
    pub fn build(self) -> Result<OAuthProvider, AuthError> {
        if self.seed.as_ref().is_some_and(|seed| seed.expose().trim().is_empty()) {
            return Err(AuthError::setup("the refresh token is empty"));
        }
        let Self { config, http, clock, seed, verifier, policy, flow, prompt, .. } = self;
        #[cfg(feature = "interactive")]
        let sign_in = SignIn { flow, prompt, browser: self.browser };
        #[cfg(not(feature = "interactive"))]
        let sign_in = SignIn { flow, prompt };
        let store = Resilient::new(self.store);
        let source = SessionSource::new(Setup { config, http, store, clock: clock.clone(), seed, verifier, sign_in });
        Ok(OAuthProvider { memory: RefreshingProvider::with(source, clock, policy) })
    }
}
