//! Filters on custom metadata.

use serde_json::{Value, json};

use super::{jsonpath::JsonPath, problem::Problem};
use crate::state::Metadata;

/// Which metadata is wanted; all, without a path.
#[derive(Debug)]
pub(super) struct MetadataFilter(Option<JsonPath>);

impl MetadataFilter {
    pub(super) fn read(text: Option<&str>) -> Result<Self, Problem> {
        let path =
            text.map(JsonPath::parse).transpose().map_err(|error| refusal(&format!("not a JSON path: {error}")))?;
        Ok(Self(path))
    }

    /// # Errors
    /// 422 when the path is too costly for this metadata.
    pub(super) fn matches(&self, metadata: Option<&Metadata>) -> Result<bool, Problem> {
        let Some(path) = &self.0 else { return Ok(true) };
        let Some(metadata) = metadata else { return Ok(false) };
        path.matches(&Value::Object(metadata.clone())).map_err(|error| refusal(&error.to_string()))
    }
}

fn refusal(why: &str) -> Problem {
    let place = json!(["query", aig_codegen::parameters::CUSTOM_METADATA]);
    Problem::invalid(place, &format!("Value error, {why}"), "value_error")
}
