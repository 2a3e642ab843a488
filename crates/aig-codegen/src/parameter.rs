//! Knows how a parameter is written as text, and what the document says about it.

use std::fmt;

use uuid::Uuid;

use crate::{Limits, Sensitive};

/// What the document says about one parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ParameterInfo {
    /// The name on the wire.
    pub name: &'static str,
    /// Where in the request it goes.
    pub location: Location,
    /// What its text stands for.
    pub kind: ValueKind,
    /// Whether a request without it is refused.
    pub required: bool,
    /// Whether the key may be given several times, once for each value.
    pub repeated: bool,
    /// Whether several values stand behind one key, with commas between them.
    pub joined: bool,
    /// Whether its value must not reach a log.
    pub sensitive: bool,
    /// What each value must keep to.
    pub limits: Limits,
    /// What the server takes when it is absent.
    pub default: Option<&'static str>,
}

impl ParameterInfo {
    #[doc(hidden)]
    pub const BLANK: Self = Self {
        name: "",
        location: Location::Query,
        kind: ValueKind::Text,
        required: false,
        repeated: false,
        joined: false,
        sensitive: false,
        limits: Limits::NONE,
        default: None,
    };
}

/// A part of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Location {
    /// The path.
    Path,
    /// The query.
    Query,
    /// A header.
    Header,
    /// A cookie.
    Cookie,
    /// The body.
    Body,
}

impl Location {
    /// The name that error answers of the API use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
            Self::Body => "body",
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What the text of a parameter stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ValueKind {
    /// Any text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A UUID.
    Uuid,
    /// An instant (RFC 3339).
    Timestamp,
    /// A day.
    Date,
    /// One of these texts.
    OneOf(&'static [&'static str]),
}

/// A value that can be a parameter.
pub trait ParameterValue: Sized {
    /// The text, not yet percent-encoded.
    fn to_text(&self) -> String;

    /// Reads the text, percent-decoded.
    ///
    /// # Errors
    /// When the text stands for no such value.
    fn from_text(text: &str) -> Result<Self, InvalidText>;
}

/// Why a text is not the value it should be. It never repeats the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidText(String);

impl InvalidText {
    /// The text is no value of the expected kind.
    pub fn expected(what: &str) -> Self {
        Self(format!("is not {what}"))
    }

    #[doc(hidden)]
    pub fn not_one_of(values: &[&str]) -> Self {
        Self(format!("is none of {}", values.join(", ")))
    }
}

impl fmt::Display for InvalidText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidText {}

macro_rules! parameter_by_display {
    ($($type:ty => $what:literal),* $(,)?) => {$(
        impl ParameterValue for $type {
            fn to_text(&self) -> String {
                self.to_string()
            }

            fn from_text(text: &str) -> Result<Self, InvalidText> {
                text.parse().map_err(|_| InvalidText::expected($what))
            }
        }
    )*};
}

parameter_by_display! {
    i64 => "a whole number",
    u64 => "a whole number of at least 0",
    f64 => "a number",
    serde_json::Number => "a number",
    Uuid => "a UUID",
}

impl ParameterValue for String {
    fn to_text(&self) -> String {
        self.clone()
    }

    fn from_text(text: &str) -> Result<Self, InvalidText> {
        Ok(text.to_owned())
    }
}

impl ParameterValue for Sensitive {
    fn to_text(&self) -> String {
        self.expose().to_owned()
    }

    fn from_text(text: &str) -> Result<Self, InvalidText> {
        Ok(Self::from(text))
    }
}

impl ParameterValue for bool {
    fn to_text(&self) -> String {
        self.to_string()
    }

    fn from_text(text: &str) -> Result<Self, InvalidText> {
        // Python clients write `True` and `False`, and the platform takes 1 and 0 as well.
        match text.to_ascii_lowercase().as_str() {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(InvalidText::expected("true or false")),
        }
    }
}
