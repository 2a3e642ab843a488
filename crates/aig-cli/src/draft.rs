//! A file that gets its name when it is whole: written beside the place, then renamed.

use std::{
    io::{self, Write},
    path::Path,
};

use tempfile::NamedTempFile;

/// A temporary file in the folder of `path`, with the permissions that any new file of this user gets.
pub(crate) fn beside(path: &Path, prefix: &str) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix).suffix(".part");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder).map_err(plain)
}

/// Puts `bytes` under `path`, whole or not at all.
pub(crate) fn publish(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = beside(path, ".aig-")?;
    file.write_all(bytes).map_err(plain)?;
    finish(file, path)
}

/// Gives a draft its name.
pub(crate) fn finish(file: NamedTempFile, path: &Path) -> io::Result<()> {
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// What the system said, without the name of the temporary file that nobody knows.
pub(crate) fn plain(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::Other => error,
        kind if error.get_ref().is_some() => kind.into(),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_published_whole_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        publish(&path, b"one").unwrap();
        publish(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn an_error_does_not_name_the_temporary_file() {
        let error = publish(Path::new("/nowhere/at/all/a.json"), b"").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(!error.to_string().contains(".aig-"), "{error}");
    }
}
