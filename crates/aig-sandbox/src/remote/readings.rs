//! What a running sandbox says of itself.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How a sandbox stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RemoteStatus {
    /// It takes requests.
    pub ready: bool,
    /// Of the sandbox.
    pub version: String,
    /// The root of its API.
    pub url: String,
    /// Its time.
    pub now: Timestamp,
    /// The time of its machine.
    pub machine: Timestamp,
    /// Its time stands still.
    #[serde(default)]
    pub frozen: bool,
    /// How runs move.
    pub run_plan: String,
    /// How many runs there are in each state.
    pub runs: BTreeMap<String, u64>,
    /// How many rules for faults are in force.
    pub faults: u64,
    /// How many requests there were.
    pub requests: u64,
}

/// What the clocks say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ClockReading {
    /// The time in the sandbox.
    pub now: Timestamp,
    /// The time of its machine.
    pub machine: Timestamp,
    /// The time in the sandbox stands still.
    #[serde(default)]
    pub frozen: bool,
}

/// A rule for faults in force.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Rule {
    /// Its number.
    pub id: u64,
    /// What [`Fault`](crate::faults::Fault) is in JSON.
    pub fault: Value,
}
