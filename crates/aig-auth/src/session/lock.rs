//! The lock file beside a session: exclusive across processes, waited for with a deadline, never removed.
//!
//! Removing a lock file that somebody holds lets the next process in: it would create and lock another file of the same
//! name.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::Path,
    thread,
    time::Duration,
};

use super::StoreError;
use crate::{
    clock::{Clock as _, SystemClock},
    random,
};

/// What holding the lock means.
#[derive(Debug)]
pub(super) enum Lock {
    /// Nobody else holds it until this is dropped.
    Held(#[expect(dead_code, reason = "closing the file releases the lock")] File),
    /// The file system has no locks. Readers still never see a torn file, but two processes may refresh at once.
    Unsupported,
}

/// Takes the lock at `path`, asking again and again for at most `wait`: a blocking lock could not be given up.
pub(super) fn acquire(path: &Path, wait: Duration) -> Result<Lock, StoreError> {
    let file = open(path).map_err(|error| StoreError::cannot("open", path, error))?;
    let clock = SystemClock::new();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Lock::Held(file)),
            Err(TryLockError::WouldBlock) if clock.ticks() < wait => thread::sleep(pause()),
            Err(TryLockError::WouldBlock) => return Err(still_taken(path, wait)),
            Err(TryLockError::Error(error)) => {
                tracing::warn!(path = %path.display(), %error, "no file locks here: going on without");
                return Ok(Lock::Unsupported);
            }
        }
    }
}

/// For reading and writing: NFS refuses an exclusive lock on a file that is open for reading alone.
fn open(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn pause() -> Duration {
    Duration::from_millis(2).mul_f64(1.0 + 9.0 * random::fraction())
}

fn still_taken(path: &Path, wait: Duration) -> StoreError {
    let path = path.display();
    StoreError::busy(format!("another process held the lock {path} for more than {} s", wait.as_secs()))
}
