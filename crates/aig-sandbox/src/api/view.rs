//! How what is remembered looks on the wire.

use aig_codegen::{enums, models};

use crate::{
    catalog::{Application, Output as OutputSpec, Version},
    state::{Ahead, Artifact, Input, Item, ItemPhase, Output, Reason, Run, RunEnd, RunPhase, checksum},
};

pub(super) fn application(application: &Application) -> models::ApplicationReadResponse {
    models::ApplicationReadResponse::new(
        application.id.as_str(),
        application.name.as_str(),
        application.regulatory_classes.iter().map(String::as_str),
        application.description.as_str(),
        application.versions.iter().map(version_number),
    )
}

pub(super) fn application_short(application: &Application) -> models::ApplicationReadShortResponse {
    let mut short = models::ApplicationReadShortResponse::new(
        application.id.as_str(),
        application.name.as_str(),
        application.regulatory_classes.iter().map(String::as_str),
        application.description.as_str(),
    );
    short.latest_version = application.latest().map(version_number);
    short
}

fn version_number(version: &Version) -> models::ApplicationVersion {
    models::ApplicationVersion::new(version.number.as_str(), version.released_at)
}

pub(super) fn version(version: &Version) -> models::VersionReadResponse {
    let input = &version.input;
    let input =
        models::InputArtifact::new(input.name.as_str(), input.mime_type.as_str(), input.metadata_schema.clone());
    let outputs = version.outputs.iter().map(output_spec);
    models::VersionReadResponse::new(
        version.number.as_str(),
        version.changelog.as_str(),
        [input],
        outputs,
        version.released_at,
    )
}

fn output_spec(output: &OutputSpec) -> models::OutputArtifact {
    models::OutputArtifact::new(
        output.name.as_str(),
        output.product.mime_type(),
        output.metadata_schema.clone(),
        enums::OutputArtifactScope::Item,
        enums::OutputArtifactVisibility::External,
    )
}

/// A run; `ahead` is what has to be worked on before it.
pub(super) fn run(run: &Run, ahead: Ahead) -> models::RunReadResponse {
    let mut view = models::RunReadResponse::new(
        run.id,
        run.application_id.as_str(),
        run.version.as_str(),
        run_state(run.phase()),
        run_output(run),
        statistics(run),
        run.submitted_at,
        run.submitted_by.as_str(),
    );
    if let RunPhase::Terminated(end, at) = run.phase() {
        view.termination_reason = Some(run_end(end));
        view.terminated_at = Some(at.into());
    } else {
        view.num_preceding_items_org = Some(ahead.organization);
        view.num_preceding_items_platform = Some(ahead.platform);
    }
    view.custom_metadata = run.metadata.clone();
    view.custom_metadata_checksum = checksum(run.metadata.as_ref());
    view.organization_id = Some(run.organization.clone());
    view.scheduling = run.scheduling.map(|asked| {
        let mut scheduling = models::SchedulingResponse::new();
        scheduling.due_date = asked.due_date;
        scheduling.deadline = asked.deadline;
        scheduling
    });
    view
}

fn run_state(phase: RunPhase) -> enums::RunState {
    match phase {
        RunPhase::Pending => enums::RunState::Pending,
        RunPhase::Processing => enums::RunState::Processing,
        RunPhase::Terminated(..) => enums::RunState::Terminated,
    }
}

fn run_end(end: RunEnd) -> enums::RunTerminationReason {
    match end {
        RunEnd::AllItemsProcessed => enums::RunTerminationReason::AllItemsProcessed,
        RunEnd::CanceledByUser => enums::RunTerminationReason::CanceledByUser,
        RunEnd::CanceledBySystem => enums::RunTerminationReason::CanceledBySystem,
    }
}

fn run_output(run: &Run) -> enums::RunOutput {
    match run.items.iter().filter(|item| item.has_output()).count() {
        0 => enums::RunOutput::None,
        all if all == run.items.len() => enums::RunOutput::Full,
        _ => enums::RunOutput::Partial,
    }
}

