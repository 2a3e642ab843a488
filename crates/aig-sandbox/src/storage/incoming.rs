//! Takes the body of a request into a file: counted, summed and compared with what the sender promised.

use std::{fs::File, io, io::Write, path::PathBuf};

use axum::body::{Body, HttpBody};
use futures_util::StreamExt;
use tokio::task::{JoinHandle, spawn_blocking};

use super::{
    aws_chunked::Unchunker,
    object::{StoredFile, Unfinished},
    promise::Promise,
    refusal::{Refusal, RefusalCode},
    sums::{Found, Sums},
};
use crate::limits::Unread;

/// Larger objects are refused: a slide has a few gigabytes.
pub(crate) const LARGEST: u64 = 64 << 30;

/// Writes the body to `path`. Nothing stays there when the body breaks off or is not as promised.
///
/// A piece is summed and written on another thread while the next one comes in.
pub(crate) async fn receive(body: Body, path: PathBuf, mut promise: Promise) -> Result<StoredFile, Refusal> {
    if body.size_hint().lower() > LARGEST {
        return Err(too_large());
    }
    let sums = Sums::asked_by(&promise);
    let mut work = spawn_blocking(move || Arrival::begin(path, sums));
    let mut unchunker = promise.chunked.then(Unchunker::default);
    let mut frames = body.into_data_stream();
    while let Some(frame) = frames.next().await {
        let mut piece = frame.map_err(|error| unread(error.into()))?;
        if let Some(unchunker) = &mut unchunker {
            piece = unchunker.feed(&piece)?;
        }
        let arrival = done(work).await?;
        work = spawn_blocking(move || arrival.take(&piece));
    }
    if let Some(unchunker) = unchunker {
        promise.hear(&unchunker.trailer()?);
    }
    done(work).await?.finish(&promise)
}

async fn done(work: JoinHandle<Result<Arrival, Refusal>>) -> Result<Arrival, Refusal> {
    work.await.map_err(|error| Refusal::from(io::Error::other(error)))?
}

/// A file that grows.
struct Arrival {
    file: File,
    unfinished: Unfinished,
    sums: Sums,
}

impl Arrival {
    fn begin(path: PathBuf, sums: Sums) -> Result<Self, Refusal> {
        Ok(Self { file: File::create(&path)?, unfinished: Unfinished::at(path), sums })
    }

    fn take(mut self, piece: &[u8]) -> Result<Self, Refusal> {
        self.sums.update(piece);
        if self.sums.size > LARGEST {
            return Err(too_large());
        }
        self.file.write_all(piece)?;
        Ok(self)
    }

    fn finish(self, promise: &Promise) -> Result<StoredFile, Refusal> {
        let found = self.sums.finish();
        promise.compare(&found)?;
        Ok(stored(self.unfinished, &found))
    }
}

/// Stores bytes that the sandbox made itself.
pub(crate) fn store(bytes: &[u8], path: PathBuf) -> io::Result<StoredFile> {
    let mut file = File::create(&path)?;
    let unfinished = Unfinished::at(path);
    file.write_all(bytes)?;
    let mut sums = Sums::asked_by(&Promise::default());
    sums.update(bytes);
    Ok(stored(unfinished, &sums.finish()))
}

fn stored(unfinished: Unfinished, found: &Found) -> StoredFile {
    StoredFile { path: unfinished.keep(), size: found.size, digest: found.digest, crc32c: found.crc32c }
}

fn too_large() -> Refusal {
    Refusal::new(RefusalCode::EntityTooLarge, "an object has at most 64 GiB here")
}

fn unread(reason: Unread) -> Refusal {
    match reason {
        Unread::Slow => Refusal::new(RefusalCode::RequestTimeout, "the body stopped coming, or came too slowly"),
        _ => Refusal::new(RefusalCode::InvalidRequest, "the body broke off"),
    }
}
