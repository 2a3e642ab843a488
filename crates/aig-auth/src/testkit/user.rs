//! The people who can sign in.

/// Somebody who can sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct User {
    /// The subject of the tokens (`sub`), such as `auth0|ada`.
    pub id: String,
    /// The address, shown at sign-in.
    pub email: String,
    /// The name, shown at sign-in.
    pub name: String,
    /// What the user acts for (`org_id`).
    pub organization: Option<Organization>,
    /// What the user may do: the claim `{audience}/role`.
    pub role: Option<String>,
}

/// An organization in the sense of Auth0.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Organization {
    /// Its id, such as `org_charite`.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl User {
    /// A user without an organization or a role, named by the address.
    pub fn new(id: impl Into<String>, email: impl Into<String>) -> Self {
        let email = email.into();
        Self { id: id.into(), name: email.clone(), email, organization: None, role: None }
    }

    /// The same user with a name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The same user as a member of an organization.
    #[must_use]
    pub fn in_organization(mut self, id: impl Into<String>, name: impl Into<String>) -> Self {
        self.organization = Some(Organization { id: id.into(), name: name.into() });
        self
    }

    /// The same user with a role.
    #[must_use]
    pub fn with_role(mut self, role: impl Into<String>) -> Self {
        self.role = Some(role.into());
        self
    }

    /// The users of a server that was given none: two of one organization, one of another.
    pub fn seeded() -> Vec<Self> {
        vec![
            Self::new("auth0|ada", "ada@example.com")
                .named("Ada Lovelace")
                .in_organization("org_analytical", "Analytical Engines")
                .with_role("admin"),
            Self::new("auth0|grace", "grace@example.com")
                .named("Grace Hopper")
                .in_organization("org_analytical", "Analytical Engines")
                .with_role("member"),
            Self::new("auth0|linus", "linus@example.org")
                .named("Linus Pauling")
                .in_organization("org_bonds", "Bonds & Proteins")
                .with_role("member"),
        ]
    }

    /// Whether this is the user's organization, by id or by name. No organization asked for: always.
    pub(super) fn belongs_to(&self, organization: Option<&str>) -> bool {
        let Some(asked) = organization else { return true };
        self.organization.as_ref().is_some_and(|own| own.id == asked || own.name == asked)
    }
}
