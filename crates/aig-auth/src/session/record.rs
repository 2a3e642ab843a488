//! What is stored of a sign-in, and how it changes: plain data and pure steps, no I/O.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::key::hex;
use crate::{AccessToken, Identity, Secret, SignInReason};

/// A sign-in that is still good.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Session {
    /// The access token, with its expiry.
    pub access_token: AccessToken,
    /// What gets the next one, where the server gave it.
    pub refresh_token: Option<Secret>,
    /// When the access token was asked for.
    pub obtained_at: Timestamp,
    /// What the tokens allow, as far as the server said.
    pub scopes: Vec<String>,
    /// Who signed in, where that is known.
    pub account: Option<Identity>,
    /// The client that the tokens were issued to, where it is not the store's own.
    pub client_id: Option<String>,
    /// The refresh token from outside that this session began with.
    pub seed: Option<Fingerprint>,
    /// Members of the stored document that this version does not know; they are written back as they were.
    pub others: Map<String, Value>,
}

impl Session {
    /// A session of one access token.
    pub fn new(access_token: AccessToken, obtained_at: Timestamp) -> Self {
        Self {
            access_token,
            obtained_at,
            refresh_token: None,
            scopes: Vec::new(),
            account: None,
            client_id: None,
            seed: None,
            others: Map::new(),
        }
    }

    /// The same session, that can be refreshed with this token.
    #[must_use]
    pub fn with_refresh_token(mut self, refresh_token: Secret) -> Self {
        self.refresh_token = Some(refresh_token);
        self
    }

    /// The same session of this account.
    #[must_use]
    pub fn with_account(mut self, account: Identity) -> Self {
        self.account = Some(account);
        self
    }
}

/// A refresh token without its secret: enough to tell whether it is the same one.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The fingerprint of a refresh token.
    pub fn of(refresh_token: &Secret) -> Self {
        let digest = Sha256::digest(refresh_token.expose());
        Self(hex(&digest[..16]))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// "About to present this refresh token": written before the request and replaced by its outcome. Found in a record, it
/// says that a process ended in between.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Attempt {
    /// Which refresh token.
    pub token: Fingerprint,
    /// Requests whose process ended before an answer was recorded.
    pub unanswered: u32,
    /// Whether an answer to an earlier request may have been lost on the way.
    pub doubtful: bool,
    /// When the last one began.
    pub at: Timestamp,
}

/// A session that is over, and why: nobody presents its refresh token again.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ending {
    /// Which refresh token.
    pub token: Fingerprint,
    /// Why it is over.
    pub reason: SignInReason,
    /// Since when.
    pub at: Timestamp,
}

/// All that a store holds under one key.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Record {
    /// Counts the sessions that were written here.
    pub generation: u64,
    /// The session, if there is one.
    pub session: Option<Session>,
    /// A refresh that was begun and whose outcome is not recorded.
    pub attempt: Option<Attempt>,
    /// How the last session ended.
    pub ending: Option<Ending>,
    /// Members of the stored document that this version does not know; they are written back as they were.
    pub others: Map<String, Value>,
}

impl Record {
    /// The next record when a refresh with `token` is about to be tried.
    #[must_use]
    pub fn attempting(&self, token: &Fingerprint, at: Timestamp) -> Self {
        let (unanswered, doubtful) = self
            .attempt_with(token)
            .map_or((1, false), |earlier| (earlier.unanswered.saturating_add(1), earlier.doubtful));
        Self { attempt: Some(Attempt { token: token.clone(), unanswered, doubtful, at }), ..self.clone() }
    }

    /// The next record when the try with `token` failed and the process lives to say so; `lost` when the server may
    /// have acted on it.
    #[must_use]
    pub fn failed(&self, token: &Fingerprint, lost: Loss, at: Timestamp) -> Self {
        let doubtful = lost == Loss::Possible || self.attempt_with(token).is_some_and(|attempt| attempt.in_doubt());
        let attempt = doubtful.then(|| Attempt { token: token.clone(), unanswered: 0, doubtful, at });
        Self { attempt, ..self.clone() }
    }

    /// The next record when there is a new session.
    #[must_use]
    pub fn with_session(&self, session: Session) -> Self {
        let generation = self.generation.saturating_add(1);
        Self { generation, session: Some(session), attempt: None, ending: None, others: self.others.clone() }
    }

    /// The next record when the session of `token` is over.
    #[must_use]
    pub fn buried(&self, token: &Fingerprint, reason: SignInReason, at: Timestamp) -> Self {
        let ending = Some(Ending { token: token.clone(), reason, at });
        Self { session: None, attempt: None, ending, ..self.clone() }
    }

    /// The attempt, if it was made with `token`.
    pub fn attempt_with(&self, token: &Fingerprint) -> Option<&Attempt> {
        self.attempt.as_ref().filter(|attempt| attempt.token == *token)
    }

    /// Why there is no session here.
    pub fn why_none(&self) -> SignInReason {
        self.ending.as_ref().map_or(SignInReason::NoSession, |ending| ending.reason)
    }
}

impl Attempt {
    /// Whether a request before the present one may have rotated the token unseen.
    pub(crate) fn in_doubt(&self) -> bool {
        self.doubtful || self.unanswered > 1
    }
}

/// Whether a server may have acted on a request whose answer did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// It never left this machine, or the server said that it did nothing.
    Impossible,
    /// It may have been acted on.
    Possible,
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn fingerprint(text: &str) -> Fingerprint {
        Fingerprint::of(&Secret::new(text))
    }

    #[test]
    fn attempts_with_one_token_add_up_and_another_token_starts_anew() {
        let once = Record::default().attempting(&fingerprint("a"), NOW);
        assert_eq!(once.attempt.as_ref().unwrap().unanswered, 1);
        assert!(!once.attempt.as_ref().unwrap().in_doubt());
        let twice = once.attempting(&fingerprint("a"), NOW);
        assert!(twice.attempt.as_ref().unwrap().in_doubt(), "the first was never answered");
        assert_eq!(twice.attempting(&fingerprint("b"), NOW).attempt.unwrap().unanswered, 1);
    }

    #[test]
    fn a_failure_that_surely_changed_nothing_leaves_no_trace() {
        let token = fingerprint("a");
        let failed = Record::default().attempting(&token, NOW).failed(&token, Loss::Impossible, NOW);
        assert_eq!(failed.attempt, None);
        let doubtful = Record::default().attempting(&token, NOW).failed(&token, Loss::Possible, NOW);
        assert!(doubtful.attempt.as_ref().unwrap().doubtful);
        let still = doubtful.attempting(&token, NOW).failed(&token, Loss::Impossible, NOW);
        assert!(still.attempt.unwrap().doubtful, "the first request stays in doubt");
    }

    #[test]
    fn a_new_session_ends_all_doubt_and_counts() {
        let token = fingerprint("a");
        let record = Record::default().attempting(&token, NOW).buried(&token, SignInReason::Revoked, NOW);
        assert_eq!(record.why_none(), SignInReason::Revoked);
        let next = record.with_session(Session::new(AccessToken::new("t").unwrap(), NOW));
        assert_eq!((next.generation, next.attempt, next.ending), (1, None, None));
    }
}
