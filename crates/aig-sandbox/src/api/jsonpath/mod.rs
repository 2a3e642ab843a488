//! JSON path as PostgreSQL has it (SQL/JSON), as far as filters on custom metadata use it: steps, subscripts,
//! `? (…)` with comparisons, `exists`, `like_regex`, `starts with`, `is unknown`, `&&`, `||`, `!`, in both modes.
//! <https://www.postgresql.org/docs/current/functions-json.html#FUNCTIONS-SQLJSON-PATH>

mod budget;
mod eval;
mod parse;
mod text;
mod token;
mod truth;

use regex::Regex;
use serde_json::Value;

/// A path that can be held against values.
#[derive(Debug)]
pub(super) struct JsonPath {
    mode: Mode,
    expression: Expression,
}

/// What happens to what does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Lax,
    Strict,
}

/// Why a text is no path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} at character {position}")]
pub(super) struct PathError {
    message: String,
    position: usize,
}

/// A path that finds values without end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the path is too costly: of one metadata at most 100,000 values are looked at")]
pub(super) struct TooCostly;

impl JsonPath {
    pub(super) fn parse(text: &str) -> Result<Self, PathError> {
        let (mode, expression) = parse::parse(text)?;
        Ok(Self { mode, expression })
    }

    /// Whether the path finds anything, as `@?` does; a predicate finds something when it is true, as `@@` does.
    ///
    /// # Errors
    /// When more values would have to be looked at than one evaluation may.
    pub(super) fn matches(&self, value: &Value) -> Result<bool, TooCostly> {
        eval::exists(&self.expression, self.mode, value)
    }
}

/// What is found, or whether something holds.
#[derive(Debug)]
enum Expression {
    Path(Path),
    Predicate(Predicate),
}

/// Steps from a beginning.
#[derive(Debug)]
struct Path {
    from: Origin,
    steps: Vec<Step>,
}

#[derive(Debug)]
enum Origin {
    Root,
    Current,
    Literal(Value),
}

#[derive(Debug)]
enum Step {
    Member(String),
    AnyMember,
    Elements,
    /// `[0, 2 to last]`
    Element(Vec<Subscript>),
    /// `**`
    Everything,
    Filter(Predicate),
    Size,
    Type,
}

/// A place, or all from one to another.
#[derive(Clone, Copy, Debug)]
struct Subscript {
    first: Index,
    last: Index,
}

/// From the beginning, or `last` and so many before it.
#[derive(Clone, Copy, Debug)]
enum Index {
    FromStart(usize),
    FromEnd(usize),
}

#[derive(Debug)]
enum Predicate {
    Compare(Path, Comparison, Path),
    Like(Path, Regex),
    StartsWith(Path, String),
    Exists(Path),
    IsUnknown(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Not(Box<Self>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[cfg(test)]
mod tests;
