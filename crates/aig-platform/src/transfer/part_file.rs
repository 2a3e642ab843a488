//! A file that is being written: visible under its name only when it is whole.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use crate::{Error, ErrorKind, Result, text::escaped, transfer::Crc32c};

/// Bytes gathered before one write.
const BUFFER: usize = 1 << 20;

/// `NAME.part` beside `NAME`. Removed when it is dropped before it was published: after a failure, and when the caller
/// stops waiting.
///
/// Its lock keeps two processes from writing one file. Everything here blocks: call it from a blocking task.
#[derive(Debug)]
pub(crate) struct PartFile {
    target: PathBuf,
    part: PathBuf,
    file: Option<File>,
    buffer: Vec<u8>,
    length: u64,
    crc: Crc32c,
}

impl PartFile {
    /// Begins the file that will be `target`. Its directory is made when missing; below `root`, which is the user's
    /// own choice, none of it may be a link: that would lead the file elsewhere.
    pub(crate) fn create(root: &Path, target: &Path) -> Result<Self> {
        let part = part_path(target)?;
        if let Some(directory) = target.parent() {
            make_below(root, directory)?;
        }
        let file = open(&part)?;
        Ok(Self {
            target: target.to_owned(),
            part,
            file: Some(file),
            buffer: Vec::with_capacity(BUFFER),
            length: 0,
            crc: Crc32c::default(),
        })
    }

    /// How many bytes there are.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// The checksum of the bytes so far.
    pub(crate) fn crc(&self) -> Crc32c {
        self.crc
    }

    /// Whether these bytes would fill the buffer: then [`append`](Self::append) writes, and blocks.
    pub(crate) fn would_write(&self, bytes: &[u8]) -> bool {
        self.buffer.len() + bytes.len() >= BUFFER
    }

    /// Adds bytes at the end.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.crc = self.crc.append(bytes);
        self.length += bytes.len() as u64;
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BUFFER { self.flush() } else { Ok(()) }
    }

    /// Begins anew.
    pub(crate) fn restart(&mut self) -> Result<()> {
        self.buffer.clear();
        (self.length, self.crc) = (0, Crc32c::default());
        let emptied = self.file().and_then(|file| {
            file.set_len(0)?;
            file.seek(SeekFrom::Start(0)).map(drop)
        });
        emptied.map_err(|error| Error::io("empty", &self.part, error))
    }

    /// Makes it durable and gives it its name.
    pub(crate) fn publish(mut self) -> Result<()> {
        self.flush()?;
        let synced = self.file().and_then(|file| file.sync_all());
        synced.map_err(|error| Error::io("write", &self.part, error))?;
        std::fs::rename(&self.part, &self.target).map_err(|error| Error::io("replace", &self.target, error))?;
        self.file = None;
        if let Some(directory) = self.target.parent() {
            sync_directory(directory);
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        let buffer = std::mem::take(&mut self.buffer);
        let written = self.file().and_then(|file| file.write_all(&buffer));
        self.buffer = buffer;
        self.buffer.clear();
        written.map_err(|error| Error::io("write", &self.part, error))
    }

    fn file(&mut self) -> io::Result<&mut File> {
        self.file.as_mut().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            let _ = std::fs::remove_file(&self.part);
        }
    }
}

fn part_path(target: &Path) -> Result<PathBuf> {
    let name = target.file_name().ok_or_else(|| Error::io("write", target, io::ErrorKind::InvalidInput.into()))?;
    let mut name = name.to_owned();
    name.push(".part");
    Ok(target.with_file_name(name))
}

/// Makes `root`, and then `directory` one step at a time.
pub(crate) fn make_below(root: &Path, directory: &Path) -> Result<()> {
    let cannot = |path: &Path, error| Error::io("create the directory", path, error);
    std::fs::create_dir_all(root).map_err(|error| cannot(root, error))?;
    let steps = directory.strip_prefix(root).map_err(|_| cannot(directory, io::ErrorKind::InvalidInput.into()))?;
    let mut path = root.to_owned();
    for step in steps {
        path.push(step);
        match std::fs::create_dir(&path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(cannot(&path, error)),
            _ => {}
        }
        if !std::fs::symlink_metadata(&path).map_err(|error| cannot(&path, error))?.is_dir() {
            return Err(in_the_way(&path, "directory"));
        }
    }
    Ok(())
}

fn in_the_way(path: &Path, wanted: &str) -> Error {
    Error::new(
        ErrorKind::Conflict,
        format!("{} is in the way and is no {wanted}", escaped(&path.display().to_string())),
    )
    .with_hint("remove it, or choose another directory")
}

