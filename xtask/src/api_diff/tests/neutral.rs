//! Edits that nobody can see on the wire.

use serde_json::json;

use super::{Edit, check, difference, edited, push, row, set};

#[test]
fn prose_is_no_change() {
    check(vec![
        row(
            "titles",
            [set("/info/title", json!("Stuff")), set("/components/schemas/Thing/title", json!("A thing"))],
            &[],
        ),
        row("versions", [set("/info/version", json!("2.0.0"))], &[]),
        row("descriptions", [set("/components/schemas/Thing/properties/name/description", json!("Its name."))], &[]),
        row("examples", [set("/components/schemas/Thing/properties/name/examples", json!(["a"]))], &[]),
        row("tags", [set("/paths/~1things/get/tags", json!(["Things"]))], &[]),
        row("ids of operations", [set("/paths/~1things/get/operationId", json!("all_things"))], &[]),
        row("deprecation", [set("/paths/~1things/get/deprecated", json!(true))], &[]),
        row("extensions", [set("/components/schemas/Thing/properties/name/x-sensitive", json!(true))], &[]),
        row("links", [set("/paths/~1things/get/responses/200/links", json!({"next": {}}))], &[]),
    ]);
}

#[test]
fn a_field_called_like_a_keyword_for_prose_counts() {
    check(vec![row(
        "title",
        [set("/components/schemas/Thing/properties/title", json!({"type": "string"}))],
        &["field-added C/R"],
    )]);
}

#[test]
fn what_no_operation_reaches_is_not_on_the_wire() {
    check(vec![
        row("a schema", [set("/components/schemas/Unused", json!({"type": "string"}))], &[]),
        row("a broken schema", [set("/components/schemas/Unused", json!({"$ref": "#/nowhere"}))], &[]),
    ]);
}

#[test]
fn a_schema_and_a_reference_to_it_are_one() {
    let size = json!({"type": "string", "enum": ["S", "L"]});
    check(vec![
        row(
            "inlined",
            [set("/components/schemas/NewThing/properties/size", size.clone()), Edit::Drop("/components/schemas/Size")],
            &[],
        ),
        row(
            "renamed",
            [
                set("/components/schemas/Extent", size.clone()),
                set("/components/schemas/NewThing/properties/size", json!({"$ref": "#/components/schemas/Extent"})),
            ],
            &[],
        ),
        row(
            "behind another reference",
            [
                set("/components/schemas/Extent", json!({"$ref": "#/components/schemas/Size"})),
                set("/components/schemas/NewThing/properties/size", json!({"$ref": "#/components/schemas/Extent"})),
            ],
            &[],
        ),
        row(
            "with words beside the reference",
            [set(
                "/components/schemas/NewThing/properties/size",
                json!({"allOf": [{"$ref": "#/components/schemas/Size"}], "description": "How big."}),
            )],
            &[],
        ),
        row(
            "moved out and edited",
            [
                set("/components/schemas/Name", json!({"type": "string", "maxLength": 9, "pattern": "^a"})),
                set("/components/schemas/NewThing/properties/name", json!({"$ref": "#/components/schemas/Name"})),
            ],
            &["limit-tightened B/C"],
        ),
    ]);
}

#[test]
fn all_of_is_the_object_that_it_describes() {
    let parts = json!({"allOf": [
        {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "circle"}}},
        {"properties": {"radius": {"type": "number"}}}
    ]});
    let limits = json!({"allOf": [{"type": "string", "maxLength": 80}, {"maxLength": 50}], "pattern": "^a"});
    check(vec![
        row("an object in parts", [set("/components/schemas/Circle", parts)], &[]),
        row("limits in parts", [set("/components/schemas/Thing/properties/name", limits)], &[]),
    ]);
}

#[test]
fn null_is_null_however_it_is_written() {
    let note = "/components/schemas/NewThing/properties/note";
    let shapes = [
        json!({"type": ["string", "null"]}),
        json!({"type": "string", "nullable": true}),
        json!({"oneOf": [{"type": "null"}, {"type": "string"}]}),
        json!({"nullable": true, "allOf": [{"type": "string"}]}),
    ];
    check(shapes.map(|shape| row("null", [set(note, shape)], &[])).into());
}

#[test]
fn types_and_values_in_other_words_are_the_same() {
    check(vec![
        row(
            "a list of types",
            [set("/components/schemas/Thing/properties/code", json!({"type": ["integer", "string"]}))],
            &[],
        ),
        row("one value", [set("/components/schemas/Circle/properties/kind", json!({"enum": ["circle"]}))], &[]),
        row(
            "one value with its type",
            [set("/components/schemas/Circle/properties/kind", json!({"type": "string", "const": "circle"}))],
            &[],
        ),
        row(
            "no minimum that says something",
            [set("/components/schemas/NewThing/properties/name/minLength", json!(0))],
            &[],
        ),
        row("other fields, said aloud", [set("/components/schemas/Thing/additionalProperties", json!(true))], &[]),
        row("items of any kind, said aloud", [set("/components/schemas/Thing/properties/pair/items", json!({}))], &[]),
        row("an exclusive limit of OpenAPI 3.0", exclusive(), &["limit-tightened C/R"]),
    ]);
}

