//! Where a request is handled: the platform, and who is asking.

use std::sync::Arc;

use uuid::Uuid;

use super::problem::Problem;
use crate::{
    catalog::{Application, Version},
    platform::Platform,
    state::{Organization, Part, Person, Relation, Run, Visitor, World},
};

/// One request at the platform.
#[derive(Debug)]
pub(super) struct Desk<'a> {
    pub(super) platform: &'a Arc<Platform>,
    pub(super) person: &'a Person,
    /// The name by which the client reached us: links must carry it.
    pub(super) host: &'a str,
}

impl<'a> Desk<'a> {
    pub(super) fn visitor(&self, share_token: Option<&'a str>) -> Visitor<'a> {
        Visitor { person: self.person, share_token, now: self.platform.clock.now() }
    }

    pub(super) fn organization(&self) -> Result<&'a Organization, Problem> {
        let found = self.platform.people.organization(&self.person.organization);
        found.ok_or_else(|| Problem::forbidden("the user belongs to no organization"))
    }

    pub(super) fn application(&self, id: &str) -> Result<&'a Application, Problem> {
        self.platform.application(id).ok_or_else(|| Problem::not_found("application not found"))
    }

    pub(super) fn version(&self, application: &str, number: &str) -> Result<&'a Version, Problem> {
        let version = self.application(application)?.version(number);
        version.ok_or_else(|| Problem::not_found("application version not found"))
    }

    /// Looks at a run that the visitor may read.
    pub(super) fn reading<T>(
        &self,
        id: Uuid,
        share_token: Option<&str>,
        look: impl FnOnce(&World, &Run) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        self.reading_part(id, share_token, |_| None, look)
    }

    /// Looks at a part of a run, which may be shared by itself. What `part` does not find is nobody's.
    pub(super) fn reading_part<T>(
        &self,
        id: Uuid,
        share_token: Option<&str>,
        part: impl FnOnce(&Run) -> Option<Part>,
        look: impl FnOnce(&World, &Run) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        self.platform.with(|world| {
            let run = world.run(id).ok_or_else(no_run)?;
            let visitor = Visitor { share_token, ..self.visitor(None) };
            match world.access(run, part(run).unwrap_or(Part::Whole), visitor) {
                Some(_) => look(world, run),
                None => Err(no_access()),
            }
        })
    }

    /// Changes what is remembered; with `--persist` it is written down before this returns.
    pub(super) fn writing<T>(&self, change: impl FnOnce(&mut World) -> Result<T, Problem>) -> Result<T, Problem> {
        self.platform.change(change).unwrap_or_else(|error| Err(Problem::broken(&error)))
    }

    /// Changes a run that the visitor may change.
    pub(super) fn changing<T>(
        &self,
        id: Uuid,
        change: impl FnOnce(&mut World) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        self.writing(|world| {
            let run = world.run(id).ok_or_else(no_run)?;
            self.check(world, run, Relation::Editor)?;
            change(world)
        })
    }

    pub(super) fn check(&self, world: &World, run: &Run, least: Relation) -> Result<(), Problem> {
        let allowed = world.access(run, Part::Whole, self.visitor(None));
        if allowed >= Some(least) { Ok(()) } else { Err(no_access()) }
    }
}

fn no_access() -> Problem {
    Problem::forbidden("no access to this run")
}

pub(super) fn no_run() -> Problem {
    Problem::not_found("run not found")
}
