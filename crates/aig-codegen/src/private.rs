//! Knows what generated code is made with, and nobody else.

pub use serde_core as serde;
pub use serde_json::Value;

pub use crate::object::{Key, Keys, Member, ReadObject, ignore, object, write};
pub use crate::union::{UnionReader, tag, told};

use crate::{DecodeError, decode};

/// Reads a body that the document promises nothing about; an absent one is null.
pub fn untyped(body: &[u8]) -> Result<Value, DecodeError> {
    if body.trim_ascii().is_empty() { Ok(Value::Null) } else { decode(body) }
}
