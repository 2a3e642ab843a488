//! The keys of an issuer (RFC 7517): fetched from the one configured place, kept, and asked for again with restraint.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jsonwebtoken::{
    DecodingKey,
    jwk::{AlgorithmParameters, Jwk, PublicKeyUse},
};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::algorithm::SignatureAlgorithm;
use crate::{AuthError, AuthErrorKind, Clock, Recovery, clock::Moment, http::HttpClient};

/// A key that can check signatures of one algorithm.
#[derive(Clone)]
struct Key {
    algorithm: SignatureAlgorithm,
    decoding: Arc<DecodingKey>,
}

/// The keys at one URL.
#[derive(Debug)]
pub(super) struct Keys {
    url: Url,
    http: HttpClient,
    clock: Arc<dyn Clock>,
    lifetime: Duration,
    pause: Duration,
    kept: Mutex<Kept>,
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Kept {
    keys: HashMap<String, Key>,
    fetched: Option<Moment>,
    asked: Option<Moment>,
}

impl Keys {
    pub(super) fn new(url: Url, http: HttpClient, clock: Arc<dyn Clock>, lifetime: Duration, pause: Duration) -> Self {
        Self { url, http, clock, lifetime, pause, kept: Mutex::default(), fetching: tokio::sync::Mutex::default() }
    }

    /// The key named `name`, if the issuer has published one for `algorithm`.
    pub(super) async fn find(
        &self,
        name: &str,
        algorithm: SignatureAlgorithm,
    ) -> Result<Option<Arc<DecodingKey>>, AuthError> {
        if self.is_current()
            && let Some(key) = self.look_up(name)
        {
            return Ok(key.fits(algorithm));
        }
        let _turn = self.fetching.lock().await;
        if self.may_ask(name) {
            self.fetch(name).await?;
        }
        Ok(self.look_up(name).and_then(|key| key.fits(algorithm)))
    }

    fn look_up(&self, name: &str) -> Option<Key> {
        self.kept().keys.get(name).cloned()
    }

    fn is_current(&self) -> bool {
        let now = Moment::of(&*self.clock);
        self.kept().fetched.is_some_and(|fetched| fetched.age(&now) < self.lifetime)
    }

    /// Whether it is time to ask: what is kept is too old, or does not have the key and was not asked about lately.
    /// Forged tokens with names of their own invention cause no more requests than one a pause.
    fn may_ask(&self, name: &str) -> bool {
        if self.is_current() && self.look_up(name).is_some() {
            return false;
        }
        let now = Moment::of(&*self.clock);
        self.kept().asked.is_none_or(|asked| asked.age(&now) >= self.pause)
    }

    /// Fetches the keys. When that fails, a key that is kept stays good: losing it would help nobody.
    async fn fetch(&self, name: &str) -> Result<(), AuthError> {
        let now = Moment::of(&*self.clock);
        match self.download().await {
            Ok(keys) => {
                *self.kept() = Kept { keys, fetched: Some(now), asked: Some(now) };
                Ok(())
            }
            Err(error) if self.look_up(name).is_some() => {
                tracing::warn!(%error, "the issuer's keys cannot be fetched: going on with those at hand");
                self.kept().asked = Some(now);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    async fn download(&self) -> Result<HashMap<String, Key>, AuthError> {
        let answer = self.http.get(&self.url).await?;
        read(answer.body()).ok_or_else(|| {
            let message = "the address of the issuer's keys does not answer with a key set: check the JWKS URL";
            AuthError::new(AuthErrorKind::Protocol, Recovery::FixSetup, message)
        })
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kept").field("keys", &self.keys.len()).field("fetched", &self.fetched).finish_non_exhaustive()
    }
}

impl Key {
    fn fits(&self, algorithm: SignatureAlgorithm) -> Option<Arc<DecodingKey>> {
        (self.algorithm == algorithm).then(|| self.decoding.clone())
    }
}

/// The keys of a key set that can be used here; the others are passed over.
fn read(body: &[u8]) -> Option<HashMap<String, Key>> {
    #[derive(Deserialize)]
    struct KeySet {
        keys: Vec<Value>,
    }
    let set: KeySet = serde_json::from_slice(body).ok()?;
    Some(set.keys.into_iter().filter_map(|key| usable(serde_json::from_value(key).ok()?)).collect())
}

/// A key with a name, for signatures, of the one algorithm it says. A key that does not say is for RS256.
fn usable(jwk: Jwk) -> Option<(String, Key)> {
    let common = &jwk.common;
    if !matches!(common.public_key_use, None | Some(PublicKeyUse::Signature)) {
        return None;
    }
    let algorithm = match (&jwk.algorithm, &common.key_algorithm) {
        (AlgorithmParameters::RSA(_), None) => SignatureAlgorithm::Rs256,
        (_, None) => return None,
        (_, Some(named)) => SignatureAlgorithm::named(&named.to_string())?,
    };
    let decoding = Arc::new(DecodingKey::from_jwk(&jwk).ok()?);
    Some((common.key_id.clone()?, Key { algorithm, decoding }))
}
