//! The journal: lines of changes, each with its checksum.

use std::{
    fs::File,
    io::{self, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{Entry, home::KeepError};

/// Its name within a directory.
pub(super) const FILE: &str = "journal";
const NEW_FILE: &str = "journal.new";
const TITLE: &str = "aig-sandbox-state ";
/// Of the lines that follow the title.
pub(super) const VERSION: u32 = 1;

/// Where changes are written down, if anywhere.
#[derive(Debug, Default)]
pub(crate) struct Journal(Mutex<Target>);

#[derive(Debug, Default)]
enum Target {
    /// The state lives in memory.
    #[default]
    Nowhere,
    File {
        directory: PathBuf,
        file: Box<dyn Disk>,
        bytes: u64,
    },
    /// A part of a line is at the end and cannot be taken away, so nothing more may follow it.
    Broken,
    /// Another state has taken the place of this one.
    Replaced,
    /// The sandbox has ended.
    Ended,
    /// The deliberate mistake of a test: lines wait in memory, and are lost with the process.
    #[cfg(test)]
    Careless(Vec<u8>),
}

/// What a journal is written to; tests have one that is full.
pub(super) trait Disk: Write + Send + std::fmt::Debug {
    /// Takes away what is behind the first `bytes`, and goes on there.
    fn cut(&mut self, bytes: u64) -> io::Result<()>;
}

impl Disk for File {
    fn cut(&mut self, bytes: u64) -> io::Result<()> {
        self.set_len(bytes)?;
        self.seek(SeekFrom::Start(bytes)).map(drop)
    }
}

impl Journal {
    /// Writes down a whole state in the place of whatever the directory's journal said before.
    pub(crate) fn begin(directory: &Path, entries: &[Entry]) -> io::Result<Self> {
        Self::begin_by(sync_directory, directory, entries)
    }

    fn begin_by(sync: Sync, directory: &Path, entries: &[Entry]) -> io::Result<Self> {
        let mut text = format!("{TITLE}{VERSION}\n").into_bytes();
        for entry in entries {
            push_line(&mut text, std::slice::from_ref(entry))?;
        }
        let new = directory.join(NEW_FILE);
        let file = put_in_place(sync, &new, &text, directory).inspect_err(|_| drop(std::fs::remove_file(&new)))?;
        let (directory, bytes) = (directory.to_owned(), text.len() as u64);
        Ok(Self(Mutex::new(Target::File { directory, file: Box::new(file), bytes })))
    }

    pub(crate) fn is_kept(&self) -> bool {
        !matches!(*self.target(), Target::Nowhere)
    }

    /// How long the journal is, when it is kept.
    pub(crate) fn bytes(&self) -> Option<u64> {
        match &*self.target() {
            Target::File { bytes, .. } => Some(*bytes),
            _ => None,
        }
    }

    /// When this returns, the kernel has the line: it survives the process. It is one line, so all of it or nothing.
    ///
    /// # Errors
    /// When it cannot be written: then the journal is as it was before. Where that fails as well, nothing is written any
    /// more, so that no line follows a broken one.
    pub(crate) fn write(&self, entries: &[Entry]) -> io::Result<()> {
        if entries.is_empty() {
            return Ok(());
        }
        let mut target = self.target();
        let written = match &mut *target {
            Target::Nowhere => return Ok(()),
            Target::Broken => return Err(io::Error::other("an earlier change broke off and cannot be taken away")),
            Target::Replaced => return Err(io::Error::other("a snapshot has been loaded in the meantime")),
            Target::File { directory, file, bytes } => {
                is_there(directory)?;
                let appended = append(file.as_mut(), entries).map(|length| *bytes += length);
                appended.map_err(|error| (error, file.cut(*bytes)))
            }
            Target::Ended => return Err(io::Error::other("the sandbox has ended")),
            #[cfg(test)]
            Target::Careless(waiting) => return push_line(waiting, entries),
        };
        written.map_err(|(error, cut)| {
            if cut.is_err() {
                *target = Target::Broken;
            }
            error
        })
    }

    /// Writes the whole state in the place of all lines so far. Whoever calls this keeps everybody from changing it.
    pub(crate) fn begin_anew(&self, entries: &[Entry]) -> io::Result<()> {
        self.begin_anew_by(sync_directory, entries)
    }

    pub(super) fn begin_anew_by(&self, sync: Sync, entries: &[Entry]) -> io::Result<()> {
        let mut target = self.target();
        if let Target::File { directory, .. } = &*target {
            let new = Self::begin_by(sync, directory, entries)?;
            *target = new.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        }
        Ok(())
    }

    /// Whether nothing will ever be written again.
    pub(crate) fn is_over(&self) -> bool {
        matches!(*self.target(), Target::Broken | Target::Replaced | Target::Ended)
    }

    /// Another state takes the place of this one: nothing of this is written any more.
    pub(crate) fn close(&self) {
        *self.target() = Target::Replaced;
    }

    /// Nothing is written any more: the directory may be somebody else's from now on.
    pub(crate) fn end(&self) {
        let mut target = self.target();
        if !matches!(*target, Target::Nowhere) {
            *target = Target::Ended;
        }
    }

    /// Whether the files of objects are to stay when their sandbox ends.
    pub(crate) fn keeps_files(&self) -> bool {
        !matches!(*self.target(), Target::Nowhere | Target::Replaced)
    }

    /// The same file through something else.
    #[cfg(test)]
    pub(super) fn write_through(&self, wrap: impl FnOnce(Box<dyn Disk>) -> Box<dyn Disk>) {
        let mut target = self.target();
        if let Target::File { directory, file, bytes } = std::mem::take(&mut *target) {
            *target = Target::File { directory, file: wrap(file), bytes };
        }
    }

    #[cfg(test)]
    pub(super) fn be_careless(&self) {
        *self.target() = Target::Careless(Vec::new());
    }

    fn target(&self) -> MutexGuard<'_, Target> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the journal still has its name: who removes the directory would else never hear of what is lost.
fn is_there(directory: &Path) -> io::Result<()> {
    let place = directory.join(FILE);
    let missing = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", place.display()));
    std::fs::symlink_metadata(&place).map(drop).map_err(missing)
}

/// How a directory is synced; tests have one that cannot be.
type Sync = fn(&Path) -> io::Result<()>;

/// Once it has its name it is the journal, whatever becomes of the directory: to go on with the file before would lose all
/// that is written to it.
fn put_in_place(sync: Sync, new: &Path, text: &[u8], directory: &Path) -> io::Result<File> {
    let mut file = create(new)?;
    file.write_all(text)?;
    file.sync_all()?;
    std::fs::rename(new, directory.join(FILE))?;
    if let Err(error) = sync(directory) {
        tracing::warn!(%error, "a power cut may bring an earlier journal back: its directory cannot be synced");
    }
    Ok(file)
}

fn append(file: &mut dyn Disk, entries: &[Entry]) -> io::Result<u64> {
    let mut text = Vec::new();
    push_line(&mut text, entries)?;
    file.write_all(&text)?;
    Ok(text.len() as u64)
}

fn push_line(text: &mut Vec<u8>, entries: &[Entry]) -> io::Result<()> {
    let json = serde_json::to_vec(entries)?;
    write!(text, "{:08x} ", crc32c::crc32c(&json))?;
    text.extend_from_slice(&json);
    text.push(b'\n');
    Ok(())
}

/// The entries of a journal. A last line without its end was never acknowledged and is left out.
pub(super) fn read(bytes: &[u8]) -> Result<impl Iterator<Item = Result<Entry, KeepError>>, KeepError> {
    let (title, rest) = split_line(bytes).ok_or_else(|| KeepError::Foreign("its journal has no title".to_owned()))?;
    let title = std::str::from_utf8(title).ok().and_then(|title| title.strip_prefix(TITLE));
    let version: u32 = title
        .and_then(|version| version.parse().ok())
        .ok_or_else(|| KeepError::Foreign("its journal is not a sandbox's".to_owned()))?;
    if version > VERSION {
        return Err(KeepError::Newer { found: version, known: VERSION });
    }
    let mut rest = rest;
    let mut number = 1;
    let lines = std::iter::from_fn(move || {
        let (line, after) = split_line(rest)?;
        rest = after;
        number += 1;
        Some(entries_of(line).ok_or_else(|| KeepError::Damaged(format!("line {number} of its journal"))))
    });
    Ok(lines.flat_map(|line| match line {
        Ok(entries) => entries.into_iter().map(Ok).collect::<Vec<_>>(),
        Err(error) => vec![Err(error)],
    }))
}

fn split_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = bytes.split_at_checked(end)?;
    Some((line, rest.get(1..)?))
}

fn entries_of(line: &[u8]) -> Option<Vec<Entry>> {
    let (sum, json) = line.split_at_checked(8)?;
    let sum = u32::from_str_radix(std::str::from_utf8(sum).ok()?, 16).ok()?;
    let json = json.strip_prefix(b" ")?;
    if crc32c::crc32c(json) != sum {
        return None;
    }
    serde_json::from_slice(json).ok()
}

/// A file for secrets: readable by its owner from the first moment.
pub(super) fn create(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// So that the rename itself survives a power cut; where directories cannot be synced, it is as it is.
fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}
