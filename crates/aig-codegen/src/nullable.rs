//! Knows the difference between "set to null" and "left as it is".

use serde::{Deserialize, Deserializer, Serialize};

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
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
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

    /// Reads a field that is there: serde alone would take its null for an absent field.
    #[doc(hidden)]
    pub fn read<'de, D>(deserializer: D) -> Result<Option<Self>, D::Error>
    where
        D: Deserializer<'de>,
        T: Deserialize<'de>,
    {
        let value = Option::<T>::deserialize(deserializer)?;
        Ok(Some(value.map_or(Self::Null, Self::Value)))
    }
}

impl<T> From<T> for Nullable<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}
