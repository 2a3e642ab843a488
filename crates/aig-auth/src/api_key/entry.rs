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
    /// The key was replaced: nothing of it is to stay.
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

    /// Removes what is there. An exchange that is under way and does not let go in time removes it itself.
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
            self.transaction.write(next)
        })
        .await;
    }
}

impl Drop for Hold {
    /// Whoever replaced the key may not have waited for an exchange that takes long.
    fn drop(&mut self) {
        if self.retired.load(Ordering::SeqCst) {
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

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::session::MemorySessionStore;

    fn session() -> Session {
        Session::new(AccessToken::new("token").unwrap(), Timestamp::UNIX_EPOCH)
    }

    fn entry() -> Entry {
        Entry::new(Arc::new(MemorySessionStore::new()))
    }

    #[tokio::test]
    async fn what_is_kept_is_found_until_it_is_removed() {
        let entry = entry();
        entry.hold().await.unwrap().keep(session()).await;
        assert_eq!(entry.find().await, Some(session()));
        entry.remove(AccessToken::new("another").unwrap()).await;
        assert_eq!(entry.find().await, Some(session()));
        entry.remove(session().access_token).await;
        assert_eq!(entry.find().await, None);
    }

    #[tokio::test]
    async fn an_exchange_that_outlasts_the_patience_of_a_new_key_leaves_nothing() {
        let entry = entry();
        entry.hold().await.unwrap().keep(session()).await;
        let (failing, keeping) = (entry.hold().await.unwrap(), entry.clone());
        entry.retired.store(true, Ordering::SeqCst);
        drop(failing);
        assert_eq!(entry.find().await, None, "what was there before");
        keeping.hold().await.unwrap().keep(session()).await;
        assert_eq!(entry.find().await, None, "what it brought");
    }

    #[test]
    fn without_a_runtime_the_store_is_asked_here() {
        let mut found = std::pin::pin!(async {
            let entry = entry();
            entry.hold().await.unwrap().keep(session()).await;
            entry.find().await
        });
        let found = found.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
        assert_eq!(found, std::task::Poll::Ready(Some(session())));
    }
}
