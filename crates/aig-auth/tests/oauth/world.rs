//! A server, a clock that both sides share, a directory for sessions, and providers that have all three.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use aig_auth::{
    AccessToken, AuthError, Clock, ManualClock, Secret, TokenProvider as _, TokenRequest,
    jwt::{JwtRules, JwtVerifier},
    oauth::{Flow, HttpClient, NoBrowser, OAuthConfig, OAuthProvider, OAuthProviderBuilder},
    session::{FileSessionStore, SessionStore},
    testkit::{AuthorizationServer, Builder},
};
use async_trait::async_trait;
use jiff::Timestamp;

pub(crate) const AUDIENCE: &str = "https://api.example.test";
pub(crate) const USER: &str = "auth0|ada";

/// A clock whose short sleeps are over at once: it leaps to their end, and remembers them.
#[derive(Debug)]
pub(crate) struct LeapingClock {
    inner: ManualClock,
    pub(crate) sleeps: Mutex<Vec<Duration>>,
}

const LONGEST_LEAP: Duration = Duration::from_secs(60);

impl LeapingClock {
    pub(crate) fn advance(&self, seconds: u64) {
        self.inner.advance(Duration::from_secs(seconds));
    }
}

#[async_trait]
impl Clock for LeapingClock {
    fn now(&self) -> Timestamp {
        self.inner.now()
    }

    fn ticks(&self) -> Duration {
        self.inner.ticks()
    }

    async fn sleep(&self, duration: Duration) {
        if duration > LONGEST_LEAP {
            return self.inner.sleep(duration).await;
        }
        self.sleeps.lock().unwrap().push(duration);
        self.inner.advance(duration);
        tokio::task::yield_now().await;
    }
}

pub(crate) struct World {
    pub(crate) server: AuthorizationServer,
    pub(crate) clock: Arc<LeapingClock>,
    pub(crate) directory: tempfile::TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|builder| builder).await
    }

    pub(crate) async fn with(change: impl FnOnce(Builder) -> Builder) -> Self {
        let inner = ManualClock::new("2026-01-01T00:00:00Z".parse().unwrap());
        let clock = Arc::new(LeapingClock { inner, sleeps: Mutex::default() });
        let shared = clock.clone();
        let hour = Duration::from_secs(3_600);
        let builder = AuthorizationServer::builder().access_token_lifetime(hour).clock(move || shared.now());
        let server = change(builder).serve().await.unwrap();
        Self { server, clock, directory: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn config(&self) -> OAuthConfig {
        let endpoints = self.server.endpoints();
        OAuthConfig::new(self.server.issuer(), &endpoints.token, "native")
            .unwrap()
            .with_authorization_endpoint(&endpoints.authorization)
            .unwrap()
            .with_device_endpoint(&endpoints.device_authorization)
            .unwrap()
            .with_revocation_endpoint(&endpoints.revocation)
            .unwrap()
            .with_scopes(["offline_access"])
            .with_audience(AUDIENCE)
    }

    pub(crate) fn store(&self) -> Arc<dyn SessionStore> {
        Arc::new(self.file_store())
    }

    pub(crate) fn file_store(&self) -> FileSessionStore {
        FileSessionStore::new(self.directory.path(), &self.config().session_key("default"))
    }

    pub(crate) fn verifier(&self) -> Arc<JwtVerifier> {
        let rules = JwtRules::new(self.server.issuer(), AUDIENCE, self.server.endpoints().jwks);
        Arc::new(JwtVerifier::with_clock(rules, HttpClient::default(), self.clock.clone()).unwrap())
    }

    /// What another process on this machine would build.
    pub(crate) fn builder(&self) -> OAuthProviderBuilder {
        OAuthProvider::builder(self.config())
            .store(self.store())
            .clock(self.clock.clone())
            .verifier(self.verifier())
            .browser(Arc::new(NoBrowser))
            .flow(Flow::Device)
    }

    pub(crate) fn provider(&self) -> OAuthProvider {
        self.builder().build().unwrap()
    }

    pub(crate) async fn refresh_token(&self) -> Secret {
        self.server.issue(USER, "native", "offline_access").await.unwrap().refresh_token.unwrap()
    }

    /// A provider whose session began with a refresh token and is stored.
    pub(crate) async fn signed_in(&self) -> OAuthProvider {
        let provider = self.builder().refresh_token(self.refresh_token().await).build().unwrap();
        token(&provider).await.unwrap();
        provider
    }
}

pub(crate) async fn token(provider: &OAuthProvider) -> Result<AccessToken, AuthError> {
    provider.token(&TokenRequest::new()).await
}
