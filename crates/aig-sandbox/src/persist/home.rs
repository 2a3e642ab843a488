//! The directory of a sandbox: its own while it holds the lock in it.

use std::{
    collections::BTreeSet,
    fs::{DirBuilder, File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::Once,
};

use tempfile::TempDir;

use super::journal;

pub(super) const OBJECTS: &str = "objects";
const SCRATCH: &str = "scratch";
const SNAPSHOTS: &str = "snapshots";
const LOCK: &str = "lock";
/// Of directories that live as long as their sandbox.
const PREFIX: &str = "aig-sandbox-";

/// Why a directory cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeepError {
    /// Another sandbox holds its lock.
    #[error("another sandbox uses it")]
    InUse,
    /// It is not empty, and no sandbox has made it.
    #[error("it holds something else ({0}); name an empty directory, or one that a sandbox has made")]
    Foreign(String),
    /// It has a format that is not known here.
    #[error("it was written by a newer version: format {found}, this one reads up to {known}")]
    Newer {
        /// The format of the directory.
        found: u32,
        /// The newest that is known.
        known: u32,
    },
    /// Something in it is not as it was written.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// The disk is in the way.
    #[error(transparent)]
    File(#[from] io::Error),
}

/// A directory with everything that a sandbox stores. Others keep away from it as long as this lives.
#[derive(Debug)]
pub(crate) struct Home {
    root: PathBuf,
    lock: File,
    /// Goes with the sandbox, when it is not to be kept.
    temporary: Option<TempDir>,
}

impl Home {
    /// A directory that goes when this is dropped. What sandboxes that were killed left behind goes first, once a process.
    pub(crate) fn temporary() -> io::Result<Self> {
        static SWEPT: Once = Once::new();
        SWEPT.call_once(|| sweep(&std::env::temp_dir()));
        Self::temporary_in(&std::env::temp_dir())
    }

    pub(super) fn temporary_in(place: &Path) -> io::Result<Self> {
        let directory = tempfile::Builder::new().prefix(PREFIX).tempdir_in(place)?;
        let root = directory.path().to_owned();
        let home = Self { lock: new_lock(&root)?, root, temporary: Some(directory) };
        home.furnish()?;
        Ok(home)
    }

    /// A directory that stays: made if it is not there, and refused if it is something else's.
    pub(crate) fn keep(root: &Path) -> Result<Self, KeepError> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(root)?;
        let known = [LOCK, OBJECTS, SCRATCH, SNAPSHOTS];
        if !root.join(journal::FILE).exists() {
            for entry in std::fs::read_dir(root)? {
                let name = entry?.file_name();
                // Only what a sandbox that was killed at its very beginning leaves.
                if !known.iter().any(|known| name == *known) && !name.to_string_lossy().starts_with(journal::FILE) {
                    return Err(KeepError::Foreign(name.to_string_lossy().into_owned()));
                }
            }
        }
        let lock = File::options().write(true).create(true).truncate(false).open(root.join(LOCK))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(KeepError::InUse),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let home = Self { root: root.to_owned(), lock, temporary: None };
        home.furnish()?;
        Ok(home)
    }

    fn furnish(&self) -> io::Result<()> {
        if self.scratch().exists() {
            std::fs::remove_dir_all(self.scratch())?;
        }
        [self.objects(), self.scratch()].iter().try_for_each(std::fs::create_dir_all)
    }

    /// Others may have the directory.
    pub(crate) fn unlock(&self) {
        if let Err(error) = self.lock.unlock() {
            tracing::debug!(%error, "the lock goes with the process");
        }
    }

    /// What is in it is no state any more. Objects go when the directory is used again.
    pub(crate) fn forget(&self) {
        if self.is_kept()
            && let Err(error) = std::fs::remove_file(self.root.join(journal::FILE))
        {
            tracing::warn!(%error, "half a state stays behind");
        }
    }

    /// Removes the files of objects that nothing refers to: what came last before a sandbox was killed.
    pub(crate) fn sweep_objects(&self, known: &BTreeSet<&str>) {
        let Ok(files) = std::fs::read_dir(self.objects()) else { return };
        for file in files.flatten() {
            if !known.contains(file.file_name().to_string_lossy().as_ref()) {
                _ = std::fs::remove_file(file.path());
            }
        }
    }

    pub(crate) fn is_kept(&self) -> bool {
        self.temporary.is_none()
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn objects(&self) -> PathBuf {
        self.root.join(OBJECTS)
    }

    pub(crate) fn scratch(&self) -> PathBuf {
        self.root.join(SCRATCH)
    }

    pub(crate) fn snapshots(&self) -> PathBuf {
        self.root.join(SNAPSHOTS)
    }
}

/// Locked before it has its name: a lock that is not held belongs to a sandbox that is dead.
fn new_lock(root: &Path) -> io::Result<File> {
    let unnamed = root.join("lock.new");
    let lock = journal::create(&unnamed)?;
    lock.try_lock().map_err(io::Error::from)?;
    std::fs::rename(unnamed, root.join(LOCK))?;
    Ok(lock)
}

/// Removes what dead sandboxes left in a directory for temporary files. What cannot be removed stays.
pub(super) fn sweep(place: &Path) {
    let Ok(entries) = std::fs::read_dir(place) else { return };
    for entry in entries.flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if ours && entry.file_type().is_ok_and(|kind| kind.is_dir()) && is_dead(&entry.path()) {
            _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// Whether its lock is there and nobody holds it.
fn is_dead(root: &Path) -> bool {
    let lock = File::options().write(true).open(root.join(LOCK));
    lock.is_ok_and(|lock| lock.try_lock().is_ok())
}
