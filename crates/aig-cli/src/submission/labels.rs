//! Notes and tags of a run, in the custom metadata where users of the Python SDK look for them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Version of the metadata under `sdk` that the Python SDK 1.6 writes and reads.
const SCHEMA_VERSION: &str = "0.0.6";

/// What a person says about a run.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    pub(crate) note: Option<String>,
    pub(crate) tags: Vec<String>,
}

impl Labels {
    pub(crate) fn note(text: &str) -> Self {
        Self { note: Some(text.to_owned()), tags: Vec::new() }
    }

    /// The custom metadata of a run that is submitted at `now`. Unknown fields are refused by readers of `sdk`.
    pub(super) fn custom_metadata(&self, now: Timestamp) -> Map<String, Value> {
        let now = now.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string();
        let mut sdk = json!({
            "schema_version": SCHEMA_VERSION,
            "created_at": now,
            "updated_at": now,
            "submission": { "date": now, "interface": "cli", "initiator": "user" },
            "user_agent": concat!("aig/", env!("CARGO_PKG_VERSION")),
        });
        if let Some(note) = &self.note {
            sdk["note"] = json!(note);
        }
        let tags: BTreeSet<&str> = self.tags.iter().map(String::as_str).collect();
        if !tags.is_empty() {
            sdk["tags"] = json!(tags);
        }
        Map::from_iter([("sdk".to_owned(), sdk)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_a_sorted_set_and_empty_fields_are_left_out() {
        let now = "2026-11-22T01:01:01.5Z".parse().unwrap();
        let tags = ["b", "a", "b"].map(str::to_owned).to_vec();
        let metadata = Labels { note: None, tags }.custom_metadata(now);
        let sdk = metadata["sdk"].as_object().unwrap();
        assert_eq!(sdk["tags"], json!(["a", "b"]));
        assert_eq!(sdk["created_at"], "2026-11-22T01:01:01+00:00");
        assert!(!sdk.contains_key("note"));
        let keys: Vec<&str> = sdk.keys().map(String::as_str).collect();
        assert_eq!(keys, ["created_at", "schema_version", "submission", "tags", "updated_at", "user_agent"]);
    }
}
