//! What is asked: one operation with its parameters, in one scope, on one host.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::{Scope, digest::PartHash};

/// Tags of most keys, the scope's own included.
const USUAL_TAGS: usize = 3;

/// The key of one call's answer, and the tags by which a write can drop it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CacheKey {
    pub(crate) scope: Scope,
    pub(crate) digest: [u8; 32],
    /// Hashes of (scope, tag). The first is the scope's own, so that clearing the scope drops every entry of it.
    pub(crate) tags: Vec<u64>,
}

impl CacheKey {
    /// A key over length-prefixed parts: scope, host, operation, parameters, in this order.
    ///
    /// A secret among the parameters (a share token) takes part in the hash and cannot be read from it.
    pub fn new<P: AsRef<[u8]>>(
        scope: Scope,
        host: &str,
        operation: &str,
        parameters: impl IntoIterator<Item = P>,
    ) -> Self {
        let hash = PartHash::new("operation").part(scope.bytes()).part(host.as_bytes()).part(operation.as_bytes());
        let hash = parameters.into_iter().fold(hash, |hash, part| hash.part(part.as_ref()));
        let mut tags = Vec::with_capacity(USUAL_TAGS);
        tags.push(scope_tag(&scope));
        Self { scope, digest: hash.finish(), tags }
    }

    /// The same key with a tag: a write that invalidates the tag in this scope drops this answer.
    #[must_use]
    pub fn tagged(mut self, tag: &str) -> Self {
        self.tags.push(tag_hash(&self.scope, tag));
        self
    }
}

/// The scope is a good hash already: only the tag has to be hashed.
pub(crate) fn tag_hash(scope: &Scope, tag: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    tag.hash(&mut hasher);
    hasher.finish() ^ scope_tag(scope)
}

pub(crate) fn scope_tag(scope: &Scope) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *scope.bytes();
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}
