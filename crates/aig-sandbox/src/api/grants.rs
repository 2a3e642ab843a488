//! Grants: an owner lets others see a run.

use aig_codegen::{
    enums, models,
    operations::{CreateGrant, GetGrant, ListGrants, RevokeGrant},
};
use uuid::Uuid;

use super::{desk::Desk, page::Paging, problem::Problem, runs::check_owner};
use crate::state::{Grant, Relation, Resource, ResourceKind, Run, Subject, SubjectKind, World};

pub(super) const SORTABLE: [&str; 7] =
    ["grant_id", "resource_type", "resource_id", "subject_type", "subject_id", "relation", "created_at"];

pub(super) fn create(desk: &Desk<'_>, asked: CreateGrant) -> Result<models::GrantReadResponse, Problem> {
    let request = asked.body;
    if request.relation != enums::GrantRelation::Viewer {
        return Err(Problem::refused("Only viewer grants can be created"));
    }
    let resource = Resource { kind: resource_kind(&request.resource_type)?, id: request.resource_id };
    let subject = subject(desk, &request)?;
    desk.writing(|world| {
        let run = run_of(world, resource).ok_or_else(|| Problem::not_found("resource not found"))?;
        check_owner(desk, world, run)?;
        check_subject(desk, world, &subject)?;
        let grant = Grant {
            id: desk.platform.ids.next(),
            resource,
            subject,
            relation: Relation::Viewer,
            created_by: desk.person.id.to_owned(),
            created_at: desk.platform.clock.now(),
            revoked: false,
        };
        let answer = view(&grant);
        world.add_grant(grant);
        Ok(answer)
    })
}

fn subject(desk: &Desk<'_>, request: &models::GrantCreateRequest) -> Result<Subject, Problem> {
    let kind = subject_kind(&request.subject_type)?;
    let by_email = |email: &str| {
        let person = desk.platform.people.persons.iter().find(|person| person.email.eq_ignore_ascii_case(email));
        person.map(|person| person.id.to_owned()).ok_or_else(|| Problem::not_found("no user has this e-mail address"))
    };
    let id = match (&request.subject_id, &request.subject_email) {
        (Some(id), None) => id.clone(),
        (None, Some(email)) if kind == SubjectKind::User => by_email(email)?,
        _ => {
            let message = "name the subject by subject_id, or a user by subject_email";
            return Err(Problem::refused(message));
        }
    };
    Ok(Subject { kind, id })
}

fn check_subject(desk: &Desk<'_>, world: &World, subject: &Subject) -> Result<(), Problem> {
    let people = &desk.platform.people;
    let exists = match subject.kind {
        SubjectKind::User => people.person(&subject.id).is_some(),
        SubjectKind::OrganizationAdmin | SubjectKind::OrganizationUser => people.organization(&subject.id).is_some(),
        SubjectKind::ShareToken => world
            .share_tokens()
            .iter()
            .any(|token| token.id.to_string() == subject.id && token.created_by == desk.person.id && !token.revoked),
    };
    if exists { Ok(()) } else { Err(Problem::not_found("subject not found")) }
}

pub(super) fn list(desk: &Desk<'_>, asked: ListGrants) -> Result<Vec<models::GrantReadResponse>, Problem> {
    let rows = desk.platform.with(|world| {
        let visible = world.grants().iter().filter(|grant| may_see(desk, world, grant));
        visible.map(view).filter(|grant| is_wanted(&asked, grant)).collect::<Vec<_>>()
    });
    Paging { sort: &asked.sort, page: asked.page, size: asked.page_size }.apply(rows, &SORTABLE)
}

fn is_wanted(asked: &ListGrants, grant: &models::GrantReadResponse) -> bool {
    asked.resource_type.as_ref().is_none_or(|kind| *kind == grant.resource_type)
        && asked.resource_id.is_none_or(|id| id == grant.resource_id)
        && asked.subject_type.as_ref().is_none_or(|kind| *kind == grant.subject_type)
        && asked.subject_id.as_ref().is_none_or(|id| *id == grant.subject_id)
        && (asked.relation.is_empty() || asked.relation.contains(&grant.relation))
        && asked.revoked.is_none_or(|revoked| revoked == grant.revoked)
}

pub(super) fn get(desk: &Desk<'_>, asked: GetGrant) -> Result<models::GrantReadResponse, Problem> {
    desk.platform.with(|world| {
        let grant = world.grants().iter().find(|grant| grant.id == asked.grant_id).ok_or_else(no_grant)?;
        if may_see(desk, world, grant) { Ok(view(grant)) } else { Err(Problem::forbidden("no access to this grant")) }
    })
}

