//! The page of one run: what it is, what was asked about it, and its items with their pictures.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::StatusCode;
use maud::{Markup, html};
use uuid::Uuid;

use super::{
    Asked, Console,
    forms::Fields,
    html::{given, moment},
    item,
    layout::{self, Page},
    marks::{self, Mark, Tally},
    notice::Notice,
    overview::section,
    requests, runs,
};
use crate::{
    control::PREFIX,
    request_log::LoggedRequest,
    state::{Item, Metadata, Run, RunEnd, RunPhase},
};

/// Items on a page: each may bring pictures.
const ITEMS: usize = 12;
const SECTIONS: [(&str, &str); 4] =
    [("All runs", "/_sandbox/#runs"), ("Run", "#run"), ("Items", "#items"), ("Requests", "#requests")];

pub(super) fn page(console: &Console, id: Uuid, asked: &Asked) -> Response {
    let Some(run) = console.platform().with(|world| world.run(id).cloned()) else {
        return layout::problem(StatusCode::NOT_FOUND, "There is no such run.");
    };
    let tally = Tally::of(&run.items);
    let path = format!("{PREFIX}/runs/{id}");
    let main = html! {
        h1 { "Run " code { (id) } }
        (section("run", "Run", &facts(console, asked, &run)))
        (section("items", "Items", &items(console, asked, &run)))
        (section("requests", "Requests about this run", &about(console, id)))
    };
    let summary = format!("{}: {}", words(&run), tally.words());
    layout::page(
        StatusCode::OK,
        &Page { title: "Run", path: &path, sections: &SECTIONS, asked, summary: &summary },
        &main,
    )
}

/// Lets the next item through, with the manual plan.
pub(super) async fn step(State(console): State<Arc<Console>>, fields: Fields) -> Response {
    match fields.text("run").parse::<Uuid>() {
        Ok(run) if console.platform().engine.step(run) => {
            fields.done(&format!("{PREFIX}/runs/{run}"), "run", Notice::RunAdvanced)
        }
        _ => layout::problem(StatusCode::CONFLICT, "The run does not wait: it is unknown or over."),
    }
}

fn words(run: &Run) -> &'static str {
    match run.phase() {
        RunPhase::Pending => "pending",
        RunPhase::Processing => "processing",
        RunPhase::Terminated(..) => "over",
    }
}

/// As the API calls it.
fn wire(end: RunEnd) -> &'static str {
    match end {
        RunEnd::AllItemsProcessed => "ALL_ITEMS_PROCESSED",
        RunEnd::CanceledByUser => "CANCELED_BY_USER",
        RunEnd::CanceledBySystem => "CANCELED_BY_SYSTEM",
    }
}

fn facts(console: &Console, asked: &Asked, run: &Run) -> Markup {
    let tally = Tally::of(&run.items);
    let tags: Vec<&str> = run.tags().collect();
    html! {
        div id="run-facts" data-live {
            p { (marks::of_run(run)) " " (tally.words()) }
            (tally.bar())
            (runs::step(console, asked, run))
            dl.pairs {
                dt { "Application" } dd { (given(&run.application_id)) " " (given(&run.version)) }
                dt { "Submitted" } dd { (moment(run.submitted_at)) " by " (runs::submitter(console, run)) " of " (run.organization) }
                @if let Some((end, at)) = run.end { dt { "Ended" } dd { (moment(at)) " " code { (wire(end)) } } }
                @if let Some(scheduling) = run.scheduling {
                    @if let Some(due) = scheduling.due_date { dt { "Due" } dd { (moment(due.into())) } }
                    @if let Some(deadline) = scheduling.deadline { dt { "Deadline" } dd { (moment(deadline.into())) } }
                }
                @if !tags.is_empty() { dt { "Tags" } dd { @for tag in tags { code.tag { (given(tag)) } " " } } }
            }
        }
        (metadata("Custom metadata", "run-metadata", run.metadata.as_ref()))
    }
}

/// What clients have written, folded away.
pub(super) fn metadata(title: &str, id: &str, metadata: Option<&Metadata>) -> Markup {
    let text = metadata.and_then(|metadata| serde_json::to_string_pretty(metadata).ok());
    html! { @if let Some(text) = text { details id=(id) { summary { (title) } pre tabindex="0" { code { (given(&text)) } } } } }
}

fn about(console: &Console, id: Uuid) -> Markup {
    let id = id.to_string();
    let about = |request: &&LoggedRequest| request.path.contains(&id);
    let requests = console.control.log.look(|log| requests::newest(log.filter(about)));
    html! {
        div id="run-requests" data-live {
            @if requests.is_empty() {
                p.soft { "Nobody has asked about this run." }
            } @else {
                (requests::table(console, "Requests about this run", "about", &requests))
                p { a href={ (PREFIX) "/?find=" (id) "#requests" } { "The same in the log" } }
            }
        }
    }
}

fn items(console: &Console, asked: &Asked, run: &Run) -> Markup {
    let wanted: Vec<&Item> = run.items.iter().filter(|item| is_wanted(item, &asked.show)).collect();
    let pages = wanted.len().div_ceil(ITEMS);
    let page = asked.page().min(pages.saturating_sub(1));
    let shown = wanted.iter().skip(page * ITEMS).take(ITEMS);
    html! {
        (choice(asked, run))
        div id="item-list" data-live {
            @if wanted.is_empty() { p.soft { "No item of this kind." } }
            div.items { @for one in shown { (item::card(console, run, one)) } }
        }
        @if pages > 1 {
            nav.pages aria-label="Pages of items" {
                @for number in near(page, pages) {
                    a.button href={ (asked.with("page", &number.to_string())) "#items" } aria-current=[(number == page).then_some("page")] {
                        span.unseen { "Page " } (number + 1)
                    }
                    " "
                }
            }
        }
    }
}

/// The first page, the last, and those around this one.
fn near(page: usize, pages: usize) -> impl Iterator<Item = usize> {
    (0..pages).filter(move |number| *number == 0 || *number + 1 == pages || number.abs_diff(page) <= 3)
}

fn is_wanted(item: &Item, show: &str) -> bool {
    let mark = Mark::of(&item.phase);
    show.is_empty() || mark.class() == show || (show == "failed" && mark.is_failure())
}

/// Links that narrow the items to those of one state.
fn choice(asked: &Asked, run: &Run) -> Markup {
    let link = |show: &str, text: String| {
        let here = (asked.show == show).then_some("true");
        html! { a.button href={ (asked.with("show", show)) "#items" } aria-current=[here] { (text) } " " }
    };
    let tally = Tally::of(&run.items);
    let some = tally.counts().filter(|(_, count)| *count > 0);
    html! {
        nav.choice aria-label="Items by state" {
            (link("", format!("All {}", tally.total())))
            @if tally.failed() > tally.get(Mark::UserError).max(tally.get(Mark::SystemError)) { (link("failed", format!("{} failed", tally.failed()))) }
            @for (mark, count) in some { (link(mark.class(), format!("{count} {}", mark.word()))) }
        }
    }
}
