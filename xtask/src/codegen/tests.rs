//! What the generator refuses and where, what it remarks, and that it is steady.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::source::Document;
use super::{drift, generate, golden};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn document(text: &str) -> Document {
    Document::parse(text.as_bytes()).unwrap()
}

/// A document with these schemas and nothing else.
fn schemas(schemas: &Value) -> Document {
    let frame = json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "components": {"schemas": schemas}});
    document(&frame.to_string())
}

/// A document with one operation at `/x/{id}`.
fn operation(operation: &Value) -> Document {
    let frame =
        json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/x/{id}": {"get": operation}}});
    document(&frame.to_string())
}

fn parameter(parameter: &Value) -> Document {
    let id = json!({"name": "id", "in": "path", "required": true, "schema": {"type": "string"}});
    operation(&json!({"parameters": [id, parameter], "responses": {}}))
}

fn assert_refused(document: &Document, wanted: &[&str]) {
    let error = generate(document).unwrap_err().to_string();
    let problems: Vec<_> = error.lines().skip(1).map(str::trim).collect();
    assert_eq!(problems, wanted);
}

#[test]
fn what_is_not_supported_is_told_with_its_place() {
    let cases = [
        (json!({"A": {"type": "strange"}}), "#/components/schemas/A: the type `strange` is not known"),
        (
            json!({"A": {"$ref": "#/components/schemas/B"}}),
            "#/components/schemas/A/$ref: `#/components/schemas/B` leads nowhere",
        ),
        (
            json!({"A": {"$ref": "other.json#/B"}}),
            "#/components/schemas/A/$ref: `other.json#/B` leads out of the document; bundle the document first",
        ),
        (json!({"A": {"$ref": "#/components/schemas/A"}}), "#/components/schemas/A: the schema is nothing but itself"),
        (
            json!({"A": {"type": "array", "prefixItems": [{"anyOf": [{"$ref": "#/components/schemas/A"}, {"type": "null"}]}], "minItems": 1, "maxItems": 1}}),
            "#/components/schemas/A: a list of fixed entries that holds itself is not supported",
        ),
        (
            json!({"A": {"type": "object", "properties": {"b": false}}}),
            "#/components/schemas/A/properties/b: a schema that allows nothing is not supported",
        ),
        (
            json!({"a/b": {"enum": [{}]}}),
            "#/components/schemas/a~1b/enum/0: an object in an enumeration is not supported",
        ),
        (
            json!({"A": {"type": "string", "maxLength": "5"}}),
            "#/components/schemas/A/maxLength: must be a number, is a text",
        ),
        (
            json!({"A": {"type": "string", "minLength": -1}}),
            "#/components/schemas/A/minLength: must be a whole number of at least 0",
        ),
        (
            json!({"A": {"type": "integer", "x-sensitive": true}}),
            "#/components/schemas/A: `x-sensitive` is for texts and lists of texts",
        ),
        (
            json!({"A": {"type": "object", "x-rust-name": "an a", "properties": {}}}),
            "#/components/schemas/A/x-rust-name: `an a` cannot name a type; `AnA` could",
        ),
        (
            json!({"A": {"allOf": [{"type": "string"}, {"type": "integer"}]}}),
            "#/components/schemas/A: a combination of other schemas than objects is not supported",
        ),
        (
            json!({"A": {"type": "array", "prefixItems": [{"type": "string"}]}}),
            "#/components/schemas/A: a list with fixed first entries and others behind, or some left out, is not supported",
        ),
        (
            json!({"A": {"properties": {"a": {}}, "oneOf": [{"type": "string"}, {"type": "integer"}]}}),
            "#/components/schemas/A: `oneOf` beside other shapes is not supported",
        ),
        (
            json!({"A": {"oneOf": [{"$ref": "#/components/schemas/B"}, {"type": "object"}], "discriminator": {"propertyName": "k", "mapping": {"c": "C"}}}, "B": {}}),
            "#/components/schemas/A/discriminator/mapping/c: \"C\" is none of the choices",
        ),
    ];
    for (given, wanted) in cases {
        assert_refused(&schemas(&given), &[wanted]);
    }
}

