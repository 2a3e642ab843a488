//! A session in a file: written whole or not at all, readable by its owner alone, locked across processes.

use std::{
    fs::{self, File},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::{
    Record, SessionKey, SessionStore, StoreError, Transaction, directory, document,
    lock::{self, Lock},
};

/// A session document is a few KiB; what is larger is none.
const LARGEST: u64 = 1024 * 1024;

/// Keeps a session in a file of a directory.
///
/// One file a [`SessionKey`], named by a hash, mode 0600 in a directory of mode 0700. A write goes to a temporary file,
/// is made durable and renamed, so that readers see the old or the new document whatever happens. A damaged, foreign or
/// linked file counts as none.
#[derive(Debug, Clone)]
pub struct FileSessionStore {
    paths: Paths,
}

#[derive(Debug, Clone)]
struct Paths {
    directory: PathBuf,
    document: PathBuf,
    lock: PathBuf,
    stem: String,
    /// A damaged file is read before and under the lock: one warning is enough, until it was written again.
    warned: Arc<AtomicBool>,
}

impl FileSessionStore {
    /// A store in `sessions/` below `directory`. Nothing is touched before it is used.
    pub fn new(directory: impl Into<PathBuf>, key: &SessionKey) -> Self {
        Self::named(directory, key.file_stem())
    }

    /// The same for a session that has its own way to a name.
    pub(crate) fn named(directory: impl Into<PathBuf>, stem: String) -> Self {
        let directory = directory.into().join("sessions");
        let document = directory.join(format!("{stem}.json"));
        let lock = directory.join(format!("{stem}.lock"));
        Self { paths: Paths { directory, document, lock, stem, warned: Arc::default() } }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.paths.document
    }
}

impl SessionStore for FileSessionStore {
    fn load(&self) -> Result<Record, StoreError> {
        self.paths.read()
    }

    fn begin(&self, wait: Duration) -> Result<Box<dyn Transaction>, StoreError> {
        directory::prepare(&self.paths.directory)
            .map_err(|error| StoreError::cannot("prepare the directory", &self.paths.directory, error))?;
        let lock = lock::acquire(&self.paths.lock, wait)?;
        let record = self.paths.read()?;
        Ok(Box::new(Hold { paths: self.paths.clone(), record, lock }))
    }

    fn location(&self) -> String {
        self.paths.document.display().to_string()
    }
}

#[derive(Debug)]
struct Hold {
    paths: Paths,
    record: Record,
    lock: Lock,
}

impl Transaction for Hold {
    fn record(&self) -> &Record {
        &self.record
    }

    fn write(&mut self, next: Record) -> Result<(), StoreError> {
        if matches!(self.lock, Lock::Held(_)) {
            self.paths.sweep();
        }
        let written = document::write(&next).map_err(io::Error::from).and_then(|bytes| self.paths.publish(&bytes));
        written.map_err(|error| StoreError::cannot("write the session", &self.paths.document, error))?;
        self.record = next;
        Ok(())
    }

    fn remove(&mut self) -> Result<(), StoreError> {
        self.record = Record::default();
        match fs::remove_file(&self.paths.document) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(StoreError::cannot("remove the session", &self.paths.document, error))
            }
            _ => Ok(()),
        }
    }
}

impl Paths {
    fn read(&self) -> Result<Record, StoreError> {
        match self.bytes() {
            Ok(Some(bytes)) => Ok(document::read(&bytes).unwrap_or_else(|problem| self.ignore(&problem.to_string()))),
            Ok(None) => Ok(Record::default()),
            Err(error) => Err(StoreError::cannot("read the session", &self.document, error)),
        }
    }

    fn ignore(&self, problem: &str) -> Record {
        if !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(path = %self.document.display(), problem, "session file ignored");
        }
        Record::default()
    }

    fn bytes(&self) -> io::Result<Option<zeroize::Zeroizing<Vec<u8>>>> {
        let Some(file) = self.open()? else { return Ok(None) };
        let mut bytes = zeroize::Zeroizing::new(Vec::with_capacity(64 * 1024));
        file.take(LARGEST).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    /// The file, if it is one of ours: regular, not a link, the owner's, not larger than a session.
    fn open(&self) -> io::Result<Option<File>> {
        // A rename between looking and opening is another process writing; that many in a row are not.
        const RENAMES: usize = 100;
        for _ in 0..RENAMES {
            let named = match fs::symlink_metadata(&self.document) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                found => found?,
            };
            if !named.is_file() {
                self.ignore("it is no regular file");
                return Ok(None);
            }
            let file = File::open(&self.document)?;
            if same_file(&named, &file.metadata()?) {
                return self.accept(file);
            }
        }
        self.ignore("it is replaced all the time");
        Ok(None)
    }

    fn accept(&self, file: File) -> io::Result<Option<File>> {
        let metadata = file.metadata()?;
        if metadata.len() >= LARGEST || !directory::same_owner(&metadata, &self.directory)? {
            self.ignore("it is too large, or somebody else's");
            return Ok(None);
        }
        directory::tighten(&file, &self.document, 0o600)?;
        Ok(Some(file))
    }

    fn publish(&self, bytes: &[u8]) -> io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(&self.temporary_prefix()).tempfile_in(&self.directory)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(&self.document).map_err(|error| error.error)?;
        self.warned.store(false, Ordering::Relaxed);
        directory::sync(&self.directory)
    }

    fn temporary_prefix(&self) -> String {
        format!(".{}.", self.stem)
    }

    /// Removes temporary files that killed processes left. Called with the lock held: nobody else is writing.
    fn sweep(&self) {
        let prefix = self.temporary_prefix();
        let Ok(entries) = fs::read_dir(&self.directory) else { return };
        for entry in entries.flatten() {
            if entry.file_name().to_string_lossy().starts_with(&prefix) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

#[cfg(unix)]
fn same_file(named: &fs::Metadata, opened: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (named.dev(), named.ino()) == (opened.dev(), opened.ino())
}

#[cfg(not(unix))]
fn same_file(_: &fs::Metadata, opened: &fs::Metadata) -> bool {
    opened.is_file()
}
