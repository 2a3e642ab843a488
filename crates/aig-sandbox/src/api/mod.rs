//! The API: requests of the document become questions to the platform, and its answers those of the document.
//! Routed by the generated table of operations; no path is written here.

mod applications;
mod contract;
mod desk;
mod document;
mod documents;
mod filter;
mod grants;
mod items;
mod jsonpath;
mod metadata;
mod nulls;
mod page;
mod problem;
mod routing;
mod runs;
mod share_tokens;
mod submit;
mod validation;
mod view;

use std::sync::Arc;

use aig_auth::testkit::{AuthorizationServer, Refused};
use aig_codegen::{Operation, OperationInfo, Parts, Route};
use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde::Serialize;

use crate::{
    limits::{self, Unread},
    oauth,
    platform::Platform,
    sandbox::CLIENT_ID_MACHINE,
    state::Person,
};
use desk::Desk;
use problem::Problem;
use validation::Sent;

/// Submissions of thousands of slides fit; nothing larger is read.
const LARGEST_BODY: usize = 32 << 20;

/// What the API needs to answer.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    pub(crate) platform: Arc<Platform>,
    pub(crate) authorization: AuthorizationServer,
}

pub(crate) async fn serve(State(api): State<Api>, request: Request) -> Response {
    api.answer(request).await
}

impl Api {
    /// Whom a token speaks for; the service, which is nobody, acts for the first user.
    fn person(&self, subject: &str) -> Option<&Person> {
        let people = &self.platform.people;
        let is_service = subject.strip_suffix("@clients") == Some(CLIENT_ID_MACHINE);
        if is_service { people.persons.first() } else { people.person(subject) }
    }

    async fn answer(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let found = match routing::find(&parts) {
            Ok(found) => found,
            Err(unrouted) => return unrouted.into_response(),
        };
        let answer = match self.at_the_desk(&found, &parts, body).await {
            Ok(answer) => answer,
            Err(problem) => problem.at(found.operation).into_response(),
        };
        checked(answer, found.operation).await
    }

    async fn at_the_desk(&self, found: &Route, parts: &http::request::Parts, body: Body) -> Result<Response, Problem> {
        let claims = oauth::bearer(&self.authorization, &parts.headers).map_err(unauthorized)?;
        let person = self
            .person(&claims.sub)
            .ok_or_else(|| Problem::unauthorized("SANDBOX: the token belongs to no user of this sandbox"))?;
        let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let query = query_pairs(parts.uri.query().unwrap_or_default());
        let body = read(body).await?;
        let sent = Sent { path: &found.path, query: &query, headers: &parts.headers, body: &body };
        validation::check(found.operation, sent)?;
        let sent = Parts { path: &found.path, query: &query, headers: &[], cookies: &[], body: &body };
        dispatch(&Desk { platform: &self.platform, person, host }, found, &sent)
    }
}

/// FastAPI's words for no token at all.
fn unauthorized(refused: Refused) -> Problem {
    match refused {
        Refused::Missing => Problem::unauthorized("Not authenticated"),
        other => Problem::unauthorized(format!("SANDBOX: {other}")),
    }
}

fn query_pairs(query: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

async fn read(body: Body) -> Result<Bytes, Problem> {
    let problem = |unread: Unread| Problem::new(unread.status(), format!("SANDBOX: {unread}; 32 MiB is the most"));
    limits::whole(body, LARGEST_BODY).await.map_err(problem)
}

/// In debug builds, an answer that breaks the document becomes a 500 that says so: no test passes with it.
async fn checked(answer: Response, operation: &'static OperationInfo) -> Response {
    if !cfg!(debug_assertions) {
        return answer;
    }
    let (parts, body) = answer.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    match contract::check(operation, parts.status.as_u16(), &body) {
        Ok(()) => Response::from_parts(parts, Body::from(body)),
        Err(message) => {
            let message = format!("SANDBOX: its own answer breaks the contract: {message}");
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, message).into_response()
        }
    }
}

