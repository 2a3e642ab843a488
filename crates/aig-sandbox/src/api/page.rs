//! Order and pages of listings.

use std::cmp::Ordering;

use serde::Serialize;
use serde_json::{Value, json};

use super::problem::Problem;

/// What a listing asks for.
#[derive(Clone, Debug, Default)]
pub(super) struct Paging<'a> {
    pub(super) sort: &'a [String],
    pub(super) page: Option<i64>,
    pub(super) size: Option<i64>,
}

const DEFAULT_SIZE: i64 = 50;

impl Paging<'_> {
    /// Sorts and cuts out the page. Fields to sort by are those of the answer; `-` before the name turns the order.
    pub(super) fn apply<T: Serialize>(&self, mut rows: Vec<T>, fields: &[&str]) -> Result<Vec<T>, Problem> {
        let keys = self.keys(fields)?;
        if !keys.is_empty() {
            rows = sorted(rows, &keys);
        }
        let size = self.size.unwrap_or(DEFAULT_SIZE).max(1);
        let skip = (self.page.unwrap_or(1).max(1) - 1).saturating_mul(size);
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        Ok(rows.into_iter().skip(skip).take(usize::try_from(size).unwrap_or(usize::MAX)).collect())
    }

    fn keys(&self, fields: &[&str]) -> Result<Vec<Key>, Problem> {
        let names = self.sort.iter().flat_map(|sort| sort.split(',')).map(str::trim).filter(|name| !name.is_empty());
        names.map(|name| Key::read(name, fields)).collect()
    }
}

/// One field to sort by.
#[derive(Clone, Debug)]
struct Key {
    field: String,
    direction: Direction,
}

#[derive(Clone, Copy, Debug)]
enum Direction {
    Up,
    Down,
}

impl Key {
    fn read(text: &str, fields: &[&str]) -> Result<Self, Problem> {
        let (direction, name) = match text.strip_prefix('-') {
            Some(name) => (Direction::Down, name),
            None => (Direction::Up, text.strip_prefix('+').unwrap_or(text)),
        };
        if !fields.contains(&name) {
            let message = format!("Value error, cannot sort by {name:?}; fields: {}", fields.join(", "));
            return Err(Problem::invalid(json!(["query", aig_codegen::parameters::SORT]), &message, "value_error"));
        }
        Ok(Self { field: name.to_owned(), direction })
    }

    fn compare(&self, a: &Value, b: &Value) -> Ordering {
        let order = compare(&a[&self.field], &b[&self.field]);
        match self.direction {
            Direction::Up => order,
            Direction::Down => order.reverse(),
        }
    }
}

fn sorted<T: Serialize>(rows: Vec<T>, keys: &[Key]) -> Vec<T> {
    let with_values = rows.into_iter().map(|row| (serde_json::to_value(&row).unwrap_or(Value::Null), row));
    let mut pairs: Vec<(Value, T)> = with_values.collect();
    let order = |a: &Value, b: &Value| keys.iter().map(|key| key.compare(a, b)).find(|order| order.is_ne());
    pairs.sort_by(|(a, _), (b, _)| order(a, b).unwrap_or(Ordering::Equal));
    pairs.into_iter().map(|(_, row)| row).collect()
}

/// Nothing comes last, as in PostgreSQL.
fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Greater,
        (_, Value::Null) => Ordering::Less,
        (Value::Number(a), Value::Number(b)) => a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(Ordering::Equal),
        (Value::String(a), Value::String(b)) => compare_texts(a, b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        _ => a.to_string().cmp(&b.to_string()),
    }
}

/// Instants by time: their texts have fractions of different lengths.
fn compare_texts(a: &str, b: &str) -> Ordering {
    match (a.parse::<jiff::Timestamp>(), b.parse::<jiff::Timestamp>()) {
        (Ok(a), Ok(b)) => a.cmp(&b),
        _ => a.cmp(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(sort: &[&str], page: i64, size: i64) -> Result<Vec<Value>, Problem> {
        let rows =
            vec![json!({"a": 1, "b": "x"}), json!({"a": 2, "b": "y"}), json!({"a": 2, "b": "x"}), json!({"a": null})];
        let sort: Vec<String> = sort.iter().map(|text| (*text).to_owned()).collect();
        Paging { sort: &sort, page: Some(page), size: Some(size) }.apply(rows, &["a", "b"])
    }

    #[test]
    fn several_fields_sort_in_their_order_and_nothing_comes_last() {
        let rows = apply(&["-a", "b"], 1, 10).unwrap();
        assert_eq!(
            rows,
            [json!({"a": null}), json!({"a": 2, "b": "x"}), json!({"a": 2, "b": "y"}), json!({"a": 1, "b": "x"})]
        );
        assert_eq!(apply(&["a,-b"], 1, 10).unwrap()[1], json!({"a": 2, "b": "y"}));
    }

    #[test]
    fn pages_are_cut_and_end_empty() {
        assert_eq!(apply(&[], 2, 3).unwrap(), [json!({"a": null})]);
        assert_eq!(apply(&[], i64::MAX, 100).unwrap(), Vec::<Value>::new());
    }

    #[test]
    fn an_unknown_field_is_refused() {
        assert!(apply(&["-secret"], 1, 5).is_err());
    }
}
