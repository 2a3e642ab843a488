//! Writes a slide of the demo: whole or not at all, and no longer than somebody waits for it.

use std::{
    io::{self, BufWriter, Seek, SeekFrom, Write},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use aig_sandbox::synthetic::SlideSpec;
use tempfile::NamedTempFile;

/// Held by whoever waits. When it is dropped, before the end as well, painting stops at the next write.
#[derive(Debug)]
pub(super) struct Waiting(Arc<AtomicBool>);

/// The other half, for the painter.
#[derive(Debug)]
pub(super) struct Wanted(Arc<AtomicBool>);

/// Two halves of one wish.
pub(super) fn wish() -> (Waiting, Wanted) {
    let given_up = Arc::new(AtomicBool::new(false));
    (Waiting(given_up.clone()), Wanted(given_up))
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Paints `spec` and puts it under `path`: a temporary file beside it, then a rename. Blocking.
pub(super) fn paint(spec: &SlideSpec, path: &Path, wanted: Wanted) -> io::Result<()> {
    let mut file = beside(path)?;
    let mut out = BufWriter::new(Stoppable { file: &mut file, wanted });
    spec.write_to(&mut out)?;
    out.flush()?;
    drop(out);
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// A temporary file that will get the permissions that any new file of this user gets.
fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".slide-").suffix(".part");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// A file that cannot be written any more once nobody waits for it.
struct Stoppable<'a> {
    file: &'a mut NamedTempFile,
    wanted: Wanted,
}

impl Stoppable<'_> {
    fn file(&mut self) -> io::Result<&mut NamedTempFile> {
        if self.wanted.0.load(Ordering::Relaxed) {
            return Err(io::Error::other("nobody waits for the slide any more"));
        }
        Ok(self.file)
    }
}

impl Write for Stoppable<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file()?.flush()
    }
}

impl Seek for Stoppable<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file()?.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slide_is_painted_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tiff");
        let (_waiting, wanted) = wish();
        paint(&SlideSpec::new(300, 200), &path, wanted).unwrap();
        assert_eq!(aig_platform::slide::Slide::read(&path).unwrap().width_px, 300);
    }

    #[test]
    fn nothing_is_left_of_a_slide_that_nobody_waits_for() {
        let folder = tempfile::tempdir().unwrap();
        let (waiting, wanted) = wish();
        drop(waiting);
        paint(&SlideSpec::new(300, 200), &folder.path().join("a.tiff"), wanted).unwrap_err();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
