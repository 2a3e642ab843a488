//! The project's own document: against itself, and against edits of every kind.

use serde_json::{Value, json};

use super::{brief, compare, difference, document};

fn own() -> Value {
    serde_json::from_str(include_str!("../../../../crates/aig-codegen/openapi/aignostics-platform.json")).unwrap()
}

#[test]
fn the_document_does_not_differ_from_itself() {
    assert_eq!(difference(&own(), &own()), []);
}

/// A removal of anything on the wire must show, or what was removed was never compared.
#[test]
fn no_field_parameter_or_answer_can_go_unnoticed() {
    let own = own();
    let old = document("old", &own).unwrap();
    let mut unnoticed = Vec::new();
    for (pointer, without) in removals(&own) {
        if compare(&old, &document("new", &without).unwrap()).unwrap().is_empty() {
            unnoticed.push(pointer);
        }
    }
    assert_eq!(unnoticed, Vec::<String>::new());
}

fn removals(own: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (name, schema) in own["components"]["schemas"].as_object().unwrap() {
        for field in schema["properties"].as_object().into_iter().flatten().map(|(field, _)| field) {
            let mut without = own.clone();
            without["components"]["schemas"][name]["properties"].as_object_mut().unwrap().remove(field);
            found.push((format!("{name}.{field}"), without));
        }
        for index in 0..schema["enum"].as_array().map_or(0, Vec::len) {
            let mut without = own.clone();
            without["components"]["schemas"][name]["enum"].as_array_mut().unwrap().remove(index);
            found.push((format!("{name}.enum.{index}"), without));
        }
    }
    found.extend(removals_of_operations(own));
    assert!(found.len() > 300, "only {} removals were tried", found.len());
    found
}

fn removals_of_operations(own: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (path, item) in own["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for index in 0..operation["parameters"].as_array().map_or(0, Vec::len) {
                // The name in the path stays, and with it the parameter on the wire; its type becomes anything.
                let mut without = own.clone();
                without["paths"][path][method]["parameters"].as_array_mut().unwrap().remove(index);
                if operation["parameters"][index]["in"] != "path" {
                    found.push((format!("{method} {path} parameter {index}"), without));
                }
            }
            for status in operation["responses"].as_object().unwrap().keys() {
                let mut without = own.clone();
                without["paths"][path][method]["responses"].as_object_mut().unwrap().remove(status);
                found.push((format!("{method} {path} {status}"), without));
            }
        }
    }
    found
}

#[test]
fn a_release_with_several_changes_is_told_in_full() {
    let mut new = own();
    new["paths"].as_object_mut().unwrap().remove("/v1/me");
    new["components"]["schemas"]["RunState"]["enum"].as_array_mut().unwrap().push(json!("QUEUED"));
    new["components"]["schemas"]["ItemCreationRequest"]["properties"]["external_id"]["maxLength"] = json!(64);
    new["components"]["schemas"]["RunReadResponse"]["properties"]["priority"] = json!({"type": "integer"});
    let briefs: Vec<_> = difference(&own(), &new).iter().map(brief).collect();
    assert_eq!(briefs, ["operation-removed B/C", "limit-tightened B/C", "field-added C/R", "value-added R/C"]);
}
