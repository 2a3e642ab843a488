//! Who may sign in, and the organizations they belong to.

use crate::ids::random_secret;

/// Somebody who can sign in.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) id: &'static str,
    pub(crate) email: &'static str,
    pub(crate) given_name: &'static str,
    pub(crate) family_name: &'static str,
    pub(crate) organization: &'static str,
    pub(crate) role: &'static str,
}

impl Person {
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }
}

/// An organization and the bucket it uploads to.
#[derive(Clone)]
pub(crate) struct Organization {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) display_name: &'static str,
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
#[derive(Clone, Debug)]
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

fn person(
    id: &'static str,
    given_name: &'static str,
    family_name: &'static str,
    organization: &'static str,
    role: &'static str,
) -> Person {
    let email = match given_name {
        "Ada" => "ada@sandbox.example",
        "Grace" => "grace@sandbox.example",
        _ => "linus@elsewhere.example",
    };
    Person { id, email, given_name, family_name, organization, role }
}

fn organization(id: &'static str, name: &'static str, display_name: &'static str) -> Organization {
    Organization {
        id,
        name,
        display_name,
        bucket: format!("aignostics-platform-{name}"),
        key_id: format!("GOOG1SANDBOX{}", name.to_uppercase()),
        key_secret: random_secret(),
    }
}
