//! Deliberately wrong variants: what the tests must turn red.

use std::{fs, io::Write as _, path::Path, sync::Arc, time::Duration};

use aig_auth::{
    oauth::OAuthProvider,
    session::{FileSessionStore, Record, SessionStore, StoreError, Transaction},
};

use crate::{child, world};

/// A store that writes well and locks nothing: what get, set and clear amount to.
#[derive(Debug)]
struct Unlocked(FileSessionStore);

impl SessionStore for Unlocked {
    fn load(&self) -> Result<Record, StoreError> {
        self.0.load()
    }

    fn begin(&self, _: Duration) -> Result<Box<dyn Transaction>, StoreError> {
        Ok(Box::new(NoHold { store: self.0.clone(), record: self.0.load()? }))
    }

    fn location(&self) -> String {
        self.0.location()
    }
}

#[derive(Debug)]
struct NoHold {
    store: FileSessionStore,
    record: Record,
}

impl Transaction for NoHold {
    fn record(&self) -> &Record {
        &self.record
    }

    fn write(&mut self, next: Record) -> Result<(), StoreError> {
        self.record = next.clone();
        self.store.begin(Duration::from_secs(10))?.write(next)
    }

    fn remove(&mut self) -> Result<(), StoreError> {
        self.store.begin(Duration::from_secs(10))?.remove()
    }
}

pub(crate) fn unlocked_provider() -> OAuthProvider {
    OAuthProvider::builder(world::config()).store(Arc::new(Unlocked(world::store()))).build().unwrap()
}

/// Writes sessions in place: cut first, then written.
pub(crate) fn save_naively(times: u32) {
    let path = world::store().path().to_owned();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    for number in 0..times {
        let document = document(number, path.parent().unwrap());
        fs::File::create(&path).unwrap().write_all(&document).unwrap();
    }
}

/// The bytes that the real store would have written.
fn document(number: u32, directory: &Path) -> Vec<u8> {
    let elsewhere = world::store_in(&directory.join("elsewhere"));
    let mut transaction = elsewhere.begin(Duration::ZERO).unwrap();
    transaction.write(Record::default().with_session(child::session(number))).unwrap();
    fs::read(elsewhere.path()).unwrap()
}