pub(super) fn revoke(desk: &Desk<'_>, asked: RevokeGrant) -> Result<models::GrantReadResponse, Problem> {
    desk.writing(|world| {
        let grant = world.grants().iter().find(|grant| grant.id == asked.grant_id).ok_or_else(no_grant)?;
        let run = run_of(world, grant.resource);
        if grant.created_by != desk.person.id && run.is_none_or(|run| check_owner(desk, world, run).is_err()) {
            return Err(Problem::forbidden("no access to this grant"));
        }
        if grant.revoked {
            return Err(Problem::conflict("the grant has been revoked already"));
        }
        let grant = world.grant_mut(asked.grant_id).ok_or_else(no_grant)?;
        grant.revoked = true;
        Ok(view(grant))
    })
}

/// A grant is seen by who made it, by whom it is for, also as a member of an organization, and by the owner of the run.
fn may_see(desk: &Desk<'_>, world: &World, grant: &Grant) -> bool {
    grant.created_by == desk.person.id
        || world.applies(&grant.subject, desk.visitor(None))
        || run_of(world, grant.resource).is_some_and(|run| check_owner(desk, world, run).is_ok())
}

fn run_of(world: &World, resource: Resource) -> Option<&Run> {
    match resource.kind {
        ResourceKind::Run => world.run(resource.id),
        ResourceKind::Item => world.runs().find(|run| run.items.iter().any(|item| item.id == resource.id)),
        ResourceKind::OutputArtifact => world.runs().find(|run| run.artifact(resource.id).is_some()),
        ResourceKind::ShareToken => None,
    }
}

fn view(grant: &Grant) -> models::GrantReadResponse {
    models::GrantReadResponse::new(
        grant.id,
        match grant.resource.kind {
            ResourceKind::Run => enums::ResourceType::Run,
            ResourceKind::Item => enums::ResourceType::Item,
            ResourceKind::OutputArtifact => enums::ResourceType::OutputArtifact,
            ResourceKind::ShareToken => enums::ResourceType::ShareToken,
        },
        grant.resource.id,
        match grant.subject.kind {
            SubjectKind::User => enums::SubjectType::User,
            SubjectKind::OrganizationAdmin => enums::SubjectType::OrganizationAdmin,
            SubjectKind::OrganizationUser => enums::SubjectType::OrganizationUser,
            SubjectKind::ShareToken => enums::SubjectType::ShareToken,
        },
        grant.subject.id.as_str(),
        match grant.relation {
            Relation::Viewer => enums::GrantRelation::Viewer,
            Relation::Editor => enums::GrantRelation::Editor,
            Relation::Owner => enums::GrantRelation::Owner,
        },
        grant.created_by.as_str(),
        grant.created_at,
        grant.revoked,
    )
}

fn resource_kind(kind: &enums::ResourceType) -> Result<ResourceKind, Problem> {
    match kind {
        enums::ResourceType::Run => Ok(ResourceKind::Run),
        enums::ResourceType::Item => Ok(ResourceKind::Item),
        enums::ResourceType::OutputArtifact => Ok(ResourceKind::OutputArtifact),
        enums::ResourceType::ShareToken => Ok(ResourceKind::ShareToken),
        _ => Err(unknown("resource_type")),
    }
}

fn subject_kind(kind: &enums::SubjectType) -> Result<SubjectKind, Problem> {
    match kind {
        enums::SubjectType::User => Ok(SubjectKind::User),
        enums::SubjectType::OrganizationAdmin => Ok(SubjectKind::OrganizationAdmin),
        enums::SubjectType::OrganizationUser => Ok(SubjectKind::OrganizationUser),
        enums::SubjectType::ShareToken => Ok(SubjectKind::ShareToken),
        _ => Err(unknown("subject_type")),
    }
}

fn unknown(field: &str) -> Problem {
    Problem::invalid(serde_json::json!(["body", field]), "Input should be one of the values of the document", "enum")
}

fn no_grant() -> Problem {
    Problem::not_found("grant not found")
}

/// Whether an active grant lets a share token see a run.
pub(super) fn token_opens(world: &World, token: Uuid, run: Uuid) -> bool {
    let subject = Subject { kind: SubjectKind::ShareToken, id: token.to_string() };
    world.grants().iter().any(|grant| {
        !grant.revoked && grant.subject == subject && run_of(world, grant.resource).is_some_and(|found| found.id == run)
    })
}
