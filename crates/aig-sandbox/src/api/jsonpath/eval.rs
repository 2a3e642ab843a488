//! Holds a JSON path against a value, in lax mode: arrays open by themselves, what is missing is simply not found.

use std::{borrow::Cow, cmp::Ordering};

use serde_json::Value;

use super::{Comparison, Expression, Index, Origin, Path, Predicate, Step};

type Found<'v> = Vec<Cow<'v, Value>>;

pub(super) fn exists(expression: &Expression, root: &Value) -> bool {
    match expression {
        Expression::Path(path) => !find(path, root, root).is_empty(),
        Expression::Predicate(predicate) => holds(predicate, root, root),
    }
}

fn find<'v>(path: &'v Path, root: &'v Value, current: &'v Value) -> Found<'v> {
    let begin = match &path.from {
        Origin::Root => root,
        Origin::Current => current,
        Origin::Literal(value) => value,
    };
    path.steps.iter().fold(vec![Cow::Borrowed(begin)], |found, step| {
        found.into_iter().flat_map(|value| take_step(step, root, value)).collect()
    })
}

fn take_step<'v>(step: &Step, root: &Value, value: Cow<'v, Value>) -> Found<'v> {
    match step {
        Step::Size => vec![Cow::Owned(Value::from(value.as_array().map_or(1, Vec::len)))],
        Step::Type => vec![Cow::Owned(Value::from(type_name(&value)))],
        Step::Elements if !value.is_array() => vec![value],
        Step::Elements => opened(value),
        Step::Element(index) => element(*index, value),
        Step::Member(_) | Step::AnyMember => opened(value).into_iter().flat_map(|value| members(step, value)).collect(),
        Step::Filter(predicate) => opened(value).into_iter().filter(|value| holds(predicate, root, value)).collect(),
    }
}

/// The elements of an array; anything else is itself.
fn opened(value: Cow<'_, Value>) -> Found<'_> {
    match value {
        Cow::Borrowed(Value::Array(elements)) => elements.iter().map(Cow::Borrowed).collect(),
        Cow::Owned(Value::Array(elements)) => elements.into_iter().map(Cow::Owned).collect(),
        other => vec![other],
    }
}

fn element(index: Index, value: Cow<'_, Value>) -> Found<'_> {
    let elements = opened(value);
    let at = match index {
        Index::FromStart(at) => Some(at),
        Index::FromEnd(back) => elements.len().checked_sub(back + 1),
    };
    elements.into_iter().enumerate().filter(|(number, _)| Some(*number) == at).map(|(_, value)| value).collect()
}

fn members<'v>(step: &Step, value: Cow<'v, Value>) -> Found<'v> {
    let wanted = |name: &str| !matches!(step, Step::Member(member) if member != name);
    match value {
        Cow::Borrowed(Value::Object(members)) => {
            members.iter().filter(|(name, _)| wanted(name)).map(|(_, value)| Cow::Borrowed(value)).collect()
        }
        Cow::Owned(Value::Object(members)) => {
            members.into_iter().filter(|(name, _)| wanted(name)).map(|(_, value)| Cow::Owned(value)).collect()
        }
        _ => Vec::new(),
    }
}

fn holds(predicate: &Predicate, root: &Value, current: &Value) -> bool {
    let all = |path| find(path, root, current).into_iter().flat_map(opened);
    match predicate {
        Predicate::Compare(left, comparison, right) => {
            let right: Found<'_> = all(right).collect();
            all(left).any(|left| right.iter().any(|right| compare(&left, *comparison, right)))
        }
        Predicate::Like(path, regex) => all(path).any(|value| value.as_str().is_some_and(|text| regex.is_match(text))),
        Predicate::StartsWith(path, prefix) => {
            all(path).any(|value| value.as_str().is_some_and(|text| text.starts_with(prefix)))
        }
        Predicate::Exists(path) => !find(path, root, current).is_empty(),
        Predicate::And(left, right) => holds(left, root, current) && holds(right, root, current),
        Predicate::Or(left, right) => holds(left, root, current) || holds(right, root, current),
        Predicate::Not(inner) => !holds(inner, root, current),
    }
}

/// Values of different types are neither equal nor in order; null is equal to null alone, and differs from all else.
fn compare(left: &Value, comparison: Comparison, right: &Value) -> bool {
    let order = match (left, right) {
        (Value::Number(a), Value::Number(b)) => a.as_f64().partial_cmp(&b.as_f64()),
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Null, Value::Null) => Some(Ordering::Equal),
        (Value::Null, _) | (_, Value::Null) => return comparison == Comparison::NotEqual,
        _ => None,
    };
    let Some(order) = order else { return false };
    match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
