//! What the API says when it refuses, in FastAPI's shapes: `{"detail": …}`.

use aig_codegen::{OperationInfo, Violation, Violations};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

/// A refused request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Problem {
    status: StatusCode,
    detail: Value,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: Value::String(detail.into()) }
    }

    pub(crate) fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, detail)
    }

    pub(crate) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    pub(crate) fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    pub(crate) fn gone(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::GONE, detail)
    }

    pub(crate) fn stale(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PRECONDITION_FAILED, detail)
    }

    /// The sandbox itself failed.
    pub(crate) fn broken(error: &std::io::Error) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, format!("SANDBOX: cannot use its disk: {error}"))
    }

    /// 422 with a text, as the platform's own checks write it.
    pub(crate) fn refused(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    /// 422 with one entry, as FastAPI writes it.
    pub(crate) fn invalid(loc: Value, message: &str, kind: &str) -> Self {
        Self::unprocessable(vec![json!({"loc": loc, "msg": message, "type": kind})])
    }

    pub(crate) fn unprocessable(entries: Vec<Value>) -> Self {
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, detail: Value::Array(entries) }
    }
}

impl Problem {
    /// Where the document knows no 403, what may not be seen is not there: only runs are asked for in such places.
    pub(crate) fn at(self, operation: &OperationInfo) -> Self {
        let hidden = self.status == StatusCode::FORBIDDEN && !operation.errors.contains(&403);
        if hidden { Self::not_found("run not found") } else { self }
    }
}

/// What a request breaks when it is read although it was held against the document before: nearly nothing.
impl From<Violations> for Problem {
    fn from(violations: Violations) -> Self {
        tracing::warn!(%violations, "a request passed the check of the document, and cannot be read all the same");
        Self::unprocessable(violations.iter().map(entry).collect())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, axum::Json(json!({"detail": self.detail}))).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// The steps of a JSON pointer: names, and numbers.
pub(super) fn steps(pointer: &str) -> impl Iterator<Item = Value> {
    let tokens = pointer.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~"));
    tokens.map(|token| token.parse::<u64>().map_or(Value::from(token), Value::from))
}

fn entry(violation: &Violation) -> Value {
    let location = Value::from(violation.location.as_str());
    let loc: Vec<Value> = [location].into_iter().chain(steps(&violation.pointer)).collect();
    json!({"loc": loc, "msg": format!("Value error, {}", violation.message), "type": "value_error"})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_of_a_pointer_are_names_and_numbers() {
        let found: Vec<Value> = steps("/items/0/a~1b~0c").collect();
        assert_eq!(Value::from(found), json!(["items", 0, "a/b~c"]));
        assert_eq!(steps("").count(), 0);
    }
}