#[test]
fn all_problems_are_told_at_once() {
    let given = json!({"A": {"type": "x"}, "B": {"type": "object", "properties": {"c": {"type": "y"}}}, "D": {"type": "string"}});
    let wanted = [
        "#/components/schemas/A: the type `x` is not known",
        "#/components/schemas/B/properties/c: the type `y` is not known",
    ];
    assert_refused(&schemas(&given), &wanted);
    let given = json!({"A": {"type": "object", "properties": {"b": {"type": "x"}, "c": {"type": "string"}, "d": {"type": "y"}}}});
    let wanted = [
        "#/components/schemas/A/properties/b: the type `x` is not known",
        "#/components/schemas/A/properties/d: the type `y` is not known",
    ];
    assert_refused(&schemas(&given), &wanted);
    let text = |kind: &str| json!({"application/json": {"schema": {"type": kind}}});
    let query = |style: &str| json!({"name": "q", "in": "query", "style": style, "schema": {}});
    let given = operation(
        &json!({"parameters": [query("deepObject"), {"name": "id", "in": "path", "schema": {}}, query("pipeDelimited")],
        "requestBody": {"content": text("x")}, "responses": {"200": {"content": text("y")}}}),
    );
    let place = "#/paths/~1x~1{id}/get";
    let style = "only the style `form` is supported here";
    let wanted = [
        format!("{place}/parameters/0/style: {style}"),
        format!("{place}/parameters/2/style: {style}"),
        format!("{place}/requestBody/content/application~1json/schema: the type `x` is not known"),
        format!("{place}/responses/200/content/application~1json/schema: the type `y` is not known"),
    ];
    assert_refused(&given, &wanted.each_ref().map(String::as_str));
}

#[test]
fn parameters_that_cannot_be_written_are_refused() {
    let place = "#/paths/~1x~1{id}/get/parameters/1";
    let cases = [
        (
            json!({"name": "q", "in": "query", "schema": {"type": "object"}}),
            format!("{place}/schema: the parameter `q` cannot be written as text"),
        ),
        (
            json!({"name": "q", "in": "query", "explode": "no", "schema": {"type": "array"}}),
            format!("{place}/explode: must be a boolean, is a text"),
        ),
        (
            json!({"name": "q", "in": "query", "style": "deepObject", "schema": {}}),
            format!("{place}/style: only the style `form` is supported here"),
        ),
        (json!({"name": "q", "in": "query", "content": {}}), format!("{place}: `schema` is missing")),
        (
            json!({"name": "q", "in": "body", "schema": {}}),
            format!("{place}/in: a parameter in `body` is not supported"),
        ),
        (
            json!({"name": "z", "in": "path", "schema": {}}),
            "#/paths/~1x~1{id}/get: the path has no place for the parameter `z`".to_owned(),
        ),
    ];
    for (given, wanted) in cases {
        assert_refused(&parameter(&given), &[&wanted]);
    }
    let undeclared = operation(&json!({"responses": {}}));
    assert_refused(&undeclared, &["#/paths/~1x~1{id}/get: the path parameter `id` is not declared"]);
}

#[test]
fn what_has_no_effect_is_remarked() {
    let given = json!({"A": {"type": "object", "not": {"required": ["a"]}, "min_items": 3, "x-note": 1},
        "B": {"type": "string", "pattern": "^(?=a)"}});
    let (_, remarks) = generate(&schemas(&given)).unwrap();
    let places: Vec<_> = remarks.iter().map(|remark| remark.pointer.as_str()).collect();
    assert_eq!(places, ["/components/schemas/A/min_items", "/components/schemas/A/not", "/components/schemas/B"]);
}

#[test]
fn combinations_that_lead_back_to_themselves_are_refused() {
    let part = |name: &str| json!({"allOf": [{"$ref": format!("#/components/schemas/{name}")}, {"type": "object", "properties": {name: {}}}]});
    let circle = "the combination of schemas leads back to itself";
    assert_refused(&schemas(&json!({"A": part("A")})), &[&format!("#/components/schemas/A/allOf/0/$ref: {circle}")]);
    assert_refused(
        &schemas(&json!({"A": part("B"), "B": part("A")})),
        &[
            &format!("#/components/schemas/B/allOf/0/$ref: {circle}"),
            &format!("#/components/schemas/A/allOf/0/$ref: {circle}"),
        ],
    );
    // Not the first schema is in the circle, but those that it is made of.
    let error = generate(&schemas(&json!({"A": part("B"), "B": part("C"), "C": part("B")}))).unwrap_err().to_string();
    assert_eq!(error.matches(circle).count(), 3, "{error}");
    let only = json!({"A": {"allOf": [{"$ref": "#/components/schemas/B"}]}, "B": {"allOf": [{"$ref": "#/components/schemas/A"}]}});
    let error = generate(&schemas(&only)).unwrap_err().to_string();
    assert!(error.contains("#/components/schemas/A: the schema is nothing but itself"), "{error}");
    // A member that leads back is no circle.
    let member = json!({"A": {"allOf": [{"type": "object", "properties": {"a": {"$ref": "#/components/schemas/A"}}}]}});
    assert!(generate(&schemas(&member)).is_ok());
}

