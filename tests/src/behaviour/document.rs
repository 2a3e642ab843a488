//! Holds answers against the document: declared statuses, schemas, and the shapes of refusals.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use aig_codegen::{Answer as Kind, DOCUMENT, OperationInfo};
use jsonschema::Validator;
use serde_json::{Value, json};

use super::{Verdict, ensure};
use crate::Answer;

static DOCUMENT_JSON: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(DOCUMENT).unwrap_or_default());

/// A success, with the body that the document promises.
pub(super) fn success(operation: &OperationInfo, answer: &Answer) -> Verdict {
    let told = || format!("{}: {} instead of {}: {}", operation.id, answer.status, operation.success, answer.body);
    ensure(answer.status == operation.success, told)?;
    if operation.answer != Kind::Json {
        return Ok(());
    }
    let media_type = answer.header("content-type").unwrap_or_default();
    ensure(media_type.starts_with("application/json"), || format!("{}: JSON as {media_type:?}", operation.id))?;
    fits(&*schema(operation)?, &answer.body).map_err(|wrong| format!("{}: {wrong}", operation.id).into())
}

fn fits(schema: &Validator, body: &Value) -> Result<(), String> {
    let wrong: Vec<_> =
        schema.iter_errors(body).map(|error| format!("{} at {}", error, error.instance_path())).collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
}

/// Compiled once for each operation.
fn schema(operation: &OperationInfo) -> Result<Arc<Validator>, String> {
    static COMPILED: LazyLock<Mutex<HashMap<&str, Arc<Validator>>>> = LazyLock::new(Mutex::default);
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(schema) = compiled.get(operation.id) {
        return Ok(Arc::clone(schema));
    }
    let method = operation.method.as_str().to_lowercase();
    let declared = &DOCUMENT_JSON["paths"][operation.path][method]["responses"][operation.success.to_string()];
    let schema = &declared["content"]["application/json"]["schema"];
    let whole = json!({ "allOf": [schema], "components": DOCUMENT_JSON["components"] });
    let schema = jsonschema::options().should_validate_formats(true).build(&whole);
    let schema = Arc::new(schema.map_err(|error| format!("{}: its schema cannot be used: {error}", operation.id))?);
    compiled.insert(operation.id, Arc::clone(&schema));
    Ok(schema)
}

/// A refusal: this status, and a `detail` as FastAPI writes it.
pub(super) fn refusal(what: &str, answer: &Answer, status: u16) -> Verdict {
    ensure(answer.status == status, || format!("{what}: {} instead of {status}", answer.status))?;
    ensure(!answer.body["detail"].is_null(), || format!("{what}: {status} without a detail: {}", answer.body))
}

/// A 422 whose list of mistakes names this place.
pub(super) fn refused_at(what: &str, answer: &Answer, place: &[&str]) -> Verdict {
    refusal(what, answer, 422)?;
    let entries = answer.body["detail"].as_array().map(Vec::as_slice).unwrap_or_default();
    let names = |entry: &Value| {
        let loc: Vec<&str> = entry["loc"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        loc.starts_with(place) && entry["msg"].is_string() && entry["type"].is_string()
    };
    ensure(entries.iter().any(names), || format!("{what}: no entry for {place:?} in {}", answer.body))
}