/// Every operation of the document; a test compares this table with the document's.
fn dispatch(desk: &Desk<'_>, found: &Route, sent: &Parts<'_>) -> Result<Response, Problem> {
    match found.operation.id {
        "list_applications" => json(desk, sent, applications::list),
        "get_application" => json(desk, sent, applications::get),
        "get_application_version" => json(desk, sent, applications::get_version),
        "get_me" => json(desk, sent, applications::me),
        "list_runs" => json(desk, sent, runs::list),
        "create_run" => json(desk, sent, submit::create),
        "get_run" => json(desk, sent, runs::get),
        "cancel_run" => json(desk, sent, runs::cancel),
        "delete_run_artifacts" => json(desk, sent, runs::delete_artifacts),
        "put_run_custom_metadata" => json(desk, sent, runs::put_metadata),
        "list_run_items" => json(desk, sent, items::list),
        "get_run_item" => json(desk, sent, items::get),
        "put_item_custom_metadata" => json(desk, sent, items::put_metadata),
        "get_run_artifact_file" => redirect(desk, sent, items::file),
        "list_version_documents" => json(desk, sent, documents::list),
        "get_version_document" => json(desk, sent, documents::get),
        "get_version_document_file" => redirect(desk, sent, documents::file),
        "get_version_document_content" => redirect(desk, sent, documents::content),
        "create_grant" => json(desk, sent, grants::create),
        "list_grants" => json(desk, sent, grants::list),
        "get_grant" => json(desk, sent, grants::get),
        "revoke_grant" => json(desk, sent, grants::revoke),
        "create_share_token" => json(desk, sent, share_tokens::create),
        "list_share_tokens" => json(desk, sent, share_tokens::list),
        "get_share_token" => json(desk, sent, share_tokens::get),
        "revoke_share_token" => json(desk, sent, share_tokens::revoke),
        other => Err(Problem::new(StatusCode::NOT_IMPLEMENTED, format!("SANDBOX: {other} is not implemented"))),
    }
}

fn json<O>(
    desk: &Desk<'_>,
    sent: &Parts<'_>,
    handle: impl FnOnce(&Desk<'_>, O) -> Result<O::Response, Problem>,
) -> Result<Response, Problem>
where
    O: Operation,
    O::Response: Serialize,
{
    let answer = handle(desk, O::parse(sent)?)?;
    let answer = serde_json::to_value(answer).map_err(|error| Problem::broken(&error.into()))?;
    let status = StatusCode::from_u16(O::INFO.success).unwrap_or_default();
    Ok((status, axum::Json(nulls::filled(O::INFO, answer))).into_response())
}

fn redirect<O: Operation>(
    desk: &Desk<'_>,
    sent: &Parts<'_>,
    locate: impl FnOnce(&Desk<'_>, O) -> Result<String, Problem>,
) -> Result<Response, Problem> {
    let url = locate(desk, O::parse(sent)?)?;
    let status = O::INFO.redirect.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or_default();
    Ok((status, [(header::LOCATION, url)]).into_response())
}

/// Needs no token.
pub(crate) async fn health(State(_): State<Api>) -> Response {
    axum::Json(aig_codegen::Health::new(aig_codegen::HealthStatus::Up)).into_response()
}

pub(crate) async fn nothing_here() -> Response {
    Problem::not_found("Not Found").into_response()
}

/// Whether any listing can be put in order by this field.
pub(crate) fn is_sortable(field: &str) -> bool {
    let listings: [&[&str]; 5] =
        [&applications::SORTABLE, &grants::SORTABLE, &items::SORTABLE, &runs::SORTABLE, &share_tokens::SORTABLE];
    listings.iter().any(|fields| fields.contains(&field))
}

#[cfg(test)]
mod tests {
    use aig_codegen::operations;

    use super::*;

    async fn status_of(answer: Response) -> u16 {
        checked(answer, operations::GetMe::INFO).await.status().as_u16()
    }

    /// The control of every test that asks the API for anything.
    #[tokio::test]
    async fn an_answer_of_our_own_that_breaks_the_document_becomes_a_500() {
        assert_eq!(status_of(axum::Json(serde_json::json!({})).into_response()).await, 500);
        assert_eq!(status_of(StatusCode::NO_CONTENT.into_response()).await, 500);
        assert_eq!(status_of(Problem::gone("not declared").into_response()).await, 500);
        assert_eq!(status_of(Problem::unauthorized("declared").into_response()).await, 401);
    }
}
