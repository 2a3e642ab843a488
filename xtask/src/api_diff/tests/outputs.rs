//! Schemas of answers: servers write, clients read.

use serde_json::json;

use super::{Edit, check, difference, edited, push, row, set};

#[test]
fn fields_of_outputs() {
    check(vec![
        row(
            "a field more",
            [set("/components/schemas/Thing/properties/tag", json!({"type": "string"}))],
            &["field-added C/R"],
        ),
        row(
            "a required field more",
            [
                set("/components/schemas/Thing/properties/tag", json!({"type": "string"})),
                push("/components/schemas/Thing/required", json!("tag")),
            ],
            &["field-added C/B"],
        ),
        row(
            "an optional field less",
            [Edit::Drop("/components/schemas/Thing/properties/note")],
            &["field-removed R/C"],
        ),
        row(
            "a required field less",
            [
                Edit::Drop("/components/schemas/Thing/properties/name"),
                set("/components/schemas/Thing/required", json!(["id", "state", "shape"])),
            ],
            &["field-removed B/C"],
        ),
        row(
            "no longer required",
            [set("/components/schemas/Thing/required", json!(["id", "name", "state"]))],
            &["field-optional B/C"],
        ),
        row("required", [push("/components/schemas/Thing/required", json!("note"))], &["field-required C/B"]),
        row("read-only", [set("/components/schemas/Thing/properties/note/readOnly", json!(true))], &[]),
        row(
            "write-only",
            [set("/components/schemas/Thing/properties/note/writeOnly", json!(true))],
            &["field-removed R/C"],
        ),
        row(
            "no other fields",
            [set("/components/schemas/Thing/additionalProperties", json!(false))],
            &["fields-closed C/R"],
        ),
        row("a default says nothing", [set("/components/schemas/Thing/properties/count/default", json!(1))], &[]),
        row(
            "other values in a map",
            [set("/components/schemas/Thing/properties/extra/additionalProperties/type", json!("string"))],
            &["type-changed B/B"],
        ),
    ]);
}

#[test]
fn a_field_more_is_a_risk_for_readers_who_were_told_that_there_are_no_more() {
    let mut old = edited(&[set("/components/schemas/Fault/additionalProperties", json!(false))]);
    let closed = old.clone();
    set("/components/schemas/Fault/properties/code", json!({"type": "string"})).apply(&mut old);
    let changes: Vec<_> = difference(&closed, &old).iter().map(super::brief).collect();
    assert_eq!(changes, ["field-added R/R"]);
}

#[test]
fn values_of_outputs() {
    check(vec![
        row(
            "null",
            [set("/components/schemas/Thing/properties/name/type", json!(["string", "null"]))],
            &["null-allowed B/C"],
        ),
        row(
            "no null",
            [set("/components/schemas/Thing/properties/note", json!({"type": "string"}))],
            &["null-forbidden C/B"],
        ),
        row("longer", [set("/components/schemas/Thing/properties/name/maxLength", json!(60))], &["limit-loosened R/C"]),
        row(
            "shorter",
            [set("/components/schemas/Thing/properties/name/maxLength", json!(40))],
            &["limit-tightened C/R"],
        ),
        row(
            "a wider range",
            [Edit::Drop("/components/schemas/Thing/properties/count/minimum")],
            &["limit-loosened R/C"],
        ),
        row(
            "more items",
            [set("/components/schemas/Thing/properties/children/maxItems", json!(10))],
            &["limit-loosened R/C"],
        ),
        row("no pattern", [Edit::Drop("/components/schemas/Thing/properties/name/pattern")], &["pattern-changed R/C"]),
        row(
            "another pattern",
            [set("/components/schemas/Thing/properties/name/pattern", json!("^b"))],
            &["pattern-changed R/R"],
        ),
        row(
            "listed values",
            [set("/components/schemas/Thing/properties/name/enum", json!(["a"]))],
            &["values-closed C/R"],
        ),
    ]);
}

