//! A store that ends with the process: for callers who opted out of files, and the double for tests.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{Record, SessionStore, StoreError, Transaction};

/// Keeps the session in memory. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct MemorySessionStore {
    place: Arc<Place>,
}

#[derive(Debug, Default)]
struct Place {
    inner: Mutex<Inner>,
    released: Condvar,
}

#[derive(Debug, Default)]
struct Inner {
    record: Record,
    taken: bool,
}

impl MemorySessionStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts `record` there without a transaction.
    #[cfg(feature = "http")]
    pub(crate) fn replace(&self, record: Record) {
        self.place.lock().record = record;
    }
}

impl Place {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SessionStore for MemorySessionStore {
    fn load(&self) -> Result<Record, StoreError> {
        Ok(self.place.lock().record.clone())
    }

    fn begin(&self, wait: Duration) -> Result<Box<dyn Transaction>, StoreError> {
        let (mut inner, timeout) = self
            .place
            .released
            .wait_timeout_while(self.place.lock(), wait, |inner| inner.taken)
            .unwrap_or_else(PoisonError::into_inner);
        if timeout.timed_out() {
            return Err(StoreError::busy("the session in memory stayed locked"));
        }
        inner.taken = true;
        let record = inner.record.clone();
        Ok(Box::new(Hold { place: self.place.clone(), record }))
    }

    fn location(&self) -> String {
        "memory of this process".into()
    }
}

#[derive(Debug)]
struct Hold {
    place: Arc<Place>,
    record: Record,
}

impl Transaction for Hold {
    fn record(&self) -> &Record {
        &self.record
    }

    fn write(&mut self, next: Record) -> Result<(), StoreError> {
        self.place.lock().record = next.clone();
        self.record = next;
        Ok(())
    }

    fn remove(&mut self) -> Result<(), StoreError> {
        self.write(Record::default())
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.place.lock().taken = false;
        self.place.released.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_transaction_at_a_time() {
        let store = MemorySessionStore::new();
        let held = store.begin(Duration::ZERO).unwrap();
        assert!(store.begin(Duration::ZERO).is_err());
        drop(held);
        store.begin(Duration::ZERO).unwrap();
    }
}
