//! Objects and the files behind them. A file lives as long as somebody holds its object.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::Timestamp;

use super::{attributes::Attributes, sums::Digest};

/// A stored object; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) parts: Arc<[Arc<StoredFile>]>,
    pub(crate) size: u64,
    /// Without quotes: that of its one file, or for an upload in parts the MD5 of their digests and their number.
    pub(crate) etag: String,
    pub(crate) crc32c: u32,
    pub(crate) attributes: Attributes,
    /// Grows with every write, as Google counts.
    pub(crate) generation: u64,
    pub(crate) modified: Timestamp,
}

impl Object {
    /// Copies the content to a new file. Blocks.
    pub(crate) fn copy_to(&self, path: &Path) -> io::Result<()> {
        let mut copy = std::fs::File::create(path)?;
        self.parts.iter().try_for_each(|part| io::copy(&mut part.open()?, &mut copy).map(drop))
    }

    /// As `x-goog-hash` and the platform's `checksum_base64_crc32c` write it.
    pub(crate) fn crc32c_base64(&self) -> String {
        BASE64_STANDARD.encode(self.crc32c.to_be_bytes())
    }
}

/// A file of ours; removed when the last holder lets go.
#[derive(Debug)]
pub(crate) struct StoredFile {
    pub(crate) path: PathBuf,
    pub(crate) size: u64,
    pub(crate) digest: Digest,
    pub(crate) crc32c: u32,
}

impl StoredFile {
    /// By which it is found again in its directory.
    pub(crate) fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    pub(crate) fn open(&self) -> io::Result<std::fs::File> {
        std::fs::File::open(&self.path)
    }
}

impl Drop for StoredFile {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

/// A file that is still being written; removed unless it is kept.
#[derive(Debug)]
pub(crate) struct Unfinished(Option<PathBuf>);

impl Unfinished {
    pub(crate) fn at(path: PathBuf) -> Self {
        Self(Some(path))
    }

    pub(crate) fn keep(mut self) -> PathBuf {
        self.0.take().unwrap_or_default()
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            remove(path);
        }
    }
}

fn remove(path: &Path) {
    if let Err(error) = std::fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::debug!(%error, "a stored file stays behind until its directory goes");
    }
}
