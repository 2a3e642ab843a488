//! What a page says after a form was done: fixed sentences by their names, so that no address can make it say more.

use maud::{Markup, Render, html};

/// Something that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    ClockAdvanced,
    FaultAdded,
    FaultRemoved,
    FaultsEnded,
    ScenarioPlayed,
    RequestsForgotten,
    RunAdvanced,
    SessionsEnded,
}

const ALL: [(Notice, &str, &str); 8] = [
    (Notice::ClockAdvanced, "clock-advanced", "The clock has been put forward."),
    (Notice::FaultAdded, "fault-added", "The fault is in force."),
    (Notice::FaultRemoved, "fault-removed", "The fault is gone."),
    (Notice::FaultsEnded, "faults-ended", "Nothing goes wrong any more."),
    (Notice::ScenarioPlayed, "scenario-played", "The scenario is in force."),
    (Notice::RequestsForgotten, "requests-forgotten", "The log of requests is empty."),
    (Notice::RunAdvanced, "run-advanced", "The next item of the run may go through."),
    (
        Notice::SessionsEnded,
        "sessions-ended",
        "All sessions of this user have ended; tokens issued before are refused.",
    ),
];

impl Notice {
    pub(super) fn name(self) -> &'static str {
        ALL.iter().find(|(notice, ..)| *notice == self).map_or("", |(_, name, _)| name)
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        ALL.iter().find(|(_, known, _)| *known == name).map(|(notice, ..)| *notice)
    }
}

impl Render for Notice {
    fn render(&self) -> Markup {
        let text = ALL.iter().find(|(notice, ..)| notice == self).map_or("", |(_, _, text)| text);
        html! { p.notice role="status" { (text) } }
    }
}
