//! The keys that sign tokens: RSA with 2048 bits, made when the process needs them, and kept by whoever
//! asks for a snapshot with them.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rsa::{
    Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey,
    pkcs1::{DecodeRsaPrivateKey, EncodeRsaPrivateKey},
    rand_core::OsRng,
    traits::PublicKeyParts,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::entropy;

const BITS: usize = 2048;

/// One key for the process: to make one takes a fifth of a second, and hundreds of servers may share it, since each
/// gives it a key id of its own.
static SHARED: OnceLock<Option<Arc<RsaPrivateKey>>> = OnceLock::new();

/// The keys of one server: the last one signs, all of them are published.
pub(super) struct Keys {
    keys: Mutex<Vec<Arc<SigningKey>>>,
    own: bool,
}

/// A key with its id.
pub(super) struct SigningKey {
    kid: String,
    private: Arc<RsaPrivateKey>,
}

/// A key as it is kept: its id, and PKCS#1 in base64.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptKey {
    kid: String,
    private: String,
}

impl KeptKey {
    fn of(key: &SigningKey) -> Option<Self> {
        let private = key.private.to_pkcs1_der().ok()?;
        Some(Self { kid: key.kid.clone(), private: URL_SAFE_NO_PAD.encode(private.as_bytes()) })
    }

    fn key(&self) -> Option<SigningKey> {
        let private = URL_SAFE_NO_PAD.decode(&self.private).ok()?;
        let private = RsaPrivateKey::from_pkcs1_der(&private).ok()?;
        Some(SigningKey { kid: self.kid.clone(), private: Arc::new(private) })
    }
}

impl Keys {
    /// Goes on with keys that were kept, in their order; those that cannot be read are left out.
    pub(super) fn go_on_with(&self, kept: &[KeptKey]) {
        self.lock().extend(kept.iter().filter_map(KeptKey::key).map(Arc::new));
    }

    /// All of them, to be kept.
    pub(super) fn kept(&self) -> Vec<KeptKey> {
        self.lock().iter().filter_map(|key| KeptKey::of(key)).collect()
    }

    /// Keys that begin with the one of the process.
    pub(super) fn shared() -> Self {
        Self { keys: Mutex::default(), own: false }
    }

    /// Keys that begin with a new one.
    pub(super) fn own() -> Self {
        Self { keys: Mutex::default(), own: true }
    }

    /// The key that signs, made now if there is none yet. Nothing when the machine cannot make one.
    pub(super) async fn signing(&self) -> Option<Arc<SigningKey>> {
        if let Some(key) = self.lock().last() {
            return Some(key.clone());
        }
        self.begin_with(if self.own { fresh().await? } else { shared().await? })
    }

    /// The same for those who may not await: makes the key in this thread.
    pub(super) fn signing_blocking(&self) -> Option<Arc<SigningKey>> {
        if let Some(key) = self.lock().last() {
            return Some(key.clone());
        }
        self.begin_with(if self.own { generate()? } else { the_shared_one()? })
    }

    /// The first key, unless somebody else was faster.
    fn begin_with(&self, private: Arc<RsaPrivateKey>) -> Option<Arc<SigningKey>> {
        let mut keys = self.lock();
        if keys.is_empty() {
            keys.push(Arc::new(SigningKey::new(private)));
        }
        keys.last().cloned()
    }

    /// Signs with a new key from now on. Tokens of the older keys still verify.
    pub(super) async fn rotate(&self) {
        self.signing().await;
        if let Some(private) = fresh().await {
            self.lock().push(Arc::new(SigningKey::new(private)));
        }
    }

    /// Publishes the signing key alone.
    pub(super) fn forget_old(&self) {
        let mut keys = self.lock();
        let old = keys.len().saturating_sub(1);
        keys.drain(..old);
    }

    pub(super) fn find(&self, kid: &str) -> Option<Arc<SigningKey>> {
        self.lock().iter().find(|key| key.kid == kid).cloned()
    }

    /// The public halves (RFC 7517).
    pub(super) fn published(&self) -> Value {
        json!({ "keys": self.lock().iter().map(|key| key.published()).collect::<Vec<_>>() })
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<SigningKey>>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SigningKey {
    fn new(private: Arc<RsaPrivateKey>) -> Self {
        Self { kid: entropy::name::<12>(), private }
    }

    pub(super) fn kid(&self) -> &str {
        &self.kid
    }

    /// RS256 (RFC 7518 section 3.3). Nothing when the key is broken, which `fresh` rules out.
    pub(super) fn sign(&self, text: &[u8]) -> Option<Vec<u8>> {
        self.private.sign(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(text)).ok()
    }

    pub(super) fn verifies(&self, text: &[u8], signature: &[u8]) -> bool {
        let public: &RsaPublicKey = (*self.private).as_ref();
        public.verify(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(text), signature).is_ok()
    }

    fn published(&self) -> Value {
        json!({
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.kid,
            "n": URL_SAFE_NO_PAD.encode(self.private.n().to_bytes_be()),
            "e": URL_SAFE_NO_PAD.encode(self.private.e().to_bytes_be()),
        })
    }
}

/// Starts to make the key of the process, so that the first token need not wait for it.
pub(super) fn warm_up() {
    if SHARED.get().is_none() {
        // A thread of its own: a runtime that shuts down does not wait for it.
        let _ = std::thread::Builder::new().name("testkit-key".into()).spawn(the_shared_one);
    }
}

async fn shared() -> Option<Arc<RsaPrivateKey>> {
    if let Some(key) = SHARED.get() {
        return key.clone();
    }
    tokio::task::spawn_blocking(the_shared_one).await.ok().flatten()
}

fn the_shared_one() -> Option<Arc<RsaPrivateKey>> {
    SHARED.get_or_init(generate).clone()
}

async fn fresh() -> Option<Arc<RsaPrivateKey>> {
    tokio::task::spawn_blocking(generate).await.ok().flatten()
}

fn generate() -> Option<Arc<RsaPrivateKey>> {
    RsaPrivateKey::new(&mut OsRng, BITS).ok().map(Arc::new)
}
