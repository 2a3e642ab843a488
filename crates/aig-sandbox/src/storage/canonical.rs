//! The canonical form of a request, over which signatures are made: the same for who signs and who checks.

use http::{HeaderMap, HeaderName};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::scheme::{SCHEMES, hex};

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const PATH: &AsciiSet = &UNRESERVED.remove(b'/');

/// The parts of a request that are signed.
#[derive(Clone, Debug)]
pub(super) struct Canonical<'r> {
    pub(super) method: &'r str,
    /// As on the request line.
    pub(super) path: &'r str,
    /// Decoded, without the signature.
    pub(super) query: Vec<(String, String)>,
    /// Lower-case names in order, with their values.
    pub(super) headers: Vec<(String, String)>,
    pub(super) payload: &'r str,
}

impl Canonical<'_> {
    pub(super) fn text(&self) -> String {
        let headers: String = self.headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let path = encode_path(&decode(self.path));
        let query = encode_query(&self.query);
        [self.method, &path, &query, &headers, &self.signed_headers(), self.payload].join("\n")
    }

    pub(super) fn signed_headers(&self) -> String {
        self.headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(";")
    }
}

/// `algorithm`, time and scope over the hash of the canonical request.
pub(super) fn string_to_sign(algorithm: &str, stamp: &str, scope: &str, canonical: &str) -> String {
    format!("{algorithm}\n{stamp}\n{scope}\n{}", hex(&Sha256::digest(canonical.as_bytes())))
}

/// The named headers of a request, values joined and their spaces collapsed.
pub(super) fn signed_headers(headers: &HeaderMap, names: &[&str]) -> Vec<(String, String)> {
    let value = |name: &str| {
        let values = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let collapsed = values.map(|value| value.split_whitespace().collect::<Vec<_>>().join(" "));
        collapsed.collect::<Vec<_>>().join(",")
    };
    names.iter().map(|name| ((*name).to_owned(), value(name))).collect()
}

/// The extension headers that a signature does not cover. It holds the date and the hash of the body in other places, so
/// these need not be among them. <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>
pub(super) fn unsigned_extensions<'h>(headers: &'h HeaderMap, names: &[&str]) -> Vec<&'h str> {
    let is_held_elsewhere =
        |name: &str| SCHEMES.iter().any(|scheme| [scheme.date_header, scheme.content_header].contains(&name));
    let is_extension = |name: &str| name.starts_with("x-amz-") || name.starts_with("x-goog-");
    let extensions = headers.keys().map(HeaderName::as_str).filter(|name| is_extension(name));
    extensions.filter(|name| !names.contains(name) && !is_held_elsewhere(name)).collect()
}

/// A query's pairs, decoded. `+` is a plus: signers write a space as `%20`.
pub(super) fn query_pairs(query: &str) -> Vec<(String, String)> {
    let pair = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (decode(name), decode(value))
    };
    query.split('&').filter(|part| !part.is_empty()).map(pair).collect()
}

pub(super) fn encode_query(pairs: &[(String, String)]) -> String {
    let mut parts: Vec<_> = pairs.iter().map(|(name, value)| (encode(name), encode(value))).collect();
    parts.sort();
    parts.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

pub(super) fn encode_path(path: &str) -> String {
    utf8_percent_encode(path, PATH).to_string()
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

pub(super) fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}
