//! The session as a source of tokens: what is stored, else a refresh under the store's lock, else a sign-in.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwapOption;
use async_trait::async_trait;
use jiff::Timestamp;
use tokio::task;

use super::{
    grants,
    held::{Held, blocking, stopped},
    setup::Setup,
    sign_in,
    wire::{GrantFault, Granted},
};
use crate::{
    AccessToken, AuthError, AuthErrorKind, Identity, Recovery, Secret, SignInReason, TokenSource, Want,
    clock::elapsed,
    session::{Fingerprint, Record, Session, SessionStore as _},
};

/// A session, shared with other processes through its store.
#[derive(Debug, Clone)]
pub(super) struct SessionSource {
    pub(super) setup: Arc<Setup>,
    /// Who this process works for. Another process may sign somebody else in; we do not change sides.
    account: Arc<ArcSwapOption<Identity>>,
}

/// How long other processes may keep the lock: a refresh takes no longer than its request.
const LOCK_WAIT: Duration = Duration::from_secs(30);
/// Refreshes with one token whose process ended before the answer was recorded: after the last of them the token is
/// given up, so that a crash never turns into a storm of requests.
const UNANSWERED: u32 = 3;

impl SessionSource {
    pub(super) fn new(setup: Setup) -> Self {
        Self { setup: Arc::new(setup), account: Arc::default() }
    }

    /// What is stored now.
    pub(super) async fn load(&self) -> Result<Record, AuthError> {
        let store = self.setup.store.clone();
        blocking(move || store.load()).await
    }

    /// The store, held; its content is read under the lock.
    pub(super) async fn hold(&self) -> Result<Held, AuthError> {
        let store = self.setup.store.clone();
        Ok(Held::new(blocking(move || store.begin(LOCK_WAIT)).await?))
    }

    /// Forgets for whom this process works: the next session may be anybody's.
    pub(super) fn forget_account(&self) {
        self.account.store(None);
    }

