//! What is wrong with a submission in words that a person can follow: each problem once, with the slides that have it.

use aig_platform::{Error, ErrorKind, FieldProblem};

use super::Job;
use crate::failure::{Failure, Problem};

/// How the JSON Schema validator says that a field is missing.
const MISSING: &str = " is a required property";

/// The error as it came, unless it says which fields of which slides are wrong.
pub(super) fn told(error: Error, job: &Job<'_>) -> anyhow::Error {
    if error.kind() != ErrorKind::InvalidRequest || error.fields().is_empty() {
        return error.into();
    }
    let names: Vec<&str> = job.slides.iter().map(|slide| slide.inspected.external_id.as_str()).collect();
    let problems = grouped(error.fields(), &names);
    let example =
        problems.iter().find(|problem| !problem.slides.is_empty()).and_then(|problem| problem.subject.clone());
    let schema = format!("`aig application schema {}` shows what it takes", job.application);
    let hint = match example {
        Some(field) => format!("{schema}; give values with `--set {field}=…`"),
        None => schema,
    };
    let what = format!("the slides cannot be submitted to {} {}", job.application, job.version.version_number);
    Failure::usage(what).with_problems(problems).with_hint(hint).into()
}

/// One problem for all slides that share it, in the order in which they came.
fn grouped(fields: &[FieldProblem], names: &[&str]) -> Vec<Problem> {
    let mut problems: Vec<Problem> = Vec::new();
    for field in fields {
        let (index, place) = split(&field.pointer);
        let slide = index.and_then(|index| names.get(index)).map(ToString::to_string);
        let (subject, message) = words(place, &field.message);
        let known = problems.iter_mut().find(|known| known.subject == subject && known.message == message);
        match known {
            Some(problem) => problem.slides.extend(slide),
            None => problems.push(Problem { subject, message, slides: slide.into_iter().collect() }),
        }
    }
    problems
}

/// The slide of a pointer such as `/items/0/input_artifacts/0/metadata/specimen/tissue`, and the field of its metadata.
fn split(pointer: &str) -> (Option<usize>, &str) {
    let Some((index, place)) = pointer.strip_prefix("/items/").and_then(|rest| rest.split_once('/')) else {
        return (None, pointer);
    };
    let field =
        place.strip_prefix("input_artifacts/").and_then(|rest| rest.split_once('/')).map_or(place, |(_, rest)| rest);
    let field = field.strip_prefix("metadata").unwrap_or(field);
    (index.parse().ok(), field)
}

/// What it is about, as `--set` names it, and what is wrong with it.
fn words(place: &str, message: &str) -> (Option<String>, String) {
    let mut path: Vec<&str> = place.split('/').filter(|part| !part.is_empty()).collect();
    let missing = message.strip_suffix(MISSING).map(|name| name.trim_matches(['"', '\\']));
    path.extend(missing);
    let subject = (!path.is_empty()).then(|| path.join("."));
    (subject, missing.map_or_else(|| message.to_owned(), |_| "is missing".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_problem_is_told_once_with_its_slides() {
        let metadata = |index: usize, below: &str| format!("/items/{index}/input_artifacts/0/metadata{below}");
        let fields = [
            FieldProblem::new(metadata(0, ""), "\"staining_method\" is a required property"),
            FieldProblem::new(metadata(0, "/specimen"), "\"tissue\" is a required property"),
            FieldProblem::new(metadata(1, ""), "\"staining_method\" is a required property"),
            FieldProblem::new(metadata(1, "/width_px"), "0 is less than the minimum of 1"),
            FieldProblem::new("/scheduling/due_date", "is not in the future"),
        ];
        let told: Vec<String> = grouped(&fields, &["a", "b"]).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "staining_method: is missing (a, b)",
                "specimen.tissue: is missing (a)",
                "width_px: 0 is less than the minimum of 1 (b)",
                "scheduling.due_date: is not in the future",
            ]
        );
    }
}
