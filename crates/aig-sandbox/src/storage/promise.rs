//! What the sender of a body says of it: its checksums, in headers or in a trailer, and how it is coded.

use base64::{Engine, prelude::BASE64_STANDARD};
use http::HeaderMap;

use super::{
    refusal::{Refusal, RefusalCode},
    scheme::unhex,
    sums::{Found, Sum},
};

/// Headers, and lines of a trailer, that carry a checksum in Base64.
const HEADERS: [(&str, Sum); 6] = [
    ("content-md5", Sum::Md5),
    ("x-amz-checksum-crc32", Sum::Crc32),
    ("x-amz-checksum-crc32c", Sum::Crc32c),
    ("x-amz-checksum-sha1", Sum::Sha1),
    ("x-amz-checksum-sha256", Sum::Sha256),
    ("x-amz-checksum-crc64nvme", Sum::Crc64Nvme),
];

/// What the sender says of the body.
#[derive(Clone, Debug, Default)]
pub(crate) struct Promise {
    made: Vec<Made>,
    /// Its value comes in the trailer.
    announced: Vec<Sum>,
    pub(super) chunked: bool,
}

#[derive(Clone, Debug)]
struct Made {
    sum: Sum,
    base64: String,
    broken: RefusalCode,
}

impl Promise {
    /// From the headers, and the hash that has been signed.
    pub(crate) fn of(headers: &HeaderMap, signed_payload: &str) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let mut promise = Self { chunked: signed_payload.starts_with("STREAMING-"), ..Self::default() };
        // Anything else that is signed is one of the words for bodies that are not hashed.
        if let Some(hash) = unhex(signed_payload).filter(|hash| hash.len() == 32) {
            let base64 = BASE64_STANDARD.encode(hash);
            promise.made.push(Made { sum: Sum::Sha256, base64, broken: RefusalCode::XAmzContentSHA256Mismatch });
        }
        HEADERS.into_iter().for_each(|(name, sum)| promise.add(sum, text(name)));
        for (name, hash) in text("x-goog-hash").iter().flat_map(|list| list.split(',')).filter_map(split_hash) {
            match name {
                "md5" => promise.add(Sum::Md5, Some(hash)),
                "crc32c" => promise.add(Sum::Crc32c, Some(hash)),
                _ => {}
            }
        }
        let trailer = text("x-amz-trailer").unwrap_or_default();
        promise.announced = trailer.split(',').filter_map(|name| carried_by(name.trim())).collect();
        promise
    }

    pub(super) fn is_about(&self, sum: Sum) -> bool {
        self.announced.contains(&sum) || self.made.iter().any(|made| made.sum == sum)
    }

    /// Adds what the trailer of the body says.
    pub(super) fn hear(&mut self, trailer: &[String]) {
        for (name, value) in trailer.iter().filter_map(|line| line.split_once(':')) {
            if let Some(sum) = carried_by(name.trim()).filter(|sum| self.announced.contains(sum)) {
                self.add(sum, Some(value.trim()));
            }
        }
    }

    /// # Errors
    /// The promise that the body does not keep.
    pub(super) fn compare(&self, found: &Found) -> Result<(), Refusal> {
        let differs = |made: &&Made| found.of(made.sum).is_some_and(|found| found != made.base64);
        let Some(made) = self.made.iter().find(differs) else { return Ok(()) };
        let message = format!("{} of the body is not the one promised", made.sum.name());
        let computed = found.of(made.sum).unwrap_or_default();
        Err(Refusal::new(made.broken, message).detail("Computed", computed))
    }

    fn add(&mut self, sum: Sum, base64: Option<&str>) {
        let made = base64.map(|text| Made { sum, base64: text.to_owned(), broken: RefusalCode::BadDigest });
        self.made.extend(made);
    }
}

fn carried_by(header: &str) -> Option<Sum> {
    HEADERS.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(header)).map(|(_, sum)| sum)
}

fn split_hash(part: &str) -> Option<(&str, &str)> {
    part.trim().split_once('=')
}
