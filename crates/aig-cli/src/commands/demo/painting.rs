//! Writes a slide of the demo: whole or not at all, no longer than somebody waits for it, and with its checksum beside it.

use std::{
    io::{self, BufWriter, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use aig_platform::transfer::Crc32c;
use aig_sandbox::synthetic::SlideSpec;
use tempfile::NamedTempFile;
use tokio::sync::mpsc;

use crate::draft::{beside, finish, plain, publish};

/// Where slides are painted: knows when the last painter has left.
#[derive(Debug)]
pub(super) struct Studio {
    door: mpsc::Sender<()>,
    empty: mpsc::Receiver<()>,
}

/// Held while a slide is painted.
#[derive(Debug)]
pub(super) struct Painter(#[expect(dead_code, reason = "its end is what counts")] mpsc::Sender<()>);

impl Studio {
    pub(super) fn new() -> Self {
        let (door, empty) = mpsc::channel(1);
        Self { door, empty }
    }

    pub(super) fn painter(&self) -> Painter {
        Painter(self.door.clone())
    }

    /// Until nobody paints any more: only then is it known what lies in the folder.
    pub(super) async fn close(mut self) {
        drop(self.door);
        while self.empty.recv().await.is_some() {}
    }
}

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
    let mut file = beside(path, ".slide-")?;
    let mut out = BufWriter::new(Stoppable { file: &mut file, wanted });
    spec.write_to(&mut out).and_then(|()| out.flush()).map_err(plain)?;
    drop(out);
    finish(file, path)?;
    publish(&record_of(path), record(spec, &std::fs::read(path)?).as_bytes())
}

/// Whether the file is, byte for byte, what was painted from `spec`.
pub(super) fn is_intact(path: &Path, spec: &SlideSpec) -> bool {
    let (Ok(kept), Ok(bytes)) = (std::fs::read_to_string(record_of(path)), std::fs::read(path)) else { return false };
    kept == record(spec, &bytes)
}

/// The hidden file that says what was painted.
fn record_of(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.crc32c"))
}

/// The checksum of the bytes, and what they were painted from.
fn record(spec: &SlideSpec, bytes: &[u8]) -> String {
    let SlideSpec { width, height, mpp, seed, tissue, .. } = spec;
    format!("{} {width}x{height} {mpp} {seed} {tissue:?}\n", Crc32c::of(bytes))
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
    fn a_slide_with_one_other_byte_or_from_another_recipe_is_not_intact() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tiff");
        let (_waiting, wanted) = wish();
        let spec = SlideSpec::new(300, 200);
        assert!(!is_intact(&path, &spec));
        paint(&spec, &path, wanted).unwrap();
        assert!(is_intact(&path, &spec));
        assert!(!is_intact(&path, &SlideSpec::new(300, 200).seed(9)));
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        publish(&path, &bytes).unwrap();
        assert!(!is_intact(&path, &spec));
    }

    #[tokio::test]
    async fn a_studio_closes_when_the_last_painter_has_left() {
        let studio = Studio::new();
        let painter = studio.painter();
        let mut closing = Box::pin(studio.close());
        assert!(futures_util::poll!(&mut closing).is_pending());
        drop(painter);
        closing.await;
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
