//! Object storage as Amazon S3 and Google's XML API speak it: path-style buckets, every request signed and checked.
//! Knows objects and signatures; knows no run and no bearer token.

mod absent;
mod attributes;
mod aws_chunked;
mod buckets;
mod canonical;
mod copy;
mod get;
pub(crate) mod google;
mod incoming;
mod list;
mod multipart;
mod object;
mod outgoing;
mod place;
mod pool;
mod promise;
mod put;
mod range;
mod refusal;
mod scheme;
mod shelved;
mod signature;
mod sums;
mod xml;

use std::{io::Read, sync::Arc};

use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, StatusCode, request::Parts};
use jiff::{SignedDuration, Timestamp};

use crate::clock::Clock;
use attributes::Attributes;
pub(crate) use buckets::Buckets;
use canonical::query_pairs;
use copy::Source;
pub(crate) use incoming::LARGEST as LARGEST_OBJECT;
use multipart::Sent;
pub(crate) use object::{Object, StoredFile};
use place::Place;
use pool::Pool;
use promise::Promise;
use refusal::{Refusal, RefusalCode};
use scheme::GOOGLE;
pub(crate) use shelved::{Shelved, StoredChange};
pub(crate) use signature::{Keyring, Reach};
use signature::{Signed, Unchecked, UrlToSign};
use xml::{document, element};

/// Where object storage begins on the sandbox's port.
pub(crate) const PREFIX: &str = "/storage";
/// The key of the platform itself, which signs the URLs of results.
pub(crate) const PLATFORM_KEY: &str = "GOOG1SANDBOXPLATFORM";
const LARGEST_DELETE_LIST: usize = 2 << 20;
/// Of what is read whole: heatmaps and outlines of the largest slides are smaller.
const LARGEST_READ: u64 = 64 << 20;

/// The store behind the endpoint.
#[derive(Debug)]
pub(crate) struct Storage {
    buckets: Buckets,
    keys: Keyring,
    clock: Clock,
    pool: Arc<Pool>,
    opened: Timestamp,
}

/// A link to sign: what to read, for how long, under which name a browser stores it.
#[derive(Clone, Debug)]
pub(crate) struct Link<'a> {
    pub(crate) method: &'a str,
    pub(crate) host: &'a str,
    pub(crate) bucket: &'a str,
    pub(crate) key: &'a str,
    pub(crate) lifetime: SignedDuration,
    pub(crate) disposition: Option<String>,
}

impl Storage {
    pub(crate) fn new(buckets: Buckets, keys: Keyring, clock: Clock) -> Self {
        let opened = clock.now();
        Self { buckets, keys, clock, pool: Arc::default(), opened }
    }

    pub(crate) fn buckets(&self) -> &Buckets {
        &self.buckets
    }

    pub(crate) fn create_bucket(&self, name: &str) {
        self.buckets.create(name);
    }

    /// Stores bytes of the sandbox's own. Blocks.
    pub(crate) fn store(&self, bucket: &str, key: &str, content_type: &str, bytes: &[u8]) -> std::io::Result<Object> {
        let file = incoming::store(bytes, self.buckets.new_path())?;
        let object = self.single(file, Attributes::of_type(content_type));
        let stored = self.buckets.put(bucket, key, object.clone(), &buckets::Condition::None);
        stored.map_err(std::io::Error::other)?;
        Ok(object)
    }

