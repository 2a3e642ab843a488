//! Takes a run in: refuses what the application's version does not take, else sets it in motion.

use std::collections::HashSet;

use aig_codegen::{models, operations::CreateRun};
use serde_json::{Value, json};

use super::{desk::Desk, problem::Problem};
use crate::{
    catalog::Version,
    engine::Engine,
    state::{Artifact, Input, Item, ItemPhase, Output, Run, Scheduling},
};

/// What the platform takes for the context of callbacks.
const LARGEST_CONTEXT: usize = 1024;

pub(super) fn create(desk: &Desk<'_>, asked: CreateRun) -> Result<models::RunCreationResponse, Problem> {
    let request = asked.body;
    let application = desk.application(&request.application_id)?;
    let version = match &request.version_number {
        Some(number) => application.version(number),
        None => application.latest(),
    };
    let version = version.ok_or_else(|| Problem::not_found("application version not found"))?;
    check(desk, version, &request)?;
    let platform = desk.platform;
    let items: Vec<Item> = request.items.into_iter().map(|item| new_item(desk, version, item)).collect();
    let (id, count) = (platform.ids.next(), items.len());
    let deadline = request.scheduling.as_ref().and_then(|scheduling| scheduling.deadline);
    desk.writing(|world| {
        let number = world.next_number();
        world.add_run(Run {
            id,
            number,
            application_id: application.id.to_owned(),
            version: version.number.to_owned(),
            submitted_by: desk.person.id.to_owned(),
            organization: desk.person.organization.to_owned(),
            submitted_at: platform.clock.now(),
            scheduling: request.scheduling.map(|s| Scheduling { due_date: s.due_date, deadline: s.deadline }),
            metadata: request.custom_metadata,
            items,
            end: None,
        });
        Ok(())
    })?;
    Engine::start(platform, id, count, deadline.map(Into::into));
    Ok(models::RunCreationResponse::new(id))
}

fn new_item(desk: &Desk<'_>, version: &Version, request: models::ItemCreationRequest) -> Item {
    let ids = &desk.platform.ids;
    let inputs = request.input_artifacts.into_iter().map(|input| Input {
        id: ids.next(),
        name: input.name,
        url: input.download_url.expose().to_owned(),
        metadata: input.metadata,
    });
    let outputs = version.outputs.iter().map(|output| Artifact {
        id: ids.next(),
        name: output.name.to_owned(),
        product: output.product,
        output: Output::None,
    });
    Item {
        id: ids.next(),
        external_id: request.external_id,
        metadata: request.custom_metadata,
        inputs: inputs.collect(),
        outputs: outputs.collect(),
        phase: ItemPhase::Pending,
        picture: None,
    }
}

fn check(desk: &Desk<'_>, version: &Version, request: &models::RunCreationRequest) -> Result<(), Problem> {
    let mut wrong = Wrong::default();
    if request.items.is_empty() {
        wrong.note(json!(["body", "items"]), "List should have at least 1 item", "too_short");
    }
    let input = ExpectedInput::of(version);
    let mut seen = HashSet::new();
    for (index, item) in request.items.iter().enumerate() {
        if !seen.insert(&item.external_id) {
            wrong.note(
                json!(["body", "items", index, "external_id"]),
                "the external_id is not unique in the run",
                "value_error",
            );
        }
        check_item(&input, index, item, &mut wrong);
    }
    check_scheduling(desk, request, &mut wrong);
    let context = request.callback_context.as_ref().and_then(|context| serde_json::to_vec(context).ok());
    if context.is_some_and(|context| context.len() > LARGEST_CONTEXT) {
        wrong.note(json!(["body", "callback_context"]), "the callback context is larger than 1 KB", "value_error");
    }
    wrong.finish()
}

/// The input artifact that a version takes. Its schema is compiled once a submission, however many items there are.
struct ExpectedInput<'v> {
    name: &'v str,
    metadata: Option<jsonschema::Validator>,
}

impl<'v> ExpectedInput<'v> {
    fn of(version: &'v Version) -> Self {
        let schema = Value::Object(version.input.metadata_schema.clone());
        Self { name: &version.input.name, metadata: jsonschema::validator_for(&schema).ok() }
    }
}

fn check_item(expected: &ExpectedInput<'_>, index: usize, item: &models::ItemCreationRequest, wrong: &mut Wrong) {
    let place = |at: usize| json!(["body", "items", index, "input_artifacts", at]);
    if item.external_id.is_empty() {
        wrong.note(json!(["body", "items", index, "external_id"]), "the external_id is empty", "string_too_short");
    }
    for (at, input) in item.input_artifacts.iter().enumerate() {
        if input.name != expected.name {
            let message = format!("unknown input artifact; the version takes {:?}", expected.name);
            wrong.note(place(at), &message, "value_error");
            continue;
        }
        let metadata = Value::Object(input.metadata.clone());
        for error in expected.metadata.iter().flat_map(|schema| schema.iter_errors(&metadata)) {
            let message = format!("metadata{}: {error}", error.instance_path());
            wrong.note(place(at), &message, "value_error");
        }
    }
    if !item.input_artifacts.iter().any(|input| input.name == expected.name) {
        let message = format!("the input artifact {:?} is missing", expected.name);
        wrong.note(json!(["body", "items", index, "input_artifacts"]), &message, "missing");
    }
}

fn check_scheduling(desk: &Desk<'_>, request: &models::RunCreationRequest, wrong: &mut Wrong) {
    let Some(scheduling) = &request.scheduling else { return };
    let now = desk.platform.clock.now();
    for (name, time) in [("due_date", scheduling.due_date), ("deadline", scheduling.deadline)] {
        if time.is_some_and(|time| time <= now) {
            wrong.note(json!(["body", "scheduling", name]), "the time is in the past", "value_error");
        }
    }
    if let (Some(due), Some(deadline)) = (scheduling.due_date, scheduling.deadline)
        && due >= deadline
    {
        wrong.note(json!(["body", "scheduling"]), "the due date must be before the deadline", "value_error");
    }
}

/// Everything that is wrong with a submission.
#[derive(Debug, Default)]
struct Wrong(Vec<Value>);

impl Wrong {
    fn note(&mut self, loc: Value, message: &str, kind: &str) {
        self.0.push(json!({"loc": loc, "msg": message, "type": kind}));
    }

    fn finish(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::unprocessable(self.0)) }
    }
}
