//! Knows where in the document it stands, so that every problem names its place.

use std::fmt;

use super::json::Json;

/// Something that the generator cannot take, with its place in the document (RFC 6901).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) pointer: String,
    pub(crate) message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}: {}", self.pointer, self.message)
    }
}

impl std::error::Error for Problem {}

/// A value of the document and its place.
#[derive(Debug, Clone)]
pub(crate) struct Node<'d> {
    pub(crate) json: &'d Json,
    pub(crate) pointer: String,
}

impl<'d> Node<'d> {
    pub(crate) const fn root(json: &'d Json) -> Self {
        Self { json, pointer: String::new() }
    }

    pub(crate) fn problem(&self, message: impl Into<String>) -> Problem {
        Problem { pointer: self.pointer.clone(), message: message.into() }
    }

    fn child(&self, token: &str, json: &'d Json) -> Self {
        let token = token.replace('~', "~0").replace('/', "~1");
        Self { json, pointer: format!("{}/{token}", self.pointer) }
    }

    pub(crate) fn get(&self, name: &str) -> Option<Self> {
        self.json.get(name).map(|json| self.child(name, json))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.json.get(name).is_some()
    }

    pub(crate) fn require(&self, name: &str) -> Result<Self, Problem> {
        self.get(name).ok_or_else(|| self.problem(format!("`{name}` is missing")))
    }

    pub(crate) fn text(&self) -> Result<&'d str, Problem> {
        match self.json {
            Json::String(text) => Ok(text),
            other => Err(self.problem(format!("must be a text, is {}", other.kind()))),
        }
    }

    pub(crate) fn boolean(&self) -> Result<bool, Problem> {
        match self.json {
            Json::Bool(value) => Ok(*value),
            other => Err(self.problem(format!("must be a boolean, is {}", other.kind()))),
        }
    }

    pub(crate) fn number(&self) -> Result<&'d serde_json::Number, Problem> {
        match self.json {
            Json::Number(number) => Ok(number),
            other => Err(self.problem(format!("must be a number, is {}", other.kind()))),
        }
    }

    pub(crate) fn count(&self) -> Result<usize, Problem> {
        let count = whole(self.number()?).and_then(|count| usize::try_from(count).ok());
        count.ok_or_else(|| self.problem("must be a whole number of at least 0"))
    }

    pub(crate) fn items(&self) -> Result<Vec<Self>, Problem> {
        match self.json {
            Json::Array(items) => {
                Ok(items.iter().enumerate().map(|(i, item)| self.child(&i.to_string(), item)).collect())
            }
            other => Err(self.problem(format!("must be a list, is {}", other.kind()))),
        }
    }

    pub(crate) fn members(&self) -> Result<Vec<(&'d str, Self)>, Problem> {
        match self.json {
            Json::Object(members) => {
                Ok(members.iter().map(|(key, value)| (key.as_str(), self.child(key, value))).collect())
            }
            other => Err(self.problem(format!("must be an object, is {}", other.kind()))),
        }
    }

    /// The members of an object that may be absent.
    pub(crate) fn members_of(&self, name: &str) -> Result<Vec<(&'d str, Self)>, Problem> {
        self.get(name).map_or_else(|| Ok(Vec::new()), |node| node.members())
    }

    /// The entries of a list that may be absent.
    pub(crate) fn items_of(&self, name: &str) -> Result<Vec<Self>, Problem> {
        self.get(name).map_or_else(|| Ok(Vec::new()), |node| node.items())
    }

    pub(crate) fn text_of(&self, name: &str) -> Result<Option<&'d str>, Problem> {
        self.get(name).map(|node| node.text()).transpose()
    }

    /// A boolean that is false when absent.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Problem> {
        self.get(name).map_or(Ok(false), |node| node.boolean())
    }

    /// What a local reference points to.
    pub(crate) fn follow(&self, reference: &Self) -> Result<Self, Problem> {
        let text = reference.text()?;
        let Some(pointer) = text.strip_prefix('#') else {
            return Err(reference.problem(format!("`{text}` leads out of the document; bundle the document first")));
        };
        let mut node = self.clone();
        for token in pointer.split('/').skip(1) {
            let token = percent_decoded(token).replace("~1", "/").replace("~0", "~");
            node = node.step(&token).ok_or_else(|| reference.problem(format!("`{text}` leads nowhere")))?;
        }
        Ok(node)
    }

    fn step(&self, token: &str) -> Option<Self> {
        match self.json {
            Json::Array(items) => Some(self.child(token, items.get(token.parse::<usize>().ok()?)?)),
            _ => self.get(token),
        }
    }
}

/// The number without a fraction: `1.0` is the whole number 1 (JSON Schema Core, section 6.3).
#[expect(clippy::cast_possible_truncation, reason = "only floats without a fraction and below 2^53 are converted")]
pub(crate) fn whole(number: &serde_json::Number) -> Option<i64> {
    let exact = |float: &f64| float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0;
    number.as_i64().or_else(|| number.as_f64().filter(exact).map(|float| float as i64))
}

/// The number without a fraction, beyond 64 bits too.
#[expect(clippy::cast_possible_truncation, reason = "only floats without a fraction and below 2^126 are converted")]
pub(crate) fn wide(number: &serde_json::Number) -> Option<i128> {
    let exact = |float: &f64| float.fract() == 0.0 && float.abs() < 2_f64.powi(126);
    number.as_i128().or_else(|| number.as_f64().filter(exact).map(|float| float as i128))
}

/// Decodes `%41`: a reference is a URI, its fragment may be encoded.
fn percent_decoded(token: &str) -> String {
    let mut bytes = Vec::with_capacity(token.len());
    let mut rest = token.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