#[test]
fn a_schema_that_is_sent_and_answered_is_judged_by_the_worse() {
    check(vec![
        row("a value more", [push("/components/schemas/State/enum", json!("LATE"))], &["value-added R/B"]),
        row("a value less", [Edit::Drop("/components/schemas/State/enum/0")], &["value-removed B/R"]),
    ]);
    let changes = difference(&super::base(), &edited(&[push("/components/schemas/State/enum", json!("LATE"))]));
    assert_eq!(changes[0].message, "`State` has the value `LATE`, new");
    assert_eq!(changes[0].positions.len(), 2);
    assert_eq!(changes[0].operations.iter().map(String::as_str).collect::<Vec<_>>(), ["GET /things", "POST /things"]);
}

#[test]
fn types_of_outputs() {
    check(vec![
        row(
            "a number for an integer",
            [set("/components/schemas/Thing/properties/count/type", json!("number"))],
            &["type-widened B/C"],
        ),
        row(
            "an integer for a number",
            [set("/components/schemas/Thing/properties/ratio/type", json!("integer"))],
            &["type-narrowed C/B"],
        ),
        row(
            "another type",
            [set("/components/schemas/Thing/properties/ratio/type", json!("string"))],
            &["type-changed B/B"],
        ),
        row(
            "a text that is parsed no more",
            [Edit::Drop("/components/schemas/Thing/properties/made_at/format")],
            &["format-changed B/C"],
        ),
        row(
            "a text that nobody parses",
            [Edit::Drop("/components/schemas/Thing/properties/link/format")],
            &["format-changed R/C"],
        ),
        row(
            "a wider format",
            [set("/components/schemas/Thing/properties/link/format", json!("uri-reference"))],
            &["format-changed R/C"],
        ),
        row(
            "another format",
            [set("/components/schemas/Thing/properties/made_at/format", json!("date"))],
            &["format-changed B/B"],
        ),
        row(
            "one type more",
            [push("/components/schemas/Thing/properties/code/anyOf", json!({"type": "boolean"}))],
            &["alternative-added B/C"],
        ),
        row(
            "one type less",
            [Edit::Drop("/components/schemas/Thing/properties/code/anyOf/0")],
            &["alternative-removed C/B"],
        ),
        row(
            "a longer tuple",
            [push("/components/schemas/Thing/properties/pair/prefixItems", json!({}))],
            &["tuple-changed B/B"],
        ),
        row(
            "another type within a tuple",
            [set("/components/schemas/Thing/properties/pair/prefixItems/1/type", json!("boolean"))],
            &["type-changed B/B"],
        ),
    ]);
}

#[test]
fn unions_of_objects() {
    let triangle = json!({"type": "object", "required": ["kind"], "properties": {"kind": {"const": "triangle"}}});
    let more = [
        set("/components/schemas/Triangle", triangle.clone()),
        push("/components/schemas/Thing/properties/shape/oneOf", json!({"$ref": "#/components/schemas/Triangle"})),
    ];
    let other = [
        set("/components/schemas/Triangle", triangle),
        set("/components/schemas/Thing/properties/shape/oneOf/0", json!({"$ref": "#/components/schemas/Triangle"})),
    ];
    check(vec![
        row("one more", more, &["alternative-added B/C"]),
        row("another", other, &["alternative-added B/C", "alternative-removed C/B"]),
        row(
            "one edited",
            [set("/components/schemas/Circle/properties/radius/type", json!("string"))],
            &["type-changed B/B"],
        ),
        row(
            "told apart by another field",
            [set("/components/schemas/Thing/properties/shape/discriminator/propertyName", json!("type"))],
            &["discriminator-changed B/B", "discriminator-changed B/B"],
        ),
        row(
            "known by another value",
            [set(
                "/components/schemas/Thing/properties/shape/discriminator/mapping",
                json!({"round": "#/components/schemas/Circle", "square": "#/components/schemas/Square"}),
            )],
            &["discriminator-changed B/B"],
        ),
        row(
            "known by one value more",
            [set(
                "/components/schemas/Thing/properties/shape/discriminator/mapping/disc",
                json!("#/components/schemas/Circle"),
            )],
            &["discriminator-changed R/C"],
        ),
    ]);
}
