//! Streams an object, or a part of it, from its files: a few hundred kilobytes in memory whatever the size.

use std::{
    collections::VecDeque,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    sync::Arc,
};

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;

use super::object::{Object, StoredFile};

/// Read at once. Larger reads gain nothing on loopback.
const PIECE: u64 = 256 << 10;

/// What is still to be sent.
struct Rest {
    files: VecDeque<Arc<StoredFile>>,
    open: Option<File>,
    /// Bytes to skip at the beginning of the first file.
    skip: u64,
    left: u64,
}

/// The bytes from `first` on, `length` of them.
pub(crate) fn body(object: &Object, first: u64, length: u64) -> Body {
    let rest = Rest { files: object.parts.iter().cloned().collect(), open: None, skip: first, left: length };
    if length <= PIECE {
        return match rest.read().map(|next| next.map(|(bytes, rest)| (bytes, rest.left))) {
            Ok(Some((bytes, 0))) => Body::from(bytes),
            Ok(None) => Body::empty(),
            _ => streamed(object, first, length),
        };
    }
    streamed(object, first, length)
}

fn streamed(object: &Object, first: u64, length: u64) -> Body {
    let rest = Rest { files: object.parts.iter().cloned().collect(), open: None, skip: first, left: length };
    Body::from_stream(stream::try_unfold(rest, |rest| async {
        tokio::task::spawn_blocking(move || rest.read()).await.map_err(io::Error::other)?
    }))
}

impl Rest {
    fn read(mut self) -> io::Result<Option<(Bytes, Self)>> {
        while self.left > 0 {
            let Some(file) = self.files.front().cloned() else {
                return Err(io::ErrorKind::UnexpectedEof.into());
            };
            if self.skip >= file.size {
                self.next_file(file.size);
                continue;
            }
            let length = PIECE.min(self.left).min(file.size - self.skip);
            let bytes = self.piece(&file, length)?;
            self.skip += length;
            self.left -= length;
            if self.skip == file.size {
                self.next_file(file.size);
            }
            return Ok(Some((bytes, self)));
        }
        Ok(None)
    }

    fn next_file(&mut self, size: u64) {
        self.skip -= size;
        self.files.pop_front();
        self.open = None;
    }

    fn piece(&mut self, stored: &StoredFile, length: u64) -> io::Result<Bytes> {
        if self.open.is_none() {
            let mut file = stored.open()?;
            file.seek(SeekFrom::Start(self.skip))?;
            self.open = Some(file);
        }
        let mut bytes = vec![0; length as usize];
        match &mut self.open {
            Some(file) => file.read_exact(&mut bytes)?,
            None => return Err(io::ErrorKind::UnexpectedEof.into()),
        }
        Ok(bytes.into())
    }
}
