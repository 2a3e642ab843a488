//! Filters on custom metadata.

use serde_json::{Value, json};

use super::{jsonpath::JsonPath, problem::Problem};
use crate::state::Metadata;

/// Which metadata is wanted; all, without a path.
#[derive(Debug)]
pub(super) struct MetadataFilter(Option<JsonPath>);

impl MetadataFilter {
    pub(super) fn read(text: Option<&str>) -> Result<Self, Problem> {
        let path = text.map(JsonPath::parse).transpose().map_err(|error| {
            let message = format!("Value error, not a JSON path: {error}");
            Problem::invalid(json!(["query", aig_codegen::parameters::CUSTOM_METADATA]), &message, "value_error")
        })?;
        Ok(Self(path))
    }

    pub(super) fn matches(&self, metadata: Option<&Metadata>) -> bool {
        let Some(path) = &self.0 else { return true };
        metadata.is_some_and(|metadata| path.matches(&Value::Object(metadata.clone())))
    }
}
