//! Sessions: what a sign-in leaves behind, and the refresh tokens that continue it.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{entropy, error::OAuthError};
use crate::clock::after;

/// What happens to a refresh token that was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rotation {
    /// It stays good; no new one is issued.
    Off,
    /// A new one takes its place. The old one presented again ends the session (RFC 9700 section 4.14.2), unless that
    /// happens within the interval after its first use and no newer one was used: then it is answered once more.
    On {
        /// How long a lost answer may be asked for again. Zero is strict.
        reuse_interval: Duration,
    },
}

impl Rotation {
    /// A new token every time, and an old one ends the session.
    pub const STRICT: Self = Self::On { reuse_interval: Duration::ZERO };

    /// Whether a refresh is answered with a new refresh token.
    pub(super) fn replaces(self) -> bool {
        matches!(self, Self::On { .. })
    }
}

/// A sign-in, and everything that was issued from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Session {
    /// Its name.
    pub id: String,
    /// Who signed in.
    pub user_id: String,
    /// Which client it was for.
    pub client_id: String,
    /// The scope that was allowed.
    pub scope: String,
    /// What the tokens are good for.
    pub audience: String,
    /// When the person signed in.
    pub created_at: Timestamp,
    /// When no refresh token continues it any more.
    pub expires_at: Timestamp,
    /// How many refreshes were answered.
    pub refreshes: u64,
    /// Why it is over, if it is.
    pub ended: Option<Ended>,
    generation: u64,
    rotated_at: Timestamp,
}

/// Why a session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Ended {
    /// Somebody revoked it (RFC 7009), or the operator did.
    Revoked,
    /// A refresh token that had been replaced was presented again.
    ReuseDetected,
    /// The authorization code it began with was presented again (RFC 6749 section 4.1.2).
    CodeReplayed,
}

/// What a person allowed a client.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    pub(super) user_id: String,
    pub(super) client_id: String,
    pub(super) scope: String,
    pub(super) audience: String,
}

impl Session {
    pub(super) fn begin(grant: &Grant, now: Timestamp, lifetime: Duration) -> Self {
        Self {
            id: entropy::name::<ID_BYTES>(),
            user_id: grant.user_id.clone(),
            client_id: grant.client_id.clone(),
            scope: grant.scope.clone(),
            audience: grant.audience.clone(),
            created_at: now,
            expires_at: after(now, lifetime),
            refreshes: 0,
            ended: None,
            generation: 0,
            rotated_at: now,
        }
    }

    pub(super) fn end(&mut self, why: Ended) {
        self.ended.get_or_insert(why);
    }

    /// A refresh token of this generation is presented.
    pub(super) fn present(&mut self, generation: u64, rotation: Rotation, now: Timestamp) -> Result<(), OAuthError> {
        if self.ended.is_some() {
            return Err(OAuthError::invalid_grant("the session is over"));
        }
        if now >= self.expires_at {
            return Err(OAuthError::invalid_grant("the refresh token has expired"));
        }
        if let Rotation::On { reuse_interval } = rotation {
            self.rotate(generation, reuse_interval, now)?;
        }
        self.refreshes += 1;
        Ok(())
    }

    fn rotate(&mut self, generation: u64, reuse_interval: Duration, now: Timestamp) -> Result<(), OAuthError> {
        if generation == self.generation {
            self.generation += 1;
            self.rotated_at = now;
            return Ok(());
        }
        let is_previous = generation.checked_add(1) == Some(self.generation);
        if is_previous && now < after(self.rotated_at, reuse_interval) {
            return Ok(());
        }
        self.end(Ended::ReuseDetected);
        Err(OAuthError::invalid_grant("the refresh token was used before, so the session is revoked"))
    }
}

const ID_BYTES: usize = 12;
const MAC_BYTES: usize = 16;
const PREFIX: &str = "v1.";

/// Writes and reads refresh tokens: session, generation, a nonce and a keyed hash. Nothing is stored for each one, so
/// a million refreshes take no memory.
pub(super) struct RefreshTokens {
    pub(super) secret: [u8; 32],
}

