//! Knows how a value finds its type among several.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

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
