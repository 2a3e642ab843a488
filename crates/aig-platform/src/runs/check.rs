//! What can be known to be wrong with a submission before it is sent: every problem, each with its place.

use std::collections::{HashMap, HashSet};

use aig_codegen::Validate as _;
use aig_codegen::models::{InputArtifact, ItemCreationRequest, RunCreationRequest};
use jiff::Timestamp;
use jsonschema::Validator;

use crate::{Error, ErrorKind, FieldProblem, sdk_metadata, text::escaped};

/// The platform repeats the callback context in events that have little room.
const CALLBACK_CONTEXT: usize = 1024;

/// Holds a submission against the inputs of its version.
pub(crate) fn check(request: &RunCreationRequest, inputs: &[InputArtifact], now: Timestamp) -> Result<(), Error> {
    let mut problems = Vec::new();
    limits(request, &mut problems);
    schedule(request, now, &mut problems);
    sdk_metadata(request, &mut problems);
    let validators: HashMap<&str, Validator> =
        inputs.iter().filter_map(|input| Some((input.name.as_str(), validator(input)?))).collect();
    let mut names = HashSet::new();
    for (index, item) in request.items.iter().enumerate() {
        let place = format!("/items/{index}");
        if !names.insert(item.external_id.as_str()) {
            let message = format!("{:?} is the name of an item before", escaped(&item.external_id));
            problems.push(FieldProblem::new(format!("{place}/external_id"), message));
        }
        artifacts(item, &place, inputs, &validators, &mut problems);
    }
    if problems.is_empty() {
        return Ok(());
    }
    let message = format!("the run cannot be submitted to {}", escaped(&request.application_id));
    Err(Error::new(ErrorKind::InvalidRequest, message).with_fields(problems))
}

fn limits(request: &RunCreationRequest, problems: &mut Vec<FieldProblem>) {
    if request.items.is_empty() {
        problems.push(FieldProblem::new("/items", "there is nothing to run"));
    }
    if let Err(violations) = request.validate() {
        problems.extend(violations.into_iter().map(|found| FieldProblem::new(found.pointer, found.message)));
    }
    let context = request.callback_context.as_ref().and_then(|context| serde_json::to_vec(context).ok());
    if let Some(bytes) = context.map(|context| context.len()).filter(|bytes| *bytes > CALLBACK_CONTEXT) {
        let message = format!("has {bytes} bytes, more than {CALLBACK_CONTEXT}");
        problems.push(FieldProblem::new("/callback_context", message));
    }
}

fn schedule(request: &RunCreationRequest, now: Timestamp, problems: &mut Vec<FieldProblem>) {
    let Some(scheduling) = &request.scheduling else { return };
    for (pointer, moment) in
        [("/scheduling/due_date", scheduling.due_date), ("/scheduling/deadline", scheduling.deadline)]
    {
        if moment.is_some_and(|moment| moment <= now) {
            problems.push(FieldProblem::new(pointer, "is not in the future"));
        }
    }
    if let (Some(due), Some(deadline)) = (scheduling.due_date, scheduling.deadline)
        && due >= deadline
    {
        problems.push(FieldProblem::new("/scheduling/due_date", "is not before the deadline"));
    }
}

/// Readers of the shared section refuse what does not fit its schema: better not to write it.
fn sdk_metadata(request: &RunCreationRequest, problems: &mut Vec<FieldProblem>) {
    let Some(section) = request.custom_metadata.as_ref().and_then(|metadata| metadata.get("sdk")) else { return };
    let Ok(validator) = jsonschema::validator_for(&sdk_metadata::run_schema()) else { return };
    problems.extend(validator.iter_errors(section).map(|error| {
        FieldProblem::new(format!("/custom_metadata/sdk{}", error.instance_path()), escaped(&error.to_string()))
    }));
}

