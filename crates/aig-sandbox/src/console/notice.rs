//! What a page says after a form was done: fixed sentences by their names, so that no address can make it say more.

use maud::{Markup, Render, html};

/// Something that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    ClockAdvanced,
    ClockStopped,
    ClockResumed,
    FaultAdded,
    FaultRemoved,
    FaultsEnded,
    ScenarioPlayed,
    RequestsForgotten,
    RunAdvanced,
    SnapshotSaved,
    SnapshotLoaded,
    SnapshotDeleted,
    SessionsEnded,
}

const ALL: [(Notice, &str, &str); 13] = [
    (Notice::ClockAdvanced, "clock-advanced", "The clock has been put forward."),
    (Notice::ClockStopped, "clock-stopped", "The clock stands still."),
    (Notice::ClockResumed, "clock-resumed", "The clock goes on from where it stood."),
    (Notice::FaultAdded, "fault-added", "The fault is in force."),
    (Notice::FaultRemoved, "fault-removed", "The fault is gone."),
    (Notice::FaultsEnded, "faults-ended", "Nothing goes wrong any more."),
    (Notice::ScenarioPlayed, "scenario-played", "The scenario is in force."),
    (Notice::RequestsForgotten, "requests-forgotten", "The log of requests is empty."),
    (Notice::RunAdvanced, "run-advanced", "The next item of the run may go through."),
    (Notice::SnapshotSaved, "snapshot-saved", "The snapshot is saved."),
    (Notice::SnapshotLoaded, "snapshot-loaded", "The snapshot has taken the place of what was here."),
    (Notice::SnapshotDeleted, "snapshot-deleted", "The snapshot is gone."),
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
