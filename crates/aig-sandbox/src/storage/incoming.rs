//! Takes the body of a request into a file: counted, summed and compared with what the sender promised.

use std::{fs::File, io, io::Write, path::PathBuf, time::Duration};

use axum::body::{Body, HttpBody};
use futures_util::StreamExt;
use tokio::{task::spawn_blocking, time::Instant};

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

/// A piece that takes longer to write waits for the disk. The page cache takes one in a tenth of a millisecond.
const QUICK: Duration = Duration::from_millis(5);

/// Writes the body to `path`. Nothing stays there when the body breaks off or is not as promised.
///
/// A piece is summed and written where it came in, while it is in the processor's cache and its buffer can be used for the
/// next one: handing each to another thread costs twice the processor time. Only while the disk is slow do
/// others write, and at first, when nothing is known of it.
pub(crate) async fn receive(body: Body, path: PathBuf, mut promise: Promise) -> Result<StoredFile, Refusal> {
    if body.size_hint().lower() > LARGEST {
        return Err(too_large());
    }
    let sums = Sums::asked_by(&promise);
    let mut arrival = elsewhere(move || Arrival::begin(path, sums)).await?;
    let mut unchunker = promise.chunked.then(Unchunker::default);
    let mut frames = body.into_data_stream();
    while let Some(frame) = frames.next().await {
        let mut piece = frame.map_err(|error| unread(error.into()))?;
        if let Some(unchunker) = &mut unchunker {
            piece = unchunker.feed(&piece)?;
        }
        arrival = match arrival.pace {
            Pace::Quick => arrival.take(&piece)?,
            Pace::Slow => elsewhere(move || arrival.take(&piece)).await?,
        };
        // A body that comes as fast as it is written would leave others no time.
        tokio::task::yield_now().await;
    }
    if let Some(unchunker) = unchunker {
        promise.hear(&unchunker.trailer()?);
    }
    arrival.finish(&promise)
}

async fn elsewhere(work: impl FnOnce() -> Result<Arrival, Refusal> + Send + 'static) -> Result<Arrival, Refusal> {
    spawn_blocking(work).await.map_err(|error| Refusal::from(io::Error::other(error)))?
}

/// How the disk takes what comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pace {
    Quick,
    Slow,
}

/// A file that grows.
struct Arrival {
    file: File,
    unfinished: Unfinished,
    sums: Sums,
    pace: Pace,
}

impl Arrival {
    fn begin(path: PathBuf, sums: Sums) -> Result<Self, Refusal> {
        Ok(Self { file: File::create(&path)?, unfinished: Unfinished::at(path), sums, pace: Pace::Slow })
    }

    fn take(mut self, piece: &[u8]) -> Result<Self, Refusal> {
        self.sums.update(piece);
        if self.sums.size > LARGEST {
            return Err(too_large());
        }
        let begun = Instant::now();
        self.file.write_all(piece)?;
        self.pace = if begun.elapsed() < QUICK { Pace::Quick } else { Pace::Slow };
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
