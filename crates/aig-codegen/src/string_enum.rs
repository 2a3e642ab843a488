//! Knows what every enumeration of texts has in common: an unknown value is kept as it came.

use std::fmt;

/// A value that the document does not list, kept as it came.
///
/// Only the conversion from text makes one, so a listed value never hides in here.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnknownValue(Box<str>);

impl UnknownValue {
    /// The text on the wire.
    pub const fn as_str(&self) -> &str {
        &self.0
    }

    #[doc(hidden)]
    pub fn keep(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The traits of an enumeration that has `as_str` and `From<&str>`.
#[doc(hidden)]
#[macro_export]
macro_rules! string_enum {
    ($($name:ident),* $(,)?) => {$(
        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl ::core::convert::From<::std::string::String> for $name {
            fn from(text: ::std::string::String) -> Self {
                Self::from(text.as_str())
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = ::core::convert::Infallible;

            fn from_str(text: &str) -> ::core::result::Result<Self, ::core::convert::Infallible> {
                ::core::result::Result::Ok(Self::from(text))
            }
        }

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                let text = <::std::borrow::Cow<'de, str> as $crate::__private::serde::Deserialize>::deserialize(deserializer)?;
                ::core::result::Result::Ok(Self::from(&*text))
            }
        }

        impl $crate::ParameterValue for $name {
            fn to_text(&self) -> ::std::string::String {
                self.as_str().to_owned()
            }

            fn from_text(text: &str) -> ::core::result::Result<Self, $crate::InvalidText> {
                if Self::VALUES.contains(&text) {
                    return ::core::result::Result::Ok(Self::from(text));
                }
                ::core::result::Result::Err($crate::InvalidText::not_one_of(Self::VALUES))
            }
        }
    )*};
}
