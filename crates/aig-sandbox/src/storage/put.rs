//! Takes objects in: sent whole, or copied from others.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};

use super::{
    Storage,
    buckets::Condition,
    canonical::decode,
    incoming::receive,
    place::{Place, reachable},
    promise::Promise,
    refusal::{Refusal, RefusalCode},
    xml::{document, element},
};

pub(super) async fn put(
    storage: &Storage,
    place: &Place,
    headers: &HeaderMap,
    promise: Promise,
    body: Body,
) -> Result<Response, Refusal> {
    if !storage.buckets.exists(&place.bucket) {
        return Err(Refusal::new(RefusalCode::NoSuchBucket, "there is no bucket of this name"));
    }
    let file = receive(body, storage.buckets.new_path(), promise).await?;
    let object = storage.single(file, content_type(headers));
    let answer = [
        (header::ETAG.as_str(), format!("\"{}\"", object.etag)),
        ("x-goog-generation", object.generation.to_string()),
        ("x-goog-hash", format!("crc32c={}", object.crc32c_base64())),
    ];
    storage.buckets.put(&place.bucket, &place.key, object, &condition(headers))?;
    Ok((StatusCode::OK, answer).into_response())
}

/// `x-amz-copy-source` names the other object, percent-encoded.
pub(super) fn copy(storage: &Storage, place: &Place, headers: &HeaderMap, source: &str) -> Result<Response, Refusal> {
    let source = decode(source);
    let source = source.trim_start_matches('/').split_once('/');
    let (bucket, key) =
        source.ok_or_else(|| Refusal::new(RefusalCode::InvalidArgument, "the copy source is no path"))?;
    reachable(bucket, &place.reach)?;
    let mut object = storage.buckets.get(bucket, key)?;
    object.generation = storage.buckets.next_number();
    object.modified = storage.clock.now();
    let fields = element("ETag", &format!("\"{}\"", object.etag))
        + &element("LastModified", &object.modified.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string());
    storage.buckets.put(&place.bucket, &place.key, object, &condition(headers))?;
    Ok(([(header::CONTENT_TYPE, "application/xml")], document("CopyObjectResult", &fields)).into_response())
}

pub(super) fn content_type(headers: &HeaderMap) -> String {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    given.unwrap_or("application/octet-stream").to_owned()
}

pub(super) fn condition(headers: &HeaderMap) -> Condition {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    if let Some(generation) = text("x-goog-if-generation-match").and_then(|text| text.parse().ok()) {
        return Condition::Generation(generation);
    }
    match (text("if-none-match"), text("if-match")) {
        (Some("*"), _) => Condition::Absent,
        (_, Some(etag)) => Condition::Etag(etag.trim_matches('"').to_owned()),
        _ => Condition::None,
    }
}
