//! What a sender says of an object besides its bytes: its type, how readers shall take it, and words of its own.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde::{Deserialize, Serialize};

use super::refusal::{Refusal, RefusalCode};

/// Given back with the object as they came.
const KEPT: [HeaderName; 5] = [
    header::CACHE_CONTROL,
    header::CONTENT_DISPOSITION,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::EXPIRES,
];
/// What the sender's own words begin with, in either dialect.
const OWN: [&str; 2] = ["x-amz-meta-", "x-goog-meta-"];
/// Names and values together: <https://cloud.google.com/storage/quotas#objects>
const LARGEST: usize = 8 << 10;

/// Headers that belong to an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attributes {
    pub(crate) content_type: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
}

impl Attributes {
    pub(crate) fn of_type(content_type: impl Into<String>) -> Self {
        Self { content_type: content_type.into(), ..Self::default() }
    }

    /// # Errors
    /// When the sender has too many words of its own.
    pub(super) fn of(request: &HeaderMap) -> Result<Self, Refusal> {
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let joined = |name: &HeaderName| request.get_all(name).iter().map(text).collect::<Vec<_>>().join(",");
        let is_kept = |name: &&HeaderName| KEPT.contains(name) || is_own(name.as_str());
        let kept = request.keys().filter(is_kept).map(|name| (name, joined(name)));
        let uncoded = kept.map(|(name, value)| (name.as_str().to_owned(), without_framing(name, value)));
        let headers: BTreeMap<_, _> = uncoded.filter(|(_, value)| !value.is_empty()).collect();
        let own = headers.iter().filter(|(name, _)| is_own(name));
        if own.map(|(name, value)| name.len() + value.len()).sum::<usize>() > LARGEST {
            return Err(Refusal::new(RefusalCode::MetadataTooLarge, "an object's metadata has at most 8 KiB"));
        }
        let content_type = request.get(header::CONTENT_TYPE).map_or("application/octet-stream".to_owned(), text);
        Ok(Self { content_type, headers })
    }

    /// The headers of an answer with the object.
    pub(super) fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let others = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        others.chain([("content-type", self.content_type.as_str())])
    }
}

fn is_own(name: &str) -> bool {
    OWN.iter().any(|prefix| name.starts_with(prefix))
}

/// `aws-chunked` frames the request, not the object.
fn without_framing(name: &HeaderName, value: String) -> String {
    if name != header::CONTENT_ENCODING {
        return value;
    }
    let codings = value.split(',').map(str::trim).filter(|coding| *coding != "aws-chunked");
    codings.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&'static str, &str)]) -> HeaderMap {
        headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn what_belongs_to_the_object_is_kept_and_the_rest_is_not() {
        let kept = Attributes::of(&request(&[
            ("content-encoding", "aws-chunked, gzip"),
            ("x-amz-meta-case", "17"),
            ("authorization", "secret"),
            ("x-amz-date", "now"),
        ]));
        let kept = kept.unwrap();
        let kept: Vec<_> = kept.headers().collect();
        assert_eq!(
            kept,
            [("content-encoding", "gzip"), ("x-amz-meta-case", "17"), ("content-type", "application/octet-stream")]
        );
        let framed = Attributes::of(&request(&[("content-encoding", "aws-chunked")])).unwrap();
        assert_eq!(framed.headers().count(), 1);
    }

    #[test]
    fn what_is_said_twice_is_kept_twice() {
        let mut request = request(&[("x-amz-meta-stain", "HE"), ("content-encoding", "aws-chunked")]);
        request.append("x-amz-meta-stain", "IHC".parse().unwrap());
        request.append(header::CONTENT_ENCODING, "gzip".parse().unwrap());
        let kept = Attributes::of(&request).unwrap();
        let kept: Vec<_> = kept.headers().take(2).collect();
        assert_eq!(kept, [("content-encoding", "gzip"), ("x-amz-meta-stain", "HE,IHC")]);
    }

    #[test]
    fn words_of_its_own_have_a_bound() {
        let (fits, exceeds) = ("x".repeat(LARGEST - "x-goog-meta-a".len()), "x".repeat(LARGEST));
        assert!(Attributes::of(&request(&[("x-goog-meta-a", &fits)])).is_ok());
        assert!(Attributes::of(&request(&[("x-goog-meta-a", &exceeds)])).is_err());
    }
}
