//! What a line of the journal says.

use aig_auth::testkit::Snapshot;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    catalog::Application,
    clock::Hand,
    engine::Outcomes,
    state::{self, People},
    storage::StoredChange,
};

/// One change. Entries of one line belong together: all of them are there, or none.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Entry {
    Head(Box<Head>),
    World(state::Change),
    Stored(StoredChange),
    Clock(Hand),
    Sessions(Box<Snapshot>),
}

/// What does not change while a sandbox runs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Head {
    pub(crate) created_at: Timestamp,
    /// Where it listened last.
    pub(crate) port: u16,
    pub(crate) seed: u64,
    /// How often the state has been opened: no identifier and no number of an object is given out twice.
    pub(crate) epoch: u32,
    pub(crate) people: People,
    pub(crate) applications: Vec<Application>,
    pub(crate) outcomes: Outcomes,
    /// Signs the URLs of results.
    pub(crate) platform_secret: Secret,
}

/// A secret of the sandbox's own; `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Secret(pub(crate) String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}
