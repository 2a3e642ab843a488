//! Knows the difference between "set to null" and "left as it is".

use serde_core::{Deserialize, Deserializer, Serialize, Serializer};

/// A value that may be null on purpose.
///
/// A field of type `Option<Nullable<T>>` is left out when it is `None`, and written as `null` when it is
/// `Some(Nullable::Null)`. The document marks such fields with `x-explicit-null`.
///
/// ```
/// use aig_codegen::{Nullable, models::CustomMetadataUpdateRequest};
///
/// let untouched = CustomMetadataUpdateRequest::new();
/// assert_eq!(serde_json::to_string(&untouched)?, "{}");
///
/// let removed = CustomMetadataUpdateRequest::new().with_custom_metadata(Nullable::Null);
/// assert_eq!(serde_json::to_string(&removed)?, r#"{"custom_metadata":null}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Nullable<T> {
    /// A value.
    Value(T),
    /// Null, on purpose.
    Null,
}

impl<T> Nullable<T> {
    /// The value, unless it is null.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Null => None,
        }
    }
}

impl<T: Serialize> Serialize for Nullable<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Nullable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(|value| value.map_or(Self::Null, Self::Value))
    }
}

impl<T> From<T> for Nullable<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}
