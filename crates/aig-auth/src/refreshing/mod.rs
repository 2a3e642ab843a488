//! The memory layer around any source: asks it once for many callers, early enough, and not too often.

#[cfg(test)]
mod interleavings;
mod policy;
#[cfg(test)]
mod properties;
mod state;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;

pub use policy::RefreshPolicy;
use policy::{Held, Standing};
use state::{Flight, Outcome, State, Turn};

use crate::{
    AccessToken, AuthError, AuthErrorKind, Clock, Identity, Interaction, Recovery, Rejection, SystemClock,
    TokenProvider, TokenRequest, TokenSource, Want, clock::Moment, random, task,
};

/// A [`TokenProvider`] that remembers what its source gave.
///
/// - One question to the source for any number of callers; it is answered, and what it brings is kept, even if every
///   caller has gone.
/// - A token is replaced before it ends, in the background: callers keep the old one meanwhile.
/// - A failed refresh never displaces a token that still lives; the next try comes after a pause.
/// - Age is the larger of wall and monotonic age, so neither a suspended machine nor a clock set back keeps a dead
///   token alive.
///
/// Cheap to clone; clones share everything.
pub struct RefreshingProvider<S: ?Sized> {
    shared: Arc<Shared<S>>,
}

struct Shared<S: ?Sized> {
    state: State,
    clock: Arc<dyn Clock>,
    policy: RefreshPolicy,
    spread: f64,
    sign_in: tokio::sync::Mutex<()>,
    source: S,
}

impl<S: TokenSource> RefreshingProvider<S> {
    /// A memory layer around `source`, on the clock of the machine. Starts nothing: the source is asked at first use.
    pub fn new(source: S) -> Self {
        Self::with(source, Arc::new(SystemClock::new()), RefreshPolicy::default())
    }

    /// The same with a clock and a policy of the caller's.
    pub fn with(source: S, clock: Arc<dyn Clock>, policy: RefreshPolicy) -> Self {
        let state = State::default();
        let spread = random::fraction();
        Self { shared: Arc::new(Shared { state, clock, policy, spread, sign_in: tokio::sync::Mutex::new(()), source }) }
    }

    /// What is asked for fresh tokens.
    pub fn source(&self) -> &S {
        &self.shared.source
    }

    /// A new sign-in, whatever is in hand. Callers who come meanwhile wait for the same one.
    ///
    /// # Errors
    /// Those of the source's sign-in.
    pub async fn sign_in(&self) -> Result<AccessToken, AuthError> {
        let _turn = self.shared.sign_in.lock().await;
        self.shared.sign_in_now().await
    }

    /// Waits for a refresh under way, at most so long: call it before the process ends.
    pub async fn settle(&self, at_most: Duration) {
        if let Some(flight) = self.shared.state.flight() {
            tokio::select! {
                _ = landed(flight) => {}
                () = self.shared.clock.sleep(at_most) => {}
            }
        }
    }

    /// Forgets the token in hand.
    #[cfg(feature = "oauth")]
    pub(crate) fn forget(&self) {
        self.shared.state.forget();
    }
}

impl<S: TokenSource> Shared<S> {
    fn now(&self) -> Moment {
        Moment::of(&*self.clock)
    }

    /// The token in hand, if it can be used as asked; has it replaced when its end is near.
    fn ready(self: &Arc<Self>, request: &TokenRequest) -> Option<AccessToken> {
        let now = self.now();
        let (token, standing) = self.state.peek(|held| {
            let standing = match held.is_surely_fresh(&now, request.min_valid_for) {
                true => Standing::Fresh,
                false => held.standing(&now, request.min_valid_for, &self.policy),
            };
            (standing <= Standing::Early).then(|| (held.token.clone(), standing))
        })?;
        if standing == Standing::Early {
            self.replace(&now);
        }
        Some(token)
    }

    /// Starts a refresh unless one is under way or it is too early after a failure.
    fn replace(self: &Arc<Self>, now: &Moment) {
        if let Turn::Fly { announce, replaces, .. } = self.state.turn(now) {
            task::detach(self.clone().fly(announce, replaces, Duration::ZERO));
        }
    }

    async fn obtain(self: &Arc<Self>, request: &TokenRequest) -> Result<AccessToken, AuthError> {
        match self.silent(request).await {
            Err(error) if wants_person(request, &error) => self.interactive(request).await,
            outcome => outcome,
        }
    }

    async fn silent(self: &Arc<Self>, request: &TokenRequest) -> Result<AccessToken, AuthError> {
        let now = self.now();
        if self.state.peek(|held| Some(held.never_lives_for(request.min_valid_for))) == Some(true) {
            return self.fallback(request, lives_too_short());
        }
        let flight = match self.state.turn(&now) {
            Turn::Wait(flight) => flight,
            Turn::Refused(error) => return self.fallback(request, error),
            Turn::Fly { announce, flight, replaces } => {
                task::detach(self.clone().fly(announce, replaces, request.min_valid_for));
                flight
            }
        };
        if self.loses_patience(&flight).await
            && let Some(token) = self.old(request)
        {
            return Ok(token);
        }
        match landed(flight).await {
            Ok(held) if held.left(&self.now()) < request.min_valid_for => Err(lives_too_short()),
            Ok(held) => Ok(held.token.clone()),
            Err(error) => self.fallback(request, error),
        }
    }

    /// Whether `flight` takes longer than one waits while there is a token that would do.
    async fn loses_patience(&self, flight: &Flight) -> bool {
        if self.old(&TokenRequest::new()).is_none() || tokio::runtime::Handle::try_current().is_err() {
            return false;
        }
        tokio::select! {
            biased;
            _ = landed(flight.clone()) => false,
            () = self.clock.sleep(self.policy.patience) => true,
        }
    }

