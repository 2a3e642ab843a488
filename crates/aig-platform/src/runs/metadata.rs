//! The custom metadata of a run and of its items: replaced when nobody else changed them, or merged.

use aig_cache::Policy;
use aig_codegen::{
    Nullable,
    models::CustomMetadataUpdateRequest,
    operations::{PutItemCustomMetadata, PutRunCustomMetadata},
};
use serde_json::{Map, Value};

use crate::{Error, ErrorKind, Result, RunHandle, sdk_metadata};

/// How often a merge is tried when others write at the same time.
const MERGES: u32 = 5;

/// What is there: the metadata and their checksum.
type Found = (Option<Map<String, Value>>, Option<String>);

impl RunHandle {
    /// Replaces the custom metadata of the run; `None` removes it. With `checksum`, only if nobody changed it since.
    ///
    /// Returns the new checksum.
    ///
    /// # Errors
    /// [`ErrorKind::PreconditionFailed`] when somebody changed it: the error holds
    /// [what is there](Error::current_metadata).
    pub async fn update_metadata(
        &self,
        metadata: Option<Map<String, Value>>,
        checksum: Option<String>,
    ) -> Result<Option<String>> {
        let operation = PutRunCustomMetadata::new(self.id(), update(metadata, checksum));
        match self.change(&operation, self.behaviour()).await {
            Ok(updated) => Ok(updated.custom_metadata_checksum),
            Err(error) if error.kind() == ErrorKind::PreconditionFailed => {
                Err(with_current(error, self.run_metadata().await))
            }
            Err(error) => Err(error),
        }
    }

    /// Replaces the custom metadata of an item; otherwise like [`update_metadata`](Self::update_metadata).
    ///
    /// # Errors
    /// As there.
    pub async fn update_item_metadata(
        &self,
        external_id: &str,
        metadata: Option<Map<String, Value>>,
        checksum: Option<String>,
    ) -> Result<Option<String>> {
        let operation = PutItemCustomMetadata::new(self.id(), external_id, update(metadata, checksum));
        match self.change(&operation, self.behaviour()).await {
            Ok(updated) => Ok(updated.custom_metadata_checksum),
            Err(error) if error.kind() == ErrorKind::PreconditionFailed => {
                Err(with_current(error, self.item_metadata(external_id).await))
            }
            Err(error) => Err(error),
        }
    }

    /// Merges `changes` into the custom metadata of the run (RFC 7396: objects are merged, null removes), keeping what
    /// others wrote, also while this is going on. Returns the new checksum.
    ///
    /// # Errors
    /// When the run cannot be read or written, or others never stop writing.
    pub async fn merge_metadata(&self, changes: &Map<String, Value>) -> Result<Option<String>> {
        let mut tries = 1;
        loop {
            let (found, checksum) = self.run_metadata().await?;
            let merged = self.merged(found, changes);
            match self.update_metadata(Some(merged), checksum).await {
                Err(error) if error.kind() == ErrorKind::PreconditionFailed && tries < MERGES => tries += 1,
                outcome => return outcome,
            }
        }
    }

    /// Merges `changes` into the custom metadata of an item; otherwise like [`merge_metadata`](Self::merge_metadata).
    ///
    /// # Errors
    /// As there.
    pub async fn merge_item_metadata(&self, external_id: &str, changes: &Map<String, Value>) -> Result<Option<String>> {
        let mut tries = 1;
        loop {
            let (found, checksum) = self.item_metadata(external_id).await?;
            let merged = self.merged(found, changes);
            match self.update_item_metadata(external_id, Some(merged), checksum).await {
                Err(error) if error.kind() == ErrorKind::PreconditionFailed && tries < MERGES => tries += 1,
                outcome => return outcome,
            }
        }
    }

    fn merged(&self, found: Option<Map<String, Value>>, changes: &Map<String, Value>) -> Map<String, Value> {
        let mut merged = found.unwrap_or_default();
        merge(&mut merged, changes);
        sdk_metadata::touch(&mut merged, self.client().inner().wire.clock.now());
        merged
    }

    async fn run_metadata(&self) -> Result<Found> {
        let run = self.get_with(Policy::Refresh).await?;
        Ok((run.custom_metadata.clone(), run.custom_metadata_checksum.clone()))
    }

    async fn item_metadata(&self, external_id: &str) -> Result<Found> {
        let item = self.item_with(external_id, Policy::Refresh).await?;
        Ok((item.custom_metadata.clone(), item.custom_metadata_checksum.clone()))
    }
}

/// RFC 7396 for objects.
fn merge(target: &mut Map<String, Value>, changes: &Map<String, Value>) {
    for (name, change) in changes {
        match (target.get_mut(name), change) {
            (_, Value::Null) => {
                target.remove(name);
            }
            (Some(Value::Object(inner)), Value::Object(changes)) => merge(inner, changes),
            (_, Value::Object(changes)) => {
                let mut fresh = Map::new();
                merge(&mut fresh, changes);
                target.insert(name.clone(), Value::Object(fresh));
            }
            _ => {
                target.insert(name.clone(), change.clone());
            }
        }
    }
}

fn update(metadata: Option<Map<String, Value>>, checksum: Option<String>) -> CustomMetadataUpdateRequest {
    let metadata = metadata.map_or(Nullable::Null, Nullable::Value);
    let mut request = CustomMetadataUpdateRequest::new().with_custom_metadata(metadata);
    request.custom_metadata_checksum = checksum;
    request
}

/// A conflict says what is there instead, when that can be read.
fn with_current(error: Error, found: Result<Found>) -> Error {
    match found {
        Ok((metadata, checksum)) => error.with_current(metadata, checksum),
        Err(_) => error,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn merging_follows_the_examples_of_the_standard() {
        // RFC 7396, appendix A, as far as both sides are objects.
        for (target, changes, expected) in [
            (json!({ "a": "b" }), json!({ "a": "c" }), json!({ "a": "c" })),
            (json!({ "a": "b" }), json!({ "b": "c" }), json!({ "a": "b", "b": "c" })),
            (json!({ "a": "b" }), json!({ "a": null }), json!({})),
            (json!({ "a": "b", "b": "c" }), json!({ "a": null }), json!({ "b": "c" })),
            (json!({ "a": ["b"] }), json!({ "a": "c" }), json!({ "a": "c" })),
            (json!({ "a": "c" }), json!({ "a": ["b"] }), json!({ "a": ["b"] })),
            (json!({ "a": { "b": "c" } }), json!({ "a": { "b": "d", "c": null } }), json!({ "a": { "b": "d" } })),
            (json!({ "a": [{ "b": "c" }] }), json!({ "a": [1] }), json!({ "a": [1] })),
            (json!({ "e": null }), json!({ "a": 1 }), json!({ "e": null, "a": 1 })),
            (json!({}), json!({ "a": { "bb": { "ccc": null } } }), json!({ "a": { "bb": {} } })),
        ] {
            let mut merged = target.as_object().cloned().unwrap();
            merge(&mut merged, changes.as_object().unwrap());
            assert_eq!(Value::Object(merged), expected, "{target} + {changes}");
        }
    }
}
