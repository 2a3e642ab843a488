//! The document of a seed: what it may say, and what of that makes sense.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::{
    catalog::{self, Application},
    engine::Outcomes,
    span,
    state::{Metadata, Organization, People, Person},
};

const VERSION: u32 = 1;

/// What a sandbox begins with. What is left out is as in a sandbox without a document.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SeedDocument {
    version: u32,
    organizations: Vec<SeedOrganization>,
    users: Vec<SeedUser>,
    applications: Vec<SeedApplication>,
    pub(crate) outcomes: Outcomes,
    pub(super) runs: Vec<SeedRun>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeedOrganization {
    id: String,
    name: String,
    display_name: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeedUser {
    id: String,
    email: String,
    given_name: String,
    family_name: String,
    organization: String,
    #[serde(default)]
    role: Role,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Role {
    #[default]
    Member,
    Admin,
}

/// An application that works as a built-in one does.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeedApplication {
    id: String,
    like: String,
    name: Option<String>,
    description: Option<String>,
    versions: Vec<SeedVersion>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeedVersion {
    number: String,
    released_at: Option<Timestamp>,
    changelog: Option<String>,
}

/// A run that is there at the beginning.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SeedRun {
    pub(super) application: String,
    pub(super) application_version: Option<String>,
    pub(super) submitted_by: Option<String>,
    /// How long ago it was submitted, as jiff reads spans.
    age: Option<String>,
    pub(super) custom_metadata: Option<Metadata>,
    pub(super) items: Vec<SeedItem>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SeedItem {
    pub(super) external_id: String,
    #[serde(default)]
    pub(super) outcome: SeedOutcome,
    pub(super) custom_metadata: Option<Metadata>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SeedOutcome {
    #[default]
    Succeeded,
    UserError,
    SystemError,
    /// The run was canceled before it came to this item.
    Skipped,
    /// The run goes on: it moves by the sandbox's plan.
    Waiting,
}

impl SeedRun {
    pub(super) fn age(&self) -> Option<SignedDuration> {
        let Some(text) = &self.age else { return Some(SignedDuration::ZERO) };
        span::forward(text)
    }
}

impl SeedDocument {
    /// JSON where the name ends so, else TOML.
    pub(super) fn open(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        if is_json { Self::from_json(&text) } else { Self::from_toml(&text) }
    }

    pub(super) fn from_json(text: &str) -> Result<Self, String> {
        serde_json::from_str::<Self>(text).map_err(|error| error.to_string())?.checked()
    }

    pub(super) fn from_toml(text: &str) -> Result<Self, String> {
        toml_edit::de::from_str::<Self>(text).map_err(|error| error.to_string().trim_end().to_owned())?.checked()
    }

    pub(crate) fn people(&self) -> People {
        let mut people = People::seeded();
        let display = |it: &SeedOrganization| it.display_name.clone().unwrap_or_else(|| it.name.clone());
        let new = |it: &SeedOrganization| Organization::new(it.id.clone(), it.name.clone(), display(it));
        if !self.organizations.is_empty() {
            people.organizations = self.organizations.iter().map(new).collect();
        }
        if !self.users.is_empty() {
            people.persons = self.users.iter().map(SeedUser::person).collect();
        }
        people
    }

    pub(crate) fn applications(&self) -> Vec<Application> {
        let built_in = catalog::applications();
        if self.applications.is_empty() {
            return built_in;
        }
        self.applications.iter().filter_map(|it| it.application(&built_in)).collect()
    }

    fn checked(self) -> Result<Self, String> {
        if self.version != VERSION {
            return Err(format!("/version: this sandbox reads version {VERSION}, the document says {}", self.version));
        }
        self.outcomes.check().map_err(|error| format!("/outcomes: {error}"))?;
        self.check_people()?;
        self.check_applications()?;
        let (people, applications) = (self.people(), self.applications());
        let mut runs = self.runs.iter().enumerate();
        runs.try_for_each(|(index, run)| check_run(index, run, &people, &applications))?;
        Ok(self)
    }

    fn check_people(&self) -> Result<(), String> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        for (index, organization) in self.organizations.iter().enumerate() {
            if organization.name.is_empty() || !organization.name.chars().all(plain) {
                return Err(format!("/organizations/{index}/name: a name has small letters, digits and `-`"));
            }
        }
        let people = self.people();
        twice("/organizations", "id", people.organizations.iter().map(|it| it.id.as_str()))?;
        twice("/organizations", "name", people.organizations.iter().map(|it| it.name.as_str()))?;
        twice("/users", "id", people.persons.iter().map(|it| it.id.as_str()))?;
        twice("/users", "email", people.persons.iter().map(|it| it.email.as_str()))?;
        for (index, person) in people.persons.iter().enumerate() {
            let known = people.organizations.iter().map(|organization| organization.id.as_str());
            known_in(&format!("/users/{index}/organization"), &person.organization, known)?;
        }
        Ok(())
    }

    fn check_applications(&self) -> Result<(), String> {
        let built_in = catalog::applications();
        twice("/applications", "id", self.applications.iter().map(|it| it.id.as_str()))?;
        for (index, application) in self.applications.iter().enumerate() {
            let known = built_in.iter().map(|it| it.id.as_str());
            known_in(&format!("/applications/{index}/like"), &application.like, known)?;
            if application.versions.is_empty() {
                return Err(format!("/applications/{index}/versions: an application has at least one version"));
            }
        }
        Ok(())
    }
}

fn check_run(index: usize, run: &SeedRun, people: &People, applications: &[Application]) -> Result<(), String> {
    let place = |field: &str| format!("/runs/{index}/{field}");
    let application = applications.iter().find(|it| it.id == run.application);
    known_in(&place("application"), &run.application, applications.iter().map(|it| it.id.as_str()))?;
    if let (Some(application), Some(version)) = (application, &run.application_version) {
        known_in(&place("application_version"), version, application.versions.iter().map(|it| it.number.as_str()))?;
    }
    if let Some(submitter) = &run.submitted_by {
        known_in(&place("submitted_by"), submitter, people.persons.iter().map(|it| it.id.as_str()))?;
    }
    if run.age().is_none() {
        return Err(format!("{}: a span of time, such as \"3d\" or \"1h 30m\"", place("age")));
    }
    if run.items.is_empty() {
        return Err(format!("{}: a run has at least one item", place("items")));
    }
    twice(&place("items"), "external_id", run.items.iter().map(|it| it.external_id.as_str()))
}

impl SeedUser {
    fn person(&self) -> Person {
        let role = match self.role {
            Role::Member => "member",
            Role::Admin => "admin",
        };
        Person {
            id: self.id.clone(),
            email: self.email.clone(),
            given_name: self.given_name.clone(),
            family_name: self.family_name.clone(),
            organization: self.organization.clone(),
            role: role.to_owned(),
        }
    }
}

impl SeedApplication {
    fn application(&self, built_in: &[Application]) -> Option<Application> {
        let model = built_in.iter().find(|it| it.id == self.like)?;
        let latest = model.latest()?;
        let version = |it: &SeedVersion| catalog::Version {
            number: it.number.clone(),
            released_at: it.released_at.unwrap_or(latest.released_at),
            changelog: it.changelog.clone().unwrap_or_default(),
            ..latest.clone()
        };
        Some(Application {
            id: self.id.clone(),
            name: self.name.clone().unwrap_or_else(|| self.id.clone()),
            description: self.description.clone().unwrap_or_else(|| model.description.clone()),
            regulatory_classes: model.regulatory_classes.clone(),
            versions: self.versions.iter().map(version).collect(),
        })
    }
}

fn twice<'a>(place: &str, field: &str, values: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let mut seen = std::collections::BTreeSet::new();
    for (index, value) in values.enumerate() {
        if !seen.insert(value) {
            return Err(format!("{place}/{index}/{field}: {value:?} is there twice"));
        }
    }
    Ok(())
}

fn known_in<'a>(place: &str, value: &str, known: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let known: Vec<&str> = known.collect();
    if known.contains(&value) {
        return Ok(());
    }
    Err(format!("{place}: there is no {value:?}; known: {}", known.join(", ")))
}
