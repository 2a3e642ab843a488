//! The list of runs, the newest first.

use maud::{Markup, html};

use super::{
    Asked, Console, forms,
    html::{given, moment},
    marks::{self, Mark, Tally},
    overview, pictures,
};
use crate::{
    control::PREFIX,
    state::{Run, RunPhase},
};

const SHOWN: usize = 20;
/// Slides shown beside a run.
const PICTURES: usize = 4;

pub(super) fn section(console: &Console, asked: &Asked) -> Markup {
    let first = asked.page().saturating_mul(SHOWN);
    let runs: Vec<Run> = console.platform().with(|world| world.runs().skip(first).take(SHOWN + 1).cloned().collect());
    let content = html! {
        div id="run-list" data-live {
            @if runs.is_empty() {
                (nothing(asked.page()))
            } @else {
                ul.runs { @for run in runs.iter().take(SHOWN) { li { (entry(console, asked, run)) } } }
            }
        }
        (pages(asked, runs.len() > SHOWN))
    };
    overview::section("runs", "Runs", &content)
}

fn nothing(page: usize) -> Markup {
    html! {
        @if page > 0 {
            p.soft { "No older runs." }
        } @else {
            p.soft { "No run yet. Set the " a href="#variables" { "variables" } ", then:" }
            pre { code { "aig login\naig run submit --application test-app slides/" } }
        }
    }
}

fn pages(asked: &Asked, has_older: bool) -> Markup {
    let page = asked.page();
    let to = |page: usize| format!("{}#runs", asked.with("page", &page.to_string()));
    html! {
        @if page > 0 || has_older {
            nav.pages aria-label="Pages of runs" {
                @if page > 0 { a.button href=(to(page - 1)) { "Newer runs" } " " }
                @if has_older { a.button href=(to(page.saturating_add(1))) { "Older runs" } }
            }
        }
    }
}

fn entry(console: &Console, asked: &Asked, run: &Run) -> Markup {
    let tally = Tally::of(&run.items);
    html! {
        article.run aria-label={ "Run " (run.id) } {
            div.facts {
                p { (marks::of_run(run)) " " strong { (given(&run.application_id)) } " " (given(&run.version)) }
                p { a id={ "run-" (run.id) } href={ (PREFIX) "/runs/" (run.id) } { code { (run.id) } } }
                p.soft { (moment(run.submitted_at)) " by " (submitter(console, run)) }
            }
            div.progress { (tally.bar()) p { (tally.words()) } (step(console, asked, run)) }
            (thumbnails(run))
        }
    }
}

/// The name of who submitted it.
pub(super) fn submitter(console: &Console, run: &Run) -> String {
    console.platform().people.person(&run.submitted_by).map_or_else(|| given(&run.submitted_by), |person| person.name())
}

/// With the manual plan: a button that lets the next item through.
pub(super) fn step(console: &Console, asked: &Asked, run: &Run) -> Markup {
    let waits = !matches!(run.phase(), RunPhase::Terminated(..)) && console.platform().engine.waits(run.id);
    let button = html! {
        input type="hidden" name="run" value=(run.id);
        button id={ "step-" (run.id) } { "Let the next item through" }
    };
    html! { @if waits { (forms::form(console, asked, "step", &button)) } }
}

/// Failures first: they are what one looks for.
fn thumbnails(run: &Run) -> Markup {
    let failures = |wanted: bool| run.items.iter().filter(move |item| Mark::of(&item.phase).is_failure() == wanted);
    let shown = failures(true).chain(failures(false)).filter(|item| item.picture.is_some()).take(PICTURES);
    html! { div.thumbnails { @for item in shown { (pictures::thumbnail(item)) } } }
}
