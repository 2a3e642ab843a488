//! Applications, their versions, and who is asking.

use aig_codegen::{
    models,
    operations::{GetApplication, GetApplicationVersion, GetMe, ListApplications},
};

use super::{desk::Desk, page::Paging, problem::Problem, view};

pub(super) const SORTABLE: [&str; 3] = ["application_id", "name", "description"];

pub(super) fn list(
    desk: &Desk<'_>,
    asked: ListApplications,
) -> Result<Vec<models::ApplicationReadShortResponse>, Problem> {
    let rows = desk.platform.applications.iter().map(view::application_short).collect();
    let paging = Paging { sort: &asked.sort, page: asked.page, size: asked.page_size };
    paging.apply(rows, &SORTABLE)
}

pub(super) fn get(desk: &Desk<'_>, asked: GetApplication) -> Result<models::ApplicationReadResponse, Problem> {
    desk.application(&asked.application_id).map(view::application)
}

pub(super) fn get_version(
    desk: &Desk<'_>,
    asked: GetApplicationVersion,
) -> Result<models::VersionReadResponse, Problem> {
    desk.version(&asked.application_id, &asked.version).map(view::version)
}

pub(super) fn me(desk: &Desk<'_>, _: GetMe) -> Result<models::MeReadResponse, Problem> {
    let (person, organization) = (desk.person, desk.organization()?);
    let mut user = models::UserReadResponse::new(person.id.as_str());
    user.email = Some(person.email.clone());
    user.email_verified = Some(true);
    user.name = Some(person.name());
    user.given_name = Some(person.given_name.clone());
    user.family_name = Some(person.family_name.clone());
    user.nickname = Some(person.given_name.to_lowercase());
    let mut home = models::OrganizationReadResponse::new(
        organization.id.as_str(),
        organization.key_id.as_str(),
        organization.key_secret.as_str(),
        organization.bucket.as_str(),
        "gs",
        // Of no use anywhere: telemetry of a sandbox goes nowhere.
        "sandbox",
        format!("http://sandbox@{}/0", desk.host),
    );
    home.name = Some(organization.name.clone());
    home.display_name = Some(organization.display_name.clone());
    Ok(models::MeReadResponse::new(user, home))
}