/// Opens and locks it, empty. What a killed process left is taken over; what a living one holds is not.
fn open(part: &Path) -> Result<File> {
    if std::fs::symlink_metadata(part).is_ok_and(|found| !found.is_file()) {
        return Err(in_the_way(part, "file"));
    }
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(part)
        .map_err(|error| Error::io("create", part, error))?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => return Err(taken(part)),
        // Some file systems have no locks: then there is none.
        Ok(()) | Err(TryLockError::Error(_)) => {}
    }
    if !is_same_file(&file, part) {
        return Err(taken(part));
    }
    file.set_len(0).map_err(|error| Error::io("empty", part, error))?;
    Ok(file)
}

fn taken(part: &Path) -> Error {
    Error::new(ErrorKind::Conflict, format!("{} is being written by another process", part.display()))
        .with_hint("wait for the other download, or choose another directory")
}

/// Between opening and locking, another process may have published the file under its final name: it is not ours.
#[cfg(unix)]
fn is_same_file(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (file.metadata(), std::fs::symlink_metadata(path)) {
        (Ok(open), Ok(named)) => (open.dev(), open.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

/// Elsewhere an open file cannot be renamed by another process.
#[cfg(not(unix))]
fn is_same_file(_file: &File, _path: &Path) -> bool {
    true
}

/// The name survives a power cut only when its directory is synced. Not every system can; the bytes are safe anyway.
fn sync_directory(directory: &Path) {
    if cfg!(unix) {
        let _ = File::open(directory).and_then(|directory| directory.sync_all());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn the_name_appears_with_the_whole_content_and_not_before() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("new/result.csv");
        let mut file = PartFile::create(directory.path(), &target).unwrap();
        file.append(b"first").unwrap();
        file.restart().unwrap();
        let content = vec![7; BUFFER + 1];
        file.append(&content).unwrap();
        assert_eq!((file.length(), file.crc()), (content.len() as u64, Crc32c::of(&content)));
        assert_eq!(names(target.parent().unwrap()), ["result.csv.part"]);
        file.publish().unwrap();
        assert_eq!(names(target.parent().unwrap()), ["result.csv"]);
        assert_eq!(std::fs::read(&target).unwrap(), content);
    }

    #[test]
    fn what_is_given_up_leaves_nothing_behind_and_what_was_there_stays() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("a");
        PartFile::create(directory.path(), &target).unwrap().publish().unwrap();
        let mut second = PartFile::create(directory.path(), &target).unwrap();
        second.append(b"half").unwrap();
        drop(second);
        assert_eq!(names(directory.path()), ["a"]);
        assert_eq!(std::fs::read(&target).unwrap(), b"");
    }

    #[test]
    fn two_do_not_write_one_file_and_what_a_killed_process_left_is_taken_over() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("a");
        let first = PartFile::create(directory.path(), &target).unwrap();
        assert_eq!(PartFile::create(directory.path(), &target).unwrap_err().kind(), ErrorKind::Conflict);
        drop(first);
        File::create(directory.path().join("a.part")).unwrap().write_all(b"left over").unwrap();
        let mut again = PartFile::create(directory.path(), &target).unwrap();
        again.append(b"x").unwrap();
        again.publish().unwrap();
        assert_eq!(std::fs::read(&target).unwrap(), b"x");
    }

    #[test]
    #[cfg(unix)]
    fn a_link_in_the_way_is_not_followed() {
        let directory = tempfile::tempdir().unwrap();
        let victim = directory.path().join("victim");
        File::create(&victim).unwrap().write_all(b"precious").unwrap();
        std::os::unix::fs::symlink(&victim, directory.path().join("a.part")).unwrap();
        assert_eq!(
            PartFile::create(directory.path(), &directory.path().join("a")).unwrap_err().kind(),
            ErrorKind::Conflict
        );
        assert_eq!(std::fs::read(&victim).unwrap(), b"precious");
    }

    #[test]
    #[cfg(unix)]
    fn a_link_inside_the_destination_does_not_lead_out_of_it() {
        let (directory, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let root = directory.path().join("results");
        std::os::unix::fs::symlink(elsewhere.path(), directory.path().join("results")).unwrap();
        PartFile::create(&root, &root.join("run/a")).unwrap().publish().unwrap();
        assert_eq!(names(elsewhere.path()), ["run"], "the destination itself may be a link: the user chose it");
        std::os::unix::fs::symlink(elsewhere.path(), root.join("item")).unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), root.join("run/item")).unwrap();
        for target in ["item/a", "run/item/a", "item/deeper/a"] {
            assert_eq!(
                PartFile::create(&root, &root.join(target)).unwrap_err().kind(),
                ErrorKind::Conflict,
                "{target}"
            );
        }
        assert!(!elsewhere.path().join("a").exists() && !elsewhere.path().join("deeper").exists());
    }
}
