//! Knows the types of JSON, and which of them a schema allows.

use std::collections::BTreeSet;

use crate::codegen::{
    json::Json,
    node::{Node, Problem},
};

use super::expand::Candidate;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    /// No type is named, nor does any keyword tell one.
    Any,
    Boolean,
    Integer,
    Number,
    Text,
    Array,
    Object,
    Null,
}

impl Kind {
    fn parse(node: &Node<'_>) -> Result<Self, Problem> {
        Ok(match node.text()? {
            "boolean" => Self::Boolean,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "string" => Self::Text,
            "array" => Self::Array,
            "object" => Self::Object,
            "null" => Self::Null,
            other => return Err(node.problem(format!("`{other}` is no type of JSON Schema"))),
        })
    }

    /// With its article, for sentences.
    pub(crate) const fn noun(self) -> &'static str {
        match self {
            Self::Any => "anything",
            Self::Boolean => "a boolean",
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::Text => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
            Self::Null => "null",
        }
    }

    /// Whether it is written as a plain text in a query, path or header.
    pub(crate) const fn is_scalar(self) -> bool {
        matches!(self, Self::Boolean | Self::Integer | Self::Number | Self::Text)
    }
}

/// The type of a value; a whole number is an integer.
pub(crate) fn kind_of(value: &Json) -> Kind {
    match value {
        Json::Null => Kind::Null,
        Json::Bool(_) => Kind::Boolean,
        Json::Number(number) if number.is_f64() => Kind::Number,
        Json::Number(_) => Kind::Integer,
        Json::String(_) => Kind::Text,
        Json::Array(_) => Kind::Array,
        Json::Object(_) => Kind::Object,
    }
}

/// The types that all parts allow.
pub(super) fn of(candidate: &Candidate<'_>) -> Result<BTreeSet<Kind>, Problem> {
    if candidate.only_null {
        return Ok([Kind::Null].into());
    }
    let mut allowed: Option<BTreeSet<Kind>> = None;
    for part in &candidate.parts {
        if let Some(named) = named(part)? {
            allowed = Some(allowed.map_or_else(|| named.clone(), |known| common(&known, &named)));
        }
    }
    allowed.map_or_else(|| inferred(&candidate.parts), Ok)
}

/// The types that the keyword names; `nullable` (OpenAPI 3.0) adds null.
fn named(part: &Node<'_>) -> Result<Option<BTreeSet<Kind>>, Problem> {
    let Some(node) = part.get("type") else { return Ok(None) };
    let mut kinds: BTreeSet<_> = match node.json {
        Json::Array(_) => node.items()?.iter().map(Kind::parse).collect::<Result<_, _>>()?,
        _ => [Kind::parse(&node)?].into(),
    };
    if part.flag("nullable")? {
        kinds.insert(Kind::Null);
    }
    if kinds.contains(&Kind::Number) {
        kinds.remove(&Kind::Integer);
    }
    Ok(Some(kinds))
}

/// What two sets of types share; every integer is a number.
fn common(one: &BTreeSet<Kind>, other: &BTreeSet<Kind>) -> BTreeSet<Kind> {
    let fits = |kind: &Kind, kinds: &BTreeSet<Kind>| {
        kinds.contains(kind) || (*kind == Kind::Integer && kinds.contains(&Kind::Number))
    };
    one.union(other).copied().filter(|kind| fits(kind, one) && fits(kind, other)).collect()
}

/// The keywords that everybody writes for one type alone.
const TELLING: &[(&str, Kind)] = &[
    ("properties", Kind::Object),
    ("required", Kind::Object),
    ("additionalProperties", Kind::Object),
    ("patternProperties", Kind::Object),
    ("items", Kind::Array),
    ("prefixItems", Kind::Array),
    ("minItems", Kind::Array),
    ("maxItems", Kind::Array),
    ("minLength", Kind::Text),
    ("maxLength", Kind::Text),
    ("pattern", Kind::Text),
];

/// The types of a schema that names none: those of its values, else those that its keywords are about.
fn inferred(parts: &[Node<'_>]) -> Result<BTreeSet<Kind>, Problem> {
    let mut kinds = BTreeSet::new();
    for part in parts {
        kinds.extend(part.get("const").map(|node| kind_of(node.json)));
        kinds.extend(part.items_of("enum")?.iter().map(|node| kind_of(node.json)));
    }
    if kinds.is_empty() {
        kinds.extend(TELLING.iter().filter(|(key, _)| parts.iter().any(|part| part.has(key))).map(|(_, kind)| kind));
    }
    if kinds.is_empty() {
        kinds.insert(Kind::Any);
    }
    Ok(kinds)
}
