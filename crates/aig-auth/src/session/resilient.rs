//! A store that always works: what cannot be written where it should rest is kept in memory, with a warning.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::{MemorySessionStore, Record, SessionStore, StoreError, Transaction};

/// Another store, and the memory for when it fails.
#[derive(Debug, Clone)]
pub(crate) struct Resilient {
    store: Arc<dyn SessionStore>,
    memory: MemorySessionStore,
    warned: Arc<AtomicBool>,
}

impl Resilient {
    pub(crate) fn new(store: Arc<dyn SessionStore>) -> Self {
        Self { store, memory: MemorySessionStore::new(), warned: Arc::default() }
    }

    /// Whether something could not be stored, so that it ends with the process.
    #[cfg(feature = "oauth")]
    pub(crate) fn is_degraded(&self) -> bool {
        self.warned.load(Ordering::Relaxed)
    }

    /// Why nothing can be stored where it should rest, if so.
    #[cfg(feature = "oauth")]
    pub(crate) fn problem(&self) -> Option<String> {
        const MOMENT: Duration = Duration::from_secs(1);
        self.store.begin(MOMENT).err().map(|error| error.to_string())
    }

    fn warn(&self, error: &StoreError) {
        if !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(%error, "the session is kept in memory alone: it ends with this process");
        }
    }

    /// The newer of what is stored and what could not be stored.
    fn newer(&self, stored: Record) -> Result<Record, StoreError> {
        let kept = self.memory.load()?;
        let is_newer = kept != Record::default() && kept.generation >= stored.generation;
        Ok(if is_newer { kept } else { stored })
    }
}

impl SessionStore for Resilient {
    fn load(&self) -> Result<Record, StoreError> {
        let stored = self.store.load().unwrap_or_else(|error| {
            self.warn(&error);
            Record::default()
        });
        self.newer(stored)
    }

    fn begin(&self, wait: Duration) -> Result<Box<dyn Transaction>, StoreError> {
        let inner = match self.store.begin(wait) {
            Err(error) if !error.is_busy() => {
                self.warn(&error);
                return self.memory.begin(wait);
            }
            outcome => outcome?,
        };
        let record = self.newer(inner.record().clone())?;
        Ok(Box::new(Hold { inner, record, place: self.clone() }))
    }

    fn location(&self) -> String {
        self.store.location()
    }
}

#[derive(Debug)]
struct Hold {
    inner: Box<dyn Transaction>,
    record: Record,
    place: Resilient,
}

impl Transaction for Hold {
    fn record(&self) -> &Record {
        &self.record
    }

    fn write(&mut self, next: Record) -> Result<(), StoreError> {
        match self.inner.write(next.clone()) {
            Ok(()) => self.place.memory.replace(Record::default()),
            Err(error) => {
                self.place.warn(&error);
                self.place.memory.replace(next.clone());
            }
        }
        self.record = next;
        Ok(())
    }

    fn remove(&mut self) -> Result<(), StoreError> {
        self.place.memory.replace(Record::default());
        self.record = Record::default();
        self.inner.remove()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AccessToken, session::Session};

    /// Reads, and fails at what it is told to.
    #[derive(Debug)]
    struct Broken {
        inner: MemorySessionStore,
        begin: bool,
    }

    #[derive(Debug)]
    struct BrokenHold(Box<dyn Transaction>);

    impl SessionStore for Broken {
        fn load(&self) -> Result<Record, StoreError> {
            self.inner.load()
        }

        fn begin(&self, wait: Duration) -> Result<Box<dyn Transaction>, StoreError> {
            if self.begin {
                Ok(Box::new(BrokenHold(self.inner.begin(wait)?)))
            } else {
                Err(StoreError::new("read-only"))
            }
        }

        fn location(&self) -> String {
            "nowhere".into()
        }
    }

    impl Transaction for BrokenHold {
        fn record(&self) -> &Record {
            self.0.record()
        }

        fn write(&mut self, _: Record) -> Result<(), StoreError> {
            Err(StoreError::new("disk full"))
        }

        fn remove(&mut self) -> Result<(), StoreError> {
            self.0.remove()
        }
    }

    fn session(text: &str) -> Record {
        Record::default().with_session(Session::new(AccessToken::new(text).unwrap(), jiff::Timestamp::UNIX_EPOCH))
    }

    #[test]
    fn what_cannot_be_stored_is_kept_in_memory() {
        for begin in [false, true] {
            let store = Resilient::new(Arc::new(Broken { inner: MemorySessionStore::new(), begin }));
            assert!(!store.is_degraded());
            store.begin(Duration::ZERO).unwrap().write(session("a")).unwrap();
            assert!(store.is_degraded());
            assert_eq!(store.load().unwrap(), session("a"));
            assert_eq!(*store.begin(Duration::ZERO).unwrap().record(), session("a"));
        }
    }

    #[test]
    fn a_newer_session_of_another_process_wins_over_the_memory() {
        let inner = MemorySessionStore::new();
        let store = Resilient::new(Arc::new(Broken { inner: inner.clone(), begin: true }));
        store.begin(Duration::ZERO).unwrap().write(session("a")).unwrap();
        let newer = session("b").with_session(session("b").session.unwrap());
        inner.replace(newer.clone());
        assert_eq!(store.load().unwrap(), newer);
    }

    #[test]
    fn a_busy_store_is_waited_for_and_not_gone_around() {
        let inner = MemorySessionStore::new();
        let _held = inner.begin(Duration::ZERO).unwrap();
        let store = Resilient::new(Arc::new(inner.clone()));
        assert!(store.begin(Duration::ZERO).unwrap_err().is_busy());
    }
}
