//! Takes the body of a request into a file: counted, hashed and compared with what the sender promised.

use std::{io, path::PathBuf, time::Duration};

use axum::body::Body;
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use futures_util::StreamExt;
use http::HeaderMap;
use md5::{Digest, Md5};
use sha2::Sha256;
use tokio::io::AsyncWriteExt;

use super::{
    aws_chunked::Unchunker,
    object::{StoredFile, Unfinished},
    refusal::{Refusal, RefusalCode},
    scheme::hex,
};

/// A sender that is silent for longer is given up.
const SILENCE: Duration = Duration::from_secs(30);
/// Larger objects are refused: a slide has a few gigabytes.
pub(crate) const LARGEST: u64 = 64 << 30;

/// What the sender says of the body.
#[derive(Clone, Debug, Default)]
pub(crate) struct Promise {
    sha256: Option<String>,
    md5: Option<String>,
    crc32c: Option<String>,
    chunked: bool,
}

impl Promise {
    /// From the headers, and the hash that has been signed.
    pub(crate) fn of(headers: &HeaderMap, signed_payload: &str) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let google = |kind: &str| {
            let parts = text("x-goog-hash")?.split(',');
            parts.filter_map(|part| part.trim().split_once('=')).find(|(name, _)| *name == kind).map(|(_, hash)| hash)
        };
        let is_hash = signed_payload.len() == 64;
        Self {
            sha256: is_hash.then(|| signed_payload.to_ascii_lowercase()),
            md5: text("content-md5").or(google("md5")).map(str::to_owned),
            crc32c: text("x-amz-checksum-crc32c").or(google("crc32c")).map(str::to_owned),
            chunked: signed_payload.starts_with("STREAMING-"),
        }
    }
}

/// Writes the body to `path`. Nothing stays there when the body breaks off or is not as promised.
pub(crate) async fn receive(body: Body, path: PathBuf, promise: &Promise) -> Result<StoredFile, Refusal> {
    let file = tokio::fs::File::create(&path).await?;
    let unfinished = Unfinished::at(path);
    let mut sink = Sink::new(file, promise);
    let mut unchunker = promise.chunked.then(Unchunker::default);
    let mut frames = body.into_data_stream();
    loop {
        let next = tokio::time::timeout(SILENCE, frames.next()).await;
        let next = next.map_err(|_| Refusal::new(RefusalCode::RequestTimeout, "the body stopped coming"))?;
        let Some(frame) = next else { break };
        let frame = frame.map_err(|_| Refusal::new(RefusalCode::InvalidRequest, "the body broke off"))?;
        match &mut unchunker {
            Some(unchunker) => unchunker.feed(&frame).map(|part| sink.write(part))?.await?,
            None => sink.write(frame).await?,
        }
    }
    if unchunker.is_some_and(|unchunker| !unchunker.is_done()) {
        return Err(Refusal::new(RefusalCode::InvalidRequest, "the chunked body broke off"));
    }
    sink.finish(promise, unfinished).await
}

struct Sink {
    file: tokio::fs::File,
    size: u64,
    md5: Md5,
    /// Only where it was promised: it is the slowest of the sums.
    sha256: Option<Sha256>,
    crc32c: u32,
}

impl Sink {
    fn new(mut file: tokio::fs::File, promise: &Promise) -> Self {
        file.set_max_buf_size(512 << 10);
        Self { file, size: 0, md5: Md5::new(), sha256: promise.sha256.as_ref().map(|_| Sha256::default()), crc32c: 0 }
    }

    async fn write(&mut self, bytes: Bytes) -> Result<(), Refusal> {
        self.size += bytes.len() as u64;
        if self.size > LARGEST {
            return Err(Refusal::new(RefusalCode::EntityTooLarge, "an object has at most 64 GiB here"));
        }
        self.md5.update(&bytes);
        if let Some(sha256) = &mut self.sha256 {
            sha2::Digest::update(sha256, &bytes);
        }
        self.crc32c = crc32c::crc32c_append(self.crc32c, &bytes);
        self.file.write_all(&bytes).await?;
        Ok(())
    }

    async fn finish(mut self, promise: &Promise, unfinished: Unfinished) -> Result<StoredFile, Refusal> {
        self.file.flush().await?;
        let md5: [u8; 16] = self.md5.finalize().into();
        let sha256 = self.sha256.map(|sha256| hex(&sha2::Digest::finalize(sha256))).unwrap_or_default();
        compare(RefusalCode::XAmzContentSHA256Mismatch, "the signed SHA-256", promise.sha256.as_deref(), &sha256)?;
        compare(RefusalCode::BadDigest, "the MD5", promise.md5.as_deref(), &BASE64_STANDARD.encode(md5))?;
        let crc32c = BASE64_STANDARD.encode(self.crc32c.to_be_bytes());
        compare(RefusalCode::BadDigest, "the CRC32C", promise.crc32c.as_deref(), &crc32c)?;
        Ok(StoredFile { path: unfinished.keep(), size: self.size, md5, crc32c: self.crc32c })
    }
}

fn compare(code: RefusalCode, what: &str, promised: Option<&str>, found: &str) -> Result<(), Refusal> {
    match promised {
        Some(promised) if promised != found => {
            Err(Refusal::new(code, format!("{what} of the body is not the one promised")).detail("Computed", found))
        }
        _ => Ok(()),
    }
}

/// Stores bytes that the sandbox made itself.
pub(crate) fn store(bytes: &[u8], path: PathBuf) -> io::Result<StoredFile> {
    let mut file = std::fs::File::create(&path)?;
    let unfinished = Unfinished::at(path);
    io::Write::write_all(&mut file, bytes)?;
    let md5 = Md5::digest(bytes).into();
    Ok(StoredFile { path: unfinished.keep(), size: bytes.len() as u64, md5, crc32c: crc32c::crc32c(bytes) })
}
