//! The sandbox's own paths for programs, below `/_sandbox`: its health, clock, faults, log of requests, and runs that wait.

pub(crate) mod about;
mod har;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
use http::{StatusCode, header};
use jiff::{SignedDuration, Span, SpanRelativeTo};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    faults::{Fault, Faults, Scenario},
    platform::Platform,
    request_log::RequestLog,
};

/// Where the pages are.
pub(crate) const PREFIX: &str = "/_sandbox";

/// What the pages show and change.
#[derive(Clone, Debug)]
pub(crate) struct Control {
    pub(crate) platform: Arc<Platform>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) log: Arc<RequestLog>,
    pub(crate) url: String,
}

pub(crate) fn router(control: Control) -> Router {
    let paths = Router::new()
        .route("/healthz", get(healthz))
        .route("/clock", get(clock).post(advance))
        .route("/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/faults/{id}", delete(remove_fault))
        .route("/scenarios/{name}", post(play))
        .route("/requests", get(requests).delete(clear_requests))
        .route("/requests.har", get(archive))
        .route("/runs/{id}/advance", post(advance_run))
        .with_state(control);
    Router::new().nest(PREFIX, paths)
}

async fn healthz() -> Json<Value> {
    Json(json!({"ready": true}))
}

async fn clock(State(control): State<Control>) -> Json<Value> {
    let clock = &control.platform.clock;
    Json(json!({"now": clock.now(), "machine": clock.real_now()}))
}

#[derive(Deserialize)]
struct Advance {
    advance: String,
}

/// `{"advance": "30d"}`: spans as jiff reads them (`1h 30m`, `PT5M`).
async fn advance(State(control): State<Control>, Json(asked): Json<Advance>) -> Response {
    let span: Option<SignedDuration> =
        asked.advance.parse::<Span>().ok().and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
    match span.filter(|span| !span.is_negative()) {
        Some(span) => {
            control.platform.clock.advance(span);
            clock(State(control)).await.into_response()
        }
        None => refused("`advance` is a span forward in time, such as \"30d\" or \"1h 30m\""),
    }
}

async fn faults(State(control): State<Control>) -> Json<Value> {
    let rules = control.faults.list().into_iter().map(|(id, fault)| json!({"id": id, "fault": fault}));
    Json(rules.collect())
}

/// One rule, or a list of them.
async fn add_fault(State(control): State<Control>, Json(asked): Json<Value>) -> Response {
    let rules = if asked.is_array() { asked } else { json!([asked]) };
    match serde_json::from_value::<Vec<Fault>>(rules) {
        Ok(rules) => {
            let ids: Vec<u64> = rules.into_iter().map(|fault| control.faults.add(fault)).collect();
            (StatusCode::CREATED, Json(json!({"ids": ids}))).into_response()
        }
        Err(error) => refused(&format!("not a fault: {error}")),
    }
}

async fn clear_faults(State(control): State<Control>) -> StatusCode {
    control.faults.clear();
    StatusCode::NO_CONTENT
}

async fn remove_fault(State(control): State<Control>, Path(id): Path<u64>) -> StatusCode {
    if control.faults.remove(id) { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}

async fn play(State(control): State<Control>, Path(name): Path<String>) -> Response {
    match name.parse::<Scenario>() {
        Ok(scenario) => {
            let ids: Vec<u64> = scenario.faults().into_iter().map(|fault| control.faults.add(fault)).collect();
            (StatusCode::CREATED, Json(json!({"ids": ids}))).into_response()
        }
        Err(error) => refused(&error.to_string()),
    }
}

#[derive(Deserialize)]
struct Which {
    #[serde(default)]
    after: u64,
    operation: Option<String>,
    status: Option<u16>,
    path: Option<String>,
}

/// One JSON document a line; `after` gives what is newer than a number already seen.
async fn requests(State(control): State<Control>, Query(which): Query<Which>) -> Response {
    let lines: String = control
        .log
        .after(which.after)
        .into_iter()
        .filter(|entry| which.operation.is_none() || which.operation.as_deref() == entry.operation)
        .filter(|entry| which.status.is_none_or(|status| status == entry.status))
        .filter(|entry| which.path.as_deref().is_none_or(|part| entry.path.contains(part)))
        .filter_map(|entry| serde_json::to_value(&entry).ok().map(|value| (entry.as_curl(&control.url), value)))
        .map(|(curl, mut value)| {
            value["curl"] = Value::from(curl);
            format!("{value}\n")
        })
        .collect();
    ([(header::CONTENT_TYPE, "application/jsonl")], lines).into_response()
}

async fn clear_requests(State(control): State<Control>) -> StatusCode {
    control.log.clear();
    StatusCode::NO_CONTENT
}

async fn archive(State(control): State<Control>) -> Json<Value> {
    Json(har::archive(&control.log.after(0), &control.url))
}

async fn advance_run(State(control): State<Control>, Path(id): Path<Uuid>) -> Response {
    if control.platform.engine.step(id) {
        return StatusCode::NO_CONTENT.into_response();
    }
    refused("the run does not wait: it is unknown or over, or the run plan is not manual")
}

fn refused(message: &str) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({"detail": message}))).into_response()
}
