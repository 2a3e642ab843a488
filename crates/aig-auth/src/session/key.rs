//! What tells one stored session from another.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// Two sign-ins share a session exactly when all of these are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SessionKey {
    /// Who issued the tokens.
    pub issuer: String,
    /// Which client they were issued to.
    pub client_id: String,
    /// Which API they are for, where that was asked for.
    pub audience: Option<String>,
    /// What they allow; the order means nothing.
    pub scopes: Vec<String>,
    /// The caller's own name for one of several accounts.
    pub profile: String,
}

impl SessionKey {
    /// A name for files: a hash, so that nothing of the key can be read from it or escape through it.
    pub(crate) fn file_stem(&self) -> String {
        let mut scopes = self.scopes.clone();
        scopes.sort();
        scopes.dedup();
        let audience = self.audience.as_deref();
        let mut hash = Sha256::new();
        for part in ["session", &self.issuer, &self.client_id, audience.unwrap_or_default(), &self.profile] {
            absorb(&mut hash, part);
        }
        hash.update([u8::from(audience.is_some())]);
        for scope in &scopes {
            absorb(&mut hash, scope);
        }
        hex(&hash.finalize()[..16])
    }
}

/// The length first: `("ab", "c")` and `("a", "bc")` are different keys.
fn absorb(hash: &mut Sha256, part: &str) {
    hash.update((part.len() as u64).to_be_bytes());
    hash.update(part);
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(issuer: &str, client_id: &str, audience: Option<&str>, scopes: &[&str], profile: &str) -> String {
        SessionKey {
            issuer: issuer.into(),
            client_id: client_id.into(),
            audience: audience.map(Into::into),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            profile: profile.into(),
        }
        .file_stem()
    }

    #[test]
    fn every_part_counts_and_the_order_of_scopes_does_not() {
        let base = key("i", "c", Some("a"), &["x", "y"], "p");
        assert_eq!(base, key("i", "c", Some("a"), &["y", "x", "x"], "p"));
        let others = [
            key("ic", "", Some("a"), &["x", "y"], "p"),
            key("i", "c", None, &["x", "y"], "p"),
            key("i", "c", Some("a"), &["xy"], "p"),
            key("i", "c", Some("a"), &["x", "y"], "q"),
            key("i", "c", Some("ap"), &["x", "y"], ""),
            key("i", "c", Some(""), &["x", "y"], "p"),
        ];
        assert!(others.iter().all(|other| *other != base));
        assert_ne!(key("i", "c", None, &[], ""), key("i", "c", Some(""), &[], ""));
    }
}
