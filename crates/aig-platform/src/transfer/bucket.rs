//! The organization's bucket: where slides wait for the platform.

use std::{collections::VecDeque, path::Path, sync::Arc, time::Duration};

use aig_codegen::models::OrganizationReadResponse;
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt as _, stream::FuturesUnordered};
use http::Method;
use http_body_util::BodyExt as _;
use object_store::{
    ClientOptions, MultipartUpload, ObjectStoreExt as _, PutPayload, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder},
    client::{HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService},
    path::Path as ObjectPath,
    signer::Signer as _,
};
use tokio::io::AsyncReadExt as _;

use crate::{
    Error, ErrorKind, Result, file,
    settings::BucketSettings,
    transfer::{Crc32c, FileOutcome, Progress, SignedUrl, TransferEvent, fetch::blocking, safe_name::safe_ascii_name},
    transport::{Request, Transport, TransportErrorKind, is_loopback},
};

/// Files up to this size go in one request; larger ones in parts of it. An upload of 10,000 parts, the most that S3
/// takes, is then 160 GB.
const PART: usize = 16 << 20;

/// Parts on their way at once: with the one being read, 80 MiB at most.
const PARTS_AT_ONCE: usize = 4;

/// The bucket of one organization.
#[derive(Debug, Clone)]
pub struct Bucket {
    store: AmazonS3,
    name: String,
    protocol: String,
    link_lifetime: Duration,
}

/// A file that is in the bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Uploaded {
    /// Its name in the bucket.
    pub key: String,
    /// Where it is: `gs://bucket/key`.
    pub url: String,
    /// Its size.
    pub bytes: u64,
    /// The checksum of what was sent.
    pub crc32c: Crc32c,
}

impl Bucket {
    pub(crate) fn of_organization(
        organization: &OrganizationReadResponse,
        settings: &BucketSettings,
        transport: Arc<dyn Transport>,
    ) -> Result<Self> {
        let name = organization.aignostics_bucket_name.clone();
        let store = AmazonS3Builder::new()
            .with_endpoint(settings.endpoint.as_str().trim_end_matches('/'))
            .with_bucket_name(&name)
            .with_region(&settings.region)
            .with_access_key_id(organization.aignostics_bucket_hmac_access_key_id.expose())
            .with_secret_access_key(organization.aignostics_bucket_hmac_secret_access_key.expose())
            .with_virtual_hosted_style_request(false)
            .with_allow_http(is_loopback(&settings.endpoint))
            .with_retry(RetryConfig {
                max_retries: 3,
                retry_timeout: Duration::from_secs(120),
                ..RetryConfig::default()
            })
            .with_http_connector(Ours(transport))
            .build()
            .map_err(|_| Error::new(ErrorKind::Configuration, "the bucket of the organization cannot be used"))?;
        let protocol = organization.aignostics_bucket_protocol.clone();
        Ok(Self { store, name, protocol, link_lifetime: settings.download_expiry })
    }

    /// The name of the bucket.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The URL of a key, as people write it: `gs://bucket/key`.
    pub fn url(&self, key: &str) -> String {
        format!("{}://{}/{key}", self.protocol, self.name)
    }

    /// Puts a file into the bucket. The storage holds every part against its SHA-256; a file that changes meanwhile
    /// shows in the checksum of the answer.
    ///
    /// # Errors
    /// When the file cannot be read, or the bucket not written.
    pub async fn upload(&self, path: impl AsRef<Path>, key: &str, progress: &dyn Progress) -> Result<Uploaded> {
        let path = path.as_ref();
        let place = object_path(key)?;
        let mut source = Source::open(path).await?;
        let id = u64::from(Crc32c::of(key.as_bytes()).value());
        let name = path.file_name().map_or_else(|| key.to_owned(), |name| name.to_string_lossy().into_owned());
        progress.report(&TransferEvent::Started { id, name, size: Some(source.size) });
        let sent = self.send(&mut source, &place, |position, size| {
            progress.report(&TransferEvent::Advanced { id, position, size: Some(size) });
        });
        match sent.await {
            Ok(()) => progress.report(&TransferEvent::Finished { id, outcome: FileOutcome::Uploaded }),
            Err(error) => {
                progress.report(&TransferEvent::Failed { id, error: error.to_string() });
                return Err(error);
            }
        }
        Ok(Uploaded { key: key.to_owned(), url: self.url(key), bytes: source.read, crc32c: source.crc })
    }

