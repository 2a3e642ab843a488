//! Fetches submitted slides: streamed to a file, counted and summed on the way.

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};

use futures_util::StreamExt;
use tokio::io::AsyncWriteExt;
use url::Url;

use crate::http_client::{self, Proxy, is_loopback};

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
        let mut crc32c = 0;
        let mut body = response.bytes_stream();
        while let Some(piece) = body.next().await {
            let piece = piece.map_err(|error| transport(reason(&error)))?;
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

fn reason(error: &reqwest::Error) -> &'static str {
    match () {
        () if error.is_timeout() => "it took too long",
        () if error.is_connect() => "no connection",
        () if error.is_redirect() => "too many redirects",
        () => "the transfer broke off",
    }
}
