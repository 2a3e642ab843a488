//! Runs: list, read, cancel, their custom metadata, and their results' end.

use aig_codegen::{
    models,
    operations::{CancelRun, DeleteRunArtifacts, GetRun, ListRuns, PutRunCustomMetadata},
};
use serde_json::Value;

use super::{
    desk::{Desk, no_run},
    filter::MetadataFilter,
    metadata,
    page::Paging,
    problem::Problem,
    view,
};
use crate::state::{Output, Part, Relation, Run, RunEnd, World};

pub(super) const SORTABLE: [&str; 9] = [
    "run_id",
    "application_id",
    "version_number",
    "organization_id",
    "state",
    "termination_reason",
    "submitted_at",
    "submitted_by",
    "terminated_at",
];

pub(super) fn list(desk: &Desk<'_>, asked: ListRuns) -> Result<Vec<models::RunReadResponse>, Problem> {
    let filter = MetadataFilter::read(asked.custom_metadata.as_deref())?;
    let rows = desk.platform.with(|world| {
        let visible = world.runs().filter(|run| world.access(run, Part::Whole, desk.visitor(None)).is_some());
        let queue = world.queue();
        let views = visible.filter(|run| is_wanted(desk, &asked, run)).map(|run| {
            let matches = filter.matches(run.metadata.as_ref())?;
            Ok(matches.then(|| view::run(run, queue.ahead_of(run))))
        });
        views.filter_map(Result::transpose).collect::<Result<Vec<_>, Problem>>()
    })?;
    Paging { sort: &asked.sort, page: asked.page, size: asked.page_size }.apply(rows, &SORTABLE)
}

fn is_wanted(desk: &Desk<'_>, asked: &ListRuns, run: &Run) -> bool {
    let is = |wanted: &Option<String>, value: &str| wanted.as_deref().is_none_or(|wanted| wanted == value);
    let submitter = asked.submitted_by.as_deref().map(|who| if who == "me" { desk.person.id.as_str() } else { who });
    let own = |who: &str| who == "my_org";
    let organization = |wanted: &Option<String>| {
        let wanted = wanted.as_deref().map(|who| if own(who) { desk.person.organization.as_str() } else { who });
        wanted.is_none_or(|wanted| wanted == run.organization)
    };
    is(&asked.application_id, &run.application_id)
        && is(&asked.application_version, &run.version)
        && submitter.is_none_or(|who| who == run.submitted_by)
        && organization(&asked.organization_id)
        && organization(&asked.for_organization)
        && asked.external_id.as_deref().is_none_or(|wanted| run.item(wanted).is_some())
}

pub(super) fn get(desk: &Desk<'_>, asked: GetRun) -> Result<models::RunReadResponse, Problem> {
    let token = asked.share_token.as_ref().map(|token| token.expose());
    desk.reading(asked.run_id, token, |world: &World, run| Ok(view::run(run, world.queue().ahead_of(run))))
}

pub(super) fn cancel(desk: &Desk<'_>, asked: CancelRun) -> Result<Value, Problem> {
    let now = desk.platform.clock.now();
    desk.changing(asked.run_id, |world| {
        if world.run(asked.run_id).is_none_or(|run| run.end.is_some()) {
            return Err(Problem::conflict("the run has ended already and cannot be canceled"));
        }
        world.run_mut(asked.run_id).ok_or_else(no_run)?.cancel(RunEnd::CanceledByUser, now);
        Ok(())
    })?;
    desk.platform.engine.abandon(asked.run_id);
    Ok(Value::Null)
}

pub(super) fn delete_artifacts(desk: &Desk<'_>, asked: DeleteRunArtifacts) -> Result<Value, Problem> {
    let now = desk.platform.clock.now();
    let gone = desk.changing(asked.run_id, |world| {
        let run = world.run_mut(asked.run_id).ok_or_else(no_run)?;
        if run.end.is_none() {
            run.cancel(RunEnd::CanceledByUser, now);
        }
        Ok(run.delete_results(Output::DeletedByUser))
    })?;
    desk.platform.engine.abandon(asked.run_id);
    desk.platform.remove_files(&gone);
    Ok(Value::Null)
}

pub(super) fn put_metadata(
    desk: &Desk<'_>,
    asked: PutRunCustomMetadata,
) -> Result<models::CustomMetadataUpdateResponse, Problem> {
    desk.changing(asked.run_id, |world| {
        let run = world.run_mut(asked.run_id).ok_or_else(no_run)?;
        metadata::replace(&mut run.metadata, asked.body)
    })
}

/// Whether somebody is the run's owner, who alone may share it.
pub(super) fn check_owner(desk: &Desk<'_>, world: &World, run: &Run) -> Result<(), Problem> {
    desk.check(world, run, Relation::Owner)
}