impl RefreshTokens {
    pub(super) fn new() -> Self {
        Self { secret: entropy::bytes() }
    }

    pub(super) fn write(&self, session: &Session) -> String {
        let mut bytes = URL_SAFE_NO_PAD.decode(&session.id).unwrap_or_default();
        bytes.extend(session.generation.to_be_bytes());
        bytes.extend(entropy::bytes::<8>());
        let mac = self.mac(&bytes);
        bytes.extend(mac);
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The session id and the generation, when this server wrote the token.
    pub(super) fn read(&self, token: &str) -> Option<(String, u64)> {
        let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix(PREFIX)?).ok()?;
        let (text, mac) = bytes.split_at_checked(bytes.len().checked_sub(MAC_BYTES)?)?;
        if mac != self.mac(text) {
            return None;
        }
        let (id, rest) = text.split_at_checked(ID_BYTES)?;
        let generation = u64::from_be_bytes(*rest.first_chunk()?);
        Some((URL_SAFE_NO_PAD.encode(id), generation))
    }

    /// The hashed text has one length only, so a plain keyed hash cannot be extended.
    fn mac(&self, text: &[u8]) -> [u8; MAC_BYTES] {
        let hash: [u8; 32] = Sha256::new().chain_update(self.secret).chain_update(text).finalize().into();
        hash.first_chunk().copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: Rotation = Rotation::STRICT;
    const LENIENT: Rotation = Rotation::On { reuse_interval: Duration::from_secs(10) };

    fn session() -> Session {
        let grant = Grant {
            user_id: "u".into(),
            client_id: "c".into(),
            scope: "offline_access".into(),
            audience: "https://a".into(),
        };
        Session::begin(&grant, at(0), Duration::from_secs(1_000))
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_spent_token_ends_the_session_and_the_newest_one_dies_with_it() {
        let mut session = session();
        session.present(0, STRICT, at(1)).unwrap();
        assert!(session.present(0, STRICT, at(1)).is_err());
        assert_eq!(session.ended, Some(Ended::ReuseDetected));
        assert!(session.present(1, STRICT, at(1)).is_err());
    }

    #[test]
    fn within_the_reuse_interval_the_previous_token_is_answered_again_to_the_last_moment() {
        let mut session = session();
        session.present(0, LENIENT, at(1)).unwrap();
        session.present(0, LENIENT, at(10)).unwrap();
        assert_eq!(session.generation, 1);
        assert!(session.present(0, LENIENT, at(11)).is_err());
    }

    #[test]
    fn the_token_before_the_previous_one_ends_the_session_even_within_the_interval() {
        let mut session = session();
        session.present(0, LENIENT, at(1)).unwrap();
        session.present(1, LENIENT, at(2)).unwrap();
        assert!(session.present(0, LENIENT, at(3)).is_err());
        assert_eq!(session.ended, Some(Ended::ReuseDetected));
    }

    #[test]
    fn without_rotation_one_token_lasts_as_long_as_the_session() {
        let mut session = session();
        session.present(0, Rotation::Off, at(1)).unwrap();
        session.present(0, Rotation::Off, at(999)).unwrap();
        assert!(session.present(0, Rotation::Off, at(1_000)).is_err());
    }

    #[test]
    fn refresh_tokens_read_back_and_no_changed_character_does() {
        let tokens = RefreshTokens::new();
        let session = session();
        let text = tokens.write(&session);
        assert_eq!(tokens.read(&text), Some((session.id.clone(), 0)));
        assert_ne!(tokens.write(&session), text, "two of one generation differ");
        assert_eq!(RefreshTokens::new().read(&text), None, "another server");
        for index in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[index] = if changed[index] == b'A' { b'B' } else { b'A' };
            assert_eq!(tokens.read(&String::from_utf8(changed).unwrap()), None, "character {index}");
        }
        for cut in 0..text.len() {
            assert_eq!(tokens.read(&text[..cut]), None, "cut at {cut}");
        }
    }
}
