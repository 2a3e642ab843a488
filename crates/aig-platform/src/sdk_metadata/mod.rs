//! What client programs keep about themselves in the custom metadata of runs and items, under `sdk`.
//!
//! The shapes are shared with the platform's other clients, whose readers refuse unknown keys: schema 0.0.6 for runs,
//! 0.0.3 for items.

mod ci;
mod pipeline;

use std::collections::BTreeSet;

use aig_codegen::models::MeReadResponse;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Map, Value, json};

pub(crate) use ci::github as ci_job;
pub use pipeline::{Cpu, CpuProvisioning, Gpu, GpuProvisioning, GpuType, Pipeline};

/// The key under which it rests.
const KEY: &str = "sdk";
const RUN_VERSION: &str = "0.0.6";
const ITEM_VERSION: &str = "0.0.3";
const RUN_SCHEMA: &str = include_str!("../../schemas/run_sdk_metadata_v0.0.6.json");
const ITEM_SCHEMA: &str = include_str!("../../schemas/item_sdk_metadata_v0.0.3.json");

/// The JSON Schema of a run's SDK metadata.
pub fn run_schema() -> Value {
    serde_json::from_str(RUN_SCHEMA).unwrap_or_default()
}

/// The JSON Schema of an item's SDK metadata.
pub fn item_schema() -> Value {
    serde_json::from_str(ITEM_SCHEMA).unwrap_or_default()
}

/// Which kind of program calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Interface {
    /// A program that uses this library.
    #[default]
    Script,
    /// A command line.
    Cli,
    /// A graphical program.
    Launchpad,
}

impl Interface {
    fn as_str(self) -> &'static str {
        match self {
            Self::Script => "script",
            Self::Cli => "cli",
            Self::Launchpad => "launchpad",
        }
    }
}

/// On whose behalf the program calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Initiator {
    /// A person, or a program of theirs.
    #[default]
    User,
    /// A test.
    Test,
    /// Another system.
    Bridge,
}

impl Initiator {
    fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Test => "test",
            Self::Bridge => "bridge",
        }
    }
}

/// Whether the metadata name the user, e-mail included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum NameUser {
    /// They do not: the platform knows who submits anyway.
    #[default]
    No,
    /// They do.
    Yes,
}

/// Who writes the metadata.
#[derive(Debug, Clone, Default)]
pub(crate) struct Writer {
    pub(crate) interface: Interface,
    pub(crate) initiator: Initiator,
    pub(crate) name_user: NameUser,
    pub(crate) user_agent: String,
    pub(crate) ci: Option<Value>,
}

/// What the caller wants to say about a run.
#[derive(Debug, Clone, Default)]
pub(crate) struct RunRemarks {
    pub(crate) note: Option<String>,
    pub(crate) tags: BTreeSet<String>,
    pub(crate) onboard_to_portal: bool,
    pub(crate) pipeline: Option<Pipeline>,
}

/// Puts a run's SDK metadata in, keeping what is there: who wrote what first, and whatever others said.
pub(crate) fn describe_run(
    metadata: &mut Map<String, Value>,
    remarks: &RunRemarks,
    writer: &Writer,
    user: Option<&MeReadResponse>,
    now: Timestamp,
) {
    let now = text(now);
    let mut sdk = take_section(metadata, RUN_VERSION, &now);
    let submission =
        json!({ "date": now, "interface": writer.interface.as_str(), "initiator": writer.initiator.as_str() });
    sdk.entry("submission").or_insert(submission);
    sdk.insert("user_agent".to_owned(), json!(writer.user_agent));
    if let Some(user) = user {
        sdk.insert("user".to_owned(), named(user));
    }
    if let Some(ci) = &writer.ci {
        sdk.insert("ci".to_owned(), ci.clone());
    }
    if let Some(note) = &remarks.note {
        sdk.insert("note".to_owned(), json!(note));
    }
    if !remarks.tags.is_empty() {
        sdk.insert("tags".to_owned(), json!(remarks.tags));
    }
    if remarks.onboard_to_portal {
        sdk.insert("workflow".to_owned(), json!({ "onboard_to_aignostics_portal": true }));
    }
    if let Some(pipeline) = &remarks.pipeline {
        sdk.insert("pipeline".to_owned(), json!(pipeline));
    }
    metadata.insert(KEY.to_owned(), Value::Object(sdk));
}

/// Puts an item's SDK metadata in, keeping what is there.
pub(crate) fn describe_item(metadata: &mut Map<String, Value>, now: Timestamp) {
    let sdk = take_section(metadata, ITEM_VERSION, &text(now));
    metadata.insert(KEY.to_owned(), Value::Object(sdk));
}

/// Takes the section out, dated; what has another shape than an object is nobody's.
fn take_section(metadata: &mut Map<String, Value>, version: &str, now: &str) -> Map<String, Value> {
    let mut sdk = match metadata.remove(KEY) {
        Some(Value::Object(sdk)) => sdk,
        _ => Map::new(),
    };
    sdk.insert("schema_version".to_owned(), json!(version));
    sdk.entry("created_at").or_insert_with(|| json!(now));
    sdk.insert("updated_at".to_owned(), json!(now));
    sdk
}

/// The date of the last change, when there is such a section.
pub(crate) fn touch(metadata: &mut Map<String, Value>, now: Timestamp) {
    if let Some(Value::Object(sdk)) = metadata.get_mut(KEY) {
        sdk.insert("updated_at".to_owned(), json!(text(now)));
    }
}

fn named(me: &MeReadResponse) -> Value {
    json!({
        "organization_id": me.organization.id,
        "organization_name": me.organization.name.as_deref().unwrap_or_default(),
        "user_email": me.user.email.as_deref().unwrap_or_default(),
        "user_id": me.user.id,
    })
}

/// Seconds and an offset, as the other clients write it.
fn text(now: Timestamp) -> String {
    now.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

#[cfg(test)]
mod tests;
