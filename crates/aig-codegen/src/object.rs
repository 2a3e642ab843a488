//! Knows how an object of the document is read and written, member by member.
//!
//! One table a type says it all (`object!`), so that generated code needs no derive: the crates behind serde's derive
//! would be a third of what this crate takes to build.

use std::fmt;
use std::marker::PhantomData;

use serde_core::de::{DeserializeSeed, Error, MapAccess, Visitor};
use serde_core::{Deserialize, Deserializer};

use crate::Nullable;

/// `Serialize` and `Deserialize` of a struct, from a line for each of its members:
///
/// - `required`: it must be there;
/// - `nullable`: it is written even when it is null, and may be missing when read;
/// - `optional`: unset is left out, null is read as unset;
/// - `explicit`: as `optional`, but null is told from unset;
/// - `anything`: as `optional`, but null is a value.
///
/// Members that are not named are skipped, or kept in the member behind `..`.
#[doc(hidden)]
#[macro_export]
macro_rules! object {
    ($type:ident { $($kind:ident $field:ident: $wire:literal,)* $(..$rest:ident)? }) => {
        impl $crate::__private::serde::Serialize for $type {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                use $crate::__private::{serde::ser::SerializeMap, write};
                let mut object = serializer.serialize_map(::core::option::Option::None)?;
                $(write::$kind(&mut object, $wire, &self.$field)?;)*
                $(write::rest(&mut object, &self.$rest)?;)?
                object.end()
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $type {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::__private::object(deserializer)
            }
        }

        impl<'de> $crate::__private::ReadObject<'de> for $type {
            fn read<A: $crate::__private::serde::de::MapAccess<'de>>(
                mut object: A,
            ) -> ::core::result::Result<Self, A::Error> {
                use $crate::__private::{Key, Keys, Member};
                // The positions of the members in the table.
                enum At { $($field,)* }
                $(let mut $field = Member::new($wire);)*
                $(let mut $rest = ::std::collections::BTreeMap::new();)?
                let mut keys = Keys::new(&[$($wire),*]);
                while let ::core::option::Option::Some(key) = object.next_key_seed(&mut keys)? {
                    match key {
                        $(Key::Known(at) if at == At::$field as usize => $field.read(&mut object)?,)*
                        key => {
                            $crate::object!(@other object key $($rest)?);
                        }
                    }
                }
                ::core::result::Result::Ok(Self {
                    $($field: $field.$kind::<A::Error>()?,)*
                    $($rest,)?
                })
            }
        }
    };
    (@other $object:ident $key:ident) => { $crate::__private::ignore(&mut $object, $key)? };
    (@other $object:ident $key:ident $rest:ident) => {
        if let Key::Other(name) = $key { $rest.insert(name, $object.next_value()?); }
    };
}

/// A type that is an object on the wire.
#[doc(hidden)]
pub trait ReadObject<'de>: Sized {
    fn read<A: MapAccess<'de>>(object: A) -> Result<Self, A::Error>;
}

/// Reads an object, and nothing but an object.
#[doc(hidden)]
pub fn object<'de, T: ReadObject<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_map(ObjectVisitor(PhantomData))
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: ReadObject<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<T, A::Error> {
        T::read(object)
    }
}

/// Skips a member that the document does not name.
#[doc(hidden)]
pub fn ignore<'de, A: MapAccess<'de>>(object: &mut A, _key: Key) -> Result<(), A::Error> {
    object.next_value::<serde_core::de::IgnoredAny>().map(drop)
}

/// The name of a member: its position in the table, or a name that is not there.
#[doc(hidden)]
#[derive(Debug)]
pub enum Key {
    Known(usize),
    Other(String),
}

/// The names of an object's members. Servers keep to one order: the name expected next is tried first.
///
/// Positions, so that this is compiled once and not for each type: a tenth of what this crate takes to build.
#[doc(hidden)]
#[derive(Debug)]
pub struct Keys {
    names: &'static [&'static str],
    next: usize,
}

impl Keys {
    pub const fn new(names: &'static [&'static str]) -> Self {
        Self { names, next: 0 }
    }

    fn find(&mut self, text: &str) -> Option<usize> {
        let is_next = self.names.get(self.next).is_some_and(|name| *name == text);
        let at = if is_next { self.next } else { self.names.iter().position(|name| *name == text)? };
        self.next = at + 1;
        Some(at)
    }
}

impl<'de> DeserializeSeed<'de> for &mut Keys {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for &mut Keys {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_str<E>(self, text: &str) -> Result<Key, E> {
        Ok(self.find(text).map_or_else(|| Key::Other(text.to_owned()), Key::Known))
    }
}

/// The value of a member, once it has been read.
#[doc(hidden)]
#[derive(Debug)]
pub struct Member<T> {
    name: &'static str,
    value: Option<T>,
}

impl<T> Member<T> {
    pub const fn new(name: &'static str) -> Self {
        Self { name, value: None }
    }

