//! The two dialects of V4 signatures: Amazon's, and Google's with the same bones and other names.

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Names and constants of a dialect.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Scheme {
    pub(super) algorithm: &'static str,
    /// What the query parameters begin with, in lower case.
    pub(super) query_prefix: &'static str,
    pub(super) date_header: &'static str,
    pub(super) content_header: &'static str,
    secret_prefix: &'static str,
    pub(super) service: &'static str,
    pub(super) terminator: &'static str,
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html>
pub(crate) const AMAZON: Scheme = Scheme {
    algorithm: "AWS4-HMAC-SHA256",
    query_prefix: "X-Amz-",
    date_header: "x-amz-date",
    content_header: "x-amz-content-sha256",
    secret_prefix: "AWS4",
    service: "s3",
    terminator: "aws4_request",
};

/// <https://cloud.google.com/storage/docs/authentication/signatures>
pub(crate) const GOOGLE: Scheme = Scheme {
    algorithm: "GOOG4-HMAC-SHA256",
    query_prefix: "X-Goog-",
    date_header: "x-goog-date",
    content_header: "x-goog-content-sha256",
    secret_prefix: "GOOG4",
    service: "storage",
    terminator: "goog4_request",
};

pub(super) const SCHEMES: [&Scheme; 2] = [&AMAZON, &GOOGLE];

/// What a signature is made for: day, region, service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scope {
    pub(super) day: String,
    pub(super) region: String,
}

impl Scheme {
    pub(super) fn scope_text(&self, scope: &Scope) -> String {
        format!("{}/{}/{}/{}", scope.day, scope.region, self.service, self.terminator)
    }

    pub(super) fn query_name(&self, name: &str) -> String {
        format!("{}{name}", self.query_prefix)
    }

    /// The MAC over the string to sign, keyed step by step with the parts of the scope.
    pub(super) fn mac(&self, secret: &str, scope: &Scope, string_to_sign: &str) -> Hmac<Sha256> {
        let mut key = format!("{}{secret}", self.secret_prefix).into_bytes();
        for part in [&scope.day, &scope.region, self.service, self.terminator] {
            key = keyed(&key, part.as_bytes()).finalize().into_bytes().to_vec();
        }
        keyed(&key, string_to_sign.as_bytes())
    }
}

fn keyed(key: &[u8], message: &[u8]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length of key is good");
    mac.update(message);
    mac
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks_exact(2);
    let whole = digits.remainder().is_empty();
    let bytes = digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
    if whole { bytes } else { None }
}
