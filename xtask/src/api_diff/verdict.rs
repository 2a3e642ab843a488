//! Knows what a change means for whom: the one place where breaking, risky and compatible are decided.
//!
//! A document promises two sets: what may be sent (inputs) and what may come back (outputs). A change widens or narrows
//! one of them. *Clients* are those that keep the old document and meet a server of the new one; *servers* are those
//! that keep the old document and meet a client of the new one. So whoever swaps the documents swaps the two columns.

use serde::Serialize;

/// How much a change hurts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Impact {
    /// Everything that worked goes on to work.
    Compatible,
    /// It depends on the values in use, or on how forgiving a reader is; or nobody can tell from the document.
    Risky,
    /// A request is refused or no longer does what it asks; an answer cannot be read or lacks what was promised.
    Breaking,
}

impl Impact {
    pub(crate) const ALL: [Self; 3] = [Self::Breaking, Self::Risky, Self::Compatible];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Compatible => "compatible",
            Self::Risky => "risky",
            Self::Breaking => "breaking",
        }
    }
}

/// Where a schema stands: clients write inputs, servers write outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Position {
    Input,
    Output,
}

impl Position {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Output => "output",
        }
    }
}

/// What a change means for either side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Verdict {
    pub(crate) clients: Impact,
    pub(crate) servers: Impact,
}

impl Verdict {
    pub(super) const HARMLESS: Self = Self::new(Impact::Compatible, Impact::Compatible);
    pub(super) const RISKY: Self = Self::new(Impact::Risky, Impact::Risky);
    pub(super) const BREAKING: Self = Self::new(Impact::Breaking, Impact::Breaking);
    /// New things to ask for: clients need not, servers must answer.
    pub(super) const OFFERED: Self = Self::new(Impact::Compatible, Impact::Breaking);
    /// Things that can no longer be asked for.
    pub(super) const WITHDRAWN: Self = Self::OFFERED.mirrored();

    pub(super) const fn new(clients: Impact, servers: Impact) -> Self {
        Self { clients, servers }
    }

    /// The verdict on the change the other way round.
    pub(super) const fn mirrored(self) -> Self {
        Self::new(self.servers, self.clients)
    }

    /// The verdict on a thing that is met in several positions.
    pub(super) fn worst(self, other: Self) -> Self {
        Self::new(self.clients.max(other.clients), self.servers.max(other.servers))
    }

    /// A field, parameter or header that appears.
    pub(super) const fn addition(position: Position, need: Need) -> Self {
        match (position, need) {
            (Position::Input, Need::Required) => Self::BREAKING,
            (Position::Input, Need::Optional) | (Position::Output, Need::Required) => Self::OFFERED,
            (Position::Output, Need::Optional) => Self::new(Impact::Compatible, Impact::Risky),
        }
    }
}

/// Whether a thing must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Required,
    Optional,
}

impl From<bool> for Need {
    fn from(required: bool) -> Self {
        if required { Self::Required } else { Self::Optional }
    }
}

/// What a change touches: a typed reader stumbles over a shape, and seldom checks a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grip {
    /// Type, presence, null, a format that is parsed.
    Shape,
    /// One more value of an enumeration, a limit, a pattern.
    Value,
}

impl Grip {
    const fn impact(self) -> Impact {
        match self {
            Self::Shape => Impact::Breaking,
            Self::Value => Impact::Risky,
        }
    }
}

/// What a change does to the set of documents that a schema allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Widens(Grip),
    Narrows(Grip),
    /// Nothing of the old remains.
    Replaces,
    /// Cannot be told without reading minds: another pattern, another `not`.
    Unclear,
}

impl Effect {
    /// Servers check every input; a client checks the shape of an output, and takes its values as they come.
    pub(super) const fn judged(self, position: Position) -> Verdict {
        match (self, position) {
            (Self::Replaces, _) => Verdict::BREAKING,
            (Self::Unclear, _) => Verdict::RISKY,
            (Self::Widens(_), Position::Input) => Verdict::OFFERED,
            (Self::Narrows(_), Position::Input) => Verdict::WITHDRAWN,
            (Self::Widens(grip), Position::Output) => Verdict::new(grip.impact(), Impact::Compatible),
            (Self::Narrows(grip), Position::Output) => Verdict::new(Impact::Compatible, grip.impact()),
        }
    }
}
