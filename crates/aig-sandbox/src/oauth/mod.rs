//! The authorization server of `aig-auth`'s test kit on the sandbox's port: its paths, and who a bearer token is from.

mod answer;
mod rules;

use std::{io, sync::Arc};

use aig_auth::testkit::{AuthorizationServer, Claims, Endpoint, Refused, Request};
use axum::{Router, body::Body, extract::State, response::Response, routing::any};
use http::{HeaderMap, StatusCode, header};

use crate::limits::{self, Unread};

pub(crate) use rules::{Approver, SignInRules};
pub use rules::{RefreshTokenRotation, UnknownRotation};

/// More than any form of the authorization server needs.
const FORM_BYTES: usize = 64 << 10;

/// All paths of `server`, to be merged into the sandbox's router.
pub(crate) fn router(server: AuthorizationServer, keep: Keep) -> Router {
    let router = Endpoint::PATHS.into_iter().fold(Router::new(), |router, path| router.route(path, any(handle)));
    router.with_state(Desk { server, keep })
}

/// Writes down what the authorization server remembers.
pub(crate) type Keep = Arc<dyn Fn(&AuthorizationServer) -> io::Result<()> + Send + Sync>;

/// The authorization server, and how its sessions are kept.
#[derive(Clone)]
struct Desk {
    server: AuthorizationServer,
    keep: Keep,
}

/// Whose request this is.
pub(crate) fn bearer(server: &AuthorizationServer, headers: &HeaderMap) -> Result<Arc<Claims>, Refused> {
    let value = headers.get(header::AUTHORIZATION).ok_or(Refused::Missing)?;
    server.verify(value.to_str().map_err(|_| Refused::Malformed)?)
}

/// Whether the request carries a bearer token, and not a signature.
pub(crate) fn is_bearer(headers: &HeaderMap) -> bool {
    let value = headers.get(header::AUTHORIZATION).map(header::HeaderValue::as_bytes).unwrap_or_default();
    value.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer "))
}

async fn handle(State(desk): State<Desk>, request: axum::extract::Request) -> Response {
    let request = match carried_in(request).await {
        Ok(request) => request,
        Err(status) => return answer::bare(status),
    };
    let changes = request.method == "POST";
    let response = desk.server.handle(request).await;
    // Only what is written down is acknowledged.
    match changes.then(|| (desk.keep)(&desk.server)) {
        Some(Err(error)) => {
            tracing::error!(%error, "sessions could not be written down");
            answer::bare(StatusCode::INTERNAL_SERVER_ERROR)
        }
        _ => answer::carried_out(response),
    }
}

/// The request as plain data.
async fn carried_in(request: axum::extract::Request) -> Result<Request, StatusCode> {
    let (parts, body) = request.into_parts();
    Ok(Request {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: texts(&parts.headers),
        body: whole(body).await?,
    })
}

async fn whole(body: Body) -> Result<Vec<u8>, StatusCode> {
    let bytes = limits::whole(body, FORM_BYTES).await.map_err(Unread::status)?;
    Ok(bytes.into())
}

/// The header fields that are text.
fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |(name, value): (&header::HeaderName, &header::HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    headers.iter().filter_map(text).collect()
}

#[cfg(test)]
mod tests;
