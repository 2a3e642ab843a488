//! Makes objects of others, and parts of uploads of others: whole, or of a range.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, header};

use super::{
    Storage, absent,
    attributes::Attributes,
    canonical::{decode, query_pairs},
    incoming::receive,
    object::Object,
    outgoing,
    place::{Place, reachable},
    promise::Promise,
    range::{Selection, select},
    refusal::{Refusal, RefusalCode},
    xml::{document, element, time},
};

/// What is asked of the source, by the header with which a reader of it would ask.
const ASKED: [(&str, HeaderName); 5] = [
    ("copy-source-if-match", header::IF_MATCH),
    ("copy-source-if-none-match", header::IF_NONE_MATCH),
    ("copy-source-if-modified-since", header::IF_MODIFIED_SINCE),
    ("copy-source-if-unmodified-since", header::IF_UNMODIFIED_SINCE),
    ("copy-source-range", header::RANGE),
];

/// Where a request wants bytes to come from, if not from its body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'r> {
    headers: &'r HeaderMap,
    /// Percent-encoded.
    path: &'r str,
}

impl<'r> Source<'r> {
    pub(super) fn of(headers: &'r HeaderMap) -> Option<Self> {
        Some(Self { headers, path: either(headers, "copy-source")? })
    }

    /// The object, and which of its bytes.
    fn find(self, storage: &Storage, place: &Place) -> Result<(Object, Selection), Refusal> {
        let (path, query) = self.path.split_once('?').unwrap_or((self.path, ""));
        absent::check_query(&query_pairs(query), &[])?;
        let path = decode(path);
        let (bucket, key) = path.trim_start_matches('/').split_once('/').ok_or_else(|| invalid("is no path"))?;
        reachable(bucket, &place.reach)?;
        let object = storage.buckets.get(bucket, key)?;
        let asked = ASKED.into_iter().filter_map(|(name, header)| Some((header, either_value(self.headers, name)?)));
        let asked: HeaderMap = asked.map(|(name, value)| (name, value.clone())).collect();
        match select(&asked, &object) {
            Selection::Whole if asked.contains_key(header::RANGE) => {
                Err(invalid("range is none of `bytes=FIRST-LAST`"))
            }
            Selection::Unsatisfiable => {
                Err(Refusal::new(RefusalCode::InvalidRange, "the source ends before the range"))
            }
            Selection::NotModified | Selection::Failed => {
                Err(Refusal::new(RefusalCode::PreconditionFailed, "the source is not as the request expects it"))
            }
            selection => Ok((object, selection)),
        }
    }
}

/// No byte is copied: both objects share their files.
pub(super) fn object(storage: &Storage, place: &Place, source: Source<'_>) -> Result<Response, Refusal> {
    if either(source.headers, "copy-source-range").is_some() {
        return Err(invalid("range is for parts of an upload: an object is copied whole"));
    }
    let (mut object, _) = source.find(storage, place)?;
    if either(source.headers, "metadata-directive").is_some_and(|text| text.eq_ignore_ascii_case("REPLACE")) {
        object.attributes = Attributes::of(source.headers)?;
    }
    object.generation = storage.buckets.next_number();
    object.modified = storage.clock.now();
    let answer = answer("CopyObjectResult", &object);
    storage.buckets.put(&place.bucket, &place.key, object, &super::put::condition(source.headers))?;
    Ok(answer)
}

/// The bytes become a file of their own: a part is tagged by what is in it.
pub(super) async fn part(
    storage: &Storage,
    place: &Place,
    id: &str,
    number: u32,
    source: Source<'_>,
) -> Result<Response, Refusal> {
    let (object, selection) = source.find(storage, place)?;
    let (first, length) = match selection {
        Selection::Part { first, last } => (first, last - first + 1),
        _ => (0, object.size),
    };
    let body = outgoing::body(&object, first, length, &storage.pool);
    let file = receive(body, storage.buckets.new_path(), Promise::default()).await?;
    let part = storage.single(file, Attributes::default());
    let answer = answer("CopyPartResult", &part);
    storage.buckets.put_part(id, place.pair(), number, part)?;
    Ok(answer)
}

fn answer(root: &str, object: &Object) -> Response {
    let fields = element("ETag", &format!("\"{}\"", object.etag)) + &element("LastModified", &time(object.modified));
    ([(header::CONTENT_TYPE, "application/xml")], document(root, &fields)).into_response()
}

fn invalid(what: &str) -> Refusal {
    Refusal::new(RefusalCode::InvalidArgument, format!("the copy source {what}"))
}

/// A header that both dialects have, each with its own prefix.
fn either<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    either_value(headers, name)?.to_str().ok()
}

fn either_value<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h http::HeaderValue> {
    ["x-amz-", "x-goog-"].iter().find_map(|prefix| headers.get(format!("{prefix}{name}")))
}
