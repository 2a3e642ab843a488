//! Knows small readings that generated code shares.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

pub use serde;

use crate::{DecodeError, decode};

/// Reads a member of any kind that is there: a null stays a null.
pub fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// Reads a body that the document promises nothing about; an absent one is null.
pub fn untyped(body: &[u8]) -> Result<Value, DecodeError> {
    if body.trim_ascii().is_empty() { Ok(Value::Null) } else { decode(body) }
}
