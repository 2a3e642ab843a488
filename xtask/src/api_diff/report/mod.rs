//! Knows what a report says, whatever form it has.

mod json;
mod markdown;
mod text;

use super::{
    change::Change,
    document::Document,
    verdict::{Impact, Verdict},
};

pub(super) use self::{json::json, markdown::markdown, text::text};

/// Two documents and what changed between them.
pub(super) struct Report<'d> {
    pub(super) old: &'d Document,
    pub(super) new: &'d Document,
    pub(super) changes: &'d [Change],
}

/// The two sides of every change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Side {
    /// Clients of the old document, meeting servers of the new one.
    Clients,
    /// Servers of the old document, meeting clients of the new one.
    Servers,
}

impl Side {
    const ALL: [Self; 2] = [Self::Clients, Self::Servers];

    const fn name(self) -> &'static str {
        match self {
            Self::Clients => "clients",
            Self::Servers => "servers",
        }
    }

    pub(super) const fn impact(self, verdict: Verdict) -> Impact {
        match self {
            Self::Clients => verdict.clients,
            Self::Servers => verdict.servers,
        }
    }
}

impl Report<'_> {
    fn count(&self, side: Side, impact: Impact) -> usize {
        self.changes.iter().filter(|change| side.impact(change.verdict) == impact).count()
    }

    /// Such as `clients: 1 breaking, 0 risky, 2 compatible`.
    fn summary(&self, side: Side) -> String {
        let counts = Impact::ALL.map(|impact| format!("{} {}", self.count(side, impact), impact.name()));
        format!("{}: {}", side.name(), counts.join(", "))
    }

    /// Such as `old.json (1.7.0)`.
    fn name(document: &Document) -> String {
        match document.info("version").as_str() {
            "" => document.source().to_owned(),
            version => format!("{} ({version})", document.source()),
        }
    }

    /// Such as `2 changes from old.json (1.7.0) to new.json (1.8.0)`.
    fn headline(&self) -> String {
        let changes = match self.changes.len() {
            0 => "No change".to_owned(),
            1 => "1 change".to_owned(),
            count => format!("{count} changes"),
        };
        format!("{changes} from {} to {}", Self::name(self.old), Self::name(self.new))
    }
}

/// The first operations that a change reaches, and how many more.
fn operations(change: &Change, most: usize) -> String {
    let names: Vec<_> = change.operations.iter().take(most).map(String::as_str).collect();
    let more = change.operations.len().saturating_sub(most);
    if more == 0 { names.join(", ") } else { format!("{} and {more} more", names.join(", ")) }
}