fn artifacts(
    item: &ItemCreationRequest,
    place: &str,
    inputs: &[InputArtifact],
    validators: &HashMap<&str, Validator>,
    problems: &mut Vec<FieldProblem>,
) {
    for missing in inputs.iter().filter(|input| !item.input_artifacts.iter().any(|given| given.name == input.name)) {
        let message = format!("the input {:?} is missing", escaped(&missing.name));
        problems.push(FieldProblem::new(format!("{place}/input_artifacts"), message));
    }
    let mut given = HashSet::new();
    for (index, artifact) in item.input_artifacts.iter().enumerate() {
        let place = format!("{place}/input_artifacts/{index}");
        if !given.insert(artifact.name.as_str()) {
            problems.push(FieldProblem::new(format!("{place}/name"), "is given twice"));
        }
        if !inputs.iter().any(|input| input.name == artifact.name) {
            let known: Vec<&str> = inputs.iter().map(|input| input.name.as_str()).collect();
            let message = format!("{:?} is no input of this version; it takes: {}", artifact.name, known.join(", "));
            problems.push(FieldProblem::new(format!("{place}/name"), escaped(&message)));
        }
        let Some(validator) = validators.get(artifact.name.as_str()) else { continue };
        let metadata = serde_json::Value::Object(artifact.metadata.clone());
        problems.extend(validator.iter_errors(&metadata).map(|error| {
            FieldProblem::new(format!("{place}/metadata{}", error.instance_path()), escaped(&error.to_string()))
        }));
    }
}

/// A schema that cannot be used is the platform's affair: then the platform alone checks.
fn validator(input: &InputArtifact) -> Option<Validator> {
    let schema = serde_json::Value::Object(input.metadata_schema.clone());
    jsonschema::validator_for(&schema)
        .inspect_err(|error| tracing::warn!(input = input.name, %error, "the metadata schema cannot be used"))
        .ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::*;
    use crate::{Submission, SubmissionItem, sdk_metadata::Writer, transfer::SignedUrl};

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    fn inputs() -> Vec<InputArtifact> {
        let schema = json!({
            "type": "object", "required": ["width_px"], "additionalProperties": false,
            "properties": { "width_px": { "type": "integer", "minimum": 1 }, "specimen": { "type": "object",
                "properties": { "tissue": { "enum": ["LUNG", "BREAST"] } } } }
        });
        vec![InputArtifact::new("whole_slide_image", "image/tiff", object(schema))]
    }

    fn slide(name: &str, metadata: Value) -> SubmissionItem {
        let link = SignedUrl::new("https://storage.example/a?sig=canary").unwrap();
        SubmissionItem::new(name).artifact("whole_slide_image", &link, object(metadata))
    }

    fn problems(submission: &Submission) -> Vec<(String, String)> {
        let now = "2026-11-22T03:00:00Z".parse().unwrap();
        let request = submission.described_request(&Writer::default(), None, now);
        let error = match check(&request, &inputs(), now) {
            Ok(()) => return Vec::new(),
            Err(error) => error,
        };
        assert!(!format!("{error} {error:?}").contains("canary"));
        error.fields().iter().map(|field| (field.pointer.clone(), field.message.clone())).collect()
    }

    fn pointers(submission: &Submission) -> Vec<String> {
        problems(submission).into_iter().map(|(pointer, _)| pointer).collect()
    }

    #[test]
    fn a_good_submission_passes() {
        let good = Submission::new("app")
            .item(slide("a", json!({ "width_px": 7 })))
            .item(slide("b", json!({ "width_px": 1 })));
        assert_eq!(problems(&good), []);
    }

    #[test]
    fn metadata_is_held_against_the_schema_with_the_place_of_each_fault() {
        let metadata = json!({ "width_px": 0, "specimen": { "tissue": "WOOD" }, "extra": 1 });
        let mut found = pointers(&Submission::new("app").item(slide("a", metadata)));
        found.sort();
        let place = "/items/0/input_artifacts/0/metadata";
        assert_eq!(found, [place.to_owned(), format!("{place}/specimen/tissue"), format!("{place}/width_px")]);
    }

    #[test]
    fn names_inputs_limits_and_dates_are_checked_all_at_once() {
        let link = SignedUrl::new("https://storage.example/a").unwrap();
        let bad = Submission::new("app")
            .item(slide("a", json!({ "width_px": 1 })))
            .item(slide("a", json!({ "width_px": 1 })))
            .item(SubmissionItem::new("x".repeat(256)).artifact("other", &link, Map::new()))
            .due_date("2026-11-22T02:00:00Z".parse().unwrap())
            .tags(["__aignx_validation_case:explode"])
            .callback_context(object(json!({ "text": "x".repeat(2_000) })));
        let found = pointers(&bad);
        for pointer in [
            "/items/1/external_id",
            "/items/2/external_id",
            "/items/2/input_artifacts",
            "/items/2/input_artifacts/0/name",
            "/scheduling/due_date",
            "/callback_context",
            "/custom_metadata/sdk/tags",
        ] {
            assert!(found.iter().any(|found| found.starts_with(pointer)), "{pointer} is not among {found:?}");
        }
        assert_eq!(pointers(&Submission::new("app"))[0], "/items");
    }
}
