//! What is happening now, in a row of numbers, and the last requests that failed.

use maud::{Markup, html};

use super::{
    Console,
    marks::{Mark, Tally},
    overview::section,
    requests::{self, Repeated},
};
use crate::state::RunPhase;

/// Older runs are not counted, so that a million of them do not slow the page.
const RUNS: usize = 1000;
const FAILURES: usize = 5;

/// The numbers.
pub(super) struct Now {
    in_motion: usize,
    items: Tally,
    requests: usize,
    failing: usize,
    failures: Vec<Repeated>,
    faults: usize,
}

impl Now {
    pub(super) fn of(console: &Console) -> Self {
        let (in_motion, items) = console.platform().with(|world| {
            let recent = || world.runs().take(RUNS);
            let in_motion = recent().filter(|run| !matches!(run.phase(), RunPhase::Terminated(..))).count();
            (in_motion, recent().map(|run| Tally::of(&run.items)).fold(Tally::default(), Tally::plus))
        });
        let (requests, failing, mut failures) = console.control.log.look(|log| {
            let failing = || log.clone().filter(|request| requests::is_failing(request));
            (log.len(), failing().count(), requests::newest(failing()))
        });
        failures.truncate(FAILURES);
        Self { in_motion, items, requests, failing, failures, faults: console.control.faults.list().len() }
    }

    /// In one line, read out when it changes.
    pub(super) fn words(&self) -> String {
        format!(
            "{} in motion, {} failed, {} failing",
            counted(self.in_motion, "run", "runs"),
            counted(self.items.failed(), "item", "items"),
            counted(self.failing, "request", "requests"),
        )
    }

    pub(super) fn section(&self, console: &Console) -> Markup {
        let unfinished = self.items.get(Mark::Waiting) + self.items.get(Mark::Running);
        let content = html! {
            dl.tiles id="tiles" data-live {
                (tile("Runs in motion", self.in_motion, Mark::Running, &format!("{unfinished} items to do")))
                (tile("Failed items", self.items.failed(), Mark::UserError, &format!("of {}", self.items.total())))
                (tile("Failing requests", self.failing, Mark::SystemError, &format!("of {}", self.requests)))
                (tile("Faults in force", self.faults, Mark::UserError, ""))
            }
            div id="failing" data-live { (self.failing(console)) }
        };
        section("now", "Now", &content)
    }

    fn failing(&self, console: &Console) -> Markup {
        html! {
            @if self.failures.is_empty() {
                p.soft { "No request has failed." }
            } @else {
                h3 { "Last failing requests" }
                (requests::table(console, "Last failing requests", "failing", &self.failures))
            }
        }
    }
}

/// A number stands out when there is something to look at.
fn tile(title: &str, count: usize, mark: Mark, detail: &str) -> Markup {
    let class = if count > 0 { mark.class() } else { "none" };
    html! {
        div class={ "tile " (class) } {
            dt { (title) }
            dd { strong { (count) } @if !detail.is_empty() { " " span.soft { (detail) } } }
        }
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
