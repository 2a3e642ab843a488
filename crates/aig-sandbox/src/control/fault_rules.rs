//! `/_sandbox/faults` and `/_sandbox/scenarios`: what shall go wrong.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde_json::{Value, json};

use super::{Control, read, refused};
use crate::faults::{Fault, Scenario};

pub(super) async fn list(State(control): State<Control>) -> Json<Value> {
    let rules = control.faults.list().into_iter().map(|(id, fault)| json!({"id": id, "fault": fault}));
    Json(rules.collect())
}

/// One rule, or a list of them: all are taken, or none.
pub(super) async fn add(State(control): State<Control>, body: Bytes) -> Response {
    let asked = match read::<Value>(&body, "a fault") {
        Ok(Value::Array(rules)) => rules,
        Ok(rule) => vec![rule],
        Err(message) => return refused(&message),
    };
    let mut rules = Vec::new();
    for (index, rule) in asked.into_iter().enumerate() {
        let rule = serde_json::from_value::<Fault>(rule).map_err(|error| error.to_string());
        match rule.and_then(|rule| rule.check().map(|()| rule)) {
            Ok(rule) => rules.push(rule),
            Err(message) => return refused(&format!("not a fault (number {}): {message}", index + 1)),
        }
    }
    added(&control, rules)
}

pub(super) async fn clear(State(control): State<Control>) -> StatusCode {
    control.faults.clear();
    StatusCode::NO_CONTENT
}

pub(super) async fn remove(State(control): State<Control>, Path(id): Path<u64>) -> StatusCode {
    if control.faults.remove(id) { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}

pub(super) async fn scenarios() -> Json<Value> {
    Json(
        Scenario::ALL.iter().map(|it| json!({"name": it.name(), "about": it.about(), "faults": it.faults()})).collect(),
    )
}

pub(super) async fn play(State(control): State<Control>, Path(name): Path<String>) -> Response {
    match name.parse::<Scenario>() {
        Ok(scenario) => added(&control, scenario.faults()),
        Err(error) => refused(&error.to_string()),
    }
}

fn added(control: &Control, rules: Vec<Fault>) -> Response {
    let ids: Vec<u64> = rules.into_iter().map(|fault| control.faults.add(fault)).collect();
    (StatusCode::CREATED, Json(json!({"ids": ids}))).into_response()
}
