//! One file from a signed URL to a verified file: resumed where it broke off, with a new link when one expires.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header};
use tokio::time::Instant;

use crate::{
    Error, ErrorKind, Result,
    call::Behaviour,
    random,
    transfer::{Crc32c, PartFile, Progress, SignedUrl, TransferEvent},
    transport::{Request, Response, Transport, TransportError, TransportErrorKind},
};

/// How often a file is tried without bytes worth mentioning.
const FRUITLESS_ATTEMPTS: u32 = 4;

/// Progress is told after this many bytes at the earliest.
const TELL_EVERY: u64 = 256 << 10;

/// A connection that brings less than this in a window is as good as broken: a stall that drips.
const FLOOR_BYTES: u64 = 16 << 10;
const FLOOR_WINDOW: Duration = Duration::from_secs(30);

/// Where links to a file come from.
#[async_trait]
pub(crate) trait LinkSource: Send + Sync {
    /// A link that is good now.
    async fn link(&self) -> Result<SignedUrl>;
}

/// What the file shall be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Expected {
    /// Its checksum, where it is known.
    pub(crate) crc: Option<Crc32c>,
}

/// What came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fetched {
    pub(crate) bytes: u64,
    pub(crate) crc: Crc32c,
}

/// Fetches files.
#[derive(Clone)]
pub(crate) struct Fetcher {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) behaviour: Behaviour,
    pub(crate) progress: Arc<dyn Progress>,
    /// Where the user wants files: none is written outside.
    pub(crate) root: PathBuf,
}

/// One file on its way.
struct Journey<'a> {
    fetcher: &'a Fetcher,
    id: u64,
    links: &'a dyn LinkSource,
    expected: Expected,
    link: Option<SignedUrl>,
    /// What the server says is the identity of the bytes so far: without it they cannot be continued.
    etag: Option<HeaderValue>,
    size: Option<u64>,
    told: u64,
    mismatches: u32,
}

/// Why an attempt ended without the whole file.
enum Setback {
    /// Worth another attempt.
    Passing(Error),
    /// The link is no longer good.
    Expired(Error),
    /// What is here is of no use.
    Useless(Error),
    /// For good.
    Final(Error),
}

impl Fetcher {
    /// Fetches a file to `target`. Under that name there is the whole, verified file or what was there before.
    pub(crate) async fn fetch(
        &self,
        id: u64,
        links: &dyn LinkSource,
        target: &Path,
        expected: Expected,
    ) -> Result<Fetched> {
        // First the link: for a file that is not there, no directory is made.
        let link = links.link().await?;
        let (root, target) = (self.root.clone(), target.to_owned());
        let part = blocking(move || PartFile::create(&root, &target)).await?;
        let mut journey = Journey {
            fetcher: self,
            id,
            links,
            expected,
            link: Some(link),
            etag: None,
            size: None,
            told: 0,
            mismatches: 0,
        };
        let part = journey.travel(part).await?;
        let fetched = Fetched { bytes: part.length(), crc: part.crc() };
        blocking(move || part.publish()).await?;
        Ok(fetched)
    }

    fn tell(&self, event: &TransferEvent) {
        self.progress.report(event);
    }
}

