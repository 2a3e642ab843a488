//! What a request is about, in words that people use: "item `a` of run 0b7a…", read off the template of its path.

use percent_encoding::percent_decode_str;
use uuid::Uuid;

use crate::text::escaped;

/// The thing that `path` names by `template`; none when the operation is about no one thing.
pub(crate) fn subject(template: &str, path: &str) -> Option<String> {
    let segments: Vec<(&str, &str)> = template.split('/').zip(path.split('/')).collect();
    let named = segments.windows(2).rev().filter_map(|pair| match pair {
        [(collection, _), (parameter, value)] if parameter.starts_with('{') => Some(thing(collection, value)),
        _ => None,
    });
    let things: Vec<String> = named.collect();
    (!things.is_empty()).then(|| things.join(" of "))
}

/// One member of a collection: "run 0b7a…", "application `he-tme`".
fn thing(collection: &str, value: &str) -> String {
    let kind = collection.strip_suffix('s').unwrap_or(collection).replace('-', " ");
    let value = percent_decode_str(value).decode_utf8_lossy();
    match Uuid::parse_str(&value) {
        Ok(id) => format!("{kind} {id}"),
        Err(_) => format!("{kind} `{}`", escaped(&value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0b7a3d3e-0c5e-4d57-8f5c-1d2f3a4b5c6d";

    #[test]
    fn the_thing_is_named_as_people_name_it() {
        for (template, path, expected) in [
            ("/v1/runs/{run_id}", format!("/v1/runs/{ID}"), Some(format!("run {ID}"))),
            ("/v1/runs/{run_id}/items", format!("/v1/runs/{ID}/items"), Some(format!("run {ID}"))),
            (
                "/v1/runs/{run_id}/items/{external_id}/custom-metadata",
                format!("/v1/runs/{ID}/items/a%2Fb%1B/custom-metadata"),
                Some(format!("item `a/b\\u{{1b}}` of run {ID}")),
            ),
            (
                "/v1/applications/{application_id}/versions/{version}",
                "/v1/applications/nope/versions/9.9.9".to_owned(),
                Some("version `9.9.9` of application `nope`".to_owned()),
            ),
            (
                "/v1/access/share-tokens/{id}",
                format!("/v1/access/share-tokens/{ID}"),
                Some(format!("share token {ID}")),
            ),
            ("/v1/runs", "/v1/runs".to_owned(), None),
        ] {
            assert_eq!(subject(template, &path), expected, "{template}");
        }
    }
}
