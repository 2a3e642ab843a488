//! From an answer that is no success to an error: the API's own words, made harmless.

use http::{HeaderMap, StatusCode};
use serde_json::Value;

use crate::{Error, ErrorKind, FieldProblem, call::redaction::Redaction, text::escaped};

/// Headers under which services say the id of a request, best first.
const REQUEST_IDS: [&str; 4] = ["x-request-id", "x-correlation-id", "x-cloud-trace-context", "cf-ray"];

/// What was asked: the operation, and the thing that it is about.
#[derive(Clone, Copy)]
pub(crate) struct About<'a> {
    pub(crate) operation: &'static str,
    pub(crate) subject: Option<&'a str>,
}

/// The id under which the service knows the request.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    let value = REQUEST_IDS.iter().find_map(|name| headers.get(*name)?.to_str().ok())?;
    Some(escaped(value))
}

/// The error for an answer of this status.
pub(crate) fn of_answer(
    kind: ErrorKind,
    about: About<'_>,
    status: StatusCode,
    body: &[u8],
    redaction: &Redaction,
) -> Error {
    let About { operation, subject } = about;
    let detail = detail(body).map(|detail| redaction.value(detail));
    let reason = match detail.as_ref().and_then(summary) {
        Some(summary) => escaped(&summary),
        None => status.canonical_reason().unwrap_or("unknown status").to_lowercase(),
    };
    // A page of something else at this address knows nothing of the thing.
    let subject = subject.filter(|_| detail.is_some());
    let message = match (kind, subject) {
        (ErrorKind::OutcomeUnknown, _) => {
            format!("{operation} may or may not have been carried out: the service answered {status}")
        }
        (ErrorKind::NotFound, Some(subject)) => format!("{subject} not found"),
        (ErrorKind::Gone, Some(subject)) => format!("{subject} is gone: {reason}"),
        (ErrorKind::Forbidden, Some(subject)) => format!("no access to {subject}: {reason}"),
        _ => format!("{operation} was answered with {}: {reason}", status.as_u16()),
    };
    let fields = detail.as_ref().map(fields).unwrap_or_default();
    Error::new(kind, message)
        .with_operation(operation)
        .with_status(status.as_u16())
        .with_detail(detail)
        .with_fields(fields)
}

/// FastAPI's `detail`, whatever its shape.
fn detail(body: &[u8]) -> Option<Value> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(mut answer)) => answer.remove("detail"),
        _ => None,
    }
}

/// One line for people. A list of field problems says it all through the fields.
fn summary(detail: &Value) -> Option<String> {
    match detail {
        Value::String(text) => Some(text.clone()),
        Value::Array(_) => Some("the request is not valid".to_owned()),
        Value::Object(entries) => {
            ["message", "msg", "error"].iter().find_map(|name| entries.get(*name)?.as_str().map(str::to_owned))
        }
        _ => None,
    }
}

/// FastAPI's validation errors: where (`loc`) and what (`msg`).
fn fields(detail: &Value) -> Vec<FieldProblem> {
    detail.as_array().into_iter().flatten().filter_map(field).collect()
}

fn field(problem: &Value) -> Option<FieldProblem> {
    let message = problem.get("msg")?.as_str()?;
    let place = problem.get("loc")?.as_array()?.iter().map(token).collect::<Vec<_>>();
    let inside = place.strip_prefix(&["body".to_owned()]).unwrap_or(&place);
    let pointer: String = inside.iter().map(|token| format!("/{token}")).collect();
    Some(FieldProblem::new(escaped(&pointer), escaped(message)))
}

/// One step of a JSON pointer (RFC 6901, section 3).
fn token(step: &Value) -> String {
    match step {
        Value::String(name) => name.replace('~', "~0").replace('/', "~1"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(status: u16, body: &str) -> Error {
        let status = StatusCode::from_u16(status).unwrap();
        let about = About { operation: "create_run", subject: None };
        of_answer(ErrorKind::InvalidRequest, about, status, body.as_bytes(), &Redaction::default())
    }

    #[test]
    fn what_is_missing_is_named_and_not_the_operation() {
        let about = About { operation: "get_run", subject: Some("run 7") };
        for (kind, status, expected) in [
            (ErrorKind::NotFound, 404, "run 7 not found"),
            (ErrorKind::Gone, 410, "run 7 is gone: it was deleted"),
            (ErrorKind::Forbidden, 403, "no access to run 7: it was deleted"),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            let body = br#"{"detail":"it was deleted"}"#;
            let error = of_answer(kind, about, status, body, &Redaction::default());
            assert_eq!((error.to_string().as_str(), error.operation()), (expected, Some("get_run")));
            assert_eq!(error.detail().unwrap(), "it was deleted");
        }
        let page = of_answer(ErrorKind::NotFound, about, StatusCode::NOT_FOUND, b"<html>", &Redaction::default());
        assert_eq!(page.to_string(), "get_run was answered with 404: not found", "the API itself did not say so");
    }

    #[test]
    fn a_text_a_list_and_an_object_are_all_understood_and_kept() {
        let text = error(404, r#"{"detail":"Run not found\u001b[2J"}"#);
        assert_eq!(text.to_string(), r"create_run was answered with 404: Run not found\u{1b}[2J");
        assert_eq!(text.detail().unwrap(), "Run not found\u{1b}[2J");
        let list =
            error(422, r#"{"detail":[{"loc":["body","items",0,"a/b"],"msg":"Field required","type":"missing"}]}"#);
        assert_eq!(list.fields(), [FieldProblem::new("/items/0/a~1b", "Field required")]);
        assert!(list.to_string().contains("Field required"), "{list}");
        let object = error(403, r#"{"detail":{"message":"quota used up","code":"q"}}"#);
        assert!(object.to_string().ends_with("quota used up"));
    }

    #[test]
    fn an_answer_that_is_no_json_is_named_by_its_status_alone() {
        let html = error(502, "<html>secret</html>");
        assert_eq!(html.to_string(), "create_run was answered with 502: bad gateway");
        assert!(html.detail().is_none());
    }

    #[test]
    fn an_echoed_signature_is_not_kept() {
        let echo = error(
            422,
            r#"{"detail":[{"loc":["body"],"msg":"bad https://h/p?sig=canary","input":"https://h/p?sig=canary"}]}"#,
        );
        assert!(!format!("{echo} {echo:?} {:?}", echo.detail()).contains("canary"));
    }
}
