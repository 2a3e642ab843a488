//! The way through the API's document: where the schemas of an operation are, and what a reference means.

use std::sync::LazyLock;

use aig_codegen::{DOCUMENT, OperationInfo};
use serde_json::Value;

static WHOLE: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(DOCUMENT).unwrap_or_default());

/// Of the JSON that `operation` answers with this status; null where the document has none.
pub(super) fn answer(operation: &OperationInfo, status: u16) -> &'static Value {
    json_of(&of(operation)["responses"][status.to_string()])
}

/// Of the JSON that `operation` is sent; null where the document has none.
pub(super) fn request(operation: &OperationInfo) -> &'static Value {
    json_of(&of(operation)["requestBody"])
}

/// What references lead to.
pub(super) fn components() -> &'static Value {
    &WHOLE["components"]
}

/// The schema itself, where this is a reference to one.
pub(super) fn resolved(schema: &'static Value) -> &'static Value {
    let name = schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/components/schemas/"));
    name.map_or(schema, |name| &components()["schemas"][name])
}

/// The document's choices are between something and null: that something, and whether null is a choice.
pub(super) fn choice(schema: &'static Value) -> Option<(&'static Value, bool)> {
    let choices = schema["anyOf"].as_array()?;
    let is_null = |choice: &&Value| choice["type"] == "null";
    Some((choices.iter().find(|choice| !is_null(choice))?, choices.iter().any(|choice| is_null(&choice))))
}

fn of(operation: &OperationInfo) -> &'static Value {
    &WHOLE["paths"][operation.path][operation.method.as_str().to_lowercase()]
}

fn json_of(part: &'static Value) -> &'static Value {
    &part["content"]["application/json"]["schema"]
}

#[cfg(test)]
mod tests {
    use aig_codegen::{Answer, OPERATIONS};

    use super::*;

    #[test]
    fn every_choice_of_the_document_is_between_one_thing_and_null_or_one_thing_alone() {
        fn walk(value: &'static Value) {
            if let Some(choices) = value["anyOf"].as_array() {
                let things = choices.iter().filter(|choice| choice["type"] != "null").count();
                // FastAPI's place of a mistake: names and numbers, in answers only.
                let is_location =
                    choices.iter().all(|choice| choice["type"] == "string" || choice["type"] == "integer");
                assert!(things == 1 || is_location, "{value}");
            }
            match value {
                Value::Array(values) => values.iter().for_each(walk),
                Value::Object(members) => members.values().for_each(walk),
                _ => {}
            }
        }
        walk(&WHOLE);
    }

    #[test]
    fn every_operation_with_json_has_its_schema() {
        for operation in OPERATIONS {
            let is_json = operation.answer == Answer::Json;
            assert_eq!(answer(operation, operation.success).is_object() && is_json, is_json, "{}", operation.id);
        }
    }
}
