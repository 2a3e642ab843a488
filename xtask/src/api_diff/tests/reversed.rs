//! Changes by the names they have the other way round, changes between two edited documents, and that no kind of change
//! is without a case.

use serde_json::json;

use super::{Edit, Row, brief, difference, edited, push, row, set};

/// Checks a table whose edits are undone.
fn check_back(rows: Vec<Row>) {
    for row in rows {
        let changes: Vec<_> = difference(&edited(&row.edits), &super::base()).iter().map(brief).collect();
        assert_eq!(changes, row.changes, "{}", row.name);
    }
}

#[test]
fn requests_the_other_way_round() {
    let required = json!({"name": "q", "in": "query", "required": true, "schema": {"type": "string"}});
    let body = json!({"content": {"application/json": {"schema": {}}}});
    check_back(vec![
        row(
            "a parameter is optional",
            [set("/paths/~1things/get/parameters/0/required", json!(true))],
            &["parameter-optional C/B"],
        ),
        row("a required one is gone", [push("/paths/~1things/get/parameters", required)], &["parameter-removed B/B"]),
        row(
            "any text for a number",
            [set("/paths/~1things/get/parameters/3/schema", json!({"type": "integer"}))],
            &["type-widened C/B"],
        ),
        row(
            "a body is required",
            [set("/paths/~1things/post/requestBody/required", json!(false))],
            &["body-required B/C"],
        ),
        row("an optional body is gone", [set("/paths/~1things~1{id}/delete/requestBody", body)], &["body-removed B/C"]),
        row(
            "other fields are refused",
            [Edit::Drop("/components/schemas/NewThing/additionalProperties")],
            &["fields-closed B/C"],
        ),
        row(
            "an integer for a number",
            [set("/components/schemas/NewThing/properties/count/type", json!("number"))],
            &["type-narrowed B/C"],
        ),
        row(
            "an item may come twice",
            [set("/components/schemas/NewThing/properties/labels/uniqueItems", json!(true))],
            &["limit-loosened C/B"],
        ),
        row("credentials are asked for", [Edit::Drop("/security")], &["security-changed B/C"]),
    ]);
}

#[test]
fn answers_the_other_way_round() {
    let mapping = "/components/schemas/Thing/properties/shape/discriminator/mapping/disc";
    check_back(vec![
        row("any value", [set("/components/schemas/Thing/properties/name/enum", json!(["a"]))], &["values-opened R/C"]),
        row(
            "other fields",
            [set("/components/schemas/Thing/additionalProperties", json!(false))],
            &["fields-opened R/C"],
        ),
        row(
            "a required header more",
            [Edit::Drop("/paths/~1things/get/responses/200/headers/X-Total")],
            &["header-added C/B"],
        ),
        row(
            "a text that is parsed",
            [Edit::Drop("/components/schemas/Thing/properties/made_at/format")],
            &["format-changed C/B"],
        ),
        row(
            "a shorter tuple",
            [push("/components/schemas/Thing/properties/pair/prefixItems", json!({}))],
            &["tuple-changed B/B"],
        ),
        row(
            "known by one value less",
            [set(mapping, json!("#/components/schemas/Circle"))],
            &["discriminator-changed C/R"],
        ),
        row("a first body", [Edit::Drop("/paths/~1things/post/responses/201/content")], &["media-type-added C/B"]),
        row("a first success", [Edit::Drop("/paths/~1things~1{id}/delete/responses/204")], &["status-added R/B"]),
    ]);
}

/// The changes from what one value of a member of answers makes of it to what another makes.
fn between(pointer: &'static str, old: serde_json::Value, new: serde_json::Value) -> Vec<String> {
    difference(&edited(&[set(pointer, old)]), &edited(&[set(pointer, new)])).iter().map(brief).collect()
}

#[test]
fn values_and_limits_of_answers_from_one_to_another() {
    let values = |list: &[&str]| json!({"type": "string", "enum": list});
    let name = "/components/schemas/Thing/properties/name";
    assert_eq!(between(name, values(&["a", "b"]), values(&["a"])), ["value-removed C/R"]);
    assert_eq!(between(name, values(&["a"]), values(&["a", "b"])), ["value-added R/C"]);
    assert_eq!(between(name, values(&["a"]), values(&["b"])), ["values-replaced B/B"]);

    let count = "/components/schemas/Thing/properties/count";
    let limit = |keyword: &str, limit: u64| json!({"type": "integer", keyword: limit});
    let edge = 9_007_199_254_740_992;
    for keyword in ["minimum", "exclusiveMinimum"] {
        assert_eq!(between(count, limit(keyword, edge), limit(keyword, edge + 1)), ["limit-tightened C/R"]);
    }
    for keyword in ["maximum", "exclusiveMaximum"] {
        assert_eq!(between(count, limit(keyword, u64::MAX - 1), limit(keyword, u64::MAX)), ["limit-loosened R/C"]);
    }
    assert_eq!(between(count, limit("exclusiveMaximum", u64::MAX), limit("maximum", u64::MAX - 1)), [""; 0]);
    assert_eq!(between(count, limit("multipleOf", 5), json!({"type": "integer"})), ["pattern-changed R/C"]);

    let children = "/components/schemas/Thing/properties/children/uniqueItems";
    assert_eq!(between(children, json!(false), json!(true)), ["limit-tightened C/R"]);
    let extra = "/components/schemas/Thing/properties/extra/maxProperties";
    assert_eq!(between(extra, json!(3), json!(4)), ["limit-loosened R/C"]);
}

/// The names in the tables are those of the rules: a new rule needs a case.
#[test]
fn every_kind_of_change_has_a_case() {
    let tables = [
        include_str!("answers.rs"),
        include_str!("inputs.rs"),
        include_str!("operations.rs"),
        include_str!("outputs.rs"),
        include_str!("parameters.rs"),
        include_str!("reversed.rs"),
    ];
    let source = include_str!("../change.rs");
    let (_, rest) = source.split_once("enum Rule {").unwrap();
    let (variants, _) = rest.split_once('}').unwrap();
    let without: Vec<_> = variants
        .split(',')
        .map(|variant| kebab(variant.trim()))
        .filter(|rule| !rule.is_empty() && !tables.iter().any(|table| table.contains(&format!("\"{rule} "))))
        .collect();
    assert_eq!(without, Vec::<String>::new());
    assert!(variants.split(',').count() > 50);
}

fn kebab(variant: &str) -> String {
    let letter = |c: char| if c.is_uppercase() { format!("-{}", c.to_lowercase()) } else { c.to_string() };
    variant.chars().map(letter).collect::<String>().trim_start_matches('-').to_owned()
}
