//! Applications, their versions, what goes in and what comes out.

use maud::{Markup, html};

use super::{Console, overview};
use crate::catalog::{Application, Version};

pub(super) fn section(console: &Console) -> Markup {
    let content =
        html! { ul.plain { @for application in &console.platform().applications { li { (entry(application)) } } } };
    overview::section("applications", "Applications", &content)
}

fn entry(application: &Application) -> Markup {
    let latest = application.latest().map(|version| version.number.as_str());
    html! {
        h3 { code { (application.id) } }
        p.soft { (application.description) }
        ul {
            @for version in application.versions.iter().rev() {
                li {
                    strong { (version.number) }
                    " " span.soft { (version.released_at.strftime("%Y-%m-%d")) @if latest == Some(version.number.as_str()) { ", the latest" } }
                }
            }
        }
        details id={ "outputs-" (application.id) } {
            summary { "Inputs and outputs" span.unseen { " of " (application.id) } }
            @if let Some(version) = application.latest() { (files(version)) }
        }
    }
}

fn files(version: &Version) -> Markup {
    html! {
        ul {
            li { "in: " code { (version.input.name) } " " span.soft { (version.input.mime_type) } }
            @for output in &version.outputs { li { "out: " code { (output.name) } " " span.soft { (output.product.mime_type()) } } }
        }
    }
}