impl Journey<'_> {
    /// Attempts until the file is whole. Attempts that bring bytes are free; fruitless ones are counted.
    async fn travel(&mut self, mut part: PartFile) -> Result<PartFile> {
        let mut fruitless = 0;
        loop {
            let before = part.length();
            let (returned, outcome) = self.attempt(part).await;
            part = returned?;
            let Err(setback) = outcome else { return Ok(part) };
            let error = self.judge(setback)?;
            if part.length() >= before + FLOOR_BYTES {
                fruitless = 0;
            }
            fruitless += 1;
            if fruitless >= FRUITLESS_ATTEMPTS {
                return Err(error.with_attempts(fruitless));
            }
            self.fetcher.tell(&TransferEvent::Retrying { id: self.id, reason: error.to_string() });
            let wait = self.fetcher.behaviour.wait(fruitless, random::fraction());
            tokio::time::sleep(wait.max(error.retry_after().unwrap_or_default()).min(Duration::from_secs(60))).await;
        }
    }

    /// What a setback means for the next attempt; an error when there is none.
    fn judge(&mut self, setback: Setback) -> Result<Error> {
        match setback {
            Setback::Final(error) => Err(error),
            Setback::Passing(error) => Ok(error),
            Setback::Expired(error) => {
                self.link = None;
                Ok(error)
            }
            Setback::Useless(error) => {
                (self.etag, self.size) = (None, None);
                self.mismatches += 1;
                // One clean attempt more: the fault may have been on the way.
                if self.mismatches > 1 { Err(error) } else { Ok(error) }
            }
        }
    }

    /// One request, and as much of its answer as comes. The file comes back in any case, but for a full disk.
    async fn attempt(&mut self, part: PartFile) -> (Result<PartFile>, Result<(), Setback>) {
        let mut part = part;
        let response = match self.ask(part.length()).await {
            Ok(response) => response,
            Err(setback) => return (Ok(part), Err(setback)),
        };
        if response.status == StatusCode::OK && part.length() > 0 {
            part = match self.restarted(part).await {
                Ok(part) => part,
                Err(error) => return (Err(error), Ok(())),
            };
        }
        let (part, read) = match self.read(response, part).await {
            Ok(read) => read,
            Err(error) => return (Err(error), Ok(())),
        };
        let checked = match read {
            Ok(()) => self.check(&part),
            Err(fault) => {
                Err(Setback::Passing(Error::new(ErrorKind::Network, format!("the download broke off: {fault}"))))
            }
        };
        match checked {
            Err(Setback::Useless(error)) => (self.restarted(part).await, Err(Setback::Useless(error))),
            checked => (Ok(part), checked),
        }
    }

    async fn restarted(&mut self, mut part: PartFile) -> Result<PartFile> {
        self.told = 0;
        blocking(move || part.restart().map(|()| part)).await
    }

    /// Asks for what is missing, and takes note of what the answer says about the file.
    async fn ask(&mut self, have: u64) -> Result<Response, Setback> {
        let link = match &self.link {
            Some(link) => link.clone(),
            None => self.links.link().await.map_err(Setback::Final)?,
        };
        self.link = Some(link.clone());
        let mut request = Request::new(Method::GET, link.url().map_err(Setback::Final)?)
            .with_header(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if have > 0
            && let Some(etag) = self.etag.clone()
        {
            request = request.with_header(header::IF_RANGE, etag);
            if let Ok(range) = HeaderValue::from_str(&format!("bytes={have}-")) {
                request = request.with_header(header::RANGE, range);
            }
        }
        let response = self.fetcher.transport.send(request).await.map_err(on_fault)?;
        self.understand(&response, have)?;
        Ok(response)
    }

    fn understand(&mut self, response: &Response, have: u64) -> Result<(), Setback> {
        if response.header("content-encoding").is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
            return Err(Setback::Final(refused("is sent in an encoding that was not asked for")));
        }
        match response.status {
            StatusCode::OK => {
                self.size = content_length(response);
                self.etag = strong_etag(response);
                Ok(())
            }
            StatusCode::PARTIAL_CONTENT => match content_range(response) {
                Some((first, size)) if first == have && have > 0 => {
                    self.size = size;
                    Ok(())
                }
                _ => Err(Setback::Useless(refused("was continued at the wrong place"))),
            },
            StatusCode::RANGE_NOT_SATISFIABLE => Err(Setback::Useless(refused("is shorter than before"))),
            status => Err(on_status(status, response)),
        }
    }

    /// Reads the body into the file. The inner error is a break on the way, the outer one of the disk.
    async fn read(&mut self, response: Response, mut part: PartFile) -> Result<(PartFile, Result<(), TransportError>)> {
        let mut body = response.body;
        let mut window = Window::at(part.length());
        loop {
            let chunk = match body.chunk().await {
                Ok(Some(chunk)) => chunk,
                Ok(None) => break,
                Err(fault) => return Ok((part, Err(fault))),
            };
            part = append(part, chunk).await?;
            // More than was announced is wrong already: it must not fill the disk.
            if self.size.is_some_and(|size| part.length() > size) {
                break;
            }
            if let Err(fault) = window.moved_to(part.length()) {
                return Ok((part, Err(fault)));
            }
            if part.length() >= self.told + TELL_EVERY {
                self.tell(part.length());
            }
        }
        self.tell(part.length());
        match self.size {
            Some(size) if part.length() < size => {
                let message = format!("{} of {size} bytes came", part.length());
                Ok((part, Err(TransportError::new(TransportErrorKind::Interrupted, message))))
            }
            _ => Ok((part, Ok(()))),
        }
    }

    fn tell(&mut self, position: u64) {
        self.told = position;
        self.fetcher.tell(&TransferEvent::Advanced { id: self.id, position, size: self.size });
    }

    fn check(&self, part: &PartFile) -> Result<(), Setback> {
        if self.size.is_some_and(|size| size != part.length()) {
            let error =
                Error::new(ErrorKind::Integrity, format!("{} bytes came, not as many as announced", part.length()));
            return Err(Setback::Useless(error));
        }
        match self.expected.crc {
            Some(expected) if expected != part.crc() => {
                let message = format!("the checksum is {} and should be {expected}", part.crc());
                Err(Setback::Useless(Error::new(ErrorKind::Integrity, message)))
            }
            _ => Ok(()),
        }
    }
}

