//! Snapshots: a state under a name, with the content of its objects.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Entry, State, home, journal::Journal};
use crate::storage::StoredFile;

const INFO: &str = "info.json";
const LONGEST_NAME: usize = 64;

/// What is known of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SnapshotInfo {
    /// Its name.
    pub name: String,
    /// By the sandbox's clock.
    pub created_at: Timestamp,
    /// How many runs are in it.
    pub runs: usize,
    /// How many objects.
    pub objects: usize,
    /// How large the objects are together.
    pub bytes: u64,
}

/// Why there is no such snapshot.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// The name cannot be one.
    #[error("a snapshot's name has 1 to 64 letters, digits, `.`, `-` and `_`, and begins with none of these three")]
    Name,
    /// There is one of this name already.
    #[error("there is a snapshot `{name}` already; delete it first, or choose another name")]
    Exists {
        /// The name.
        name: String,
    },
    /// There is none of this name.
    #[error("there is no snapshot `{name}`")]
    Unknown {
        /// The name.
        name: String,
    },
    /// Its files are not what a snapshot's are.
    #[error("the snapshot cannot be loaded: {message}")]
    Unreadable {
        /// What is wrong.
        message: String,
    },
    /// The disk is in the way.
    #[error("the snapshot's files cannot be used: {0}")]
    File(#[from] io::Error),
}

/// A state at one moment, and the files that it needs, which stay as long as this lives.
#[derive(Debug)]
pub(crate) struct Still {
    pub(crate) entries: Vec<Entry>,
    pub(crate) files: Vec<Arc<StoredFile>>,
    pub(crate) runs: usize,
    pub(crate) objects: usize,
    pub(crate) bytes: u64,
}

/// Where snapshots lie.
#[derive(Clone, Debug)]
pub(crate) struct Shelf(pub(crate) PathBuf);

impl Shelf {
    /// Puts it there whole: it has its name only when all of it is written.
    pub(crate) fn save(&self, name: &str, still: &Still, now: Timestamp) -> Result<SnapshotInfo, SnapshotError> {
        let place = self.place(name)?;
        if place.exists() {
            return Err(SnapshotError::Exists { name: name.to_owned() });
        }
        std::fs::create_dir_all(&self.0)?;
        let unnamed = tempfile::Builder::new().prefix(".new-").tempdir_in(&self.0)?;
        let objects = unnamed.path().join(home::OBJECTS);
        std::fs::create_dir(&objects)?;
        for file in &still.files {
            link(&file.path, &objects.join(file.name()))?;
        }
        note(unnamed.path(), name, still, now)?;
        Journal::begin(unnamed.path(), &still.entries)?;
        std::fs::rename(unnamed.keep(), &place)?;
        self.info(name)
    }

    /// The oldest first.
    pub(crate) fn list(&self) -> Result<Vec<SnapshotInfo>, SnapshotError> {
        let entries = match std::fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let mut found: Vec<SnapshotInfo> = names.filter_map(|name| self.info(&name).ok()).collect();
        found.sort_by(|a, b| (a.created_at, &a.name).cmp(&(b.created_at, &b.name)));
        Ok(found)
    }

    pub(crate) fn info(&self, name: &str) -> Result<SnapshotInfo, SnapshotError> {
        let unknown = || SnapshotError::Unknown { name: name.to_owned() };
        let bytes = std::fs::read(self.place(name)?.join(INFO)).map_err(|_| unknown())?;
        let info: SnapshotInfo = serde_json::from_slice(&bytes).map_err(|_| unknown())?;
        // The directory may have been copied under another name.
        Ok(SnapshotInfo { name: name.to_owned(), ..info })
    }

    pub(crate) fn delete(&self, name: &str) -> Result<(), SnapshotError> {
        self.info(name)?;
        Ok(std::fs::remove_dir_all(self.place(name)?)?)
    }

    /// The state, and its objects linked into `objects` under numbers that are free there.
    pub(crate) fn load(&self, name: &str, objects: &Path, epoch: u32) -> Result<State, SnapshotError> {
        self.info(name)?;
        let place = self.place(name)?;
        let unreadable = |message: String| SnapshotError::Unreadable { message };
        let state = State::read(&place).map_err(|error| unreadable(error.to_string()))?;
        let mut state = state.ok_or_else(|| unreadable("its journal is missing".to_owned()))?;
        state.head.epoch = state.head.epoch.max(epoch + 1);
        let from = place.join(home::OBJECTS);
        let epoch = state.head.epoch;
        for (old, new) in state.stored.rename(|index| format!("r{epoch}-{index}")) {
            link(&from.join(old), &objects.join(new))?;
        }
        Ok(state)
    }

    fn place(&self, name: &str) -> Result<PathBuf, SnapshotError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let begins = name.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !begins || name.len() > LONGEST_NAME || !name.chars().all(plain) {
            return Err(SnapshotError::Name);
        }
        Ok(self.0.join(name))
    }
}

fn note(at: &Path, name: &str, still: &Still, now: Timestamp) -> io::Result<()> {
    let Still { runs, objects, bytes, .. } = *still;
    let info = SnapshotInfo { name: name.to_owned(), created_at: now, runs, objects, bytes };
    Ok(serde_json::to_writer(super::journal::create(&at.join(INFO))?, &info)?)
}

/// Content is never rewritten, so two names may have the same file; where the file system has no links, it is copied.
fn link(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::hard_link(from, to).or_else(|_| std::fs::copy(from, to).map(drop))
}
