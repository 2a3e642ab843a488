//! What is wrong with one value, in pydantic's words.
//! <https://docs.pydantic.dev/latest/errors/validation_errors/>

use serde_json::{Value, json};

/// A kind of mistake, what it says to people, and the limits that were broken.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::api) struct Mistake {
    pub(super) kind: &'static str,
    pub(super) message: String,
    pub(super) ctx: Option<Value>,
}

impl Mistake {
    pub(super) fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), ctx: None }
    }

    pub(super) fn with(self, ctx: Value) -> Self {
        Self { ctx: Some(ctx), ..self }
    }

    pub(in crate::api) fn missing() -> Self {
        Self::new("missing", "Field required")
    }

    pub(super) fn no_object() -> Self {
        Self::new("model_attributes_type", "Input should be a valid dictionary or object to extract fields from")
    }

    pub(super) fn no_map() -> Self {
        Self::new("dict_type", "Input should be a valid dictionary")
    }

    pub(super) fn no_list() -> Self {
        Self::new("list_type", "Input should be a valid list")
    }

    pub(super) fn no_text() -> Self {
        Self::new("string_type", "Input should be a valid string")
    }

    /// Of a list.
    pub(in crate::api) fn too_few(least: usize, count: usize) -> Self {
        let items = if least == 1 { "item" } else { "items" };
        Self::new("too_short", format!("List should have at least {least} {items} after validation, not {count}"))
            .with(json!({"field_type": "List", "min_length": least, "actual_length": count}))
    }

    pub(in crate::api) fn too_short(least: usize) -> Self {
        let characters = if least == 1 { "character" } else { "characters" };
        Self::new("string_too_short", format!("String should have at least {least} {characters}"))
            .with(json!({"min_length": least}))
    }

    pub(super) fn too_long(most: usize) -> Self {
        Self::new("string_too_long", format!("String should have at most {most} characters"))
            .with(json!({"max_length": most}))
    }

    /// What a rule of the platform's own refuses.
    pub(in crate::api) fn value(message: &str) -> Self {
        Self::new("value_error", format!("Value error, {message}")).with(json!({"error": {}}))
    }
}
