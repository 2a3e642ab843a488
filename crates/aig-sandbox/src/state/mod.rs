//! What the platform remembers: people, runs, grants, share tokens. Plain data and the rules of its changes;
//! knows no HTTP and no wire format.

mod change;
mod metadata;
mod people;
mod run;
mod sharing;
mod undo;
mod world;

pub(crate) use change::Change;
pub(crate) use metadata::{Metadata, checksum};
pub(crate) use people::{Organization, People, Person};
pub(crate) use run::{
    Artifact, Failure, Gone, Input, Item, ItemPhase, Output, Picture, Reason, Run, RunEnd, RunPhase, Scheduling,
};
pub(crate) use sharing::{Grant, Part, Relation, Resource, ResourceKind, ShareToken, Subject, SubjectKind, Visitor};
pub(crate) use world::{Ahead, World};
