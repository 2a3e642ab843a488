//! What S3 has and this storage has not: refused by name, with what to do instead. Done as if it had not been asked for,
//! `PUT ?tagging` would overwrite the object.

use http::{HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts};

use super::refusal::{Refusal, RefusalCode};

/// Of listings: these may be empty. Any other parameter without a value names a part of an object or a bucket.
const MAY_BE_EMPTY: [&str; 8] =
    ["prefix", "delimiter", "marker", "continuation-token", "start-after", "encoding-type", "max-keys", "fetch-owner"];
/// These have values, and mean another object or less of it.
const SELECTORS: [&str; 3] = ["versionId", "generation", "partNumber"];
/// What headers begin with that ask for something to be done with the object.
const ABSENT: [&str; 10] = [
    "x-amz-server-side-encryption-customer-",
    "x-amz-server-side-encryption-aws-",
    "x-amz-copy-source-server-side-encryption-",
    "x-goog-encryption-",
    "x-goog-copy-source-encryption-",
    "x-amz-object-lock-",
    "x-goog-object-lock-",
    "x-amz-grant-",
    "x-amz-website-redirect-location",
    "x-amz-write-offset-bytes",
];
/// Headers that ask for nothing with some values: those that say what is so without them.
const ORDINARY: [(&str, &[&str]); 4] = [
    ("x-amz-acl", &["private", "bucket-owner-full-control"]),
    ("x-goog-acl", &["private", "project-private", "bucket-owner-full-control"]),
    ("x-amz-server-side-encryption", &["AES256"]),
    ("x-amz-tagging", &[""]),
];

/// Ways to prove who one is, and to send, that are not taken here. Asked before the signature is checked.
///
/// # Errors
/// The way, and the one to take.
pub(super) fn check_manner(parts: &Parts, query: &[(String, String)]) -> Result<(), Refusal> {
    let given = |name: &str| query.iter().any(|(key, _)| key == name);
    let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let authorization = text(header::AUTHORIZATION);
    let is_old = ["AWS ", "GOOG1 "].iter().any(|scheme| authorization.starts_with(scheme));
    if is_old || given("AWSAccessKeyId") || given("GoogleAccessId") {
        let message = "signatures of version 2 are not taken; sign with AWS4-HMAC-SHA256 (boto3: \
            Config(signature_version=\"s3v4\")) or GOOG4-HMAC-SHA256";
        return Err(Refusal::new(RefusalCode::InvalidRequest, message));
    }
    if parts.method == Method::POST && text(header::CONTENT_TYPE).starts_with("multipart/form-data") {
        let message = "forms (presigned POST) are not taken; presign a PUT instead";
        return Err(Refusal::new(RefusalCode::NotImplemented, message));
    }
    Ok(())
}

/// # Errors
/// When the query names something that is not here. `here` are those that are.
pub(super) fn check_query(query: &[(String, String)], here: &[&str]) -> Result<(), Refusal> {
    let is_absent = |(name, value): &&(String, String)| {
        let name = name.as_str();
        let names_a_part = value.is_empty() && !MAY_BE_EMPTY.contains(&name) && !name.starts_with("response-");
        !here.contains(&name) && (names_a_part || SELECTORS.contains(&name))
    };
    let Some((name, _)) = query.iter().find(is_absent) else { return Ok(()) };
    let message = format!("the sandbox's object storage has no `{name}`: nothing was done");
    Err(Refusal::new(RefusalCode::NotImplemented, message))
}

/// # Errors
/// When a request to write asks for something that would silently not be done.
pub(super) fn check_headers(headers: &HeaderMap) -> Result<(), Refusal> {
    let Some((name, _)) = headers.iter().find(|(name, value)| is_absent(name, value)) else { return Ok(()) };
    let message = format!("the sandbox's object storage does not do what `{name}` asks for: nothing was done");
    Err(Refusal::new(RefusalCode::NotImplemented, message))
}

fn is_absent(name: &HeaderName, value: &HeaderValue) -> bool {
    let ordinary = ORDINARY.iter().find(|(header, _)| name == header);
    let is_ordinary = ordinary.is_none_or(|(_, values)| values.iter().any(|ordinary| value == ordinary));
    !is_ordinary || ABSENT.iter().any(|beginning| name.as_str().starts_with(beginning))
}
