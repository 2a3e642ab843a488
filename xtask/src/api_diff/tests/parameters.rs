//! Parameters: presence, names, places, types, limits, repetition.

use serde_json::json;

use super::{Edit, check, push, row, set};

const LIST: &str = "/paths/~1things/get/parameters";
const PAGE: &str = "/paths/~1things/get/parameters/0/schema";
const TAG: &str = "/paths/~1things/get/parameters/2/schema";
const ID: &str = "/paths/~1things~1{id}/parameters/0";

#[test]
fn parameters_come_go_and_change_their_names_and_places() {
    check(vec![
        row("gone", [Edit::Drop("/paths/~1things/get/parameters/2")], &["parameter-removed B/C"]),
        row(
            "new",
            [push(LIST, json!({"name": "q", "in": "query", "schema": {"type": "string"}}))],
            &["parameter-added C/B"],
        ),
        row(
            "new and required",
            [push(LIST, json!({"name": "q", "in": "query", "required": true, "schema": {"type": "string"}}))],
            &["parameter-added B/B"],
        ),
        row("required", [set("/paths/~1things/get/parameters/0/required", json!(true))], &["parameter-required B/C"]),
        row("renamed", [set("/paths/~1things/get/parameters/0/name", json!("Page"))], &["parameter-renamed B/B"]),
        row(
            "another name altogether",
            [set("/paths/~1things/get/parameters/0/name", json!("offset"))],
            &["parameter-removed B/C", "parameter-added C/B"],
        ),
        row("a header in another case", [set("/paths/~1things/get/parameters/3/name", json!("x-trace"))], &[]),
        row(
            "in another place",
            [set("/paths/~1things/get/parameters/0/in", json!("cookie"))],
            &["parameter-relocated B/B"],
        ),
        row(
            "said by the path instead of the operation",
            [
                Edit::Drop("/paths/~1things~1{id}~1file/get/parameters"),
                set("/paths/~1things~1{id}~1file/parameters", json!([{"$ref": "#/components/parameters/Id"}])),
                set(
                    "/components/parameters",
                    json!({"Id": {"name": "id", "in": "path", "required": true, "schema": {"type": "string", "format": "uuid"}}}),
                ),
            ],
            &[],
        ),
        row(
            "one that is described elsewhere",
            [push(LIST, json!({"name": "Accept", "in": "header", "schema": {}}))],
            &[],
        ),
    ]);
}

#[test]
fn types_of_parameters_are_those_of_texts() {
    check(vec![
        row("any text for a number", [set(PAGE, json!({"type": "string", "default": 1}))], &["type-widened C/B"]),
        row("a boolean for a number", [set(PAGE, json!({"type": "boolean", "default": 1}))], &["type-changed B/B"]),
        row(
            "a number for a text",
            [set("/paths/~1things/get/parameters/3/schema", json!({"type": "integer"}))],
            &["type-narrowed B/C"],
        ),
        row(
            "may be null, which nobody can say in a query",
            [set("/paths/~1things/get/parameters/3/schema", json!({"anyOf": [{"type": "string"}, {"type": "null"}]}))],
            &[],
        ),
        row(
            "may be null no more",
            [set("/paths/~1things/get/parameters/1/schema", json!({"$ref": "#/components/schemas/State"}))],
            &[],
        ),
        row("no format", [Edit::Drop("/paths/~1things~1{id}/parameters/0/schema/format")], &["format-changed C/B"]),
        row(
            "another format",
            [set("/paths/~1things~1{id}/parameters/0/schema/format", json!("int64"))],
            &["format-changed B/B"],
        ),
    ]);
}

#[test]
fn a_key_that_may_be_repeated_takes_a_single_value_too() {
    check(vec![
        row(
            "repeated",
            [set(
                PAGE,
                json!({"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 100}, "default": 1}),
            )],
            &["parameter-repeated C/B"],
        ),
        row(
            "repeated with other limits",
            [set(
                PAGE,
                json!({"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 50}, "default": 1}),
            )],
            &["parameter-repeated C/B", "limit-tightened B/C"],
        ),
        row("single", [set(TAG, json!({"type": "string"}))], &["parameter-single B/C"]),
        row(
            "joined by commas",
            [set("/paths/~1things/get/parameters/2/explode", json!(false))],
            &["parameter-style B/B"],
        ),
        row(
            "said as it is anyway",
            [
                set("/paths/~1things/get/parameters/2/explode", json!(true)),
                set("/paths/~1things/get/parameters/2/style", json!("form")),
            ],
            &[],
        ),
    ]);
}

#[test]
fn limits_defaults_and_values_of_parameters() {
    check(vec![
        row(
            "a lower maximum",
            [set("/paths/~1things/get/parameters/0/schema/maximum", json!(50))],
            &["limit-tightened B/C"],
        ),
        row(
            "a higher maximum",
            [set("/paths/~1things/get/parameters/0/schema/maximum", json!(500))],
            &["limit-loosened C/B"],
        ),
        row("no maximum", [Edit::Drop("/paths/~1things/get/parameters/0/schema/maximum")], &["limit-loosened C/B"]),
        row(
            "a higher minimum",
            [set("/paths/~1things/get/parameters/0/schema/minimum", json!(2))],
            &["limit-tightened B/C"],
        ),
        row(
            "the same minimum in other words",
            [
                Edit::Drop("/paths/~1things/get/parameters/0/schema/minimum"),
                set("/paths/~1things/get/parameters/0/schema/exclusiveMinimum", json!(0)),
            ],
            &[],
        ),
        row("a step", [set("/paths/~1things/get/parameters/0/schema/multipleOf", json!(5))], &["pattern-changed B/C"]),
        row(
            "another default",
            [set("/paths/~1things/get/parameters/0/schema/default", json!(2))],
            &["default-changed R/R"],
        ),
        row("no default", [Edit::Drop("/paths/~1things/get/parameters/0/schema/default")], &["default-changed R/R"]),
        row(
            "a path parameter by another name",
            [Edit::Drop("/paths/~1things~1{id}"), set("/paths/~1things~1{thing}", renamed_item())],
            &[],
        ),
        row(
            "a limit of a path parameter",
            [set("/paths/~1things~1{id}/parameters/0/schema/maxLength", json!(36))],
            &["limit-tightened B/C"],
        ),
    ]);
}

fn renamed_item() -> serde_json::Value {
    let mut item = super::base()["paths"]["/things/{id}"].clone();
    item["parameters"][0]["name"] = json!("thing");
    assert_eq!(item["parameters"][0]["in"], super::base().pointer(ID).unwrap()["in"]);
    item
}
