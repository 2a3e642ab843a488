//! Where a sign-in rests between processes.
//!
//! A refresh token that rotates can be presented once. So a store is a transaction: lock, read again, say what is about
//! to be tried, ask the server, write the answer, unlock. Get, set and clear cannot be made safe.

mod directory;
pub(crate) mod document;
mod file;
mod key;
mod lock;
mod memory;
mod record;
#[cfg(feature = "http")]
mod resilient;
mod settings;
mod store;

pub use directory::default_directory;
pub use file::FileSessionStore;
pub use key::SessionKey;
pub use memory::MemorySessionStore;
pub use record::{Attempt, Ending, Fingerprint, Loss, Record, Session};
#[cfg(feature = "http")]
pub(crate) use resilient::Resilient;
pub use settings::StoreSettings;
pub use store::{SessionStore, StoreError, Transaction};