    /// The old token if it still does, else `error`.
    fn fallback(&self, request: &TokenRequest, error: AuthError) -> Result<AccessToken, AuthError> {
        self.old(request).ok_or(error)
    }

    /// The token in hand, however near its end, if it lives as long as asked.
    fn old(&self, request: &TokenRequest) -> Option<AccessToken> {
        let now = self.now();
        self.state.peek(|held| {
            let alive = held.standing(&now, Duration::ZERO, &self.policy) < Standing::Dead;
            (alive && held.left(&now) >= request.min_valid_for).then(|| held.token.clone())
        })
    }

    async fn fly(
        self: Arc<Self>,
        announce: tokio::sync::watch::Sender<Option<Outcome>>,
        replaces: Option<AccessToken>,
        min_valid_for: Duration,
    ) {
        let grounded = Grounded(&self.state);
        let outcome = self.fetch(Want { replaces, min_valid_for }).await;
        std::mem::forget(grounded);
        match &outcome {
            Ok(held) => {
                tracing::info!(target: "aig_auth::audit", expires_at = ?held.token.expires_at(), "token obtained");
                self.state.succeed(held.clone());
            }
            Err(error) => {
                tracing::warn!(target: "aig_auth::audit", %error, kind = ?error.kind(), "no token obtained");
                let jitter = random::fraction();
                let pause = |count, left| self.policy.pause(error, count, left, jitter);
                self.state.fail(error, self.now(), pause);
            }
        }
        announce.send_replace(Some(outcome));
    }

    async fn fetch(&self, want: Want) -> Outcome {
        let refused_before = self.state.refused();
        let (asked, token) = self.ask(&want).await?;
        let refused = self.state.refused();
        if refused != refused_before && refused.as_ref() == Some(&token) {
            let (asked, token) = self.ask(&Want { replaces: refused, ..want }).await?;
            return self.accept(token, asked);
        }
        self.accept(token, asked)
    }

    async fn ask(&self, want: &Want) -> Result<(Moment, AccessToken), AuthError> {
        let asked = self.now();
        Ok((asked, self.source.fetch(want).await?))
    }

    fn accept(&self, token: AccessToken, asked: Moment) -> Outcome {
        let held = Held::new(token, asked, &self.policy, self.spread);
        if held.standing(&self.now(), Duration::ZERO, &self.policy) == Standing::Dead {
            return Err(dead_on_arrival());
        }
        Ok(Arc::new(held))
    }

    /// For callers who may disturb a person; the second of two finds what the first one got.
    async fn interactive(self: &Arc<Self>, request: &TokenRequest) -> Result<AccessToken, AuthError> {
        let _turn = self.sign_in.lock().await;
        match self.ready(request) {
            Some(token) => Ok(token),
            None => self.sign_in_now().await,
        }
    }

    async fn sign_in_now(&self) -> Result<AccessToken, AuthError> {
        let token = self.source.sign_in().await?;
        let held = self.accept(token, self.now())?;
        self.state.succeed(held.clone());
        Ok(held.token.clone())
    }
}

/// Takes the flight off the board when its task is dropped before it landed.
struct Grounded<'a>(&'a State);

impl Drop for Grounded<'_> {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

async fn landed(mut flight: Flight) -> Outcome {
    match flight.wait_for(Option::is_some).await {
        Ok(outcome) => outcome.clone().unwrap_or_else(|| Err(cut_off())),
        Err(_) => Err(cut_off()),
    }
}

fn cut_off() -> AuthError {
    let recovery = Recovery::Retry { after: None };
    AuthError::new(AuthErrorKind::Source, recovery, "the refresh of the token was cut off before it ended: try again")
}

fn lives_too_short() -> AuthError {
    let message = "the token lives shorter than this call needs: ask for a shorter time";
    AuthError::new(AuthErrorKind::Source, Recovery::Fail, message)
}

fn dead_on_arrival() -> AuthError {
    let message = "the new token has already expired: check the clock of this machine and the source of the token";
    AuthError::new(AuthErrorKind::Source, Recovery::FixSetup, message)
}

#[async_trait]
impl<S: TokenSource> TokenProvider for RefreshingProvider<S> {
    async fn token(&self, request: &TokenRequest) -> Result<AccessToken, AuthError> {
        match self.shared.ready(request) {
            Some(token) => Ok(token),
            // Boxed, so that the way that nearly every call takes does not carry the room that this one needs.
            None => Box::pin(self.shared.obtain(request)).await,
        }
    }

    fn ready(&self, request: &TokenRequest) -> Option<AccessToken> {
        self.shared.ready(request)
    }

    async fn reject(&self, token: &AccessToken, reason: Rejection) {
        if self.shared.state.reject(token, &self.shared.now()) {
            tracing::info!(target: "aig_auth::audit", ?reason, "token rejected by a server");
        }
    }

    fn identity(&self) -> Option<Identity> {
        self.shared.source.identity()
    }
}

fn wants_person(request: &TokenRequest, error: &AuthError) -> bool {
    request.interaction == Interaction::Allowed && matches!(error.recovery(), Recovery::SignIn(_))
}

impl<S: ?Sized> Clone for RefreshingProvider<S> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone() }
    }
}

impl<S: fmt::Debug + ?Sized> fmt::Debug for RefreshingProvider<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshingProvider").field("source", &&self.shared.source).finish_non_exhaustive()
    }
}
