//! Knows where the comparison stands, in words.

use std::fmt;

use super::super::{
    schema::{Alternative, Kind},
    verdict::Position,
};

/// How values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Json,
    /// As text in a path, query, header or cookie: `5` may be a number or a string, and null cannot be said.
    Text(Repeat),
}

/// Whether one key may stand several times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    Never,
    Key,
}

/// A place that both documents have.
#[derive(Debug, Clone)]
pub(super) struct Site {
    /// Such as `GET /v1/runs`.
    pub(super) operation: Option<String>,
    pub(super) position: Option<Position>,
    pub(super) encoding: Encoding,
    pub(super) subject: Subject,
}

impl Site {
    /// The document as a whole.
    pub(super) fn document() -> Self {
        Self::at(None, None, Subject::part("the document"))
    }

    pub(super) fn operation(label: &str) -> Self {
        Self::at(Some(label), None, Subject::part(label))
    }

    /// A part of this site's operation, such as `the request body`.
    pub(super) fn part(&self, what: &str, position: Position) -> Self {
        let of = self.operation.as_deref().unwrap_or("the document");
        Self::at(Some(of), Some(position), Subject::part(&format!("{what} of {of}")))
    }

    fn at(operation: Option<&str>, position: Option<Position>, subject: Subject) -> Self {
        Self { operation: operation.map(str::to_owned), position, encoding: Encoding::Json, subject }
    }

    /// A header of this answer.
    pub(super) fn header(&self, name: &str) -> Self {
        let subject = Subject::part(&format!("header `{name}` of {}", self.subject));
        Self { subject, encoding: Encoding::Text(Repeat::Never), ..self.clone() }
    }

    pub(super) fn field(&self, name: &str) -> Self {
        self.below(&format!(".{name}"))
    }

    pub(super) fn items(&self) -> Self {
        self.below("[]")
    }

    pub(super) fn item(&self, index: usize) -> Self {
        self.below(&format!("[{index}]"))
    }

    /// What a member that no field names must be.
    pub(super) fn rest(&self) -> Self {
        self.below(".*")
    }

    fn below(&self, step: &str) -> Self {
        let subject = Subject { path: format!("{}{step}", self.subject.path), ..self.subject.clone() };
        Self { subject, ..self.clone() }
    }

    /// The site of one of several alternatives; what is a component in both documents is known by its name.
    pub(super) fn alternative(&self, old: &Alternative<'_>, new: &Alternative<'_>) -> Self {
        match (&old.name, &new.name) {
            (Some(_), Some(name)) => Self { subject: Subject::component(name), ..self.clone() },
            _ => self.clone(),
        }
    }

    pub(super) fn is_text(&self) -> bool {
        self.encoding != Encoding::Json
    }

    pub(super) fn repeats_keys(&self) -> bool {
        self.encoding == Encoding::Text(Repeat::Key)
    }

    /// Whether one type may be written where the other is expected, apart from JSON.
    pub(super) fn may_stand_for(&self, one: Kind, other: Kind) -> bool {
        self.is_text() && one.is_scalar() && other == Kind::Text
    }
}

/// What a sentence is about.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    base: Base,
    path: String,
}

#[derive(Debug, Clone)]
enum Base {
    Component(String),
    Part(String),
}

impl Subject {
    fn part(words: &str) -> Self {
        Self { base: Base::Part(words.to_owned()), path: String::new() }
    }

    fn component(name: &str) -> Self {
        Self { base: Base::Component(name.to_owned()), path: String::new() }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.base {
            Base::Component(name) => write!(f, "`{name}{}`", self.path),
            Base::Part(words) if self.path.is_empty() => f.write_str(words),
            Base::Part(words) => write!(f, "`{}` in {words}", self.path.trim_start_matches('.')),
        }
    }
}
