//! The first page: what is happening now, and everything that the sandbox holds.

use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};

use super::{
    Asked, Console, applications, clock, devices, faults,
    forms::Fields,
    layout::{self, Page},
    now, objects, people, requests, runs, snapshots, variables,
};
use crate::control::PREFIX;

const SECTIONS: [(&str, &str); 10] = [
    ("Now", "#now"),
    ("Runs", "#runs"),
    ("Requests", "#requests"),
    ("Storage", "#storage"),
    ("Clock", "#clock"),
    ("Snapshots", "#snapshots"),
    ("Faults", "#faults"),
    ("Users", "#users"),
    ("Variables", "#variables"),
    ("Applications", "#applications"),
];

/// A form that could not be done: where it is, why, and what was filled in.
pub(super) struct Refused {
    pub(super) place: &'static str,
    pub(super) why: String,
    pub(super) fields: Fields,
}

impl Refused {
    /// The page again, with the reason at the form.
    pub(super) fn page(self, console: &Console) -> Response {
        let asked = self.fields.asked();
        page(console, &asked, Some(&self))
    }

    /// The reason, when it belongs to this place.
    pub(super) fn at(refused: Option<&Self>, place: &str) -> Markup {
        let refused = refused.filter(|refused| refused.place == place);
        html! { @if let Some(refused) = refused { p.problem role="alert" { (refused.why) } } }
    }
}

pub(super) fn page(console: &Console, asked: &Asked, refused: Option<&Refused>) -> Response {
    let now = now::Now::of(console);
    let summary = now.words();
    let path = format!("{PREFIX}/");
    let main = html! {
        h1 { "Sandbox " span.soft { (console.control.url) } }
        (now.section(console))
        div.columns {
            div.wide {
                (devices::section(console))
                (runs::section(console, asked))
                (requests::section(console, asked))
                (objects::section(console, asked))
            }
            div.side {
                (clock::section(console, asked, refused))
                (snapshots::section(console, asked, refused))
                (faults::section(console, asked, refused))
                (people::section(console, asked, refused))
                (variables::section(console))
                (applications::section(console))
            }
        }
    };
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let shown = Page { title: "Console", path: &path, sections: &SECTIONS, asked, summary: &summary };
    layout::page(status, &shown, &main)
}

/// A part of the page under its heading.
pub(super) fn section(id: &str, title: &str, content: &Markup) -> Markup {
    html! {
        section id=(id) aria-labelledby={ (id) "-title" } {
            h2 id={ (id) "-title" } { (title) }
            (content)
        }
    }
}
