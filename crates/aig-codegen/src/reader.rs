//! Knows how a server reads an operation back from the parts of a request.

use serde_core::de::DeserializeOwned;

use crate::{Checker, Location, ParameterValue, ValueKind, Violations, decode, form};

/// The parts of a request as a server has them, percent-decoded.
#[derive(Clone, Copy, Default)]
pub struct Parts<'r> {
    /// Path parameters by name.
    pub path: &'r [(&'r str, String)],
    /// The query, a repeated key once for each value.
    pub query: &'r [(String, String)],
    /// Headers that may be parameters; names in lower case.
    pub headers: &'r [(String, String)],
    /// Cookies that may be parameters.
    pub cookies: &'r [(String, String)],
    /// The body.
    pub body: &'r [u8],
}

// Queries and bodies may hold secrets.
impl std::fmt::Debug for Parts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Reads one request, noting what is missing or unreadable.
#[derive(Debug)]
pub struct Reader<'r> {
    parts: &'r Parts<'r>,
    checker: Checker,
}

impl<'r> Reader<'r> {
    /// A reader of these parts.
    pub fn new(parts: &'r Parts<'r>) -> Self {
        Self { parts, checker: Checker::default() }
    }

    /// Every value of a parameter.
    pub fn all<T: ParameterValue>(&mut self, location: Location, name: &str) -> Vec<T> {
        let texts = self.texts(location, name);
        texts.into_iter().filter_map(|text| self.value(location, name, text)).collect()
    }

    /// Every value of a parameter that has them behind one key. A comma inside a value cannot be told from one between two.
    pub fn joined<T: ParameterValue>(&mut self, location: Location, name: &str) -> Vec<T> {
        let texts = self.texts(location, name).into_iter().flat_map(|text| text.split(','));
        let texts: Vec<&str> = texts.filter(|text| !text.is_empty()).collect();
        texts.into_iter().filter_map(|text| self.value(location, name, text)).collect()
    }

    /// The value of a parameter that may be absent. The last one counts when a key is repeated.
    pub fn optional<T: ParameterValue>(&mut self, location: Location, name: &str) -> Option<T> {
        let text = self.texts(location, name).pop()?;
        self.value(location, name, text)
    }

    /// The value of a parameter that must be there; `None` when it is not, which is noted.
    pub fn required<T: ParameterValue>(&mut self, location: Location, name: &str) -> Option<T> {
        let Some(text) = self.texts(location, name).pop() else {
            self.note(location, name, "is required");
            return None;
        };
        self.value(location, name, text)
    }

    /// The body as JSON; `None` when it cannot be read, which is noted.
    pub fn json<T: DeserializeOwned>(&mut self) -> Option<T> {
        match decode(self.parts.body) {
            Ok(value) => Some(value),
            Err(error) => {
                self.checker.at_pointer(
                    Location::Body,
                    error.pointer(),
                    format!("cannot be read: {}", error.message()),
                );
                None
            }
        }
    }

    /// The body as a form whose members are these: name, what a text stands for, and whether it may be repeated.
    pub fn form<T: DeserializeOwned>(&mut self, members: &[(&str, ValueKind, bool)]) -> Option<T> {
        match serde_json::from_value(form::read(self.parts.body, members)) {
            Ok(value) => Some(value),
            Err(error) => {
                self.checker.at(Location::Body, |checker| checker.violation(format!("cannot be read: {error}")));
                None
            }
        }
    }

    /// Whether there is a body.
    pub const fn has_body(&self) -> bool {
        !self.parts.body.is_empty()
    }

    /// The body as it came.
    pub fn bytes(&self) -> Vec<u8> {
        self.parts.body.to_vec()
    }

    /// The media type of the body, with its parameters.
    pub fn content_type(&self) -> String {
        self.texts(Location::Header, "content-type").pop().unwrap_or_default().to_owned()
    }

    /// The outcome.
    ///
    /// # Errors
    /// Everything that was noted.
    pub fn finish<T>(mut self, build: impl FnOnce() -> Option<T>) -> Result<T, Violations> {
        let built = build();
        if built.is_none() && self.checker.is_clean() {
            self.checker.violation("is incomplete");
        }
        self.checker.finish()?;
        built.ok_or_else(Violations::none)
    }

    fn texts(&self, location: Location, name: &str) -> Vec<&'r str> {
        match location {
            Location::Path => self.parts.path.iter().filter(|(key, _)| *key == name).map(|(_, v)| v.as_str()).collect(),
            Location::Query => named(self.parts.query, |key| key == name),
            Location::Header => named(self.parts.headers, |key| key.eq_ignore_ascii_case(name)),
            Location::Cookie => named(self.parts.cookies, |key| key == name),
            Location::Body => Vec::new(),
        }
    }

    fn value<T: ParameterValue>(&mut self, location: Location, name: &str, text: &str) -> Option<T> {
        match T::from_text(text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.note(location, name, &error.to_string());
                None
            }
        }
    }

    fn note(&mut self, location: Location, name: &str, message: &str) {
        self.checker.at(location, |checker| checker.field(name, |checker| checker.violation(message)));
    }
}

fn named(pairs: &[(String, String)], wanted: impl Fn(&str) -> bool) -> Vec<&str> {
    pairs.iter().filter(|(key, _)| wanted(key)).map(|(_, value)| value.as_str()).collect()
}
