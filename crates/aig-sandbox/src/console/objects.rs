//! Objects in storage: buckets, keys, sizes, checksums, downloads.

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    response::Response,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use maud::{Markup, html};
use serde::Deserialize;
use url::form_urlencoded::Serializer;

use super::{
    Asked, Console,
    html::{
        Column::{self, Number, Text},
        given, moment, size, table,
    },
    layout, overview,
};
use crate::{control::PREFIX, storage::Object};

const SHOWN: usize = 20;
const BUCKETS: [Column; 3] = [Text("Bucket"), Number("Objects"), Number("Size")];
const OBJECTS: [Column; 6] = [Text("Key"), Text("Type"), Number("Size"), Text("CRC32C"), Text("Written"), Text("File")];

pub(super) fn section(console: &Console, asked: &Asked) -> Markup {
    let buckets = console.platform().storage.summary();
    let fullest = buckets.iter().max_by_key(|(_, objects, _)| *objects).map_or("", |(name, ..)| name.as_str());
    let bucket = if asked.bucket.is_empty() { fullest } else { &asked.bucket };
    let rows = html! {
        @for (name, objects, bytes) in &buckets {
            tr {
                th scope="row" { a href={ (asked.with("bucket", name)) "#storage" } aria-current=[(name == bucket).then_some("true")] { (given(name)) } }
                td.number { (objects) }
                td.number { (size(*bytes)) }
            }
        }
    };
    let content = html! {
        div id="buckets" data-live { (table("Buckets", &BUCKETS, &rows)) }
        h3 { "Objects of " (given(bucket)) }
        (filter(asked, bucket))
        div id="objects" data-live { (contents(console, bucket, &asked.prefix)) }
    };
    overview::section("storage", "Storage", &content)
}

fn filter(asked: &Asked, bucket: &str) -> Markup {
    html! {
        form.row role="search" method="get" action={ (PREFIX) "/#storage" } {
            @if asked.follows() { input type="hidden" name="follow" value="on"; }
            input type="hidden" name="bucket" value=(bucket);
            div {
                label for="prefix" { "Keys that begin with" }
                input id="prefix" name="prefix" value=(given(&asked.prefix)) autocomplete="off" spellcheck="false";
            }
            button { "Filter" span.unseen { " objects" } }
        }
    }
}

fn contents(console: &Console, bucket: &str, prefix: &str) -> Markup {
    let objects = console.platform().storage.list(bucket, prefix, SHOWN + 1);
    let rows = html! { @for (key, object) in objects.iter().take(SHOWN) { (row(bucket, key, object)) } };
    html! {
        @if objects.is_empty() {
            p.soft { "No object here." }
        } @else {
            (table("Objects", &OBJECTS, &rows))
        }
        @if objects.len() > SHOWN { p.soft { "The first " (SHOWN) " are shown; a longer prefix finds others." } }
    }
}

fn row(bucket: &str, key: &str, object: &Object) -> Markup {
    html! {
        tr {
            th.key scope="row" { (given(key)) }
            td { (given(&object.attributes.content_type)) }
            td.number { (size(object.size)) }
            td { code { (object.crc32c_base64()) } }
            td { (moment(object.modified)) }
            td { (link(bucket, key, key)) }
        }
    }
}

/// A link that stores the object.
pub(super) fn link(bucket: &str, key: &str, name: &str) -> Markup {
    let query =
        Serializer::new(String::new()).extend_pairs([("bucket", bucket), ("key", key), ("name", name)]).finish();
    html! { a href={ (PREFIX) "/object?" (query) } { "Download" span.unseen { " " (given(name)) } } }
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    bucket: String,
    key: String,
    #[serde(default)]
    name: String,
}

/// Stored, never shown: what clients upload may be a page with scripts.
pub(super) async fn download(
    State(console): State<Arc<Console>>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Response {
    let Some(mut response) = console.platform().storage.hand_out(&wanted.bucket, &wanted.key, &headers) else {
        return layout::problem(StatusCode::NOT_FOUND, "There is no such object.");
    };
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let disposition = format!("attachment; filename=\"{}\"", file_name(&wanted.name, kind));
    let own = [
        (header::CONTENT_DISPOSITION, HeaderValue::try_from(disposition)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::try_from("sandbox; default-src 'none'")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::try_from("nosniff")),
    ];
    let own = own.into_iter().filter_map(|(name, value)| Some((name, value.ok()?)));
    response.headers_mut().extend(own);
    response
}

/// The last part of a name, in letters that every system takes, with an ending that fits the type.
fn file_name(name: &str, kind: &str) -> String {
    let last = name.rsplit('/').next().unwrap_or_default();
    let safe = |letter: char| if letter.is_ascii_alphanumeric() || "-_.".contains(letter) { letter } else { '_' };
    let mut file: String = last.chars().map(safe).collect::<String>().trim_start_matches('.').to_owned();
    if file.is_empty() {
        file.push_str("object");
    }
    let ending = match kind {
        "application/geo+json" => ".geojson",
        "image/tiff" => ".tiff",
        "text/csv" => ".csv",
        "image/png" => ".png",
        _ => "",
    };
    if !file.contains('.') {
        file.push_str(ending);
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_harmless_and_have_an_ending() {
        for (name, kind, file) in [
            ("readout:csv_counts", "text/csv", "readout_csv_counts.csv"),
            ("slides/a.tiff", "image/tiff", "a.tiff"),
            ("../../etc/passwd", "", "passwd"),
            ("x\"; y=\"\r\nz", "text/plain", "x___y____z"),
            ("a/..", "image/png", "object.png"),
        ] {
            assert_eq!(file_name(name, kind), file, "{name}");
        }
    }
}
