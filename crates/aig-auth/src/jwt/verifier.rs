//! Checks tokens: signature by a published key, allowed algorithm, exact issuer and audience, times.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use jsonwebtoken::{DecodingKey, Validation};
use serde_json::{Map, Value};

use super::{
    algorithm::SignatureAlgorithm,
    claims::Claims,
    flaw::Flaw,
    header::{self, Named},
    keys::Keys,
};
use crate::{
    AccessToken, AuthError, Clock, Identity, SystemClock, TokenVerifier,
    clock::elapsed,
    http::{HttpClient, endpoint},
};

/// What a token must be to count as genuine.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct JwtRules {
    /// Who must have issued it, exactly.
    pub issuer: String,
    /// For whom it must be: one of these.
    pub audiences: Vec<String>,
    /// Where the issuer publishes its keys.
    pub jwks_url: String,
    /// Signatures that count: RS256.
    pub algorithms: Vec<SignatureAlgorithm>,
    /// How far the clocks of the issuer and of this machine may be apart: 60 s.
    pub leeway: Duration,
    /// How long keys are kept: 24 h.
    pub keys_lifetime: Duration,
    /// The least time between two requests for keys: 5 minutes.
    pub keys_pause: Duration,
}

impl JwtRules {
    /// Tokens of `issuer` for `audience`, with the keys at `jwks_url`.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>, jwks_url: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            audiences: vec![audience.into()],
            jwks_url: jwks_url.into(),
            algorithms: vec![SignatureAlgorithm::Rs256],
            leeway: Duration::from_secs(60),
            keys_lifetime: Duration::from_secs(86_400),
            keys_pause: Duration::from_secs(300),
        }
    }

    /// The same rules with keys that are kept for `lifetime`.
    #[must_use]
    pub fn with_keys_lifetime(mut self, lifetime: Duration) -> Self {
        self.keys_lifetime = lifetime;
        self
    }
}

/// Checks tokens by [`JwtRules`]. Cheap to clone; clones share the keys.
#[derive(Debug, Clone)]
pub struct JwtVerifier {
    rules: Arc<JwtRules>,
    keys: Arc<Keys>,
    clock: Arc<dyn Clock>,
}

impl JwtVerifier {
    /// A verifier by `rules`. No key is fetched yet.
    ///
    /// # Errors
    /// When the URL of the keys is neither `https` nor on loopback, or a rule is empty.
    pub fn new(rules: JwtRules, http: HttpClient) -> Result<Self, AuthError> {
        Self::with_clock(rules, http, Arc::new(SystemClock::new()))
    }

    /// The same on another clock.
    ///
    /// # Errors
    /// As for [`JwtVerifier::new`].
    pub fn with_clock(rules: JwtRules, http: HttpClient, clock: Arc<dyn Clock>) -> Result<Self, AuthError> {
        if rules.audiences.is_empty() || rules.issuer.is_empty() || rules.algorithms.is_empty() {
            return Err(AuthError::setup(
                "tokens are verified for an issuer, an audience and an algorithm: name all three",
            ));
        }
        let url = endpoint("JWKS URL", &rules.jwks_url)?;
        let keys = Arc::new(Keys::new(url, http, clock.clone(), rules.keys_lifetime, rules.keys_pause));
        Ok(Self { rules: Arc::new(rules), keys, clock })
    }

    /// The claims of `token`, if it is genuine, for us and in time.
    ///
    /// # Errors
    /// With [`AuthErrorKind::Verification`](crate::AuthErrorKind::Verification) when it is not; with another kind when the keys cannot be had.
    pub async fn verify(&self, token: &str) -> Result<Claims, AuthError> {
        let named = header::read(token, &self.rules.algorithms)?;
        let Some(key) = self.keys.find(&named.key, named.algorithm).await? else { return Err(Flaw::Key.into()) };
        let claims = Claims::read(signed(token, &named, &key)?)?;
        self.check(&claims)?;
        Ok(claims)
    }

    fn check(&self, claims: &Claims) -> Result<(), Flaw> {
        let Self { rules, clock, .. } = self;
        let now = clock.now();
        if claims.issuer != rules.issuer {
            return Err(Flaw::Issuer);
        }
        if !claims.audience.iter().any(|audience| rules.audiences.contains(audience)) {
            return Err(Flaw::Audience);
        }
        let over = elapsed(claims.expires_at, now);
        if claims.expires_at <= now && over >= rules.leeway {
            return Err(Flaw::Expired(over));
        }
        match claims.not_before.map(|start| elapsed(now, start)) {
            Some(early) if early > rules.leeway => Err(Flaw::NotYet(early)),
            _ => Ok(()),
        }
    }
}

/// The claims under a good signature. Times, issuer and audience are checked here and not by the library: by the
/// injected clock, and without exceptions for absent claims.
fn signed(token: &str, named: &Named, key: &DecodingKey) -> Result<Map<String, Value>, Flaw> {
    let mut validation = Validation::new(named.algorithm.of_library());
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    let decoded = jsonwebtoken::decode(token, key, &validation).map_err(|_| Flaw::Signature)?;
    Ok(decoded.claims)
}

#[async_trait]
impl TokenVerifier for JwtVerifier {
    async fn verify_identity(&self, token: &AccessToken) -> Result<Identity, AuthError> {
        Ok(self.verify(token.expose()).await?.identity())
    }
}
