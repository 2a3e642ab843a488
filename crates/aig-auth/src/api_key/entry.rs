//! What rests of one key between processes: its token, in a session store that works whatever the disk says.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::runtime::Handle;

use crate::{
    AccessToken,
    session::{Record, Resilient, Session, SessionStore, StoreError, Transaction},
};

/// The place of one key's token. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    store: Arc<dyn SessionStore>,
    /// The key was replaced: nothing of it is written any more.
    retired: Arc<AtomicBool>,
}

/// How long to wait for another process that exchanges the same key.
const PATIENCE: Duration = Duration::from_secs(10);

impl Entry {
    pub(super) fn new(store: Arc<dyn SessionStore>) -> Self {
        Self { store: Arc::new(Resilient::new(store)), retired: Arc::default() }
    }

    /// What is there, without waiting for anybody.
    pub(super) async fn find(&self) -> Option<Session> {
        let store = self.store.clone();
        blocking(move || store.load()).await?.session
    }

    /// The place held against other processes, unless one of them does not let go of it.
    pub(super) async fn hold(&self) -> Option<Hold> {
        let store = self.store.clone();
        let transaction = blocking(move || store.begin(PATIENCE)).await?;
        Some(Hold { transaction, retired: self.retired.clone() })
    }

    /// Removes `token`, if it is what is there.
    pub(super) async fn remove(&self, token: AccessToken) {
        let store = self.store.clone();
        blocking(move || {
            if !holds(&store.load()?, &token) {
                return Ok(());
            }
            let mut transaction = store.begin(PATIENCE)?;
            if holds(transaction.record(), &token) { transaction.remove() } else { Ok(()) }
        })
        .await;
    }

    /// Removes what is there, and lets nothing be written any more. An exchange that is under way and does not let go
    /// in time removes it itself.
    pub(super) async fn retire(&self) {
        self.retired.store(true, Ordering::SeqCst);
        let store = self.store.clone();
        blocking(move || store.begin(PATIENCE)?.remove()).await;
    }
}

fn holds(record: &Record, token: &AccessToken) -> bool {
    record.session.as_ref().is_some_and(|session| session.access_token.expose() == token.expose())
}

/// The place, held until this is dropped.
pub(super) struct Hold {
    transaction: Box<dyn Transaction>,
    retired: Arc<AtomicBool>,
}

impl Hold {
    pub(super) fn session(&self) -> Option<&Session> {
        self.transaction.record().session.as_ref()
    }

    /// Puts `session` there, and lets go.
    pub(super) async fn keep(mut self, session: Session) {
        blocking(move || {
            let next = self.transaction.record().clone().with_session(session);
            if self.is_retired() { Ok(()) } else { self.transaction.write(next) }
        })
        .await;
    }

    fn is_retired(&self) -> bool {
        self.retired.load(Ordering::SeqCst)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if self.is_retired() {
            let _ = self.transaction.remove();
        }
    }
}

/// Runs what blocks where that is allowed, which without a runtime is here. The cache is a courtesy: when it fails, a
/// fresh token does.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, StoreError> + Send + 'static) -> Option<T> {
    let outcome = match Handle::try_current() {
        Ok(runtime) => runtime.spawn_blocking(work).await.ok()?,
        Err(_) => work(),
    };
    outcome.inspect_err(|error| tracing::warn!(%error, "the cached token of the API key cannot be used")).ok()
}
