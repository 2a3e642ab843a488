//! Lists a bucket as ListObjects (versions 1 and 2) does.

use std::collections::BTreeSet;

use axum::response::{IntoResponse, Response};
use http::header;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    buckets::Buckets,
    object::Object,
    refusal::{Refusal, RefusalCode},
    xml::{document, element, time},
};

const PAGE: usize = 1000;

/// What a listing asks for.
#[derive(Debug, Default)]
struct Listing {
    version: u8,
    prefix: String,
    delimiter: String,
    after: String,
    page: usize,
    encoded: bool,
}

/// What there is, up to a page.
#[derive(Debug, Default)]
struct Found {
    objects: Vec<(String, Object)>,
    folders: BTreeSet<String>,
    /// Where the next page goes on.
    next: Option<String>,
}

pub(super) fn list(buckets: &Buckets, bucket: &str, query: &[(String, String)]) -> Result<Response, Refusal> {
    let listing = Listing::read(query)?;
    let found = listing.find(buckets, bucket)?;
    let xml = document("ListBucketResult", &listing.content(bucket, &found));
    Ok(([(header::CONTENT_TYPE, "application/xml")], xml).into_response())
}

impl Listing {
    fn read(query: &[(String, String)]) -> Result<Self, Refusal> {
        let get = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let page = get("max-keys").map_or(Ok(PAGE), |text| text.parse());
        let page = page.map_err(|_| Refusal::new(RefusalCode::InvalidArgument, "max-keys is not a number"))?;
        let version = if get("list-type").as_deref() == Some("2") { 2 } else { 1 };
        let after = if version == 2 { get("continuation-token").or(get("start-after")) } else { get("marker") };
        Ok(Self {
            version,
            prefix: get("prefix").unwrap_or_default(),
            delimiter: get("delimiter").unwrap_or_default(),
            after: after.unwrap_or_default(),
            page: page.min(PAGE),
            encoded: get("encoding-type").as_deref() == Some("url"),
        })
    }

    fn find(&self, buckets: &Buckets, bucket: &str) -> Result<Found, Refusal> {
        let mut found = Found::default();
        let mut after = self.after.clone();
        loop {
            let batch = buckets.list(bucket, &self.prefix, &after, PAGE)?;
            if batch.is_empty() {
                return Ok(found);
            }
            for (key, object) in batch {
                if key.as_str() <= after.as_str() {
                    continue;
                }
                if found.objects.len() + found.folders.len() >= self.page {
                    found.next = Some(after);
                    return Ok(found);
                }
                after = match self.folder(&key) {
                    // The largest key that can be in the folder: the rest of it is passed over.
                    Some(folder) => {
                        let last = format!("{folder}{}", char::MAX);
                        found.folders.insert(folder);
                        last
                    }
                    None => {
                        found.objects.push((key.clone(), object));
                        key
                    }
                };
            }
        }
    }

    fn folder(&self, key: &str) -> Option<String> {
        if self.delimiter.is_empty() {
            return None;
        }
        let rest = key.strip_prefix(self.prefix.as_str())?;
        let end = rest.find(self.delimiter.as_str())? + self.delimiter.len();
        Some(format!("{}{}", self.prefix, rest.get(..end)?))
    }

    fn content(&self, bucket: &str, found: &Found) -> String {
        let mut xml = element("Name", bucket) + &element("Prefix", &self.key(&self.prefix));
        xml.push_str(&element("MaxKeys", &self.page.to_string()));
        if !self.delimiter.is_empty() {
            xml.push_str(&element("Delimiter", &self.key(&self.delimiter)));
        }
        if self.encoded {
            xml.push_str(&element("EncodingType", "url"));
        }
        xml.push_str(&element("IsTruncated", if found.next.is_some() { "true" } else { "false" }));
        xml.push_str(&self.position(found));
        found.objects.iter().for_each(|(key, object)| xml.push_str(&self.entry(key, object)));
        let folder = |name: &String| format!("<CommonPrefixes>{}</CommonPrefixes>", element("Prefix", &self.key(name)));
        found.folders.iter().for_each(|name| xml.push_str(&folder(name)));
        xml
    }

    fn position(&self, found: &Found) -> String {
        let next = found.next.as_deref();
        if self.version == 1 {
            return next.map(|next| element("NextMarker", &self.key(next))).unwrap_or_default();
        }
        let count = (found.objects.len() + found.folders.len()).to_string();
        let next = next.map(|next| element("NextContinuationToken", next)).unwrap_or_default();
        element("KeyCount", &count) + &next
    }

    fn entry(&self, key: &str, object: &Object) -> String {
        let fields = [
            element("Key", &self.key(key)),
            element("LastModified", &time(object.modified)),
            element("ETag", &format!("\"{}\"", object.etag)),
            element("Size", &object.size.to_string()),
            element("StorageClass", "STANDARD"),
        ];
        format!("<Contents>{}</Contents>", fields.concat())
    }

    fn key(&self, key: &str) -> String {
        if self.encoded { utf8_percent_encode(key, NON_ALPHANUMERIC).to_string() } else { key.to_owned() }
    }
}
