//! Knows how a value finds its type among several.

use serde_core::Serialize;
use serde_core::de::{DeserializeOwned, Error};
use serde_json::Value;

/// `Serialize` and `Deserialize` of a choice between types: told apart by a member of theirs, or by what fits.
#[doc(hidden)]
#[macro_export]
macro_rules! union {
    ($type:ident { $($variant:ident,)* }) => {
        $crate::union!(@write $type $($variant)*);

        impl<'de> $crate::__private::serde::Deserialize<'de> for $type {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                let value = <$crate::__private::Value as $crate::__private::serde::Deserialize>::deserialize(deserializer)?;
                let mut reader = $crate::__private::UnionReader::new(&value);
                $(reader.offer(Self::$variant);)*
                let best = reader.best();
                ::core::result::Result::Ok(best.unwrap_or(Self::Unknown(value)))
            }
        }
    };
    ($type:ident { $($variant:ident,)* } by $property:literal { $($text:literal => $told:ident,)* }) => {
        $crate::union!(@write $type $($variant)*);

        impl<'de> $crate::__private::serde::Deserialize<'de> for $type {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                let value = <$crate::__private::Value as $crate::__private::serde::Deserialize>::deserialize(deserializer)?;
                match $crate::__private::tag(&value, $property).as_deref() {
                    $(::core::option::Option::Some($text) => $crate::__private::told(value).map(Self::$told),)*
                    _ => ::core::result::Result::Ok(Self::Unknown(value)),
                }
            }
        }
    };
    (@write $type:ident $($variant:ident)*) => {
        impl $crate::__private::serde::Serialize for $type {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                match self {
                    $(Self::$variant(value) => $crate::__private::serde::Serialize::serialize(value, serializer),)*
                    Self::Unknown(value) => $crate::__private::serde::Serialize::serialize(value, serializer),
                }
            }
        }
    };
}

/// What an object says of its type. Documents write numbers and truths as texts there.
#[doc(hidden)]
pub fn tag(value: &Value, property: &str) -> Option<String> {
    match value.get(property)? {
        Value::String(text) => Some(text.clone()),
        tag @ (Value::Number(_) | Value::Bool(_)) => Some(tag.to_string()),
        _ => None,
    }
}

/// Reads the type that a value says it is.
#[doc(hidden)]
pub fn told<T: DeserializeOwned, E: Error>(value: Value) -> Result<T, E> {
    serde_json::from_value(value).map_err(E::custom)
}

/// Tries the types of a union on a value and keeps the one that loses least of it.
///
/// A type whose members are all optional reads any object; so what counts is how much of the value is still there
/// when it is written again. Among equals, the first one wins.
#[doc(hidden)]
#[derive(Debug)]
pub struct UnionReader<'v, U> {
    value: &'v Value,
    best: Option<(usize, U)>,
}

impl<'v, U> UnionReader<'v, U> {
    /// A reader of this value.
    pub const fn new(value: &'v Value) -> Self {
        Self { value, best: None }
    }

    /// Tries one type.
    pub fn offer<T: DeserializeOwned + Serialize>(&mut self, wrap: impl FnOnce(T) -> U) {
        let Ok(read) = T::deserialize(self.value) else { return };
        let kept = serde_json::to_value(&read).map_or(0, |written| likeness(self.value, &written));
        if self.best.as_ref().is_none_or(|(most, _)| kept > *most) {
            self.best = Some((kept, wrap(read)));
        }
    }

    /// The best of those that could read the value.
    pub fn best(self) -> Option<U> {
        self.best.map(|(_, union)| union)
    }
}

/// How many values of one are in the other.
fn likeness(one: &Value, other: &Value) -> usize {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            1 + one.iter().filter_map(|(key, value)| Some(likeness(value, other.get(key)?))).sum::<usize>()
        }
        (Value::Array(one), Value::Array(other)) => {
            1 + one.iter().zip(other).map(|(one, other)| likeness(one, other)).sum::<usize>()
        }
        _ => usize::from(one == other),
    }
}