fn statistics(run: &Run) -> models::RunItemStatistics {
    let ended =
        |wanted: Reason| run.count(|phase| matches!(phase, ItemPhase::Terminated { reason, .. } if *reason == wanted));
    models::RunItemStatistics::new(
        run.items.len() as i64,
        run.count(|phase| *phase == ItemPhase::Pending),
        run.count(|phase| *phase == ItemPhase::Processing),
        ended(Reason::UserError),
        ended(Reason::SystemError),
        ended(Reason::Skipped),
        ended(Reason::Succeeded),
    )
}

/// An item; `waiting` is its place in the queues while it waits.
pub(super) fn item(item: &Item, waiting: Ahead) -> models::ItemResultReadResponse {
    let output = if item.has_output() { enums::ItemOutput::Full } else { enums::ItemOutput::None };
    let mut view = models::ItemResultReadResponse::new(
        item.id,
        item.external_id.as_str(),
        item_state(&item.phase),
        output,
        item.inputs.iter().map(input),
        item.outputs.iter().map(|artifact| output_artifact(item, artifact)),
    );
    view.custom_metadata = item.metadata.clone();
    view.custom_metadata_checksum = checksum(item.metadata.as_ref());
    match &item.phase {
        ItemPhase::Pending => {
            view.queue_position_org = Some(waiting.organization);
            view.queue_position_platform = Some(waiting.platform);
        }
        ItemPhase::Processing => {}
        ItemPhase::Terminated { reason, failure, at } => {
            view.termination_reason = Some(item_reason(*reason));
            view.error_code = failure.as_ref().map(|failure| failure.code.clone());
            view.error_message = failure.as_ref().map(|failure| failure.message.clone());
            view.terminated_at = Some((*at).into());
        }
    }
    view
}

fn item_state(phase: &ItemPhase) -> enums::ItemState {
    match phase {
        ItemPhase::Pending => enums::ItemState::Pending,
        ItemPhase::Processing => enums::ItemState::Processing,
        ItemPhase::Terminated { .. } => enums::ItemState::Terminated,
    }
}

fn item_reason(reason: Reason) -> enums::ItemTerminationReason {
    match reason {
        Reason::Succeeded => enums::ItemTerminationReason::Succeeded,
        Reason::UserError => enums::ItemTerminationReason::UserError,
        Reason::SystemError => enums::ItemTerminationReason::SystemError,
        Reason::Skipped => enums::ItemTerminationReason::Skipped,
    }
}

fn artifact_reason(reason: Reason) -> enums::ArtifactTerminationReason {
    match reason {
        Reason::Succeeded => enums::ArtifactTerminationReason::Succeeded,
        Reason::UserError => enums::ArtifactTerminationReason::UserError,
        Reason::SystemError => enums::ArtifactTerminationReason::SystemError,
        Reason::Skipped => enums::ArtifactTerminationReason::Skipped,
    }
}

fn input(input: &Input) -> models::InputArtifactResultReadResponse {
    let mut view = models::InputArtifactResultReadResponse::new(input.id, input.name.as_str());
    view.metadata = Some(input.metadata.clone());
    view.download_url = Some(input.url.as_str().into());
    view
}

fn output_artifact(item: &Item, artifact: &Artifact) -> models::OutputArtifactResultReadResponse {
    let (output, metadata) = match &artifact.output {
        Output::None => (enums::ArtifactOutput::None, None),
        Output::Available { metadata, .. } => (enums::ArtifactOutput::Available, Some(metadata)),
        Output::DeletedByUser(metadata) => (enums::ArtifactOutput::DeletedByUser, Some(metadata)),
        Output::DeletedBySystem(metadata) => (enums::ArtifactOutput::DeletedBySystem, Some(metadata)),
    };
    let state = match &item.phase {
        ItemPhase::Pending => enums::ArtifactState::Pending,
        ItemPhase::Processing => enums::ArtifactState::Processing,
        ItemPhase::Terminated { .. } => enums::ArtifactState::Terminated,
    };
    let mut view = models::OutputArtifactResultReadResponse::new(artifact.id, artifact.name.as_str(), state, output);
    view.metadata = metadata.cloned();
    if let ItemPhase::Terminated { reason, failure, .. } = &item.phase {
        view.termination_reason = Some(artifact_reason(*reason));
        view.error_code = failure.as_ref().map(|failure| failure.code.clone());
        view.error_message = failure.as_ref().map(|failure| failure.message.clone());
    }
    view
}
