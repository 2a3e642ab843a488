//! Fetches submitted slides: streamed to a file, counted and summed on the way.

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
    time::Duration,
};

use futures_util::StreamExt;
use tokio::{io::AsyncWriteExt, time::Instant};
use url::Url;

use crate::{
    http_client::{self, Proxy, is_loopback},
    storage::LARGEST_OBJECT,
};

/// A host may take its time at first.
const GRACE: Duration = Duration::from_secs(60);
/// Bytes a second that a download must have on average after that: nobody waits for a trickle.
const PACE: u64 = 1 << 10;

/// Two clients, built when first needed: loopback never goes through a proxy.
#[derive(Debug, Default)]
pub(crate) struct Fetcher {
    near: OnceLock<reqwest::Client>,
    far: OnceLock<reqwest::Client>,
}

/// A slide on disk.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) file: Scratch,
    pub(crate) crc32c: u32,
}

/// A file that goes when nobody needs it any more.
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn at(path: PathBuf) -> Self {
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.0) {
            tracing::debug!(%error, "a fetched slide stays behind until its directory goes");
        }
    }
}

/// Why a slide did not come. Names the host, never the URL: it is signed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("the download URL is not an http or https URL")]
    Url,
    #[error("{host} answered {status} to the download URL")]
    Status { host: String, status: http::StatusCode },
    #[error("the download from {host} failed: {reason}")]
    Transport { host: String, reason: &'static str },
    #[error("the slide could not be stored: {0}")]
    File(#[from] std::io::Error),
}

impl Fetcher {
    pub(crate) async fn fetch(&self, url: &str, path: PathBuf) -> Result<Fetched, FetchError> {
        let url = Url::parse(url).map_err(|_| FetchError::Url)?;
        let host = host_name(&url).ok_or(FetchError::Url)?;
        let transport = |reason| FetchError::Transport { host: host.clone(), reason };
        let client = self.client(&url).ok_or(transport("no HTTP client could be set up"))?;
        let response = client.get(url).send().await.map_err(|error| transport(reason(&error)))?;
        if !response.status().is_success() {
            return Err(FetchError::Status { host, status: response.status() });
        }
        let mut file = tokio::fs::File::create(&path).await?;
        let scratch = Scratch(path);
        let (mut crc32c, mut received, begun) = (0, 0, Instant::now());
        let mut body = response.bytes_stream();
        while let Some(piece) = body.next().await {
            let piece = piece.map_err(|error| transport(reason(&error)))?;
            received += piece.len() as u64;
            hopeless(received, begun.elapsed()).map_or(Ok(()), |why| Err(transport(why)))?;
            crc32c = crc32c::crc32c_append(crc32c, &piece);
            file.write_all(&piece).await?;
        }
        file.flush().await?;
        Ok(Fetched { file: scratch, crc32c })
    }

    fn client(&self, url: &Url) -> Option<reqwest::Client> {
        let near = is_loopback(&url.host()?);
        let (slot, proxy) = if near { (&self.near, Proxy::Never) } else { (&self.far, Proxy::System) };
        if slot.get().is_none()
            && let Some(client) = http_client::build(proxy)
        {
            _ = slot.set(client);
        }
        slot.get().cloned()
    }
}

fn host_name(url: &Url) -> Option<String> {
    matches!(url.scheme(), "http" | "https").then(|| url.host_str().map(str::to_owned))?
}

/// Why a download that goes on need not be waited for.
fn hopeless(received: u64, elapsed: Duration) -> Option<&'static str> {
    let needed = elapsed.saturating_sub(GRACE).as_secs().saturating_mul(PACE);
    match () {
        () if received > LARGEST_OBJECT => Some("the slide is larger than 64 GiB"),
        () if received < needed => Some("it came too slowly"),
        () => None,
    }
}

fn reason(error: &reqwest::Error) -> &'static str {
    match () {
        () if error.is_timeout() => "it took too long",
        () if is_about_trust(error) => "its TLS certificate is not trusted",
        () if error.is_connect() => "no connection",
        () if error.is_redirect() => "too many redirects",
        () => "the transfer broke off",
    }
}

/// The TLS backend says so in words only.
fn is_about_trust(error: &reqwest::Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        if error.to_string().contains("certificate") {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trickle_and_an_endless_slide_are_given_up() {
        let after = |received, seconds| hopeless(received, Duration::from_secs(seconds));
        assert_eq!(after(0, 59), None);
        assert_eq!(after(10 << 10, 70), None);
        assert_eq!(after(4, 120), Some("it came too slowly"));
        assert_eq!(after(1 << 30, 3600), None);
        assert!(after(LARGEST_OBJECT + 1, 1).unwrap().contains("64 GiB"));
    }
}
