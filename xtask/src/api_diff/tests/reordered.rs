//! A document written in another order, in other words and cut into other components is the same document.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{base, difference};

/// Numbers that are random enough to shuffle with (Knuth's MMIX generator).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// A value as text, the members of its objects in random order: the map of `serde_json` would sort them.
fn shuffled_text(value: &Value, dice: &mut Dice) -> String {
    match value {
        Value::Object(members) => {
            let mut texts: Vec<_> =
                members.iter().map(|(key, value)| format!("{}:{}", json!(key), shuffled_text(value, dice))).collect();
            dice.shuffle(&mut texts);
            format!("{{{}}}", texts.join(","))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(|item| shuffled_text(item, dice)).collect::<Vec<_>>().join(","))
        }
        other => other.to_string(),
    }
}

/// Shuffles lists whose order says nothing, and adds words to schemas.
fn retold(value: &mut Value, key: &str, dice: &mut Dice) {
    match value {
        Value::Array(items) => {
            items.iter_mut().for_each(|item| retold(item, "item", dice));
            if ["required", "enum", "anyOf", "oneOf", "allOf", "parameters", "type"].contains(&key) {
                dice.shuffle(items);
            }
        }
        Value::Object(members) => {
            members.iter_mut().for_each(|(key, value)| retold(value, key, dice));
            if members.contains_key("type") && dice.below(2) == 0 {
                members.insert("description".to_owned(), json!("Other words."));
                members.insert("title".to_owned(), json!("Another title"));
            }
        }
        _ => {}
    }
}

/// Moves some fields out into components of their own.
fn cut(document: &mut Value, dice: &mut Dice) {
    let mut parts = Map::new();
    let schemas = document["components"]["schemas"].as_object_mut().unwrap();
    for (name, schema) in schemas.iter_mut() {
        for (field, value) in schema["properties"].as_object_mut().into_iter().flatten() {
            if dice.below(3) == 0 {
                let part = format!("Part_{name}_{field}");
                let reference = json!({"$ref": format!("#/components/schemas/{part}")});
                parts.insert(part, std::mem::replace(value, reference));
            }
        }
    }
    schemas.extend(parts);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_document_told_differently_has_no_changes(seed: u64) {
        let mut dice = Dice(seed);
        let mut other = base();
        retold(&mut other, "", &mut dice);
        cut(&mut other, &mut dice);
        let text = shuffled_text(&other, &mut dice);
        let old = super::document("old", &base()).unwrap();
        let new = super::Document::new("new", serde_json::from_str(&text).unwrap()).unwrap();
        prop_assert_eq!(super::compare(&old, &new).unwrap(), []);
        prop_assert_eq!(super::compare(&new, &old).unwrap(), []);
    }
}

/// The check above can fail: the order of a tuple is no matter of taste.
#[test]
fn a_tuple_in_another_order_is_a_change() {
    let mut other = base();
    other["components"]["schemas"]["Thing"]["properties"]["pair"]["prefixItems"].as_array_mut().unwrap().reverse();
    assert_eq!(difference(&base(), &other).len(), 2);
}
