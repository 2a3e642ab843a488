//! Why somebody is signed in or not, as data: for a status command and for a doctor.

use std::{path::PathBuf, time::Duration};

use jiff::{SignedDuration, Timestamp};

use super::{OAuthProvider, held::blocking};
use crate::{
    AuthError, Identity, SignInReason,
    clock::elapsed,
    session::{Record, Session, SessionStore as _},
};

/// How a session stands, found out without a network.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Explanation {
    /// Whether there is a session, and if not, why.
    pub standing: Standing,
    /// Whose session it is, where that is known.
    pub account: Option<Identity>,
    /// When the access token was got.
    pub obtained_at: Option<Timestamp>,
    /// Where the session rests.
    pub location: String,
    /// Why nothing can be stored there, if so.
    pub store_problem: Option<String>,
    /// Whether the session begins with a refresh token from outside.
    pub from_outside: bool,
    /// The CA bundles that are trusted in addition.
    pub ca_bundles: Vec<PathBuf>,
    /// How far this machine's clock is ahead of the server's, as far as an answer has shown it. Small differences are
    /// those of the answer's way.
    pub clock_ahead: Option<SignedDuration>,
}

/// Whether there is a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Standing {
    /// The access token is good until then; without a time, until it is refused.
    #[non_exhaustive]
    SignedIn {
        /// When the access token ends.
        until: Option<Timestamp>,
        /// Whether it can be renewed without a person.
        renewable: bool,
    },
    /// The access token is over, and will be renewed at the next use.
    Renewable,
    /// A renewal was begun by a process that ended; the next use shows whether the session survived.
    Doubtful,
    /// A person has to sign in, for this reason.
    SignedOut(SignInReason),
}

impl Explanation {
    /// Whether this machine's clock is so wrong that tokens look dead, or alive, when they are not.
    pub fn clock_is_off(&self) -> bool {
        self.clock_ahead.is_some_and(|ahead| ahead.unsigned_abs() > Duration::from_secs(60))
    }
}

impl OAuthProvider {
    /// Why somebody is signed in, or not.
    ///
    /// # Errors
    /// When the store cannot even be asked.
    pub async fn explain(&self) -> Result<Explanation, AuthError> {
        let setup = &self.source().setup;
        let record = self.stored().await?;
        let seed = self.source().seed();
        let session = record.session.as_ref().filter(|session| seed.is_none() || session.seed == seed);
        let store = setup.store.clone();
        Ok(Explanation {
            standing: self.standing(&record, session, setup.clock.now()),
            account: session.and_then(|session| session.account.clone()),
            obtained_at: session.map(|session| session.obtained_at),
            location: setup.store.location(),
            store_problem: blocking(move || Ok(store.problem())).await?,
            from_outside: seed.is_some(),
            ca_bundles: setup.http.settings().ca_bundles.clone(),
            clock_ahead: setup.http.clock_ahead(),
        })
    }

    fn standing(&self, record: &Record, session: Option<&Session>, now: Timestamp) -> Standing {
        let seed = self.source().seed();
        let Some(session) = session else {
            return match (&record.ending, seed) {
                (None, Some(_)) => Standing::Renewable,
                (Some(ending), Some(seed)) if ending.token != seed => Standing::Renewable,
                (Some(ending), _) => Standing::SignedOut(self.source().as_given(&ending.token, ending.reason)),
                (None, None) => Standing::SignedOut(SignInReason::NoSession),
            };
        };
        let renewable = session.refresh_token.is_some() || seed.is_some();
        match session.access_token.expires_at() {
            Some(end) if elapsed(now, end).is_zero() => over(record, renewable),
            until => Standing::SignedIn { until, renewable },
        }
    }
}

fn over(record: &Record, renewable: bool) -> Standing {
    match (renewable, &record.attempt) {
        (false, _) => Standing::SignedOut(SignInReason::Expired),
        (true, Some(_)) => Standing::Doubtful,
        (true, None) => Standing::Renewable,
    }
}