/// A document of operations: path, method, id.
fn operations(operations: &[(&str, &str, &str)]) -> Document {
    let mut frame = json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {}});
    for (path, method, id) in operations {
        frame["paths"][path][method] = json!({"operationId": id, "responses": {}});
    }
    document(&frame.to_string())
}

#[test]
fn operations_of_one_id_are_told_apart_by_path_and_method_and_remarked() {
    let ids = |document: &Document| {
        let lowered = super::lower::lower(&document.json).unwrap();
        let ids: Vec<String> = lowered.api.operations.into_iter().map(|operation| operation.id).collect();
        (ids, lowered.remarks.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    let (named, remarks) =
        ids(&operations(&[("/runs", "get", "list"), ("/items", "get", "list"), ("/me", "get", "me")]));
    assert_eq!(named, ["list_items_get", "me", "list_runs_get"]);
    assert_eq!(remarks, ["#/paths/~1runs/get: the operationId `list` is already that of #/paths/~1items/get"]);
    // One function of FastAPI behind two methods: the id is that of the first.
    let (named, _) = ids(&operations(&[("/x", "get", "read_x_get"), ("/x", "post", "read_x_get")]));
    assert_eq!(named, ["read_x_get", "read_x_post"]);
    // The rule is for twins alone.
    let (named, remarks) = ids(&operations(&[("/x", "get", "read_x_get"), ("/y", "get", "see")]));
    assert_eq!((named, remarks.len()), (vec!["read".to_owned(), "see".to_owned()], 0));
}

#[test]
fn twins_in_a_document_of_the_project_are_refused_with_both_places() {
    let (_, remarks) = generate(&operations(&[("/runs", "get", "list"), ("/items", "get", "list")])).unwrap();
    let job = |origin| super::Job { spec: String::new(), out: PathBuf::new(), origin };
    let refused = job(super::Origin::Own).tell(&remarks).unwrap_err().to_string();
    assert!(refused.contains("#/paths/~1runs/get: ") && refused.contains("of #/paths/~1items/get"), "{refused}");
    assert!(job(super::Origin::Foreign).tell(&remarks).is_ok());
}

#[test]
fn names_of_parameters_say_which_is_which() {
    let query = |name: &str| json!({"name": name, "in": "query", "schema": {"type": "string"}});
    let id = json!({"name": "id", "in": "path", "required": true, "schema": {"type": "string"}});
    let given = operation(&json!({"responses": {}, "parameters": [id, query("page-size"), query("page_size"),
        query("pageSize"), query("sort-by"), query("a-b"), query("a.b")]}));
    let (files, _) = generate(&given).unwrap();
    let constants: Vec<_> =
        files["mod.rs"].lines().filter_map(|line| line.trim().strip_prefix("pub const ")).take(7).collect();
    let wanted = [
        r#"A_DASH_B: &str = "a-b";"#,
        r#"A_DOT_B: &str = "a.b";"#,
        r#"ID: &str = "id";"#,
        r#"PAGE_DASH_SIZE: &str = "page-size";"#,
        r#"PAGESIZE: &str = "pageSize";"#,
        r#"PAGE_SIZE: &str = "page_size";"#,
        r#"SORT_BY: &str = "sort-by";"#,
    ];
    assert_eq!(constants, wanted);
}

#[test]
fn documents_that_are_none_are_refused() {
    let cases = [
        (" \n", "it is empty"),
        ("<!doctype html><title>API</title>", "it is a web page, no JSON; give the address of the document itself"),
        ("openapi: 3.1.0", "it is no JSON object; a document in YAML must be converted to JSON first"),
        (r#"{"a": 1, "a": 2}"#, "the member `a` stands twice in one object"),
        (r#"{"openapi": "3.1.0""#, "EOF while parsing"),
    ];
    for (text, wanted) in cases {
        let error = Document::parse(text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
    }
    assert_refused(
        &document(r#"{"openapi": "4.0.0", "info": {}}"#),
        &[r#"#/openapi: OpenAPI 3 is wanted, this is "4.0.0""#],
    );
    assert_refused(&document(r#"{"swagger": "2.0"}"#), &["#: `openapi` is missing"]);
}

#[test]
fn a_document_may_come_from_windows() {
    let text = r#"{"openapi": "3.1.0"}"#;
    let marked = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
    let wide: Vec<u8> = [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for bytes in [marked, wide] {
        assert_eq!(Document::parse(&bytes).unwrap().json, document(text).json);
    }
}

#[test]
fn the_generated_code_of_the_workspace_is_that_of_its_documents() {
    super::check(root()).unwrap();
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    for job in golden(root()).unwrap() {
        let document = Document::read(&job.spec).unwrap();
        assert_eq!(generate(&document).unwrap().0, generate(&document).unwrap().0);
    }
}

#[test]
fn drift_is_shown_and_mended_and_foreign_files_are_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("new/generated");
    let (files, _) = generate(&schemas(&json!({"A": {"type": "string", "enum": ["a"]}}))).unwrap();
    assert!(drift::difference(&out, &files).unwrap().contains("+pub enum A {"));
    assert_eq!(drift::publish(&out, &files).unwrap().len(), 4);
    assert_eq!(drift::publish(&out, &files).unwrap().len(), 0, "nothing has changed");
    assert_eq!(drift::difference(&out, &files).unwrap(), "");

    let edited = fs::read_to_string(out.join("enums.rs")).unwrap().replace("pub enum A", "pub enum B");
    tamper(&out.join("enums.rs"), &edited);
    tamper(&out.join("stray.rs"), &edited);
    tamper(&out.join("mine.rs"), "// mine");
    let difference = drift::difference(&out, &files).unwrap();
    assert!(difference.contains("-pub enum B {\n+pub enum A {"), "{difference}");
    assert!(difference.contains("stray.rs is generated no longer") && !difference.contains("mine.rs"), "{difference}");
    assert_eq!(drift::publish(&out, &files).unwrap().len(), 2);
    assert!(!out.join("stray.rs").exists() && out.join("mine.rs").exists());

    tamper(&out.join("models.rs"), "// written by hand");
    assert!(drift::publish(&out, &files).unwrap_err().to_string().contains("was not generated"));
}

#[expect(clippy::disallowed_methods, reason = "a test that spoils a file of its own")]
fn tamper(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
}

/// Places of the documents, spoilt in turn: what comes out is a problem with its place, or code, never a panic.
#[test]
fn a_spoilt_document_never_stops_the_generator() {
    let spoilers =
        [json!(null), json!([]), json!({}), json!("x"), json!(7), json!({"$ref": "#"}), json!([{"type": "object"}])];
    let (mut refused, mut taken) = (0, 0);
    for job in golden(root()).unwrap() {
        let whole: Value = serde_json::from_slice(&fs::read(&job.spec).unwrap()).unwrap();
        // One place in three, so that the test takes seconds; each spoiler comes everywhere sooner or later.
        for (index, place) in places(&whole, "").iter().enumerate().step_by(3) {
            let mut spoilt = whole.clone();
            *spoilt.pointer_mut(place).unwrap() = spoilers.get(index % spoilers.len()).unwrap().clone();
            let document = document(&spoilt.to_string());
            match super::lower::lower(&document.json) {
                Err(problems) => refused += problems.len(),
                // Printing is slow: a sample of it will do.
                Ok(lowered) if index % 16 == 0 => drop(super::emit::emit(&lowered.api, &document.sha256).unwrap()),
                Ok(_) => taken += 1,
            }
        }
    }
    assert!(refused > 200 && taken > 50, "{refused} refused, {taken} taken");
}

/// The pointers of all members and entries below a value.
fn places(value: &Value, pointer: &str) -> Vec<String> {
    let below: Vec<(String, &Value)> = match value {
        Value::Object(members) => {
            members.iter().map(|(key, value)| (key.replace('~', "~0").replace('/', "~1"), value)).collect()
        }
        Value::Array(items) => items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect(),
        _ => Vec::new(),
    };
    below
        .into_iter()
        .flat_map(|(token, value)| {
            let place = format!("{pointer}/{token}");
            let mut places = places(value, &place);
            if !place.contains("/info") && place != "/openapi" {
                places.push(place);
            }
            places
        })
        .collect()
}
