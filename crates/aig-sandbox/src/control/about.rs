//! What a sandbox says of itself to who did not start it: how it stands, its variables, and a sign-in without a browser.

use std::collections::BTreeMap;

use aig_auth::testkit::AuthorizationServer;
use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Control, PREFIX, broken, refused};
use crate::{Environment, platform::Platform, sandbox::CLIENT_ID_INTERACTIVE, state::RunPhase};

/// What the pages need.
#[derive(Clone, Debug)]
struct About {
    control: Control,
    authorization: AuthorizationServer,
}

pub(crate) fn router(control: Control, authorization: AuthorizationServer) -> Router {
    let pages = Router::new()
        .route("/status", get(status))
        .route("/environment", get(environment))
        .route("/sessions", post(begin_session));
    Router::new().nest(PREFIX, pages.with_state(About { control, authorization }))
}

async fn status(State(about): State<About>) -> Json<Value> {
    let control = &about.control;
    let platform = &control.platform;
    Json(json!({
        "ready": true,
        "version": env!("CARGO_PKG_VERSION"),
        "url": control.url,
        "now": platform.clock.now(),
        "machine": platform.clock.real_now(),
        "frozen": platform.clock.is_frozen(),
        "run_plan": platform.engine.plan().to_string(),
        "runs": runs(platform),
        "faults": control.faults.list().len(),
        "requests": control.log.total(),
    }))
}

/// How many runs there are in each state of the API.
fn runs(platform: &Platform) -> BTreeMap<&'static str, u64> {
    let mut counts = BTreeMap::from([("PENDING", 0), ("PROCESSING", 0), ("TERMINATED", 0)]);
    platform.with(|world| {
        for run in world.runs() {
            let state = match run.phase() {
                RunPhase::Pending => "PENDING",
                RunPhase::Processing => "PROCESSING",
                RunPhase::Terminated(..) => "TERMINATED",
            };
            *counts.entry(state).or_default() += 1;
        }
    });
    counts
}

async fn environment(State(about): State<About>) -> Json<BTreeMap<String, String>> {
    let environment = Environment::of(&about.control.url, &about.authorization);
    Json(environment.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Whose {
    user: Option<String>,
}

/// A refresh token for `AIGNOSTICS_REFRESH_TOKEN`: of the first user, unless another one is named. Whoever can ask for it
/// can sign in on the authorize page as well, which asks for no password.
async fn begin_session(State(about): State<About>, body: Bytes) -> Response {
    let whose = if body.is_empty() { Ok(Whose::default()) } else { serde_json::from_slice(&body) };
    let Ok(Whose { user }) = whose else { return refused("the body is {\"user\": \"…\"}, or empty") };
    let first = about.control.platform.people.persons.first().map(|person| person.id.to_owned());
    let user = user.or(first).unwrap_or_default();
    let issued = about.authorization.issue(&user, CLIENT_ID_INTERACTIVE, "offline_access").await;
    if let Err(error) = about.control.platform.keep_sessions(&about.authorization) {
        return broken(&error);
    }
    match issued.ok().and_then(|tokens| tokens.refresh_token) {
        Some(token) => {
            (StatusCode::CREATED, Json(json!({"user": user, "refresh_token": token.expose()}))).into_response()
        }
        None => refused("there is no such user"),
    }
}
