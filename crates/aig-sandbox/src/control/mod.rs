//! The sandbox's own paths for programs, below `/_sandbox`: its health, clock, faults, snapshots, log of requests, and
//! runs that wait.

pub(crate) mod about;
pub(crate) mod clock;
mod fault_rules;
mod har;
mod requests;
mod snapshots;

use std::sync::{Arc, Weak};

use axum::{
    Json, Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
use http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{faults::Faults, platform::Platform, request_log::RequestLog, stage::Stage};

/// Where the pages are.
pub(crate) const PREFIX: &str = "/_sandbox";

/// What the pages show and change.
#[derive(Clone, Debug)]
pub(crate) struct Control {
    pub(crate) platform: Arc<Platform>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) log: Arc<RequestLog>,
    pub(crate) url: String,
    /// Where this platform is; others take its place.
    pub(crate) stage: Weak<Stage>,
}

pub(crate) fn router(control: Control) -> Router {
    let paths = Router::new()
        .route("/healthz", get(healthz))
        .route("/clock", get(clock::show).post(clock::turn))
        .route("/faults", get(fault_rules::list).post(fault_rules::add).delete(fault_rules::clear))
        .route("/faults/{id}", delete(fault_rules::remove))
        .route("/scenarios", get(fault_rules::scenarios))
        .route("/scenarios/{name}", post(fault_rules::play))
        .route("/requests", get(requests::list).delete(requests::clear))
        .route("/requests.har", get(requests::archive))
        .route("/snapshots", get(snapshots::list).post(snapshots::save))
        .route("/snapshots/{name}", delete(snapshots::delete))
        .route("/snapshots/{name}/load", post(snapshots::load))
        .route("/keys/rotate", post(rotate_keys))
        .route("/runs/{id}/advance", post(advance_run))
        .with_state(control);
    Router::new().nest(PREFIX, paths)
}

async fn healthz() -> Json<Value> {
    Json(json!({"ready": true}))
}

async fn advance_run(State(control): State<Control>, Path(id): Path<Uuid>) -> Response {
    if control.platform.engine.step(id) {
        return StatusCode::NO_CONTENT.into_response();
    }
    refused("the run does not wait: it is unknown or over, or the run plan is not manual")
}

/// Signs tokens with a new key from now on; the old ones stay published.
async fn rotate_keys(State(control): State<Control>) -> Response {
    let Some(stage) = control.stage.upgrade() else { return StatusCode::GONE.into_response() };
    let server = stage.live().authorization.clone();
    server.rotate_keys().await;
    match control.platform.keep_sessions(&server) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => broken(&error),
    }
}

/// The body as what it should be, or what is wrong with it.
fn read<T: serde::de::DeserializeOwned>(body: &[u8], what: &str) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| format!("not {what}: {error}"))
}

fn broken(error: &std::io::Error) -> Response {
    let message = format!("SANDBOX: cannot use its disk: {error}");
    (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({"detail": message}))).into_response()
}

fn refused(message: &str) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({"detail": message}))).into_response()
}
