//! Takes objects in that are sent whole.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};

use super::{
    Storage,
    attributes::Attributes,
    buckets::Condition,
    incoming::receive,
    place::Place,
    promise::Promise,
    refusal::{Refusal, RefusalCode},
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
    let attributes = Attributes::of(headers)?;
    let file = receive(body, storage.buckets.new_path(), promise).await?;
    let object = storage.single(file, attributes);
    let answer = [
        (header::ETAG.as_str(), format!("\"{}\"", object.etag)),
        ("x-goog-generation", object.generation.to_string()),
        ("x-goog-hash", format!("crc32c={}", object.crc32c_base64())),
    ];
    storage.buckets.put(&place.bucket, &place.key, object, &condition(headers))?;
    Ok((StatusCode::OK, answer).into_response())
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
