//! Grants and share tokens: who may see what of others.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Person, Run, World};

/// "This subject may do this with that resource."
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Grant {
    pub(crate) id: Uuid,
    pub(crate) resource: Resource,
    pub(crate) subject: Subject,
    pub(crate) relation: Relation,
    pub(crate) created_by: String,
    pub(crate) created_at: Timestamp,
    pub(crate) revoked: bool,
}

/// What is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Resource {
    pub(crate) kind: ResourceKind,
    pub(crate) id: Uuid,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ResourceKind {
    Run,
    Item,
    OutputArtifact,
    ShareToken,
}

/// Who is let in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Subject {
    pub(crate) kind: SubjectKind,
    pub(crate) id: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SubjectKind {
    User,
    OrganizationAdmin,
    OrganizationUser,
    ShareToken,
}

/// How much. The later ones include the earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Relation {
    Viewer,
    Editor,
    Owner,
}

/// A secret that opens what it has been granted, for whoever holds it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ShareToken {
    pub(crate) id: Uuid,
    /// The secret itself is shown once and not kept.
    pub(crate) digest: [u8; 32],
    pub(crate) created_by: String,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Option<aig_codegen::Timestamp>,
    pub(crate) revoked: bool,
}

impl std::fmt::Debug for ShareToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ShareToken").field("id", &self.id).field("revoked", &self.revoked).finish_non_exhaustive()
    }
}

impl ShareToken {
    pub(crate) fn digest_of(secret: &str) -> [u8; 32] {
        Sha256::digest(secret.as_bytes()).into()
    }

    fn is_good(&self, now: Timestamp) -> bool {
        !self.revoked && self.expires_at.is_none_or(|end| end > now)
    }
}

/// Who asks, and with what in hand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visitor<'a> {
    pub(crate) person: &'a Person,
    pub(crate) share_token: Option<&'a str>,
    pub(crate) now: Timestamp,
}

/// What of a run somebody asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Whole,
    Item(Uuid),
    Artifact { item: Uuid, artifact: Uuid },
}

impl World {
    /// What a visitor may do with a part of a run; `None` is nothing.
    pub(crate) fn access(&self, run: &Run, part: Part, visitor: Visitor<'_>) -> Option<Relation> {
        let person = visitor.person;
        if run.submitted_by == person.id {
            return Some(Relation::Owner);
        }
        let by_grant = self.grants().iter().filter(|grant| !grant.revoked && covers(grant.resource, run, part));
        let by_grant = by_grant.filter(|grant| self.applies(&grant.subject, visitor)).map(|grant| grant.relation).max();
        let as_admin = (person.role == "admin" && person.organization == run.organization).then_some(Relation::Editor);
        by_grant.max(as_admin)
    }

    /// Whether a subject is, or includes, the visitor.
    pub(crate) fn applies(&self, subject: &Subject, visitor: Visitor<'_>) -> bool {
        let person = visitor.person;
        match subject.kind {
            SubjectKind::User => subject.id == person.id,
            SubjectKind::OrganizationUser => subject.id == person.organization,
            SubjectKind::OrganizationAdmin => subject.id == person.organization && person.role == "admin",
            SubjectKind::ShareToken => self.held_token(visitor).is_some_and(|token| token.id.to_string() == subject.id),
        }
    }

    /// The good share token that the visitor brought.
    fn held_token(&self, visitor: Visitor<'_>) -> Option<&ShareToken> {
        let digest = ShareToken::digest_of(visitor.share_token?);
        self.share_tokens().iter().find(|token| token.digest == digest && token.is_good(visitor.now))
    }
}

/// What opens a run opens its items, and what opens an item its artifacts; never the other way round.
fn covers(resource: Resource, run: &Run, part: Part) -> bool {
    match (resource.kind, part) {
        (ResourceKind::Run, _) => resource.id == run.id,
        (ResourceKind::Item, Part::Item(item) | Part::Artifact { item, .. }) => resource.id == item,
        (ResourceKind::OutputArtifact, Part::Artifact { artifact, .. }) => resource.id == artifact,
        _ => false,
    }
}
