//! Request bodies: clients write, servers read.

use serde_json::json;

use super::{Edit, check, push, row, set};

const POST: &str = "/paths/~1things/post";
const NEW: &str = "/components/schemas/NewThing";

#[test]
fn bodies_come_go_and_change_their_form() {
    assert!(super::base().pointer(POST).is_some() && super::base().pointer(NEW).is_some());
    let body = json!({"content": {"application/json": {"schema": {}}}});
    let required = json!({"required": true, "content": {"application/json": {"schema": {}}}});
    check(vec![
        row("gone", [Edit::Drop("/paths/~1things/post/requestBody")], &["body-removed B/B"]),
        row("new", [set("/paths/~1things~1{id}/delete/requestBody", body)], &["body-added C/B"]),
        row("new and required", [set("/paths/~1things~1{id}/delete/requestBody", required)], &["body-added B/B"]),
        row("optional", [set("/paths/~1things/post/requestBody/required", json!(false))], &["body-optional C/B"]),
        row(
            "one form more",
            [set("/paths/~1things/post/requestBody/content/text~1csv", json!({}))],
            &["media-type-added C/B"],
        ),
        row(
            "another form",
            [set("/paths/~1things/post/requestBody/content", json!({"text/csv": {}}))],
            &["media-type-removed B/C", "media-type-added C/B"],
        ),
        row(
            "the same form with a charset",
            [set(
                "/paths/~1things/post/requestBody/content",
                json!({"Application/JSON; charset=utf-8": {"schema": {"$ref": "#/components/schemas/NewThing"}}}),
            )],
            &[],
        ),
    ]);
}

#[test]
fn fields_of_inputs() {
    check(vec![
        row(
            "a field more",
            [set("/components/schemas/NewThing/properties/tag", json!({"type": "string"}))],
            &["field-added C/B"],
        ),
        row(
            "a required field more",
            [
                set("/components/schemas/NewThing/properties/tag", json!({"type": "string"})),
                push("/components/schemas/NewThing/required", json!("tag")),
            ],
            &["field-added B/B"],
        ),
        row("a field less", [Edit::Drop("/components/schemas/NewThing/properties/note")], &["field-removed B/C"]),
        row("required", [push("/components/schemas/NewThing/required", json!("note"))], &["field-required B/C"]),
        row("optional", [set("/components/schemas/NewThing/required", json!([]))], &["field-optional C/B"]),
        row(
            "read-only",
            [set("/components/schemas/NewThing/properties/note/readOnly", json!(true))],
            &["field-removed B/C"],
        ),
        row("write-only", [set("/components/schemas/NewThing/properties/note/writeOnly", json!(true))], &[]),
        row(
            "other fields welcome",
            [Edit::Drop("/components/schemas/NewThing/additionalProperties")],
            &["fields-opened C/B"],
        ),
        row(
            "another default",
            [set("/components/schemas/NewThing/properties/count/default", json!(1))],
            &["default-changed R/R"],
        ),
    ]);
}

#[test]
fn values_of_inputs() {
    check(vec![
        row("a value more", [push("/components/schemas/Size/enum", json!("M"))], &["value-added C/B"]),
        row("a value less", [Edit::Drop("/components/schemas/Size/enum/0")], &["value-removed B/C"]),
        row(
            "other values",
            [set("/components/schemas/Size/enum", json!(["small", "large"]))],
            &["values-replaced B/B"],
        ),
        row("any value", [Edit::Drop("/components/schemas/Size/enum")], &["values-opened C/B"]),
        row(
            "listed values",
            [set("/components/schemas/NewThing/properties/name/enum", json!(["a", "ab"]))],
            &["values-closed B/C"],
        ),
        row(
            "null",
            [set("/components/schemas/NewThing/properties/name/type", json!(["string", "null"]))],
            &["null-allowed C/B"],
        ),
        row(
            "no null",
            [set("/components/schemas/NewThing/properties/note", json!({"type": "string"}))],
            &["null-forbidden B/C"],
        ),
        row(
            "shorter",
            [set("/components/schemas/NewThing/properties/name/maxLength", json!(40))],
            &["limit-tightened B/C"],
        ),
        row(
            "no pattern",
            [Edit::Drop("/components/schemas/NewThing/properties/name/pattern")],
            &["pattern-changed C/B"],
        ),
        row(
            "another pattern",
            [set("/components/schemas/NewThing/properties/name/pattern", json!("^b"))],
            &["pattern-changed R/R"],
        ),
        row(
            "a pattern",
            [set("/components/schemas/NewThing/properties/note/anyOf/0/pattern", json!("^b"))],
            &["pattern-changed B/C"],
        ),
        row(
            "fewer items",
            [set("/components/schemas/NewThing/properties/labels/maxItems", json!(3))],
            &["limit-tightened B/C"],
        ),
        row(
            "no items",
            [set("/components/schemas/NewThing/properties/labels/minItems", json!(0))],
            &["limit-loosened C/B"],
        ),
        row(
            "unique items",
            [set("/components/schemas/NewThing/properties/labels/uniqueItems", json!(true))],
            &["limit-tightened B/C"],
        ),
        row("fewer members", [set("/components/schemas/NewThing/maxProperties", json!(3))], &["limit-tightened B/C"]),
    ]);
}

#[test]
fn types_of_inputs() {
    check(vec![
        row(
            "a number for an integer",
            [set("/components/schemas/NewThing/properties/count/type", json!("number"))],
            &["type-widened C/B"],
        ),
        row(
            "a text for an integer",
            [set("/components/schemas/NewThing/properties/count", json!({"type": "string", "default": 0}))],
            &["type-changed B/B"],
        ),
        row(
            "anything for a text",
            [set("/components/schemas/NewThing/properties/made_at", json!({}))],
            &["type-widened C/B"],
        ),
        row(
            "another type for items",
            [set("/components/schemas/NewThing/properties/labels/items/type", json!("integer"))],
            &["type-changed B/B"],
        ),
        row(
            "no format",
            [Edit::Drop("/components/schemas/NewThing/properties/made_at/format")],
            &["format-changed C/B"],
        ),
        row(
            "a format",
            [set("/components/schemas/NewThing/properties/name/format", json!("email"))],
            &["format-changed B/C"],
        ),
        row(
            "one type less",
            [Edit::Drop("/components/schemas/NewThing/properties/code/anyOf/1")],
            &["alternative-removed B/C"],
        ),
        row(
            "one type more",
            [push("/components/schemas/NewThing/properties/code/anyOf", json!({"type": "boolean"}))],
            &["alternative-added C/B"],
        ),
        row(
            "a condition",
            [set("/components/schemas/NewThing/not", json!({"required": ["note"]}))],
            &["keyword-changed R/R"],
        ),
    ]);
}
