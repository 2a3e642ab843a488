//! `/_sandbox/snapshots`: states by name.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Control, read, refused};
use crate::{SnapshotError, stage::Stage};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    name: String,
}

pub(super) async fn list(State(control): State<Control>) -> Response {
    with(control, StatusCode::OK, |stage| stage.shelf().list()).await
}

pub(super) async fn save(State(control): State<Control>, body: Bytes) -> Response {
    match read::<Wanted>(&body, "a snapshot to save") {
        Ok(Wanted { name }) => with(control, StatusCode::CREATED, move |stage| stage.snapshot(&name)).await,
        Err(message) => refused(&message),
    }
}

pub(super) async fn load(State(control): State<Control>, Path(name): Path<String>) -> Response {
    with(control, StatusCode::OK, move |stage| stage.restore(&name)).await
}

pub(super) async fn delete(State(control): State<Control>, Path(name): Path<String>) -> Response {
    match with(control, StatusCode::OK, move |stage| stage.shelf().delete(&name)).await {
        done if done.status() == StatusCode::OK => StatusCode::NO_CONTENT.into_response(),
        response => response,
    }
}

/// Files are read and written: not among the tasks that answer requests.
async fn with<T: Serialize + Send + 'static>(
    control: Control,
    success: StatusCode,
    act: impl FnOnce(&Arc<Stage>) -> Result<T, SnapshotError> + Send + 'static,
) -> Response {
    let Some(stage) = control.stage.upgrade() else { return detail(StatusCode::GONE, "the sandbox has ended") };
    match tokio::task::spawn_blocking(move || act(&stage)).await {
        Ok(Ok(value)) => (success, Json(value)).into_response(),
        Ok(Err(error)) => detail(status(&error), &error.to_string()),
        Err(_) => detail(StatusCode::INTERNAL_SERVER_ERROR, "the snapshot broke off"),
    }
}

fn status(error: &SnapshotError) -> StatusCode {
    match error {
        SnapshotError::Name => StatusCode::UNPROCESSABLE_ENTITY,
        SnapshotError::Exists { .. } => StatusCode::CONFLICT,
        SnapshotError::Unknown { .. } => StatusCode::NOT_FOUND,
        SnapshotError::Unreadable { .. } | SnapshotError::File(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn detail(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({"detail": message}))).into_response()
}
