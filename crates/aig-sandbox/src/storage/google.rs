//! Google's own host name, which some clients have built in: what they sign for it is taken here, if it reaches us.

use std::borrow::Cow;

use axum::extract::Request;
use http::{HeaderMap, HeaderValue, Method, Uri, header};

use super::{
    PREFIX, Storage, canonical::decode, object::Object, place::reachable, refusal::Refusal, signature::Unchecked,
};

const HOST: HeaderValue = HeaderValue::from_static("storage.googleapis.com");

/// Whether a request is for that host and for none besides.
pub(crate) fn is_meant(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    hosts.next() == Some(&HOST) && hosts.next().is_none()
}

/// The request as it would be for the sandbox: there, buckets are below [`PREFIX`]. Every other request stays as it is.
pub(crate) fn brought_here(mut request: Request) -> Request {
    if is_meant(request.headers())
        && request.uri().authority().is_none()
        && let Ok(uri) = format!("{PREFIX}{}", request.uri()).parse()
    {
        *request.uri_mut() = uri;
    }
    request
}

/// The address that was signed.
pub(super) fn signed_uri<'r>(uri: &'r Uri, headers: &HeaderMap) -> Cow<'r, Uri> {
    if !is_meant(headers) {
        return Cow::Borrowed(uri);
    }
    let original = uri.to_string().strip_prefix(PREFIX).and_then(|uri| uri.parse().ok());
    original.map_or(Cow::Borrowed(uri), Cow::Owned)
}

impl Storage {
    /// The object behind a signed URL of Google's host that names a bucket of ours, as clients with a fixed host make
    /// them; `None` for every other URL.
    pub(crate) fn behind_google_url(&self, url: &str) -> Option<Result<Object, Refusal>> {
        let uri: Uri = url.strip_prefix("https://storage.googleapis.com")?.parse().ok()?;
        let (bucket, key) = uri.path().trim_start_matches('/').split_once('/')?;
        let (bucket, key) = (decode(bucket), decode(key));
        if !self.buckets.exists(&bucket) {
            return None;
        }
        let headers = HeaderMap::from_iter([(header::HOST, HOST)]);
        let unchecked = Unchecked { method: &Method::GET, uri: &uri, headers: &headers };
        let signed = self.keys.check(unchecked, &self.clock);
        let reachable = signed.and_then(|signed| reachable(&bucket, &signed.reach));
        Some(reachable.and_then(|()| self.buckets.get(&bucket, &key)))
    }
}
