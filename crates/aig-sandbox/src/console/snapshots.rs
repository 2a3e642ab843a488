//! Snapshots: states by name, saved, loaded, deleted.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::StatusCode;
use maud::{Markup, html};

use super::{
    Asked, Console, blocking,
    forms::{self, Fields},
    html::{moment, size},
    layout,
    notice::Notice,
    overview::{self, Refused},
};
use crate::{SnapshotError, SnapshotInfo, control::PREFIX, stage::Stage};

const PLACE: &str = "snapshots";

/// Reads a directory, so it blocks.
pub(super) fn section(console: &Console, asked: &Asked, refused: Option<&Refused>) -> Markup {
    let Some(stage) = console.control.stage.upgrade() else { return Markup::default() };
    let content = html! {
        div id="snapshot-list" data-live {
            @match stage.shelf().list() {
                Ok(found) => (list(console, asked, &found)),
                Err(error) => p.problem { (error) },
            }
        }
        (Refused::at(refused, PLACE))
        (forms::form(console, asked, "snapshot", &question(refused)))
        p.soft { "A snapshot that is loaded takes the place of all that is here, sessions and clock too; faults and the log stay." }
    };
    overview::section(PLACE, "Snapshots", &content)
}

fn list(console: &Console, asked: &Asked, found: &[SnapshotInfo]) -> Markup {
    html! {
        @if found.is_empty() {
            p.soft { "No snapshot yet." }
        } @else {
            ul.plain { @for snapshot in found { li { (entry(console, asked, snapshot)) } } }
        }
    }
}

fn entry(console: &Console, asked: &Asked, snapshot: &SnapshotInfo) -> Markup {
    let SnapshotInfo { name, created_at, runs, objects, bytes } = snapshot;
    let button = |action: &str, word: &str| {
        let content = html! {
            input type="hidden" name="name" value=(name);
            button id={ (action) "-" (name) } { (word) span.unseen { " snapshot " (name) } }
        };
        forms::form(console, asked, action, &content)
    };
    html! {
        p { strong { (name) } " " span.soft { (moment(*created_at)) } }
        p.soft { (runs) " runs, " (objects) " objects, " (size(*bytes)) }
        div.row { (button("snapshot-load", "Load")) (button("snapshot-removal", "Delete")) }
    }
}

fn question(refused: Option<&Refused>) -> Markup {
    let typed = refused.filter(|refused| refused.place == PLACE).map_or("", |refused| refused.fields.text("name"));
    html! {
        div.row {
            div {
                label for="snapshot-name" { "Save this state as" }
                input id="snapshot-name" name="name" required placeholder="before-upgrade" autocomplete="off" spellcheck="false" value=(typed);
            }
            button { "Save" span.unseen { " snapshot" } }
        }
    }
}

pub(super) async fn save(State(console): State<Arc<Console>>, fields: Fields) -> Response {
    done(console, fields, Notice::SnapshotSaved, |stage, name| stage.snapshot(name).map(drop)).await
}

pub(super) async fn load(State(console): State<Arc<Console>>, fields: Fields) -> Response {
    done(console, fields, Notice::SnapshotLoaded, |stage, name| stage.restore(name).map(drop)).await
}

pub(super) async fn delete(State(console): State<Arc<Console>>, fields: Fields) -> Response {
    done(console, fields, Notice::SnapshotDeleted, |stage, name| stage.shelf().delete(name)).await
}

/// Files are read and written: not among the tasks that answer requests.
async fn done(
    console: Arc<Console>,
    fields: Fields,
    notice: Notice,
    act: fn(&Arc<Stage>, &str) -> Result<(), SnapshotError>,
) -> Response {
    blocking(move || {
        let Some(stage) = console.control.stage.upgrade() else {
            return layout::problem(StatusCode::GONE, "The sandbox has ended.");
        };
        match act(&stage, fields.text("name")) {
            Ok(()) => fields.done(&format!("{PREFIX}/"), PLACE, notice),
            Err(error) => Refused { place: PLACE, why: error.to_string(), fields }.page(&console),
        }
    })
    .await
}
