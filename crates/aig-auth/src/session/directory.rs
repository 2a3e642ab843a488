//! The directory of the session files: where it is, and that only its owner can look inside.

use std::{
    fs::{self, DirBuilder},
    io,
    path::{Path, PathBuf},
};

use etcetera::BaseStrategy as _;

use super::StoreError;
use crate::environment;

/// The directory for files of `application`: the value of `variable` if it is set, else the cache directory of the
/// operating system (XDG rules, `~/Library/Caches`, `%LOCALAPPDATA%`) with `application` below it.
///
/// # Errors
/// When the variable is not set and there is no home directory.
pub fn default_directory(application: &str, variable: Option<&str>) -> Result<PathBuf, StoreError> {
    if let Some(directory) = variable.and_then(environment::variable) {
        return Ok(directory.into());
    }
    let base = etcetera::base_strategy::choose_native_strategy()
        .map_err(|_| StoreError::new("there is no home directory, so no cache directory"))?;
    Ok(base.cache_dir().join(application))
}

/// Makes `directory` and what is missing above it; the directory itself is for its owner alone.
pub(super) fn prepare(directory: &Path) -> io::Result<()> {
    if let Some(parent) = directory.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(directory) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    match fs::File::open(directory) {
        Ok(opened) => tighten(&opened, directory, 0o700),
        Err(_) => Ok(()),
    }
}

/// Takes away what group and others may do with the opened `file`, which is at `path`.
#[cfg(unix)]
pub(super) fn tighten(file: &fs::File, path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    if file.metadata()?.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    tracing::warn!(path = %path.display(), "others could look in here: permissions tightened");
    file.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
pub(super) fn tighten(_: &fs::File, _: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

/// Makes the names in `directory` durable.
#[cfg(unix)]
pub(super) fn sync(directory: &Path) -> io::Result<()> {
    fs::File::open(directory)?.sync_all()
}

#[cfg(not(unix))]
pub(super) fn sync(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Whether `file` belongs to whom its directory belongs to.
#[cfg(unix)]
pub(super) fn same_owner(file: &fs::Metadata, directory: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    Ok(file.uid() == fs::metadata(directory)?.uid())
}

#[cfg(not(unix))]
pub(super) fn same_owner(_: &fs::Metadata, _: &Path) -> io::Result<bool> {
    Ok(true)
}