    /// A link with which whoever has it may read the object, for as long as the settings say (7 days by default).
    ///
    /// # Errors
    /// When the key cannot be one.
    pub async fn signed_get_url(&self, key: &str) -> Result<SignedUrl> {
        let signed = self.store.signed_url(Method::GET, &object_path(key)?, self.link_lifetime).await;
        SignedUrl::new(signed.map_err(|error| failure(&error))?.as_str())
    }

    /// Removes an object.
    ///
    /// # Errors
    /// When it cannot be removed. One that is not there is removed already.
    pub async fn delete(&self, key: &str) -> Result<()> {
        match self.store.delete(&object_path(key)?).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failure(&error)),
        }
    }

    async fn send(&self, source: &mut Source<'_>, place: &ObjectPath, told: impl Fn(u64, u64)) -> Result<()> {
        let first = source.part().await?;
        if source.size <= PART as u64 {
            self.store.put(place, first.into()).await.map_err(|error| failure(&error))?;
            told(source.read, source.size);
            return Ok(());
        }
        let upload = self.store.put_multipart(place).await.map_err(|error| failure(&error))?;
        let mut upload = Unfinished(Some(upload));
        send_parts(&mut upload, first, source, told).await?;
        upload.complete().await
    }
}

/// Sends part after part, a few at once.
async fn send_parts(
    upload: &mut Unfinished,
    first: Bytes,
    source: &mut Source<'_>,
    told: impl Fn(u64, u64),
) -> Result<()> {
    let mut waiting = VecDeque::from([first]);
    let mut sending = FuturesUnordered::new();
    let mut sent = 0;
    loop {
        if let Some(part) = waiting.pop_front() {
            let (length, part) = (part.len() as u64, upload.put_part(part)?);
            sending.push(async move { part.await.map(|()| length) });
        }
        if sending.len() < PARTS_AT_ONCE {
            let next = source.part().await?;
            if !next.is_empty() {
                waiting.push_back(next);
                continue;
            }
        }
        match sending.next().await {
            Some(part) => sent += part.map_err(|error| failure(&error))?,
            None => return Ok(()),
        }
        told(sent, source.size);
    }
}

/// An upload in parts. Given up in the middle, it is called off, so that no parts are left in the bucket.
struct Unfinished(Option<Box<dyn MultipartUpload>>);

impl Unfinished {
    fn put_part(&mut self, part: Bytes) -> Result<object_store::UploadPart> {
        let upload = self.0.as_mut().ok_or_else(|| Error::new(ErrorKind::Io, "the upload is over"))?;
        Ok(upload.put_part(PutPayload::from_bytes(part)))
    }

    async fn complete(mut self) -> Result<()> {
        if let Some(upload) = self.0.as_mut() {
            upload.complete().await.map_err(|error| failure(&error))?;
        }
        self.0 = None;
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let (Some(mut upload), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(async move { upload.abort().await });
        }
    }
}

/// The file that is sent, read once, with its checksum.
struct Source<'a> {
    path: &'a Path,
    file: tokio::fs::File,
    size: u64,
    read: u64,
    crc: Crc32c,
}

impl<'a> Source<'a> {
    async fn open(path: &'a Path) -> Result<Self> {
        let unreadable = |error| Error::io("read", path, error);
        let named = path.to_owned();
        let opened = blocking(move || file::open(&named).map_err(|error| Error::io("read", &named, error))).await?;
        let file = tokio::fs::File::from_std(opened);
        let size = file.metadata().await.map_err(unreadable)?.len();
        Ok(Self { path, file, size, read: 0, crc: Crc32c::default() })
    }

