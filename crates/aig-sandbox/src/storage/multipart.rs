//! Objects that come in parts: begun, sent in any order, put together or given up.

use std::sync::Arc;

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use md5::{Digest, Md5};

use super::{
    Storage,
    attributes::Attributes,
    buckets::Upload,
    copy::{self, Source},
    incoming::receive,
    object::Object,
    place::Place,
    promise::Promise,
    refusal::{Refusal, RefusalCode},
    scheme::hex,
    xml::{contents, document, element, text},
};

/// Of other parts than the last: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>, and Google's the same.
const SMALLEST_PART: u64 = 5 << 20;
/// The list of parts names at most 10,000 of them.
const LARGEST_LIST: usize = 4 << 20;

/// Where the bytes of a part come from.
pub(super) enum Sent<'r> {
    Body(Body, Promise),
    Elsewhere(Source<'r>),
}

pub(super) fn begin(storage: &Storage, place: &Place, headers: &HeaderMap) -> Result<Response, Refusal> {
    let id = format!("upload-{:016x}", crate::ids::random_u64());
    let upload = Upload {
        bucket: place.bucket.clone(),
        key: place.key.clone(),
        attributes: Attributes::of(headers)?,
        parts: Default::default(),
    };
    storage.buckets.begin_upload(id.clone(), upload)?;
    let fields = element("Bucket", &place.bucket) + &element("Key", &place.key) + &element("UploadId", &id);
    Ok(xml(document("InitiateMultipartUploadResult", &fields)))
}

pub(super) async fn put_part(
    storage: &Storage,
    place: &Place,
    id: &str,
    number: &str,
    sent: Sent<'_>,
) -> Result<Response, Refusal> {
    let number = number.parse().ok().filter(|number| (1..=10_000).contains(number));
    let number = number.ok_or_else(|| Refusal::new(RefusalCode::InvalidArgument, "partNumber is 1 to 10000"))?;
    storage.buckets.upload(id, place.pair())?;
    let (body, promise) = match sent {
        Sent::Body(body, promise) => (body, promise),
        Sent::Elsewhere(source) => return copy::part(storage, place, id, number, source).await,
    };
    let file = receive(body, storage.buckets.new_path(), promise).await?;
    let part = storage.single(file, Attributes::default());
    let etag = format!("\"{}\"", part.etag);
    storage.buckets.put_part(id, place.pair(), number, part)?;
    Ok(([(header::ETAG, etag)], StatusCode::OK).into_response())
}

pub(super) async fn complete(
    storage: &Storage,
    place: &Place,
    id: &str,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let upload = storage.buckets.upload(id, place.pair())?;
    let list = axum::body::to_bytes(body, LARGEST_LIST).await;
    let list = list.map_err(|_| Refusal::new(RefusalCode::MalformedXML, "the list of parts cannot be read"))?;
    let parts = chosen(&upload, &String::from_utf8_lossy(&list))?;
    let object = join(storage, &parts, upload.attributes.clone());
    let etag = format!("\"{}\"", object.etag);
    storage.buckets.put(&place.bucket, &place.key, object, &super::put::condition(headers))?;
    storage.buckets.end_upload(id, place.pair())?;
    let fields = element("Bucket", &place.bucket) + &element("Key", &place.key) + &element("ETag", &etag);
    Ok(xml(document("CompleteMultipartUploadResult", &fields)))
}

pub(super) fn abort(storage: &Storage, place: &Place, id: &str) -> Result<Response, Refusal> {
    storage.buckets.end_upload(id, place.pair())?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(super) fn list_parts(storage: &Storage, place: &Place, id: &str) -> Result<Response, Refusal> {
    let upload = storage.buckets.upload(id, place.pair())?;
    let entry = |(number, part): (&u32, &Object)| {
        let etag = element("ETag", &format!("\"{}\"", part.etag));
        let size = element("Size", &part.size.to_string());
        format!("<Part>{}{etag}{size}</Part>", element("PartNumber", &number.to_string()))
    };
    let entries: String = upload.parts.iter().map(entry).collect();
    let head = element("Bucket", &place.bucket) + &element("Key", &place.key) + &element("UploadId", id);
    Ok(xml(document("ListPartsResult", &(head + &element("IsTruncated", "false") + &entries))))
}

/// The parts that the sender lists, each with the tag it was given.
fn chosen(upload: &Upload, list: &str) -> Result<Vec<Object>, Refusal> {
    let part = |entry: &str| {
        let number: u32 = text(entry, "PartNumber")?.parse().ok()?;
        let etag = text(entry, "ETag")?;
        let part = upload.parts.get(&number).filter(|part| part.etag == etag.trim_matches('"'))?;
        Some((number, part.clone()))
    };
    let entries = contents(list, "Part");
    if entries.is_empty() {
        return Err(Refusal::new(RefusalCode::MalformedXML, "the list of parts is empty"));
    }
    let parts: Option<Vec<(u32, Object)>> = entries.into_iter().map(part).collect();
    let parts = parts
        .ok_or_else(|| Refusal::new(RefusalCode::InvalidPart, "a part in the list was not sent, or has another tag"))?;
    if !parts.is_sorted_by(|(one, _), (next, _)| one < next) {
        return Err(Refusal::new(RefusalCode::InvalidPartOrder, "parts are listed by number, each once"));
    }
    if parts.iter().rev().skip(1).any(|(_, part)| part.size < SMALLEST_PART) {
        return Err(Refusal::new(RefusalCode::EntityTooSmall, "every part but the last has 5 MiB or more"));
    }
    Ok(parts.into_iter().map(|(_, part)| part).collect())
}

/// One object of all parts; no byte is copied.
fn join(storage: &Storage, parts: &[Object], attributes: Attributes) -> Object {
    let files: Vec<_> = parts.iter().flat_map(|part| part.parts.iter().cloned()).collect();
    let mut digests = Md5::new();
    files.iter().for_each(|file| digests.update(file.digest.bytes()));
    let combine = |crc, file: &Arc<super::object::StoredFile>| {
        crc32c::crc32c_combine(crc, file.crc32c, usize::try_from(file.size).unwrap_or(usize::MAX))
    };
    Object {
        size: files.iter().map(|file| file.size).sum(),
        etag: format!("{}-{}", hex(&digests.finalize()), files.len()),
        crc32c: files.iter().fold(0, combine),
        parts: files.into(),
        attributes,
        generation: storage.buckets.next_number(),
        modified: storage.clock.now(),
    }
}

fn xml(text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/xml")], text).into_response()
}