    /// The stored session, if it is one of ours.
    fn session<'a>(&self, record: &'a Record) -> Result<Option<&'a Session>, AuthError> {
        let seed = self.seed();
        let Some(session) = record.session.as_ref().filter(|session| seed.is_none() || session.seed == seed) else {
            return Ok(None);
        };
        self.same_account(session)?;
        Ok(Some(session))
    }

    fn same_account(&self, session: &Session) -> Result<(), AuthError> {
        let Some(account) = &session.account else { return Ok(()) };
        let ours = self.account.load();
        match ours.as_deref() {
            Some(ours) if ours != account => Err(somebody_else()),
            Some(_) => Ok(()),
            None => {
                self.account.store(Some(Arc::new(account.clone())));
                Ok(())
            }
        }
    }

    pub(super) fn seed(&self) -> Option<Fingerprint> {
        self.setup.seed.as_ref().map(Fingerprint::of)
    }

    /// What gets the next token: the session's own refresh token, or the one from outside.
    fn refresh_token(&self, session: Option<&Session>) -> Option<Secret> {
        session.and_then(|session| session.refresh_token.clone()).or_else(|| self.setup.seed.clone())
    }

    /// Lock, read again, say what is about to be tried, ask, write the answer, unlock.
    async fn refresh(&self, want: &Want) -> Result<AccessToken, AuthError> {
        let mut held = self.hold().await?;
        let session = self.session(held.record())?.cloned();
        if let Some(token) = session.as_ref().and_then(|session| usable(session, want, self.setup.clock.now())) {
            return Ok(token);
        }
        let Some(token) = self.refresh_token(session.as_ref()) else { return nothing_left(&held, session, want) };
        let fingerprint = Fingerprint::of(&token);
        self.may_present(&mut held, &fingerprint).await?;
        let now = self.setup.clock.now();
        held.write(held.record().attempting(&fingerprint, now)).await?;
        let client_id = session.as_ref().and_then(|session| session.client_id.as_deref());
        match grants::refresh(self.setup.terms(client_id), &token).await {
            Ok(granted) => self.commit(held, granted, session.as_ref(), client_id).await,
            Err(fault) => Err(self.record_failure(held, &fingerprint, fault).await),
        }
    }

    /// A refresh token that is known to be dead, or may well be, is not presented.
    async fn may_present(&self, held: &mut Held, token: &Fingerprint) -> Result<(), AuthError> {
        if let Some(ending) = held.record().ending.as_ref().filter(|ending| ending.token == *token) {
            return Err(AuthError::sign_in(self.as_given(token, ending.reason)));
        }
        let unanswered = held.record().attempt_with(token).map_or(0, |attempt| attempt.unanswered);
        if unanswered < UNANSWERED {
            return Ok(());
        }
        self.bury(held, token, SignInReason::OutcomeUnknown).await
    }

    async fn bury<T>(&self, held: &mut Held, token: &Fingerprint, reason: SignInReason) -> Result<T, AuthError> {
        tracing::warn!(target: "aig_auth::audit", ?reason, "session ended");
        held.write(held.record().buried(token, reason, self.setup.clock.now())).await?;
        Err(AuthError::sign_in(self.as_given(token, reason)))
    }

    /// Why `token` is dead, as it is said to whoever gave it: a refused token is theirs to replace.
    pub(super) fn as_given(&self, token: &Fingerprint, reason: SignInReason) -> SignInReason {
        match reason {
            SignInReason::Revoked if self.seed().as_ref() == Some(token) => SignInReason::GivenTokenRefused,
            _ => reason,
        }
    }

    async fn record_failure(&self, mut held: Held, token: &Fingerprint, fault: GrantFault) -> AuthError {
        if fault.is_invalid_grant() {
            let in_doubt = held.record().attempt_with(token).is_some_and(|attempt| attempt.in_doubt());
            let reason = if in_doubt { SignInReason::OutcomeUnknown } else { SignInReason::Revoked };
            return self.bury::<()>(&mut held, token, reason).await.err().unwrap_or_else(|| fault.into_error());
        }
        let failed = held.record().failed(token, fault.loss(), self.setup.clock.now());
        if let Err(error) = held.write(failed).await {
            return error;
        }
        fault.into_error()
    }

    async fn commit(
        &self,
        mut held: Held,
        granted: Granted,
        previous: Option<&Session>,
        client_id: Option<&str>,
    ) -> Result<AccessToken, AuthError> {
        let account = match previous.and_then(|session| session.account.clone()) {
            Some(account) => Some(account),
            None => self.verify(&granted.access_token).await?,
        };
        let session = session_of(granted, previous, account, client_id, self.seed());
        self.same_account(&session)?;
        let token = session.access_token.clone();
        held.write(held.record().with_session(session)).await?;
        Ok(token)
    }

    /// Who a new token is for. A token that is not genuine is refused; one that cannot be checked now came from the
    /// token endpoint over TLS, and is taken as it is.
    async fn verify(&self, token: &AccessToken) -> Result<Option<Identity>, AuthError> {
        let Some(verifier) = &self.setup.verifier else { return Ok(None) };
        match verifier.verify_identity(token).await {
            Ok(identity) => Ok(Some(identity)),
            Err(error) if matches!(error.recovery(), Recovery::Retry { .. }) => {
                tracing::warn!(%error, "the new token was not verified: its keys cannot be had now");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Keeps what a sign-in brought.
    async fn settle(&self, granted: Granted, client_id: Option<String>) -> Result<AccessToken, AuthError> {
        let account = self.verify(&granted.access_token).await?;
        let session = session_of(granted, None, account.clone(), client_id.as_deref(), self.seed());
        let token = session.access_token.clone();
        let mut held = self.hold().await?;
        held.write(held.record().with_session(session)).await?;
        self.account.store(account.map(Arc::new));
        tracing::info!(target: "aig_auth::audit", expires_at = ?token.expires_at(), "signed in");
        Ok(token)
    }
}

#[async_trait]
impl TokenSource for SessionSource {
    async fn fetch(&self, want: &Want) -> Result<AccessToken, AuthError> {
        let record = self.load().await?;
        let session = self.session(&record)?;
        match session.and_then(|session| usable(session, want, self.setup.clock.now())) {
            Some(token) => Ok(token),
            None if self.refresh_token(session).is_none() && session.is_none() => {
                Err(AuthError::sign_in(record.why_none()))
            }
            None => self.refresh(want).await,
        }
    }

    async fn sign_in(&self) -> Result<AccessToken, AuthError> {
        let (granted, client_id) = sign_in::run(&self.setup).await?;
        // Kept even if the caller goes now: the person has done their part.
        let source = self.clone();
        task::spawn(async move { source.settle(granted, client_id).await }).await.map_err(|_| stopped())?
    }

    fn identity(&self) -> Option<Identity> {
        if let Some(account) = &*self.account.load() {
            return Some(Identity::clone(account));
        }
        let record = self.setup.store.load().ok()?;
        self.session(&record).ok()?.and_then(|session| session.account.clone())
    }
}

/// The stored token, if it lives long enough and is another one than the one to be replaced. A session from the future
/// means that the clock was set back since: its end says nothing then.
fn usable(session: &Session, want: &Want, now: Timestamp) -> Option<AccessToken> {
    let token = &session.access_token;
    let from_future = elapsed(now, session.obtained_at) > Duration::from_secs(60);
    if want.replaces.as_ref().is_some_and(|old| old.expose() == token.expose()) || from_future {
        return None;
    }
    let Some(end) = token.expires_at() else { return Some(token.clone()) };
    let margin = Duration::from_secs(60).min(elapsed(session.obtained_at, end) / 10);
    (elapsed(now, end) > margin.max(want.min_valid_for)).then(|| token.clone())
}

/// Without a refresh token, what is left of the old one has to do.
fn nothing_left(held: &Held, session: Option<Session>, want: &Want) -> Result<AccessToken, AuthError> {
    let Some(session) = session else { return Err(AuthError::sign_in(held.record().why_none())) };
    match want.replaces {
        None => Ok(session.access_token),
        Some(_) => Err(AuthError::sign_in(SignInReason::Expired)),
    }
}

fn session_of(
    granted: Granted,
    previous: Option<&Session>,
    account: Option<Identity>,
    client_id: Option<&str>,
    seed: Option<Fingerprint>,
) -> Session {
    let mut session = Session::new(granted.access_token, granted.asked_at);
    // RFC 6749 section 6: without a new refresh token the old one stays good; without scopes they are as asked before.
    session.refresh_token = granted.refresh_token.or_else(|| previous?.refresh_token.clone());
    session.scopes = granted.scopes.or_else(|| Some(previous?.scopes.clone())).unwrap_or_default();
    session.others = previous.map(|previous| previous.others.clone()).unwrap_or_default();
    session.account = account;
    session.client_id = client_id.map(str::to_owned);
    session.seed = seed;
    session
}

fn somebody_else() -> AuthError {
    let recovery = Recovery::SignIn(SignInReason::Requested);
    AuthError::new(
        AuthErrorKind::NotSignedIn,
        recovery,
        "somebody else has signed in on this machine since: sign in again",
    )
}
