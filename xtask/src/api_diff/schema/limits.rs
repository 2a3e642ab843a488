//! Knows the limits of numbers and of lengths, and which of two limits allows more.

use std::{cmp::Ordering, fmt};

use serde_json::Number;

use crate::codegen::{
    json::Json,
    node::{Node, Problem, wide},
};

use super::{Alternative, Kind};

/// A limit that is set.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bound {
    keyword: &'static str,
    value: Number,
    is_exclusive: bool,
    pub(crate) at: String,
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.keyword, self.value)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Lower,
    Upper,
}

/// A pair of keywords of one meaning.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    inclusive: &'static str,
    exclusive: Option<&'static str>,
    side: Side,
}

const fn numeric(inclusive: &'static str, exclusive: &'static str, side: Side) -> Limits {
    Limits { inclusive, exclusive: Some(exclusive), side }
}

const fn count(inclusive: &'static str, side: Side) -> Limits {
    Limits { inclusive, exclusive: None, side }
}

const NUMERIC: &[Limits] =
    &[numeric("minimum", "exclusiveMinimum", Side::Lower), numeric("maximum", "exclusiveMaximum", Side::Upper)];
const TEXT: &[Limits] = &[count("minLength", Side::Lower), count("maxLength", Side::Upper)];
const ARRAY: &[Limits] = &[count("minItems", Side::Lower), count("maxItems", Side::Upper)];
const OBJECT: &[Limits] = &[count("minProperties", Side::Lower), count("maxProperties", Side::Upper)];

impl Limits {
    /// The limits that values of a type can have.
    pub(crate) const fn of(kind: Kind) -> &'static [Self] {
        match kind {
            Kind::Integer | Kind::Number => NUMERIC,
            Kind::Text => TEXT,
            Kind::Array => ARRAY,
            Kind::Object => OBJECT,
            Kind::Any | Kind::Boolean | Kind::Null => &[],
        }
    }

    pub(crate) const fn keyword(self) -> &'static str {
        self.inclusive
    }

    /// The tightest limit that an alternative sets.
    pub(crate) fn bound(self, alternative: &Alternative<'_>) -> Result<Option<Bound>, Problem> {
        let mut bounds = Vec::new();
        for part in &alternative.parts {
            bounds.extend(part.get(self.inclusive).map(|node| self.inclusive_bound(part, &node)).transpose()?);
            if let Some(node) = self.exclusive.and_then(|keyword| part.get(keyword)) {
                bounds.extend(self.exclusive_bound(&node, alternative.kind)?);
            }
        }
        let tightest = bounds.into_iter().reduce(|one, other| if self.allows_more(&one, &other) { other } else { one });
        Ok(tightest.filter(|bound| !self.is_void(bound)))
    }

    /// OpenAPI 3.0 makes a limit exclusive by a boolean beside it.
    fn inclusive_bound(self, part: &Node<'_>, node: &Node<'_>) -> Result<Bound, Problem> {
        let flag = self.exclusive.and_then(|keyword| part.get(keyword));
        let is_exclusive = flag.is_some_and(|flag| *flag.json == Json::Bool(true));
        Ok(Bound { keyword: self.inclusive, value: node.number()?.clone(), is_exclusive, at: node.pointer.clone() })
    }

    fn exclusive_bound(self, node: &Node<'_>, kind: Kind) -> Result<Option<Bound>, Problem> {
        if matches!(node.json, Json::Bool(_)) {
            return Ok(None);
        }
        let value = node.number()?;
        let at = node.pointer.clone();
        let next = wide(value).and_then(|whole| Number::from_i128(self.next(whole)?));
        Ok(Some(match next.filter(|_| kind == Kind::Integer) {
            Some(value) => Bound { keyword: self.inclusive, value, is_exclusive: false, at },
            None => {
                let keyword = self.exclusive.unwrap_or(self.inclusive);
                Bound { keyword, value: value.clone(), is_exclusive: true, at }
            }
        }))
    }

    /// The first whole number within an exclusive limit.
    fn next(self, whole: i128) -> Option<i128> {
        match self.side {
            Side::Lower => whole.checked_add(1),
            Side::Upper => whole.checked_sub(1),
        }
    }

    /// "At least nothing" says nothing of a length.
    fn is_void(self, bound: &Bound) -> bool {
        self.exclusive.is_none() && self.side == Side::Lower && bound.value.as_u64() == Some(0)
    }

    fn allows_more(self, one: &Bound, other: &Bound) -> bool {
        self.compare(Some(one), Some(other)) == Ordering::Greater
    }

    /// `Greater` when the first limit allows more than the second.
    pub(crate) fn compare(self, one: Option<&Bound>, other: Option<&Bound>) -> Ordering {
        let (one, other) = match (one, other) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Greater,
            (Some(_), None) => return Ordering::Less,
            (Some(one), Some(other)) => (one, other),
        };
        let values = compare(&one.value, &other.value);
        let room = if self.side == Side::Upper { values } else { values.reverse() };
        room.then(other.is_exclusive.cmp(&one.is_exclusive))
    }
}

/// Compares exactly where both are whole numbers.
fn compare(one: &Number, other: &Number) -> Ordering {
    match (wide(one), wide(other)) {
        (Some(one), Some(other)) => one.cmp(&other),
        _ => one.as_f64().unwrap_or_default().total_cmp(&other.as_f64().unwrap_or_default()),
    }
}
