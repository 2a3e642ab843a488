//! What must be refused, and in which shape.

use aig_codegen::{Bound, HEALTH_PATH, Method, Operation, OperationInfo, ParameterInfo, ValueKind, operations};

use super::{
    Subject, Verdict, document, ensure,
    subject::{is_path, reading},
};
use crate::Wire;

/// No implementation hands it out: version 8 is for whoever makes ids by hand.
pub(super) const NOBODYS: &str = "00000000-0000-8000-8000-00000000a19a";
/// A JWT that nobody signed.
pub(super) const FOREIGN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2V4YW1wbGUub3JnLyJ9.AAAA";

/// A value of the right kind that leads nowhere.
fn nothing(parameter: &ParameterInfo) -> &'static str {
    match (parameter.kind, parameter.name) {
        (ValueKind::Uuid, _) => NOBODYS,
        (_, "version") => "0.0.0",
        _ => "there-is-no-such-thing",
    }
}

fn nowhere(subject: &Subject, operation: &OperationInfo) -> String {
    let values: Vec<_> =
        operation.parameters.iter().filter(|one| is_path(one)).map(|one| (one.name, nothing(one))).collect();
    subject.path(operation, &values).unwrap_or_default()
}

pub(super) async fn nothing_read(subject: &Subject, token: Option<&str>) -> Verdict {
    refused_to(subject, &subject.wire.with_token(token), reading()).await
}

/// The paths lead nowhere: where nobody is refused, nothing happens all the same.
pub(super) async fn nothing_changed(subject: &Subject, token: Option<&str>) -> Verdict {
    let writing = aig_codegen::OPERATIONS.iter().copied().filter(|operation| operation.method != Method::Get);
    refused_to(subject, &subject.wire.with_token(token), writing).await
}

async fn refused_to(
    subject: &Subject,
    wire: &Wire,
    operations: impl Iterator<Item = &'static OperationInfo>,
) -> Verdict {
    for operation in operations {
        let answer = wire.api(operation.method.as_str(), &nowhere(subject, operation), None).await?;
        document::refusal(operation.id, &answer, 401)?;
    }
    Ok(())
}

pub(super) async fn unknown_ids(subject: &Subject) -> Verdict {
    for operation in reading().filter(|operation| operation.path.contains('{')) {
        let answer = subject.wire.api("GET", &nowhere(subject, operation), None).await?;
        // Documents and items are asked for below something that is not there either.
        document::refusal(operation.id, &answer, 404)?;
    }
    Ok(())
}

pub(super) async fn malformed_ids(subject: &Subject) -> Verdict {
    for operation in reading() {
        let ids = operation.parameters.iter().filter(|one| is_path(one) && one.kind == ValueKind::Uuid);
        for id in ids {
            let mut values: Vec<_> = operation.parameters.iter().map(|one| (one.name, nothing(one))).collect();
            values.retain(|(name, _)| *name != id.name);
            values.retain(|(name, _)| operation.parameter(name).is_some_and(is_path));
            values.push((id.name, "no-uuid"));
            let answer = subject.ask(operation, &values).await?;
            document::refused_at(operation.id, &answer, &["path", id.name])?;
        }
    }
    Ok(())
}

pub(super) async fn numbers_outside(subject: &Subject) -> Verdict {
    for operation in listings(subject) {
        for parameter in operation.parameters {
            let (least, most) = (parameter.limits.minimum, parameter.limits.maximum);
            for value in
                [least.and_then(|least| beside(least, -1)), most.and_then(|most| beside(most, 1))].into_iter().flatten()
            {
                let answer = subject.ask(operation, &[(parameter.name, &value.to_string())]).await?;
                let what = format!("{}, {}={value}", operation.id, parameter.name);
                document::refused_at(&what, &answer, &["query", parameter.name])?;
            }
        }
    }
    Ok(())
}

/// The whole number next to a bound.
const fn beside(bound: Bound, step: i128) -> Option<i128> {
    match bound {
        Bound::Whole(number) => number.checked_add(step),
        Bound::Real(_) => None,
    }
}

pub(super) async fn words_outside(subject: &Subject) -> Verdict {
    for operation in listings(subject) {
        let words = operation.parameters.iter().filter(|one| matches!(one.kind, ValueKind::OneOf(_)));
        for parameter in words {
            let answer = subject.ask(operation, &[(parameter.name, "NO_SUCH_WORD")]).await?;
            document::refused_at(operation.id, &answer, &["query", parameter.name])?;
        }
    }
    Ok(())
}

pub(super) async fn unknown_sort(subject: &Subject) -> Verdict {
    for operation in listings(subject) {
        let answer = subject.ask(operation, &[("sort", "no_such_field")]).await?;
        document::refusal(operation.id, &answer, 422)?;
    }
    Ok(())
}

/// Operations with pages, as far as something is there to list.
fn listings(subject: &Subject) -> impl Iterator<Item = &'static OperationInfo> {
    reading().filter(|operation| operation.parameter("sort").is_some() && subject.path(operation, &[]).is_some())
}

pub(super) async fn no_such_path(subject: &Subject) -> Verdict {
    let nowhere = subject.wire.api("GET", &format!("{}/nobody", operations::GetMe::INFO.path), None).await?;
    document::refusal("a path that is none", &nowhere, 404)
}

pub(super) async fn no_such_method(subject: &Subject) -> Verdict {
    let me = operations::GetMe::INFO.path;
    let wrong = subject.wire.api("DELETE", me, None).await?;
    ensure(wrong.status == 405, || format!("DELETE of {me}: {} instead of 405", wrong.status))
}

/// Clients show all mistakes at once.
pub(super) async fn several_mistakes(subject: &Subject) -> Verdict {
    let values = [("run_id", "no-uuid"), ("page", "0"), ("page_size", "1000"), ("state", "NO_SUCH_WORD")];
    let answer = subject.ask(operations::ListRunItems::INFO, &values).await?;
    for (name, _) in values {
        let location = if name == "run_id" { "path" } else { "query" };
        document::refused_at("four mistakes at once", &answer, &[location, name])?;
    }
    Ok(())
}

pub(super) async fn health(subject: &Subject) -> Verdict {
    let answer = subject.wire.with_token(None).root(HEALTH_PATH).await?;
    ensure(answer.status == 200, || format!("{HEALTH_PATH}: {}", answer.status))?;
    ensure(answer.body["status"].is_string(), || format!("{HEALTH_PATH}: no status in {}", answer.body))
}
