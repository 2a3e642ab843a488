//! Knows how a type that is written as a text is read and written in JSON.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde_core::{Deserializer, de};

/// `Serialize` by `Display`, `Deserialize` by `FromStr`, and the text as a parameter. An error never repeats the text.
macro_rules! by_text {
    ($type:ident, $expected:expr) => {
        impl serde_core::Serialize for $type {
            fn serialize<S: serde_core::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde_core::Deserialize<'de> for $type {
            fn deserialize<D: serde_core::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::by_text::read(deserializer, $expected)
            }
        }

        impl crate::ParameterValue for $type {
            fn to_text(&self) -> String {
                self.to_string()
            }

            fn from_text(text: &str) -> Result<Self, crate::InvalidText> {
                text.parse()
            }
        }
    };
}
pub(crate) use by_text;

pub(crate) fn read<'de, T, D>(deserializer: D, expected: &'static str) -> Result<T, D::Error>
where
    T: FromStr<Err: fmt::Display>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_str(TextVisitor { expected, read: PhantomData })
}

struct TextVisitor<T> {
    expected: &'static str,
    read: PhantomData<T>,
}

impl<T: FromStr<Err: fmt::Display>> de::Visitor<'_> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}
