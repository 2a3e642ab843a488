//! Holds the sandbox's own answers against the document: an answer that breaks it is a bug of the sandbox.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
};

use aig_codegen::{DOCUMENT, OperationInfo};
use jsonschema::Validator;
use serde_json::{Value, json};

pub(super) static DOCUMENT_JSON: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(DOCUMENT).unwrap_or_default());

/// Compiled when first needed, by operation and status; `None` where the document has no schema.
type Compiled = HashMap<(&'static str, u16), Option<std::sync::Arc<Validator>>>;
static COMPILED: LazyLock<Mutex<Compiled>> = LazyLock::new(Mutex::default);

/// Statuses that stand for every operation, declared or not: no token, a body that did not come whole, and our own failure.
const ALWAYS: [u16; 6] = [400, 401, 408, 413, 500, 503];

/// # Errors
/// What of the answer is not as the document says.
pub(crate) fn check(operation: &'static OperationInfo, status: u16, body: &[u8]) -> Result<(), String> {
    if !is_declared(operation, status) {
        return Err(format!("{} answers {status}, which the document does not declare", operation.id));
    }
    let Some(validator) = validator(operation, status) else { return Ok(()) };
    let value: Value = serde_json::from_slice(body).map_err(|error| format!("{}: no JSON: {error}", operation.id))?;
    let wrong: Vec<String> =
        validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    if wrong.is_empty() { Ok(()) } else { Err(format!("{} {status}: {}", operation.id, wrong.join("; "))) }
}

fn is_declared(operation: &OperationInfo, status: u16) -> bool {
    status == operation.success
        || operation.redirect == Some(status)
        || operation.errors.contains(&status)
        || ALWAYS.contains(&status)
}

fn validator(operation: &'static OperationInfo, status: u16) -> Option<std::sync::Arc<Validator>> {
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    compiled.entry((operation.id, status)).or_insert_with(|| compile(operation, status).map(Into::into)).clone()
}

fn compile(operation: &OperationInfo, status: u16) -> Option<Validator> {
    let method = operation.method.as_str().to_lowercase();
    let answer = &DOCUMENT_JSON["paths"][operation.path][method]["responses"][status.to_string()];
    let schema = answer["content"]["application/json"].get("schema")?;
    let whole = json!({"allOf": [schema], "components": DOCUMENT_JSON["components"]});
    jsonschema::options().should_validate_formats(true).build(&whole).ok()
}

#[cfg(test)]
mod tests {
    use aig_codegen::{Answer, OPERATIONS, Operation, operations};

    use super::*;

    #[test]
    fn a_wrong_answer_is_found_and_a_right_one_passes() {
        let me = operations::GetMe::INFO;
        assert!(check(me, 200, b"{}").unwrap_err().contains("user"));
        assert!(check(me, 204, b"").unwrap_err().contains("204"));
        assert!(check(operations::ListRuns::INFO, 200, b"[]").is_ok());
        let error = check(operations::GetRun::INFO, 422, br#"{"detail": 5}"#);
        assert!(error.is_err());
    }

    #[test]
    fn every_schema_of_the_document_compiles() {
        for operation in OPERATIONS {
            let is_json = operation.answer == Answer::Json;
            assert!(!is_json || compile(operation, operation.success).is_some(), "{}", operation.id);
        }
    }
}
