//! True, false, or nobody can tell: what is of another kind is not compared.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::Comparison;

/// In the order by which `&&` is the least and `||` the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Truth {
    False,
    Unknown,
    True,
}

impl Truth {
    pub(super) fn turned(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }

    /// Of anything but a text nobody can tell.
    pub(super) fn of_text(value: &Value, test: impl Fn(&str) -> bool) -> Self {
        value.as_str().map_or(Self::Unknown, |text| test(text).into())
    }
}

impl From<bool> for Truth {
    fn from(is_true: bool) -> Self {
        if is_true { Self::True } else { Self::False }
    }
}

/// Null is equal to null alone, and differs from all else.
pub(super) fn compare(left: &Value, comparison: Comparison, right: &Value) -> Truth {
    let order = match (left, right) {
        (Value::Number(a), Value::Number(b)) => numbers(a, b),
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Null, Value::Null) => Some(Ordering::Equal),
        (Value::Null, _) | (_, Value::Null) => return (comparison == Comparison::NotEqual).into(),
        _ => None,
    };
    let Some(order) = order else { return Truth::Unknown };
    Truth::from(match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    })
}

/// Whole numbers to the last digit.
fn numbers(a: &Number, b: &Number) -> Option<Ordering> {
    match (a.as_i128(), b.as_i128()) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => a.as_f64().partial_cmp(&b.as_f64()),
    }
}
