//! One key as a source of tokens: what rests on disk if that will do, else an exchange.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    ApiKeyExchange,
    entry::{Entry, Hold},
    sending,
};
use crate::{
    AccessToken, AuthError, Identity, Secret, TokenSource, Want,
    clock::{after, elapsed},
    session::{MemorySessionStore, Session, SessionStore},
};

/// A stored token with this much to live, or less, is none (C4). Clocks of machines that share a disk may differ by as
/// much.
const MARGIN: Duration = Duration::from_secs(60);

/// One key of an exchange.
#[derive(Debug)]
pub(super) struct KeySource {
    exchange: Arc<ApiKeyExchange>,
    key: Secret,
    entry: Entry,
}

impl KeySource {
    pub(super) fn new(exchange: Arc<ApiKeyExchange>, key: Secret) -> Self {
        let store: Arc<dyn SessionStore> = match &exchange.cache {
            Some(cache) => cache.open_named(exchange.fingerprint(&key)),
            None => Arc::new(MemorySessionStore::new()),
        };
        Self { exchange, key, entry: Entry::new(store) }
    }

    pub(super) fn key(&self) -> &Secret {
        &self.key
    }

    pub(super) fn entry(&self) -> &Entry {
        &self.entry
    }

    async fn exchange(&self) -> Result<Session, AuthError> {
        let asked_at = self.exchange.clock.now();
        let answer = sending::send(&self.exchange, &self.key).await?;
        let token =
            self.exchange.token(&answer, asked_at).map_err(|fault| fault.into_error(&self.exchange.origin()))?;
        Ok(Session::new(token, asked_at))
    }

    fn usable(&self, session: Option<&Session>, want: &Want) -> Option<AccessToken> {
        session.filter(|session| is_usable(session, want, self.exchange.clock.now())).map(|it| it.access_token.clone())
    }
}

/// Whether `session` answers `want` at `now`. One from the future was stored before the clock was set back: how old it
/// is nobody knows.
fn is_usable(session: &Session, want: &Want, now: Timestamp) -> bool {
    let token = &session.access_token;
    let left = token.expires_at().map_or(Duration::ZERO, |end| elapsed(now, end));
    left > MARGIN
        && left >= want.min_valid_for
        && session.obtained_at <= after(now, MARGIN)
        && !is_replaced(token, want)
}

fn is_replaced(token: &AccessToken, want: &Want) -> bool {
    want.replaces.as_ref().is_some_and(|old| old.expose() == token.expose())
}

#[async_trait]
impl TokenSource for KeySource {
    async fn fetch(&self, want: &Want) -> Result<AccessToken, AuthError> {
        if let Some(token) = self.usable(self.entry.find().await.as_ref(), want) {
            return Ok(token);
        }
        let hold = self.entry.hold().await;
        if let Some(token) = self.usable(hold.as_ref().and_then(Hold::session), want) {
            return Ok(token);
        }
        let session = self.exchange().await?;
        let token = session.access_token.clone();
        // Without an end it could not be told whether it still lives; and one that was just refused stays away.
        match hold {
            Some(hold) if token.expires_at().is_some() && !is_replaced(&token, want) => hold.keep(session).await,
            _ => {}
        }
        Ok(token)
    }

    /// Another key may be another user: the identity goes with it.
    fn identity(&self) -> Option<Identity> {
        let subject = format!("api-key|{}", self.exchange.fingerprint(&self.key));
        Some(Identity::new(self.exchange.base_url.clone(), subject))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usable(expires_at: Option<i64>, obtained_at: i64, now: i64, want: &Want) -> bool {
        let at = |second| Timestamp::from_second(second).unwrap();
        let token = AccessToken::new("stored").unwrap();
        let token = expires_at.map_or(token.clone(), |end| token.with_expiry(at(end)));
        is_usable(&Session::new(token, at(obtained_at)), want, at(now))
    }

    /// C4.
    #[test]
    fn a_stored_token_with_a_minute_or_less_to_live_is_none() {
        for (left, expected) in [(3_600, true), (61, true), (60, false), (1, false), (0, false), (-1, false)] {
            assert_eq!(usable(Some(1_000 + left), 900, 1_000, &Want::default()), expected, "{left} s left");
        }
        assert!(!usable(None, 900, 1_000, &Want::default()), "its age cannot be told");
    }

    #[test]
    fn a_stored_token_must_live_as_long_as_was_asked_for() {
        let want = Want { min_valid_for: Duration::from_secs(600), ..Want::default() };
        assert!(usable(Some(1_600), 900, 1_000, &want));
        assert!(!usable(Some(1_599), 900, 1_000, &want));
    }

    #[test]
    fn a_stored_token_is_not_the_answer_to_its_own_replacement() {
        let want = |text| Want { replaces: Some(AccessToken::new(text).unwrap()), ..Want::default() };
        assert!(!usable(Some(9_000), 900, 1_000, &want("stored")));
        assert!(usable(Some(9_000), 900, 1_000, &want("older")));
    }

    #[test]
    fn a_token_from_the_future_is_none_because_the_clock_was_set_back() {
        assert!(usable(Some(9_000), 1_060, 1_000, &Want::default()));
        assert!(!usable(Some(9_000), 1_061, 1_000, &Want::default()));
    }
}
