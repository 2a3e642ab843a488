//! Documents that cannot be compared are refused with their file and place.

use serde_json::{Value, json};

use super::{Edit, base, compare, document, edited, set};

fn complaint(edits: &[Edit]) -> String {
    let (old, new) = (document("old.json", &base()).unwrap(), edited(edits));
    match document("new.json", &new) {
        Ok(new) => compare(&old, &new).unwrap_err().to_string(),
        Err(flaw) => flaw.to_string(),
    }
}

#[test]
fn what_is_no_openapi_3_document_is_refused() {
    let refused = |value: Value| document("a.json", &value).unwrap_err().to_string();
    assert_eq!(refused(json!({"swagger": "2.0"})), "a.json: #: `openapi` is missing");
    assert_eq!(refused(json!({"openapi": "4.0"})), "a.json: #/openapi: only OpenAPI 3 documents are compared");
    assert_eq!(refused(json!({"openapi": "3.1.0", "paths": []})), "a.json: #/paths: must be an object, is a list");
}

#[test]
fn what_cannot_be_followed_names_its_place() {
    let at = "/components/schemas/Size";
    assert_eq!(
        complaint(&[set(at, json!({"$ref": "#/components/schemas/None"}))]),
        "new.json: #/components/schemas/Size/$ref: `#/components/schemas/None` leads nowhere"
    );
    assert_eq!(
        complaint(&[set(at, json!({"$ref": "#/components/schemas/Size"}))]),
        "new.json: #/components/schemas/Size: the reference leads back to itself"
    );
    assert!(complaint(&[set(at, json!({"$ref": "other.json#/Size"}))]).contains("leads out of the document"));
    assert_eq!(
        complaint(&[set("/paths/~1things/get/parameters/0", json!({"$ref": "#/paths/~1things/get/parameters/0"}))]),
        "new.json: #/paths/~1things/get/parameters/0: the reference leads back to itself"
    );
}

#[test]
fn what_is_of_the_wrong_type_names_its_place() {
    assert_eq!(
        complaint(&[set("/components/schemas/Size/type", json!("text"))]),
        "new.json: #/components/schemas/Size/type: `text` is no type of JSON Schema"
    );
    assert_eq!(
        complaint(&[set("/components/schemas/NewThing/properties/name/maxLength", json!("9"))]),
        "new.json: #/components/schemas/NewThing/properties/name/maxLength: must be a number, is a text"
    );
    assert_eq!(
        complaint(&[set("/components/schemas/NewThing/properties/name", json!("string"))]),
        "new.json: #/components/schemas/NewThing/properties/name: must be a schema, is a text"
    );
}

#[test]
fn too_many_alternatives_are_refused_instead_of_compared_for_ever() {
    let ten: Vec<_> = (0..10).map(|value| json!({"type": "object", "required": [value.to_string()]})).collect();
    let thousand = json!({"allOf": [{"anyOf": ten.clone()}, {"anyOf": ten.clone()}, {"anyOf": ten}]});
    let message = complaint(&[set("/components/schemas/Size", thousand)]);
    assert!(
        message.starts_with("new.json: #/components/schemas/Size/allOf/2: has more than 512 alternatives"),
        "{message}"
    );
}
