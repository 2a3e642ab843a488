//! Streams an object, or a part of it, from its files: a piece is read while the one before it is sent.

use std::{
    collections::VecDeque,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    sync::Arc,
};

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use tokio::task::{JoinHandle, spawn_blocking};

use super::{
    object::{Object, StoredFile},
    pool::Pool,
};

/// So little is read at once, without another thread.
const LITTLE: u64 = 64 << 10;

/// What is still to be sent.
struct Rest {
    files: VecDeque<Arc<StoredFile>>,
    open: Option<File>,
    /// Bytes to skip at the beginning of the first file.
    skip: u64,
    left: u64,
    pool: Arc<Pool>,
}

/// A piece, and what comes after it; `None` at the end.
type Step = io::Result<Option<(Bytes, Rest)>>;

/// The bytes from `first` on, `length` of them.
pub(super) fn body(object: &Object, first: u64, length: u64, pool: &Arc<Pool>) -> Body {
    let files = object.parts.iter().cloned().collect();
    let rest = Rest { files, open: None, skip: first, left: length, pool: Arc::clone(pool) };
    if length == 0 {
        return Body::empty();
    }
    if length > LITTLE {
        return streamed(spawn_blocking(move || rest.read()));
    }
    match rest.read() {
        Ok(Some((bytes, rest))) if rest.left == 0 => Body::from(bytes),
        step => streamed(spawn_blocking(move || step)),
    }
}

fn streamed(reading: JoinHandle<Step>) -> Body {
    Body::from_stream(stream::try_unfold(reading, |reading| async {
        let Some((bytes, rest)) = reading.await.map_err(io::Error::other)?? else { return Ok(None) };
        Ok::<_, io::Error>(Some((bytes, spawn_blocking(move || rest.read()))))
    }))
}

impl Rest {
    fn read(mut self) -> Step {
        while self.left > 0 {
            let Some(file) = self.files.front().cloned() else {
                return Err(io::ErrorKind::UnexpectedEof.into());
            };
            if self.skip < file.size {
                let bytes = self.piece(&file)?;
                return Ok(Some((bytes, self)));
            }
            self.skip -= file.size;
            self.files.pop_front();
            self.open = None;
        }
        Ok(None)
    }

    fn piece(&mut self, stored: &StoredFile) -> io::Result<Bytes> {
        let mut file = match self.open.take() {
            Some(file) => file,
            None => {
                let mut file = stored.open()?;
                file.seek(SeekFrom::Start(self.skip))?;
                file
            }
        };
        let mut buffer = self.pool.lend(self.left.min(stored.size - self.skip));
        file.read_exact(buffer.as_mut())?;
        self.open = Some(file);
        let bytes = buffer.freeze();
        self.skip += bytes.len() as u64;
        self.left -= bytes.len() as u64;
        Ok(bytes)
    }
}
