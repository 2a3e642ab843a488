//! Hands objects out: whole, in part, or their headers alone.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use super::{
    object::Object,
    range::{Selection, http_date, select},
    refusal::{Refusal, RefusalCode},
};

/// What the signer of a URL wants the answer to say instead.
const OVERRIDES: [(&str, HeaderName); 6] = [
    ("response-content-type", header::CONTENT_TYPE),
    ("response-content-language", header::CONTENT_LANGUAGE),
    ("response-expires", header::EXPIRES),
    ("response-cache-control", header::CACHE_CONTROL),
    ("response-content-disposition", header::CONTENT_DISPOSITION),
    ("response-content-encoding", header::CONTENT_ENCODING),
];

/// The answer, with a body of so many bytes from a place on.
pub(super) fn get(
    object: &Object,
    body: impl FnOnce(u64, u64) -> Body,
    request: &HeaderMap,
    query: &[(String, String)],
) -> Response {
    let (first, length, status) = match select(request, object) {
        Selection::Whole => (0, object.size, StatusCode::OK),
        Selection::Part { first, last } => (first, last - first + 1, StatusCode::PARTIAL_CONTENT),
        Selection::NotModified => return with_headers(StatusCode::NOT_MODIFIED.into_response(), object),
        Selection::Failed => return failed(),
        Selection::Unsatisfiable => return unsatisfiable(object.size),
    };
    let mut response = with_headers((status, body(first, length)).into_response(), object);
    set(&mut response, header::CONTENT_LENGTH, length.to_string());
    if status == StatusCode::PARTIAL_CONTENT {
        set(&mut response, header::CONTENT_RANGE, format!("bytes {first}-{}/{}", first + length - 1, object.size));
    }
    for (name, value) in query.iter().filter(|(_, value)| !value.is_empty()) {
        if let Some((_, header)) = OVERRIDES.iter().find(|(parameter, _)| parameter == name) {
            set(&mut response, header.clone(), value.clone());
        }
    }
    response
}

fn with_headers(mut response: Response, object: &Object) -> Response {
    for (name, value) in object.attributes.headers() {
        if let Ok(name) = HeaderName::try_from(name) {
            set(&mut response, name, value.to_owned());
        }
    }
    set(&mut response, header::ETAG, format!("\"{}\"", object.etag));
    set(&mut response, header::LAST_MODIFIED, http_date(object));
    set(&mut response, header::ACCEPT_RANGES, "bytes".to_owned());
    set(&mut response, HeaderName::from_static("x-goog-generation"), object.generation.to_string());
    set(&mut response, HeaderName::from_static("x-goog-stored-content-length"), object.size.to_string());
    set(&mut response, HeaderName::from_static("x-goog-hash"), format!("crc32c={}", object.crc32c_base64()));
    response
}

fn set(response: &mut Response, name: HeaderName, value: String) {
    if let Ok(value) = HeaderValue::try_from(value) {
        response.headers_mut().insert(name, value);
    }
}

fn failed() -> Response {
    Refusal::new(RefusalCode::PreconditionFailed, "the object is not as the request expects it").into_response()
}

fn unsatisfiable(size: u64) -> Response {
    let mut response = Refusal::new(RefusalCode::InvalidRange, "the object ends before the range").into_response();
    set(&mut response, header::CONTENT_RANGE, format!("bytes */{size}"));
    response
}
