//! Items of a run, and the files of their artifacts.

use aig_codegen::{
    enums, models,
    operations::{GetRunArtifactFile, GetRunItem, ListRunItems, PutItemCustomMetadata},
};
use jiff::SignedDuration;

use super::{desk::Desk, filter::MetadataFilter, metadata, page::Paging, problem::Problem, view};
use crate::{
    platform::RESULTS_BUCKET,
    state::{Ahead, ItemPhase, Output, Part, Run, World},
    storage::Link,
};

pub(super) const SORTABLE: [&str; 6] =
    ["item_id", "external_id", "state", "output", "termination_reason", "terminated_at"];

pub(super) fn list(desk: &Desk<'_>, asked: ListRunItems) -> Result<Vec<models::ItemResultReadResponse>, Problem> {
    let filter = MetadataFilter::read(asked.custom_metadata.as_deref())?;
    let token = asked.share_token.as_ref().map(|token| token.expose());
    let rows = desk.reading(asked.run_id, token, |world, run| {
        let waiting = waiting(world, run);
        let views = run.items.iter().zip(waiting).map(|(item, waiting)| (item, view::item(item, waiting)));
        let wanted = views.filter(|(_, view)| is_wanted(&asked, view));
        let matching = wanted.map(|(item, view)| Ok(filter.matches(item.metadata.as_ref())?.then_some(view)));
        matching.filter_map(Result::transpose).collect::<Result<Vec<_>, Problem>>()
    })?;
    Paging { sort: &asked.sort, page: asked.page, size: asked.page_size }.apply(rows, &SORTABLE)
}

fn is_wanted(asked: &ListRunItems, item: &models::ItemResultReadResponse) -> bool {
    let reason: Option<&enums::ItemTerminationReason> = asked.termination_reason.as_ref();
    (asked.item_ids.is_empty() || asked.item_ids.contains(&item.item_id))
        && (asked.external_ids.is_empty() || asked.external_ids.contains(&item.external_id))
        && asked.state.as_ref().is_none_or(|state| *state == item.state)
        && reason.is_none_or(|reason| item.termination_reason.as_ref() == Some(reason))
}

/// The places of the run's items in the queues, counted from one.
fn waiting(world: &World, run: &Run) -> impl Iterator<Item = Ahead> {
    let ahead = world.queue().ahead_of(run);
    run.items.iter().scan(0, move |pending, item| {
        let place = *pending + 1;
        *pending += i64::from(item.phase == ItemPhase::Pending);
        Some(Ahead { organization: ahead.organization + place, platform: ahead.platform + place })
    })
}

pub(super) fn get(desk: &Desk<'_>, asked: GetRunItem) -> Result<models::ItemResultReadResponse, Problem> {
    let token = asked.share_token.as_ref().map(|token| token.expose());
    let part = |run: &Run| run.item(&asked.external_id).map(|item| Part::Item(item.id));
    desk.reading_part(asked.run_id, token, part, |world, run| {
        let mut items = run.items.iter().zip(waiting(world, run));
        let found = items.find(|(item, _)| item.external_id == asked.external_id);
        found.map(|(item, waiting)| view::item(item, waiting)).ok_or_else(no_item)
    })
}

pub(super) fn put_metadata(
    desk: &Desk<'_>,
    asked: PutItemCustomMetadata,
) -> Result<models::CustomMetadataUpdateResponse, Problem> {
    desk.changing(asked.run_id, |world| {
        let item = world.item_mut(asked.run_id, &asked.external_id).ok_or_else(no_item)?;
        metadata::replace(&mut item.metadata, asked.body)
    })
}

/// Where the file of an artifact can be fetched without a bearer, for a while.
pub(super) fn file(desk: &Desk<'_>, asked: GetRunArtifactFile) -> Result<String, Problem> {
    let token = asked.share_token.as_ref().map(|token| token.expose());
    let part = |run: &Run| {
        let (item, artifact) = run.artifact(asked.artifact_id)?;
        Some(Part::Artifact { item: item.id, artifact: artifact.id })
    };
    let (key, name) = desk.reading_part(asked.run_id, token, part, |_, run| {
        let (_, artifact) = run.artifact(asked.artifact_id).ok_or_else(|| Problem::not_found("artifact not found"))?;
        match &artifact.output {
            Output::Available { key, .. } => {
                Ok((key.clone(), format!("{}.{}", artifact.name.replace(':', "_"), artifact.product.extension())))
            }
            Output::None => Err(Problem::not_found("the artifact has no file")),
            Output::DeletedByUser(_) | Output::DeletedBySystem(_) => {
                Err(Problem::gone("the artifact's file has been deleted"))
            }
        }
    })?;
    link(desk, &key, &format!("attachment; filename=\"{name}\""))
}

pub(super) fn link(desk: &Desk<'_>, key: &str, disposition: &str) -> Result<String, Problem> {
    let link = Link {
        method: "GET",
        host: desk.host,
        bucket: RESULTS_BUCKET,
        key,
        lifetime: SignedDuration::try_from(desk.platform.url_lifetime).unwrap_or(SignedDuration::from_hours(1)),
        disposition: Some(disposition.to_owned()),
    };
    desk.platform.storage.sign(link).ok_or_else(|| Problem::not_found("no key to sign with"))
}

fn no_item() -> Problem {
    Problem::not_found("item not found")
}
