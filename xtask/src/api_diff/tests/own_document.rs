//! The project's own document: against itself, and against edits of every kind.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{brief, difference};

fn own() -> Value {
    serde_json::from_str(include_str!("../../../../crates/aig-codegen/openapi/aignostics-platform.json")).unwrap()
}

#[test]
fn the_document_does_not_differ_from_itself() {
    assert_eq!(difference(&own(), &own()), []);
}

/// Removes what the pointers lead to, the last entries of lists first, and tells which removals no change points at.
fn unnoticed(pointers: &[String]) -> Vec<String> {
    let own = own();
    let mut without = own.clone();
    for pointer in pointers.iter().rev() {
        remove(&mut without, pointer);
        no_longer_required(&mut without, pointer);
    }
    let told: BTreeSet<_> = difference(&own, &without).into_iter().map(|change| change.pointers.old).collect();
    pointers.iter().filter(|pointer| !told.contains(*pointer)).cloned().collect()
}

fn remove(document: &mut Value, pointer: &str) {
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    match document.pointer_mut(parent).unwrap() {
        Value::Array(items) => drop(items.remove(last.parse().unwrap())),
        other => drop(other.as_object_mut().unwrap().remove(last).unwrap()),
    }
}

fn no_longer_required(document: &mut Value, pointer: &str) {
    let Some((schema, field)) = pointer.split_once("/properties/") else { return };
    let required = document.pointer_mut(schema).unwrap().get_mut("required").and_then(Value::as_array_mut);
    required.into_iter().for_each(|names| names.retain(|name| name != field));
}

/// The fields of all components, those that lead to other components apart.
fn fields() -> (Vec<String>, Vec<String>) {
    let own = own();
    let schemas = own["components"]["schemas"].as_object().unwrap();
    let mut fields = Vec::new();
    for (name, schema) in schemas {
        for (field, value) in schema["properties"].as_object().into_iter().flatten() {
            fields.push((format!("/components/schemas/{name}/properties/{field}"), value.to_string().contains("$ref")));
        }
    }
    let (leading, plain): (Vec<_>, Vec<_>) = fields.into_iter().partition(|(_, leads)| *leads);
    let pointers = |fields: Vec<(String, bool)>| fields.into_iter().map(|(pointer, _)| pointer).collect();
    (pointers(plain), pointers(leading))
}

#[test]
fn no_field_can_go_unnoticed() {
    let (plain, leading) = fields();
    assert!(plain.len() > 100 && leading.len() > 15, "{} and {} fields", plain.len(), leading.len());
    assert_eq!(unnoticed(&plain), Vec::<String>::new());
    for pointer in leading {
        assert_eq!(unnoticed(std::slice::from_ref(&pointer)), Vec::<String>::new());
    }
}

#[test]
fn no_value_can_go_unnoticed() {
    let own = own();
    let schemas = own["components"]["schemas"].as_object().unwrap();
    let enums = schemas.iter().filter(|(_, schema)| schema["enum"].is_array());
    let values: Vec<_> = enums.map(|(name, _)| format!("/components/schemas/{name}/enum/1")).collect();
    assert!(values.len() > 10, "{values:?}");
    assert_eq!(unnoticed(&values), Vec::<String>::new());
}

#[test]
fn no_parameter_and_no_answer_can_go_unnoticed() {
    let own = own();
    let mut pointers = Vec::new();
    for (path, item) in own["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let at = format!("/paths/{}/{method}", path.replace('/', "~1"));
            let parameters = operation["parameters"].as_array().into_iter().flatten().enumerate();
            let in_queries = parameters.filter(|(_, parameter)| parameter["in"] == "query");
            pointers.extend(in_queries.map(|(index, _)| format!("{at}/parameters/{index}")));
            pointers.extend(
                operation["responses"].as_object().unwrap().keys().map(|status| format!("{at}/responses/{status}")),
            );
        }
    }
    assert!(pointers.len() > 100, "{} parameters and answers", pointers.len());
    assert_eq!(unnoticed(&pointers), Vec::<String>::new());
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
