//! The console at `/_sandbox/`: pages for people that show what the sandbox holds, and plain forms that change it.
//! Knows HTML and the sandbox's state; knows no request of the API.

mod applications;
mod asked;
mod clock;
mod counts;
mod devices;
mod faults;
mod forms;
mod html;
mod item;
mod layout;
mod marks;
mod notice;
mod now;
mod objects;
mod outlines;
mod overview;
mod people;
mod pictures;
mod requests;
mod run;
mod runs;
mod snapshots;
mod tokens;
mod variables;

use std::sync::Arc;

use aig_auth::testkit::AuthorizationServer;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Path, Query, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::StatusCode;
use uuid::Uuid;

use crate::{
    control::{Control, PREFIX},
    ids::random_secret,
    platform::Platform,
};
use asked::Asked;
use tokens::Revealed;

/// More than any form here needs.
const FORM_BYTES: usize = 64 << 10;

/// What the pages show and change.
pub(crate) struct Console {
    control: Control,
    authorization: AuthorizationServer,
    /// What a form of ours carries and a page of another site cannot know.
    form_secret: String,
    revealed: Revealed,
}

type Here = State<Arc<Console>>;

impl Console {
    fn platform(&self) -> &Arc<Platform> {
        &self.control.platform
    }
}

pub(crate) fn router(control: Control, authorization: AuthorizationServer) -> Router {
    let console = Console { control, authorization, form_secret: random_secret(), revealed: Revealed::default() };
    let forms = Router::new()
        .route("/clock", post(clock::turn))
        .route("/fault", post(faults::add))
        .route("/fault-removal", post(faults::remove))
        .route("/faults-end", post(faults::clear))
        .route("/scenario", post(faults::play))
        .route("/requests-end", post(requests::clear))
        .route("/step", post(run::step))
        .route("/snapshot", post(snapshots::save))
        .route("/snapshot-load", post(snapshots::load))
        .route("/snapshot-removal", post(snapshots::delete))
        .route("/token", post(tokens::issue))
        .route("/sessions-end", post(people::end_sessions))
        .layer(DefaultBodyLimit::max(FORM_BYTES));
    Router::new()
        .route(layout::ICON_PATH, get(layout::icon))
        .route(PREFIX, get(overview))
        .route(&format!("{PREFIX}/"), get(overview))
        .route(&format!("{PREFIX}/runs/{{id}}"), get(run))
        .route(&format!("{PREFIX}/tokens/{{ticket}}"), get(tokens::show))
        .route(&format!("{PREFIX}/object"), get(objects::download))
        .route(&format!("{PREFIX}/pictures/slides/{{key}}"), get(pictures::slide))
        .route(&format!("{PREFIX}/pictures/{{run}}/{{artifact}}"), get(pictures::artifact))
        .nest(&format!("{PREFIX}/forms"), forms)
        .with_state(Arc::new(console))
}

async fn overview(State(console): Here, Query(asked): Query<Asked>) -> Response {
    blocking(move || overview::page(&console, &asked, None)).await
}

/// Reads files of results, so it blocks.
async fn run(State(console): Here, Path(id): Path<String>, Query(asked): Query<Asked>) -> Response {
    let Ok(id) = id.parse::<Uuid>() else { return layout::problem(StatusCode::NOT_FOUND, "There is no such run.") };
    blocking(move || run::page(&console, id, &asked)).await
}

async fn blocking(page: impl FnOnce() -> Response + Send + 'static) -> Response {
    let done = tokio::task::spawn_blocking(page).await;
    done.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}
