//! What the memory layer remembers: the token in hand, the refresh under way, the last failure.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwapOption;
use tokio::sync::watch;

use super::policy::Held;
use crate::{AccessToken, AuthError, clock::Moment};

pub(crate) type Outcome = Result<Arc<Held>, AuthError>;
pub(crate) type Flight = watch::Receiver<Option<Outcome>>;

/// The token is read without a lock; everything that changes it holds the lock of `rest`, never across an await.
#[derive(Debug, Default)]
pub(crate) struct State {
    held: ArcSwapOption<Held>,
    rest: Mutex<Rest>,
}

#[derive(Debug, Default)]
struct Rest {
    flight: Option<Flight>,
    failure: Option<Failure>,
    rejected: Option<Refused>,
}

#[derive(Debug)]
struct Failure {
    error: AuthError,
    at: Moment,
    pause: Duration,
    count: u32,
}

/// The last token that a server refused, and whether its successor is already in hand.
#[derive(Debug)]
struct Refused {
    token: AccessToken,
    replaced: bool,
}

/// What a caller who needs a new token does.
pub(crate) enum Turn {
    /// Starts the refresh; the sender tells everybody who waits.
    Fly { announce: watch::Sender<Option<Outcome>>, flight: Flight, replaces: Option<AccessToken> },
    /// Waits for the refresh under way.
    Wait(Flight),
    /// Takes the last failure for an answer: it is too early to ask again.
    Refused(AuthError),
}

/// A server that refuses a token this young refuses it for another reason than its age; a new one would not help.
const TOO_YOUNG_TO_REJECT: Duration = Duration::from_secs(30);

impl State {
    pub(crate) fn held(&self) -> Option<Arc<Held>> {
        self.held.load_full()
    }

    /// Runs `look` on the token in hand, without a lock and without touching its count.
    pub(crate) fn peek<T>(&self, look: impl FnOnce(&Held) -> Option<T>) -> Option<T> {
        self.held.load().as_deref().and_then(look)
    }

    pub(crate) fn turn(&self, now: &Moment) -> Turn {
        let mut rest = self.rest();
        if let Some(flight) = &rest.flight {
            return Turn::Wait(flight.clone());
        }
        if let Some(failure) = &rest.failure
            && failure.at.age(now) < failure.pause
        {
            return Turn::Refused(failure.error.clone());
        }
        let (announce, flight) = watch::channel(None);
        rest.flight = Some(flight.clone());
        let replaces = self.held().map(|held| held.token.clone()).or_else(|| rest.refused());
        Turn::Fly { announce, flight, replaces }
    }

    pub(crate) fn flight(&self) -> Option<Flight> {
        self.rest().flight.clone()
    }

    /// The token that was refused last, if nothing has taken its place.
    pub(crate) fn refused(&self) -> Option<AccessToken> {
        self.rest().refused()
    }

    pub(crate) fn succeed(&self, held: Arc<Held>) {
        let mut rest = self.rest();
        rest.flight = None;
        rest.failure = None;
        if let Some(refused) = &mut rest.rejected {
            refused.replaced = true;
        }
        self.held.store(Some(held));
    }

    pub(crate) fn fail(&self, error: &AuthError, at: Moment, pause: impl FnOnce(u32, Duration) -> Duration) {
        let mut rest = self.rest();
        rest.flight = None;
        let count = rest.failure.as_ref().map_or(1, |failure| failure.count.saturating_add(1));
        let left = self.peek(|held| Some(held.left(&at))).unwrap_or_default();
        rest.failure = Some(Failure { error: error.clone(), at, pause: pause(count, left), count });
    }

    /// The flight ended without a word: its task was dropped with its runtime.
    pub(crate) fn abandon(&self) {
        self.rest().flight = None;
    }

    /// Forgets `token` if it is the one in hand. Whether it was forgotten.
    pub(crate) fn reject(&self, token: &AccessToken, now: &Moment) -> bool {
        let mut rest = self.rest();
        let Some(held) = self.held() else { return false };
        let successor_of_refused = rest.rejected.as_ref().is_some_and(|refused| refused.replaced);
        let too_young = successor_of_refused && held.obtained.age(now) < TOO_YOUNG_TO_REJECT;
        if held.token.expose() != token.expose() || too_young {
            return false;
        }
        self.held.store(None);
        rest.rejected = Some(Refused { token: token.clone(), replaced: false });
        true
    }

    /// Forgets everything: the session is over.
    #[cfg(feature = "oauth")]
    pub(crate) fn forget(&self) {
        let mut rest = self.rest();
        rest.failure = None;
        rest.rejected = None;
        self.held.store(None);
    }

    fn rest(&self) -> MutexGuard<'_, Rest> {
        self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rest {
    fn refused(&self) -> Option<AccessToken> {
        self.rejected.as_ref().filter(|refused| !refused.replaced).map(|refused| refused.token.clone())
    }
}
