//! Who the tokens of a provider are for.

/// Who a provider's tokens speak for, as far as it is known without a network.
///
/// Two providers with equal identities may share what is cached for a user; a refreshed token keeps the identity.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Identity {
    /// Who issued the tokens: the issuer URL, or a name chosen by the provider.
    pub issuer: String,
    /// The subject: a user or a client (RFC 7519, `sub`).
    pub subject: String,
    /// The organization the subject acts for, where the issuer has organizations.
    pub organization: Option<String>,
}

impl Identity {
    /// An identity without an organization.
    pub fn new(issuer: impl Into<String>, subject: impl Into<String>) -> Self {
        Self { issuer: issuer.into(), subject: subject.into(), organization: None }
    }

    /// The same subject acting for `organization`.
    #[must_use]
    pub fn with_organization(mut self, organization: impl Into<String>) -> Self {
        self.organization = Some(organization.into());
        self
    }
}
