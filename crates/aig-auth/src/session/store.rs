//! What a place for sessions must be able to do.

use std::{borrow::Cow, error::Error as StdError, fmt, io, path::Path, time::Duration};

use super::Record;

/// A place where one sign-in rests, shared with other processes.
///
/// The methods block; this crate calls them where blocking is allowed.
pub trait SessionStore: fmt::Debug + Send + Sync + 'static {
    /// What is there now, without a lock and never torn. Damaged or foreign content counts as nothing.
    ///
    /// # Errors
    /// When the place cannot be read.
    fn load(&self) -> Result<Record, StoreError>;

    /// Takes the place for oneself, across processes, and reads it again. It is given back when the transaction is
    /// dropped.
    ///
    /// # Errors
    /// When it stayed taken for all of `wait`, or cannot be locked or read.
    fn begin(&self, wait: Duration) -> Result<Box<dyn Transaction>, StoreError>;

    /// Where this is, for people.
    fn location(&self) -> String;
}

/// The place, held exclusively.
pub trait Transaction: fmt::Debug + Send {
    /// What was there when the lock was taken, or was written since.
    fn record(&self) -> &Record;

    /// Replaces what is there. When this returns, the next reader sees all of it, also after a crash.
    ///
    /// # Errors
    /// When it could not be written; what was there before is still there.
    fn write(&mut self, next: Record) -> Result<(), StoreError>;

    /// Removes what is there.
    ///
    /// # Errors
    /// When it could not be removed.
    fn remove(&mut self) -> Result<(), StoreError>;
}

/// A store did not do what it should: what was tried and where, never what is stored.
#[derive(Debug)]
pub struct StoreError {
    busy: bool,
    message: Cow<'static, str>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl StoreError {
    /// An error with a message for people, lower case and without a trailing full stop.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self { busy: false, message: message.into(), source: None }
    }

    /// Somebody else held the place for all the time that one was ready to wait.
    pub fn busy(message: impl Into<Cow<'static, str>>) -> Self {
        Self { busy: true, ..Self::new(message) }
    }

    /// What could not be done, where, and why.
    pub(super) fn cannot(what: &str, path: &Path, error: io::Error) -> Self {
        Self::new(format!("cannot {what} {}", path.display())).with_source(error)
    }

    /// Whether waiting longer may help.
    pub fn is_busy(&self) -> bool {
        self.busy
    }

    /// The same error with its cause. The cause must hold no secret.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.source.as_ref().map_or(Ok(()), |source| write!(f, ": {source}"))
    }
}

impl StdError for StoreError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
