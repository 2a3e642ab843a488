//! The documents of a version.

use aig_codegen::{
    enums, models,
    operations::{GetVersionDocument, GetVersionDocumentContent, GetVersionDocumentFile, ListVersionDocuments},
};

use super::{desk::Desk, items::link, problem::Problem};
use crate::{
    catalog::{Document, Version},
    platform::RESULTS_BUCKET,
};

pub(super) fn list(
    desk: &Desk<'_>,
    asked: ListVersionDocuments,
) -> Result<Vec<models::VersionDocumentResponse>, Problem> {
    let version = desk.version(&asked.application_id, &asked.version)?;
    let view = |document| view(desk, &asked.application_id, version, document);
    Ok(version.documents.iter().map(view).collect())
}

pub(super) fn get(desk: &Desk<'_>, asked: GetVersionDocument) -> Result<models::VersionDocumentResponse, Problem> {
    let version = desk.version(&asked.application_id, &asked.version)?;
    Ok(view(desk, &asked.application_id, version, find(version, &asked.name)?))
}

/// To be stored.
pub(super) fn file(desk: &Desk<'_>, asked: GetVersionDocumentFile) -> Result<String, Problem> {
    let disposition = format!("attachment; filename=\"{}\"", asked.name);
    locate(desk, &asked.application_id, &asked.version, &asked.name, &disposition)
}

/// To be shown.
pub(super) fn content(desk: &Desk<'_>, asked: GetVersionDocumentContent) -> Result<String, Problem> {
    locate(desk, &asked.application_id, &asked.version, &asked.name, "inline")
}

fn locate(desk: &Desk<'_>, application: &str, number: &str, name: &str, disposition: &str) -> Result<String, Problem> {
    let document = find(desk.version(application, number)?, name)?;
    let key = format!("documents/{application}/{number}/{name}");
    let storage = &desk.platform.storage;
    if !storage.has(RESULTS_BUCKET, &key) {
        let stored = storage.store(RESULTS_BUCKET, &key, &document.mime_type, document.content.as_bytes());
        stored.map_err(|error| Problem::broken(&error))?;
    }
    link(desk, &key, disposition)
}

fn find<'v>(version: &'v Version, name: &str) -> Result<&'v Document, Problem> {
    let document = version.documents.iter().find(|document| document.name == name);
    document.ok_or_else(|| Problem::not_found("document not found"))
}

fn view(desk: &Desk<'_>, application: &str, version: &Version, document: &Document) -> models::VersionDocumentResponse {
    let id = desk.platform.ids.fixed(&format!("{application}/{}/{}", version.number, document.name));
    models::VersionDocumentResponse::new(
        id,
        document.name.as_str(),
        document.mime_type.as_str(),
        enums::VersionDocumentVisibility::Public,
        version.released_at,
        version.released_at,
    )
}
