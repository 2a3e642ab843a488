//! From what a user configured to a store that works, whatever the disk says.

use std::{path::PathBuf, sync::Arc};

use super::{FileSessionStore, MemorySessionStore, SessionKey, SessionStore, default_directory};
use crate::environment;

/// Where sessions rest.
///
/// ```
/// use aig_auth::session::{SessionKey, StoreSettings};
///
/// let settings = StoreSettings::new("example").with_directory_variable("EXAMPLE_CACHE_DIR");
/// # let key = SessionKey { issuer: "i".into(), client_id: "c".into(), audience: None, scopes: vec![], profile: "p".into() };
/// let store = settings.open(&key);
/// assert!(store.location().ends_with(".json"));
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct StoreSettings {
    /// The name of the application: the directory below the operating system's cache directory.
    pub application: String,
    /// A directory given outright; it wins over everything else.
    pub directory: Option<PathBuf>,
    /// The environment variable that may name the directory.
    pub directory_variable: Option<String>,
    /// The environment variable that turns files off.
    pub opt_out_variable: Option<String>,
}

impl StoreSettings {
    /// Files of `application` in the cache directory of the operating system.
    pub fn new(application: impl Into<String>) -> Self {
        Self { application: application.into(), ..Self::default() }
    }

    /// In this directory, whatever the environment says.
    #[must_use]
    pub fn with_directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.directory = Some(directory.into());
        self
    }

    /// In the directory that this variable names, if it is set.
    #[must_use]
    pub fn with_directory_variable(mut self, variable: impl Into<String>) -> Self {
        self.directory_variable = Some(variable.into());
        self
    }

    /// In memory alone if this variable is set to anything but `0`, `false`, `no` or `off`.
    #[must_use]
    pub fn with_opt_out_variable(mut self, variable: impl Into<String>) -> Self {
        self.opt_out_variable = Some(variable.into());
        self
    }

    /// The store for `key`. Without a place for files, and for those who opted out, it is in memory.
    pub fn open(&self, key: &SessionKey) -> Arc<dyn SessionStore> {
        self.open_named(key.file_stem())
    }

    /// The same for a session that has its own way to a name.
    pub(crate) fn open_named(&self, stem: String) -> Arc<dyn SessionStore> {
        if self.opt_out_variable.as_deref().is_some_and(environment::is_on) {
            return Arc::new(MemorySessionStore::new());
        }
        let directory = self
            .directory
            .clone()
            .map_or_else(|| default_directory(&self.application, self.directory_variable.as_deref()), Ok);
        match directory {
            Ok(directory) => Arc::new(FileSessionStore::named(directory, stem)),
            Err(error) => {
                tracing::warn!(%error, "the session is kept in memory alone");
                Arc::new(MemorySessionStore::new())
            }
        }
    }
}
