//! A run, its items and their artifacts: where each stands, and how it moves on.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::Metadata;
use crate::catalog::Product;

/// A run as it was submitted, and what became of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) id: Uuid,
    /// Grows from run to run.
    pub(crate) number: u64,
    pub(crate) application_id: String,
    pub(crate) version: String,
    pub(crate) submitted_by: String,
    pub(crate) organization: String,
    pub(crate) submitted_at: Timestamp,
    pub(crate) scheduling: Option<Scheduling>,
    pub(crate) metadata: Option<Metadata>,
    pub(crate) items: Vec<Item>,
    pub(crate) end: Option<(RunEnd, Timestamp)>,
}

/// When the submitter wants the results, in the submitter's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Scheduling {
    pub(crate) due_date: Option<aig_codegen::Timestamp>,
    pub(crate) deadline: Option<aig_codegen::Timestamp>,
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RunEnd {
    AllItemsProcessed,
    CanceledByUser,
    CanceledBySystem,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RunPhase {
    Pending,
    Processing,
    Terminated(RunEnd, Timestamp),
}

/// A slide within a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Item {
    pub(crate) id: Uuid,
    pub(crate) external_id: String,
    pub(crate) metadata: Option<Metadata>,
    pub(crate) inputs: Vec<Input>,
    pub(crate) phase: ItemPhase,
    pub(crate) outputs: Vec<Artifact>,
    /// For people who look at the console; the API does not know it.
    pub(crate) picture: Option<Picture>,
}

/// What the slide of an item looks like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Picture {
    /// Of a PNG in the bucket of pictures.
    pub(crate) key: String,
    /// Of the slide, in pixels: what outlines refer to.
    pub(crate) width: u32,
    pub(crate) height: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ItemPhase {
    Pending,
    Processing,
    Terminated { reason: Reason, failure: Option<Failure>, at: Timestamp },
}

/// Why an item or artifact ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reason {
    Succeeded,
    UserError,
    SystemError,
    Skipped,
}

/// What went wrong, for programs and for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub(crate) code: String,
    pub(crate) message: String,
}

/// A submitted file.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Input {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) metadata: Metadata,
}

impl std::fmt::Debug for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Input").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

/// A file that the item gets, once it is there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Artifact {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) product: Product,
    pub(crate) output: Output,
}

/// Whether an artifact's file can be had.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Output {
    None,
    /// `key` is that of the object in the bucket of results.
    Available {
        key: String,
        metadata: Metadata,
    },
    DeletedByUser(Metadata),
    DeletedBySystem(Metadata),
}

/// The keys of objects that nothing refers to any more, by their buckets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Gone {
    pub(crate) results: Vec<String>,
    pub(crate) pictures: Vec<String>,
}

impl Run {
    pub(crate) fn phase(&self) -> RunPhase {
        match self.end {
            Some((end, at)) => RunPhase::Terminated(end, at),
            None if self.items.iter().all(|item| item.phase == ItemPhase::Pending) => RunPhase::Pending,
            None => RunPhase::Processing,
        }
    }

    pub(crate) fn count(&self, wanted: impl Fn(&ItemPhase) -> bool) -> i64 {
        self.items.iter().filter(|item| wanted(&item.phase)).count() as i64
    }

    /// How many items still have to be worked on.
    pub(crate) fn unfinished(&self) -> i64 {
        self.count(|phase| !matches!(phase, ItemPhase::Terminated { .. }))
    }

    pub(crate) fn item(&self, external_id: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.external_id == external_id)
    }

    pub(crate) fn artifact(&self, id: Uuid) -> Option<(&Item, &Artifact)> {
        let artifacts = self.items.iter().flat_map(|item| item.outputs.iter().map(move |artifact| (item, artifact)));
        artifacts.into_iter().find(|(_, artifact)| artifact.id == id)
    }

    /// Takes the next waiting item into work.
    pub(crate) fn begin_next(&mut self) -> Option<usize> {
        if self.end.is_some() {
            return None;
        }
        let index = self.items.iter().position(|item| item.phase == ItemPhase::Pending)?;
        self.items[index].phase = ItemPhase::Processing;
        Some(index)
    }

    /// Ends an item that is in work; an item that was skipped meanwhile stays so.
    pub(crate) fn end_item(&mut self, index: usize, result: Result<Vec<Output>, (Reason, Failure)>, at: Timestamp) {
        let Some(item) = self.items.get_mut(index).filter(|item| item.phase == ItemPhase::Processing) else { return };
        item.phase = match result {
            Ok(outputs) => {
                item.outputs.iter_mut().zip(outputs).for_each(|(artifact, output)| artifact.output = output);
                ItemPhase::Terminated { reason: Reason::Succeeded, failure: None, at }
            }
            Err((reason, failure)) => ItemPhase::Terminated { reason, failure: Some(failure), at },
        };
        if self.end.is_none() && self.unfinished() == 0 {
            self.end = Some((RunEnd::AllItemsProcessed, at));
        }
    }

    /// What was in work waits again.
    pub(crate) fn begin_anew(&mut self) {
        for item in self.items.iter_mut().filter(|item| item.phase == ItemPhase::Processing) {
            item.phase = ItemPhase::Pending;
        }
    }

    /// What has not ended is skipped.
    pub(crate) fn cancel(&mut self, end: RunEnd, at: Timestamp) {
        for item in self.items.iter_mut().filter(|item| !matches!(item.phase, ItemPhase::Terminated { .. })) {
            item.phase = ItemPhase::Terminated { reason: Reason::Skipped, failure: None, at };
        }
        self.end = Some((end, at));
    }

    /// Takes the results away, with the pictures of their slides.
    pub(crate) fn delete_results(&mut self, deleted: fn(Metadata) -> Output) -> Gone {
        let mut gone = Gone::default();
        for item in &mut self.items {
            gone.pictures.extend(item.picture.take().map(|picture| picture.key));
            for artifact in &mut item.outputs {
                if let Output::Available { key, metadata } = &artifact.output {
                    gone.results.push(key.clone());
                    artifact.output = deleted(metadata.clone());
                }
            }
        }
        gone
    }
}

impl Item {
    pub(crate) fn has_output(&self) -> bool {
        self.outputs.iter().any(|artifact| matches!(artifact.output, Output::Available { .. }))
    }

    /// Whether there is something to take away when its time is over.
    pub(crate) fn has_files(&self) -> bool {
        self.picture.is_some() || self.has_output()
    }

    /// The tags of the SDK's metadata.
    pub(crate) fn tags(&self) -> impl Iterator<Item = &str> {
        tags(self.metadata.as_ref())
    }
}

impl Run {
    /// The tags of the SDK's metadata.
    pub(crate) fn tags(&self) -> impl Iterator<Item = &str> {
        tags(self.metadata.as_ref())
    }
}

fn tags(metadata: Option<&Metadata>) -> impl Iterator<Item = &str> {
    let tags = metadata.and_then(|metadata| metadata.get("sdk")?.get("tags")?.as_array());
    tags.into_iter().flatten().filter_map(Value::as_str)
}