    pub fn read<'de, A: MapAccess<'de>>(&mut self, object: &mut A) -> Result<(), A::Error>
    where
        T: Deserialize<'de>,
    {
        if self.value.is_some() {
            return Err(A::Error::duplicate_field(self.name));
        }
        self.value = Some(object.next_value()?);
        Ok(())
    }

    pub fn required<E: Error>(self) -> Result<T, E> {
        self.value.ok_or_else(|| E::missing_field(self.name))
    }

    pub fn anything<E>(self) -> Result<Option<T>, E> {
        Ok(self.value)
    }
}

impl<T> Member<Option<T>> {
    pub fn nullable<E>(self) -> Result<Option<T>, E> {
        Ok(self.value.flatten())
    }

    pub fn optional<E>(self) -> Result<Option<T>, E> {
        Ok(self.value.flatten())
    }

    pub fn explicit<E>(self) -> Result<Option<Nullable<T>>, E> {
        Ok(self.value.map(|value| value.map_or(Nullable::Null, Nullable::Value)))
    }
}

/// How each kind of member is written.
#[doc(hidden)]
pub mod write {
    use std::collections::BTreeMap;

    use serde_core::Serialize;
    use serde_core::ser::SerializeMap;

    pub fn required<O: SerializeMap>(object: &mut O, name: &str, value: &impl Serialize) -> Result<(), O::Error> {
        object.serialize_entry(name, value)
    }

    pub fn optional<O: SerializeMap>(
        object: &mut O,
        name: &str,
        value: &Option<impl Serialize>,
    ) -> Result<(), O::Error> {
        value.as_ref().map_or(Ok(()), |value| object.serialize_entry(name, value))
    }

    pub use optional as anything;
    pub use optional as explicit;
    pub use required as nullable;

    pub fn rest<O: SerializeMap>(object: &mut O, rest: &BTreeMap<String, impl Serialize>) -> Result<(), O::Error> {
        rest.iter().try_for_each(|(name, value)| object.serialize_entry(name, value))
    }
}

#[cfg(test)]
mod tests {
    #![expect(non_camel_case_types, reason = "the table of members names them as the fields are named")]

    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use crate::Nullable;

    #[derive(Debug, PartialEq)]
    struct Every {
        id: i64,
        last: Option<String>,
        size: Option<i64>,
        note: Option<Nullable<String>>,
        any: Option<Value>,
        more: BTreeMap<String, bool>,
    }
    crate::object!(Every {
        required id: "id",
        nullable last: "last",
        optional size: "si/ze",
        explicit note: "note",
        anything any: "any",
        ..more
    });

    #[derive(Debug, PartialEq)]
    struct Plain {
        id: i64,
    }
    crate::object!(Plain { required id: "id", });

    fn again(value: Value) -> Value {
        serde_json::to_value(serde_json::from_value::<Every>(value).unwrap()).unwrap()
    }

    #[test]
    fn absence_and_null_mean_what_the_table_says() {
        let least = json!({"id": 1, "last": null});
        assert_eq!(again(json!({"id": 1})), least);
        assert_eq!(again(json!({"id": 1, "last": null, "si/ze": null})), least);
        let full = json!({"any": null, "note": null, "si/ze": 2, "last": "x", "id": 1, "other": true});
        assert_eq!(again(full.clone()), full);
        assert_eq!(again(json!({"id": 1, "last": null, "note": "n"}))["note"], "n");
    }

    #[test]
    fn what_is_no_such_object_is_refused() {
        for (text, wanted) in [
            ("{}", "missing field `id`"),
            (r#"{"id": 1, "id": 1}"#, "duplicate field `id`"),
            (r#"{"id": null}"#, "invalid type: null, expected i64"),
            (r#"[1]"#, "invalid type: sequence, expected an object"),
            (r#""id""#, r#"invalid type: string "id", expected an object"#),
        ] {
            let error = serde_json::from_str::<Plain>(text).unwrap_err().to_string();
            assert!(error.starts_with(wanted), "{text}: {error}");
        }
        let error = serde_json::from_value::<Every>(json!({"id": 1, "other": "no"})).unwrap_err().to_string();
        assert!(error.contains("expected a boolean"), "{error}");
    }

    #[test]
    fn members_that_are_not_named_are_skipped_in_any_place() {
        let text = r#"{"new": {"id": [7]}, "id": 1, "newer": null}"#;
        assert_eq!(serde_json::from_str::<Plain>(text).unwrap(), Plain { id: 1 });
    }
}