    /// The bytes of an object that is small enough to be looked at. Blocks.
    pub(crate) fn read(&self, bucket: &str, key: &str) -> std::io::Result<Vec<u8>> {
        let object = self.buckets.get(bucket, key).map_err(std::io::Error::other)?;
        if object.size > LARGEST_READ {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        let mut bytes = Vec::with_capacity(object.size as usize);
        for part in object.parts.iter() {
            part.open()?.read_to_end(&mut bytes)?;
        }
        Ok(bytes)
    }

    /// Keys with this prefix, in order, at most `most`; none of a bucket that is not there.
    pub(crate) fn list(&self, bucket: &str, prefix: &str, most: usize) -> Vec<(String, Object)> {
        self.buckets.list(bucket, prefix, "", most).unwrap_or_default()
    }

    /// An object for whoever sits at this machine: no signature is asked for.
    pub(crate) fn hand_out(&self, bucket: &str, key: &str, request: &HeaderMap) -> Option<Response> {
        let object = self.buckets.get(bucket, key).ok()?;
        let body = |first, length| outgoing::body(&object, first, length, &self.pool);
        Some(get::get(&object, body, request, &[]))
    }

    /// Each bucket with the number and size of its objects.
    pub(crate) fn summary(&self) -> Vec<(String, usize, u64)> {
        self.buckets.summary()
    }

    pub(crate) fn has(&self, bucket: &str, key: &str) -> bool {
        self.buckets.get(bucket, key).is_ok()
    }

    pub(crate) fn remove(&self, bucket: &str, key: &str) {
        if let Err(error) = self.buckets.delete(bucket, key) {
            tracing::debug!(%error, "nothing to remove");
        }
    }

    /// A signed URL in Google's style, or `None` without the platform's key.
    pub(crate) fn sign(&self, link: Link<'_>) -> Option<String> {
        let secret = self.keys.secret(PLATFORM_KEY)?;
        let disposition = link.disposition.map(|text| ("response-content-disposition".to_owned(), text));
        let url = UrlToSign {
            scheme: &GOOGLE,
            method: link.method,
            host: link.host,
            path: &format!("{PREFIX}/{}/{}", link.bucket, link.key),
            extra: disposition.into_iter().collect(),
            headers: Vec::new(),
            signed_at: self.clock.now(),
            lifetime: link.lifetime,
        };
        Some(url.sign(PLATFORM_KEY, secret))
    }

    /// Answers one request; its path begins with [`PREFIX`].
    pub(crate) async fn serve(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        self.answer(&parts, body).await.unwrap_or_else(|refusal| {
            tracing::debug!(%refusal, method = %parts.method, "object storage refuses");
            refusal.into_response()
        })
    }

    async fn answer(&self, parts: &Parts, body: Body) -> Result<Response, Refusal> {
        absent::check_manner(parts, &query_pairs(parts.uri.query().unwrap_or_default()))?;
        let uri = google::signed_uri(&parts.uri, &parts.headers);
        let unchecked = Unchecked { method: &parts.method, uri: &uri, headers: &parts.headers };
        let signed = self.keys.check(unchecked, &self.clock)?;
        let place = Place::of(parts.uri.path(), signed.reach.clone())?;
        if place.bucket.is_empty() {
            return if parts.method == Method::GET { Ok(self.list_buckets(&place.reach)) } else { Err(not_here()) };
        }
        if place.key.is_empty() {
            self.on_bucket(parts, &place, &signed, body).await
        } else {
            self.on_object(parts, &place, &signed, body).await
        }
    }

    async fn on_bucket(&self, parts: &Parts, place: &Place, signed: &Signed, body: Body) -> Result<Response, Refusal> {
        let asked = |name: &str| signed.query.iter().any(|(key, _)| key == name);
        let here: &[&str] = if parts.method == Method::POST { &["delete"] } else { &["location"] };
        absent::check_query(&signed.query, here)?;
        match parts.method {
            Method::GET if asked("location") => Ok(location()),
            Method::GET => list::list(&self.buckets, &place.bucket, &signed.query),
            Method::HEAD if self.buckets.exists(&place.bucket) => Ok(StatusCode::OK.into_response()),
            Method::HEAD => Err(Refusal::new(RefusalCode::NoSuchBucket, "there is no bucket of this name")),
            Method::POST if asked("delete") => self.delete_many(place, body).await,
            _ => Err(not_here()),
        }
    }

    async fn on_object(&self, parts: &Parts, place: &Place, signed: &Signed, body: Body) -> Result<Response, Refusal> {
        let query = |name: &str| signed.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let headers = &parts.headers;
        let here: &[&str] = match query("uploadId") {
            Some(_) => &["partNumber"],
            None if parts.method == Method::POST => &["uploads"],
            None => &[],
        };
        absent::check_query(&signed.query, here)?;
        absent::check_headers(headers)?;
        let promise = Promise::of(headers, &signed.payload);
        match (&parts.method, query("uploadId")) {
            (&Method::PUT, Some(id)) => {
                let sent = Source::of(headers).map_or_else(|| Sent::Body(body, promise), Sent::Elsewhere);
                multipart::put_part(self, place, id, query("partNumber").unwrap_or_default(), sent).await
            }
            (&Method::POST, Some(id)) => multipart::complete(self, place, id, headers, body).await,
            (&Method::DELETE, Some(id)) => multipart::abort(self, place, id),
            (&Method::GET, Some(id)) => multipart::list_parts(self, place, id),
            (&Method::POST, None) if query("uploads").is_some() => multipart::begin(self, place, headers),
            (&Method::PUT, None) => match Source::of(headers) {
                Some(source) => copy::object(self, place, source),
                None => put::put(self, place, headers, promise, body).await,
            },
            (&Method::GET | &Method::HEAD, None) => {
                let object = self.buckets.get(&place.bucket, &place.key)?;
                let body = |first, length| match parts.method {
                    Method::HEAD => Body::empty(),
                    _ => outgoing::body(&object, first, length, &self.pool),
                };
                Ok(get::get(&object, body, headers, &signed.query))
            }
            (&Method::DELETE, None) => {
                self.buckets.delete(&place.bucket, &place.key)?;
                Ok(StatusCode::NO_CONTENT.into_response())
            }
            _ => Err(not_here()),
        }
    }

    /// `POST ?delete` with a list of keys.
    async fn delete_many(&self, place: &Place, body: Body) -> Result<Response, Refusal> {
        let list = axum::body::to_bytes(body, LARGEST_DELETE_LIST).await;
        let list = list.map_err(|_| Refusal::new(RefusalCode::MalformedXML, "the list of keys cannot be read"))?;
        let list = String::from_utf8_lossy(&list);
        let is_quiet = xml::text(&list, "Quiet").as_deref() == Some("true");
        let mut deleted = String::new();
        for entry in xml::contents(&list, "Object") {
            let key = xml::text(entry, "Key").unwrap_or_default();
            self.buckets.delete(&place.bucket, &key)?;
            if is_quiet {
                continue;
            }
            deleted.push_str(&format!("<Deleted>{}</Deleted>", element("Key", &key)));
        }
        Ok(([(http::header::CONTENT_TYPE, "application/xml")], document("DeleteResult", &deleted)).into_response())
    }

    /// Those that a key opens.
    fn list_buckets(&self, reach: &Reach) -> Response {
        let since = element("CreationDate", &xml::time(self.opened));
        let names = self.buckets.summary().into_iter().map(|(name, ..)| name);
        let open = names.filter(|name| place::reachable(name, reach).is_ok());
        let buckets: String = open.map(|name| format!("<Bucket>{}{since}</Bucket>", element("Name", &name))).collect();
        let owner = format!("<Owner>{}</Owner>", element("ID", "sandbox"));
        let list = format!("{owner}<Buckets>{buckets}</Buckets>");
        ([(http::header::CONTENT_TYPE, "application/xml")], document("ListAllMyBucketsResult", &list)).into_response()
    }

    /// An object of one file.
    fn single(&self, file: StoredFile, attributes: Attributes) -> Object {
        Object {
            size: file.size,
            etag: file.digest.etag(),
            crc32c: file.crc32c,
            attributes,
            generation: self.buckets.next_number(),
            modified: self.clock.now(),
            parts: Arc::new([Arc::new(file)]),
        }
    }
}

/// What a request is told that brings something it should not have.
pub(crate) fn access_denied(message: &str) -> Response {
    Refusal::new(RefusalCode::AccessDenied, message).into_response()
}

fn location() -> Response {
    let xml = document("LocationConstraint", "EUROPE-WEST3");
    ([(http::header::CONTENT_TYPE, "application/xml")], xml).into_response()
}

fn not_here() -> Refusal {
    Refusal::new(RefusalCode::MethodNotAllowed, "the sandbox's object storage does not do this")
}

#[cfg(test)]
mod tests;
