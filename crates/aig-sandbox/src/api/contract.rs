//! Holds the sandbox's own answers against the document: an answer that breaks it is a bug of the sandbox.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
};

use aig_codegen::OperationInfo;
use jsonschema::Validator;
use serde_json::{Value, json};

use super::document;

/// Compiled when first needed, by operation and status; `None` where the document has no schema.
type Compiled = HashMap<(&'static str, u16), Option<std::sync::Arc<Validator>>>;
static COMPILED: LazyLock<Mutex<Compiled>> = LazyLock::new(Mutex::default);

/// What stands for every operation, declared or not, by its status and the beginning of its text: no token, a body that did
/// not come whole or is no text, and a full disk.
const UNDECLARED: [(u16, &str); 7] = [
    (401, ""),
    (400, "There was an error parsing the body"),
    (400, "SANDBOX: the request body"),
    (408, "SANDBOX: the request body"),
    (413, "SANDBOX: the request body"),
    (503, "SANDBOX: too many large request bodies"),
    (500, "SANDBOX: cannot use its disk"),
];

/// # Errors
/// What of the answer is not as the document says.
pub(crate) fn check(operation: &'static OperationInfo, status: u16, body: &[u8]) -> Result<(), String> {
    if !is_declared(operation, status) && !is_undeclared_everywhere(status, body) {
        return Err(format!("{} answers {status}, which the document does not declare", operation.id));
    }
    let Some(validator) = validator(operation, status) else { return Ok(()) };
    let value: Value = serde_json::from_slice(body).map_err(|error| format!("{}: no JSON: {error}", operation.id))?;
    let wrong: Vec<String> =
        validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    if wrong.is_empty() { Ok(()) } else { Err(format!("{} {status}: {}", operation.id, wrong.join("; "))) }
}

fn is_declared(operation: &OperationInfo, status: u16) -> bool {
    status == operation.success || operation.redirect == Some(status) || operation.errors.contains(&status)
}

fn is_undeclared_everywhere(status: u16, body: &[u8]) -> bool {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = body["detail"].as_str().unwrap_or_default();
    UNDECLARED.iter().any(|(known, begins)| *known == status && text.starts_with(begins))
}

fn validator(operation: &'static OperationInfo, status: u16) -> Option<std::sync::Arc<Validator>> {
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    compiled.entry((operation.id, status)).or_insert_with(|| compile(operation, status).map(Into::into)).clone()
}

fn compile(operation: &OperationInfo, status: u16) -> Option<Validator> {
    let schema = Some(document::answer(operation, status)).filter(|schema| !schema.is_null())?;
    let whole = json!({"allOf": [schema], "components": document::components()});
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
    fn a_status_that_is_not_declared_passes_with_the_words_that_it_is_for_alone() {
        let run = operations::GetRun::INFO;
        for (status, text) in UNDECLARED {
            let body = json!({"detail": format!("{text}, and more")}).to_string();
            assert_eq!(check(run, status, body.as_bytes()), Ok(()), "{status}");
            let other = check(run, status, br#"{"detail": "something else"}"#);
            assert_eq!(other.is_ok(), text.is_empty(), "{status}");
        }
    }

    #[test]
    fn every_schema_of_the_document_compiles() {
        for operation in OPERATIONS {
            let is_json = operation.answer == Answer::Json;
            assert!(!is_json || compile(operation, operation.success).is_some(), "{}", operation.id);
        }
    }
}
