//! The hash under every key: SHA-256 over length-prefixed parts, so that ("ab", "c") and ("a", "bc") differ.

use sha2::{Digest as _, Sha256};

/// A hash that takes parts, each preceded by its length.
pub(crate) struct PartHash(Sha256);

impl PartHash {
    /// A hash for one purpose; values of different purposes never meet.
    pub(crate) fn new(purpose: &str) -> Self {
        Self(Sha256::new()).part(purpose.as_bytes())
    }

    pub(crate) fn part(mut self, part: &[u8]) -> Self {
        // Eight bytes of length whatever the platform: no part can imitate the prefix of another.
        self.0.update((part.len() as u64).to_le_bytes());
        self.0.update(part);
        self
    }

    pub(crate) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}