    /// The next part; empty at the end.
    async fn part(&mut self) -> Result<Bytes> {
        let mut part =
            BytesMut::with_capacity(PART.min(usize::try_from(self.size - self.read.min(self.size)).unwrap_or(PART)));
        while part.len() < PART {
            let room = (PART - part.len()) as u64;
            let count = (&mut self.file).take(room).read_buf(&mut part).await;
            if count.map_err(|error| Error::io("read", self.path, error))? == 0 {
                break;
            }
        }
        self.read += part.len() as u64;
        self.crc = self.crc.append(&part);
        Ok(part.freeze())
    }
}

/// A key in the bucket: the segments joined by slashes, each made safe, so that no two files share one.
///
/// ```
/// use aig_platform::transfer::object_key;
///
/// assert_eq!(object_key(["ada", "run-7", "slides", "a.tiff"]), "ada/run-7/slides/a.tiff");
/// assert_ne!(object_key(["..", "x"]), object_key(["x"]));
/// ```
pub fn object_key<S: AsRef<str>>(segments: impl IntoIterator<Item = S>) -> String {
    // The mark of a changed name is not allowed in keys as it is.
    let safe: Vec<String> =
        segments.into_iter().map(|segment| safe_ascii_name(segment.as_ref()).replace('~', "--")).collect();
    safe.join("/")
}

fn object_path(key: &str) -> Result<ObjectPath> {
    ObjectPath::parse(key).map_err(|_| {
        Error::new(ErrorKind::InvalidRequest, format!("{:?} cannot be a key", crate::text::escaped(key)))
            .with_hint("make it of letters, digits, '-', '_', '.' and single slashes")
    })
}

/// The store's own text can hold an answer's body, so it is not passed on.
fn failure(error: &object_store::Error) -> Error {
    use object_store::Error as Store;
    let (kind, what) = match error {
        Store::NotFound { .. } => (ErrorKind::NotFound, "there is no such object or bucket"),
        Store::PermissionDenied { .. } | Store::Unauthenticated { .. } => {
            (ErrorKind::Forbidden, "the keys of the organization are not accepted")
        }
        Store::AlreadyExists { .. } | Store::Precondition { .. } => (ErrorKind::Conflict, "it is there already"),
        _ => (ErrorKind::Unavailable, "the storage cannot be reached or cannot serve now"),
    };
    Error::new(kind, format!("the bucket refused: {what}"))
}

/// Lets the store talk over our own transport: its proxies, certificates and time limits.
#[derive(Debug, Clone)]
struct Ours(Arc<dyn Transport>);

impl HttpConnector for Ours {
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

/// The most that an answer about an object may hold.
const LARGEST_ANSWER: usize = 16 << 20;

#[async_trait]
impl HttpService for Ours {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (parts, body) = request.into_parts();
        let bad = |error: url::ParseError| HttpError::new(HttpErrorKind::Unknown, error);
        let mut outgoing = Request::new(parts.method, parts.uri.to_string().parse().map_err(bad)?);
        outgoing.headers = parts.headers;
        outgoing.body = body.collect().await?.to_bytes();
        let answer = self.0.send(outgoing).await.map_err(fault)?;
        let content = answer.body.bytes(LARGEST_ANSWER).await.map_err(fault)?;
        let mut response = HttpResponse::new(content.into());
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        Ok(response)
    }
}

fn fault(error: crate::transport::TransportError) -> HttpError {
    let kind = match error.kind() {
        TransportErrorKind::Connect => HttpErrorKind::Connect,
        TransportErrorKind::Timeout => HttpErrorKind::Timeout,
        TransportErrorKind::Interrupted => HttpErrorKind::Interrupted,
        _ => HttpErrorKind::Unknown,
    };
    HttpError::new(kind, error)
}
