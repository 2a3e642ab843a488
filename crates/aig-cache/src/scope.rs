//! Who asks: the part of a key that keeps users and environments apart.

use std::{fmt, sync::OnceLock};

use crate::digest::PartHash;

/// Whose answers these are. A hash: neither an identity nor a credential can be read from it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scope([u8; 32]);

impl Scope {
    /// The scope of an identity: its issuer, subject, organization, and whatever else tells two users apart.
    ///
    /// A refreshed token keeps its identity, and with it the cache.
    pub fn of_identity<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        let hash = parts.into_iter().fold(PartHash::new("identity"), |hash, part| hash.part(part.as_bytes()));
        Self(hash.finish())
    }

    /// The scope of a credential whose holder is not known: a hash keyed with a random number of this process, so that
    /// it says nothing about the credential to anybody who reads this process's memory or logs elsewhere.
    pub fn of_credential(credential: &str) -> Self {
        let keyed = PartHash::new("credential").part(process_key()).part(credential.as_bytes());
        Self(keyed.finish())
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A key for hashes that need no meaning outside this process. Without a source of randomness it is all zero, and the
/// hash is a plain one: the cache still keeps users apart.
fn process_key() -> &'static [u8; 32] {
    static KEY: OnceLock<[u8; 32]> = OnceLock::new();
    KEY.get_or_init(|| {
        let mut key = [0; 32];
        if getrandom::fill(&mut key).is_err() {
            key = [0; 32];
        }
        key
    })
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "Scope({a:02x}{b:02x}{c:02x}{d:02x})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_one_another() {
        assert_ne!(Scope::of_identity(["ab", "c"]), Scope::of_identity(["a", "bc"]));
        assert_ne!(Scope::of_identity(["a", ""]), Scope::of_identity(["a"]));
        assert_ne!(Scope::of_identity(["a"]), Scope::of_credential("a"));
    }

    #[test]
    fn a_credential_keeps_its_scope_and_shows_nothing_of_itself() {
        let scope = Scope::of_credential("secret-token");
        assert_eq!(scope, Scope::of_credential("secret-token"));
        assert_ne!(scope, Scope::of_credential("secret-tokeN"));
        assert!(!format!("{scope:?}").contains("secret"));
    }
}
