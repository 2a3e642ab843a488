//! What can be wrong with a token, and how it is told.

use std::time::Duration;

use crate::{AuthError, AuthErrorKind, Recovery};

/// What is wrong with a token. Says nothing of what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    Form,
    Algorithm,
    Key,
    Signature,
    Claim(&'static str),
    Issuer,
    Audience,
    Expired(Duration),
    NotYet(Duration),
}

impl From<Flaw> for AuthError {
    fn from(flaw: Flaw) -> Self {
        let clocks = "check the clock of this machine";
        let message = match flaw {
            Flaw::Form => "the token is no signed JWT".into(),
            Flaw::Algorithm => "the token is signed by an algorithm that is not allowed".into(),
            Flaw::Key => "the token is signed by a key that the issuer does not publish".into(),
            Flaw::Signature => "the signature of the token is wrong".into(),
            Flaw::Claim(name) => format!("the claim `{name}` of the token is absent or unusable"),
            Flaw::Issuer => "the token is from another issuer".into(),
            Flaw::Audience => "the token is for another audience".into(),
            Flaw::Expired(over) => format!("the token expired {} s ago: sign in again, or {clocks}", over.as_secs()),
            Flaw::NotYet(early) => format!("the token is good in {} s only: {clocks}", early.as_secs()),
        };
        Self::new(AuthErrorKind::Verification, Recovery::Fail, message)
    }
}