fn exclusive() -> [Edit; 1] {
    [set(
        "/components/schemas/Thing/properties/ratio",
        json!({"type": "number", "minimum": 0, "exclusiveMinimum": true}),
    )]
}

#[test]
fn values_one_by_one_are_the_list_of_them() {
    let size = "/components/schemas/Size";
    let one = |value: &str| json!({"const": value, "title": "A size"});
    let typed = |value: &str| json!({"type": "string", "const": value});
    let shapes = [
        json!({"oneOf": [one("S"), one("L")]}),
        json!({"anyOf": [typed("L"), typed("S")]}),
        json!({"type": "string", "oneOf": [one("S"), one("L")]}),
        json!({"anyOf": [{"type": "string", "enum": ["L"]}, typed("S")]}),
    ];
    check(shapes.map(|shape| row("one by one", [set(size, shape)], &[])).into());
    let more = json!({"oneOf": [one("S"), one("L"), one("M")]});
    let less = json!({"anyOf": [one("S")]});
    let other = json!({"oneOf": [one("s"), one("l")]});
    let numbers = json!({"oneOf": [one("S"), one("L"), {"const": 1}]});
    check(vec![
        row("one value more", [set(size, more)], &["value-added C/B"]),
        row("one value less", [set(size, less)], &["value-removed B/C"]),
        row("other values", [set(size, other)], &["values-replaced B/B"]),
        row("a value of another type more", [set(size, numbers)], &["alternative-added C/B"]),
        row(
            "null among them",
            [set("/components/schemas/NewThing/properties/size", json!({"enum": ["S", "L", null]})), Edit::Drop(size)],
            &["null-allowed C/B"],
        ),
    ]);
}

#[test]
fn the_order_of_alternatives_and_of_parameters_says_nothing() {
    let shape = json!([{"$ref": "#/components/schemas/Square"}, {"$ref": "#/components/schemas/Circle"}]);
    check(vec![
        row("alternatives", [set("/components/schemas/Thing/properties/shape/oneOf", shape)], &[]),
        row(
            "parameters",
            [
                Edit::Drop("/paths/~1things/get/parameters/3"),
                Edit::Drop("/paths/~1things/get/parameters/0"),
                push(
                    "/paths/~1things/get/parameters",
                    json!({"name": "X-Trace", "in": "header", "schema": {"type": "string"}}),
                ),
                push(
                    "/paths/~1things/get/parameters",
                    json!({"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 1}}),
                ),
            ],
            &[],
        ),
    ]);
}

#[test]
fn recursion_ends_also_through_unions() {
    let recursive = |value: &str| {
        json!({"anyOf": [
            {"type": "object", "required": ["left"], "properties": {"left": {"$ref": "#/components/schemas/Tree"}}},
            {"type": "object", "required": ["right"], "properties": {"right": {"$ref": "#/components/schemas/Tree"}}},
            {"type": "string", "enum": [value]}
        ]})
    };
    let with = |value: &str| {
        edited(&[
            set("/components/schemas/Tree", recursive(value)),
            set("/components/schemas/Thing/properties/tree", json!({"$ref": "#/components/schemas/Tree"})),
        ])
    };
    assert_eq!(difference(&with("leaf"), &with("leaf")), []);
    let changes: Vec<_> = difference(&with("leaf"), &with("end")).iter().map(super::brief).collect();
    assert_eq!(changes, ["values-replaced B/B"]);
}

/// With a frame of a few hundred bytes each, more than a test's stack of 2 MiB holds.
const LINKS: usize = 2_000;

#[test]
fn a_chain_of_schemas_longer_than_any_stack_is_walked_to_its_end() {
    let with = |last: &str| {
        let mut document = super::base();
        let schemas = document["components"]["schemas"].as_object_mut().unwrap();
        for link in 0..LINKS {
            let next = json!({"$ref": format!("#/components/schemas/Link{}", link + 1)});
            schemas.insert(
                format!("Link{link}"),
                json!({"anyOf": [{"type": "object", "properties": {"next": next}}, {"type": "string"}]}),
            );
        }
        schemas.insert(format!("Link{LINKS}"), json!({"type": last}));
        schemas["Thing"]["properties"]["chain"] = json!({"$ref": "#/components/schemas/Link0"});
        document
    };
    let changes: Vec<_> = difference(&with("string"), &with("boolean")).iter().map(super::brief).collect();
    assert_eq!(changes, ["type-changed B/B"]);
}
