//! Takes a run in: refuses what the application's version does not take, else sets it in motion.

use std::collections::HashSet;

use aig_codegen::{models, operations::CreateRun};
use serde_json::{Value, json};

use super::{
    desk::Desk,
    problem::{Problem, steps},
    validation::{Mistake, Mistakes},
};
use crate::{
    catalog::Version,
    engine::Engine,
    state::{Artifact, Input, Item, ItemPhase, Metadata, Output, Run, Scheduling},
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
    let mut mistakes = Mistakes::default();
    if request.items.is_empty() {
        mistakes.note(vec!["body".into(), "items".into()], Mistake::too_few(1, 0), Some(json!([])));
    }
    let input = ExpectedInput::of(version);
    let mut seen = HashSet::new();
    for (index, item) in request.items.iter().enumerate() {
        if mistakes.are_enough() {
            break;
        }
        if !seen.insert(&item.external_id) {
            let mistake = Mistake::value("the external_id is not unique in the run");
            let place = vec!["body".into(), "items".into(), index.into(), "external_id".into()];
            mistakes.note(place, mistake, Some(json!(item.external_id)));
        }
        check_item(&input, index, item, &mut mistakes);
    }
    check_scheduling(desk, request, &mut mistakes);
    let context = request.callback_context.as_ref().and_then(|context| serde_json::to_vec(context).ok());
    if context.is_some_and(|context| context.len() > LARGEST_CONTEXT) {
        let mistake = Mistake::value("the callback context is larger than 1 KB");
        mistakes.note(vec!["body".into(), "callback_context".into()], mistake, None);
    }
    mistakes.finish()
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

fn check_item(expected: &ExpectedInput<'_>, index: usize, item: &models::ItemCreationRequest, mistakes: &mut Mistakes) {
    let item_place: [Value; 3] = ["body".into(), "items".into(), index.into()];
    let at = |more: &[Value]| [&item_place, more].concat();
    if item.external_id.is_empty() {
        mistakes.note(at(&["external_id".into()]), Mistake::too_short(1), Some(json!("")));
    }
    for (number, input) in item.input_artifacts.iter().enumerate() {
        if mistakes.are_enough() {
            return;
        }
        if input.name != expected.name {
            let mistake = Mistake::value(&format!("unknown input artifact; the version takes {:?}", expected.name));
            let place = at(&["input_artifacts".into(), number.into(), "name".into()]);
            mistakes.note(place, mistake, Some(json!(input.name)));
            continue;
        }
        let place = at(&["input_artifacts".into(), number.into(), "metadata".into()]);
        check_metadata(expected, &place, &input.metadata, mistakes);
    }
    let message = match item.input_artifacts.iter().filter(|input| input.name == expected.name).count() {
        1 => return,
        0 => format!("the input artifact {:?} is missing", expected.name),
        _ => format!("the input artifact {:?} is given more than once", expected.name),
    };
    mistakes.note(at(&["input_artifacts".into()]), Mistake::value(&message), None);
}

/// By the version's own schema. What was sent is not said again: it has no end, and is not ours to tell.
fn check_metadata(expected: &ExpectedInput<'_>, at: &[Value], metadata: &Metadata, mistakes: &mut Mistakes) {
    let metadata = Value::Object(metadata.clone());
    for error in expected.metadata.iter().flat_map(|schema| schema.iter_errors(&metadata)) {
        if mistakes.are_enough() {
            return;
        }
        let place = at.iter().cloned().chain(steps(error.instance_path().as_str())).collect();
        mistakes.note(place, Mistake::value(&error.masked().to_string()), None);
    }
}

fn check_scheduling(desk: &Desk<'_>, request: &models::RunCreationRequest, mistakes: &mut Mistakes) {
    let Some(scheduling) = &request.scheduling else { return };
    let now = desk.platform.clock.now();
    for (name, time) in [("due_date", scheduling.due_date), ("deadline", scheduling.deadline)] {
        if let Some(time) = time.filter(|time| *time <= now) {
            let mistake = Mistake::value("the time is in the past");
            mistakes.note(vec!["body".into(), "scheduling".into(), name.into()], mistake, Some(json!(time)));
        }
    }
    if let (Some(due), Some(deadline)) = (scheduling.due_date, scheduling.deadline)
        && due >= deadline
    {
        let mistake = Mistake::value("the due date must be before the deadline");
        mistakes.note(vec!["body".into(), "scheduling".into()], mistake, None);
    }
}