/// How much came since when.
struct Window {
    begun: Instant,
    position: u64,
}

impl Window {
    fn at(position: u64) -> Self {
        Self { begun: Instant::now(), position }
    }

    /// Takes note of the position; an error when too little came for too long.
    fn moved_to(&mut self, position: u64) -> Result<(), TransportError> {
        if self.begun.elapsed() < FLOOR_WINDOW {
            return Ok(());
        }
        let came = position.saturating_sub(self.position);
        *self = Self::at(position);
        if came >= FLOOR_BYTES {
            return Ok(());
        }
        let message = format!("only {came} bytes came in {} s", FLOOR_WINDOW.as_secs());
        Err(TransportError::new(TransportErrorKind::Timeout, message))
    }
}

/// Adds a piece; off the async threads when it reaches the disk.
async fn append(mut part: PartFile, chunk: Bytes) -> Result<PartFile> {
    if part.would_write(&chunk) {
        return blocking(move || part.append(&chunk).map(|()| part)).await;
    }
    part.append(&chunk).map(|()| part)
}

/// Runs what blocks where it may.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Error::new(ErrorKind::Io, "the work on a file was interrupted")),
    }
}

fn on_fault(fault: TransportError) -> Setback {
    let error = Error::new(ErrorKind::Network, format!("the download did not begin: {fault}"));
    if fault.is_transient() { Setback::Passing(error) } else { Setback::Final(error) }
}

/// Storage answers a link that is over with 400 or 403.
fn on_status(status: StatusCode, response: &Response) -> Setback {
    let error = |kind, what: &str| {
        Error::new(kind, format!("the storage answered {} to the download: {what}", status.as_u16()))
            .with_status(status.as_u16())
    };
    match status.as_u16() {
        400 | 401 | 403 => Setback::Expired(error(ErrorKind::Forbidden, "the link is not accepted")),
        404 => Setback::Final(error(ErrorKind::NotFound, "the file is not there")),
        410 => Setback::Final(error(ErrorKind::Gone, "the file was deleted")),
        408 | 429 | 500..=599 => {
            let asked = response.header("retry-after").and_then(|text| text.parse().ok()).map(Duration::from_secs);
            Setback::Passing(error(ErrorKind::Unavailable, "it cannot serve now").with_retry_after(asked))
        }
        _ => Setback::Final(error(ErrorKind::Protocol, "that was not expected")),
    }
}

fn refused(what: &str) -> Error {
    Error::new(ErrorKind::Integrity, format!("the file {what}"))
}

fn content_length(response: &Response) -> Option<u64> {
    response.header("content-length")?.parse().ok()
}

/// A weak tag promises the same meaning, not the same bytes (RFC 9110, section 8.8.1).
fn strong_etag(response: &Response) -> Option<HeaderValue> {
    let tag = response.headers.get(header::ETAG)?;
    tag.to_str().ok().filter(|text| !text.starts_with("W/")).map(|_| tag.clone())
}

/// First byte and whole size of `bytes FIRST-LAST/SIZE` (RFC 9110, section 14.4).
fn content_range(response: &Response) -> Option<(u64, Option<u64>)> {
    let (range, size) = response.header("content-range")?.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    let size = if size == "*" { None } else { Some(size.parse().ok()?) };
    let fits = first <= last && size.is_none_or(|size: u64| last < size);
    fits.then_some((first, size))
}

#[cfg(test)]
mod tests;
