//! Who may sign in, and the organizations they belong to.

use serde::{Deserialize, Serialize};

use crate::ids::random_secret;

/// Somebody who can sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) given_name: String,
    pub(crate) family_name: String,
    pub(crate) organization: String,
    pub(crate) role: String,
}

impl Person {
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }
}

/// An organization and the bucket it uploads to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Organization {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) display_name: String,
    pub(crate) bucket: String,
    pub(crate) key_id: String,
    pub(crate) key_secret: String,
}

impl std::fmt::Debug for Organization {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Organization").field("id", &self.id).field("bucket", &self.bucket).finish_non_exhaustive()
    }
}

/// Everybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct People {
    /// The first is who signs in when nobody says who.
    pub(crate) persons: Vec<Person>,
    pub(crate) organizations: Vec<Organization>,
}

impl People {
    /// Two of one organization, one of another. The keys of the buckets are new in every sandbox.
    pub(crate) fn seeded() -> Self {
        let persons = vec![
            person("auth0|sandbox-ada", "Ada", "Sandbox", "org_sandbox", "admin"),
            person("auth0|sandbox-grace", "Grace", "Sandbox", "org_sandbox", "member"),
            person("auth0|sandbox-linus", "Linus", "Elsewhere", "org_elsewhere", "member"),
        ];
        let organizations = vec![
            organization("org_sandbox", "sandbox", "Sandbox Pathology"),
            organization("org_elsewhere", "elsewhere", "Elsewhere Institute"),
        ];
        Self { persons, organizations }
    }

    pub(crate) fn person(&self, id: &str) -> Option<&Person> {
        self.persons.iter().find(|person| person.id == id)
    }

    pub(crate) fn organization(&self, id: &str) -> Option<&Organization> {
        self.organizations.iter().find(|organization| organization.id == id)
    }
}

fn person(id: &str, given_name: &str, family_name: &str, organization: &str, role: &str) -> Person {
    let (name, home) = (given_name.to_lowercase(), family_name.to_lowercase());
    Person {
        id: id.to_owned(),
        email: format!("{name}@{home}.example"),
        given_name: given_name.to_owned(),
        family_name: family_name.to_owned(),
        organization: organization.to_owned(),
        role: role.to_owned(),
    }
}

fn organization(id: &str, name: &str, display_name: &str) -> Organization {
    Organization::new(id.to_owned(), name.to_owned(), display_name.to_owned())
}

impl Organization {
    /// With a bucket and a key of its own; names are letters, digits and `-`.
    pub(crate) fn new(id: String, name: String, display_name: String) -> Self {
        let bucket = format!("aignostics-platform-{name}");
        let key_id = format!("GOOG1SANDBOX{}", name.to_uppercase());
        Self { id, name, display_name, bucket, key_id, key_secret: random_secret() }
    }
}
