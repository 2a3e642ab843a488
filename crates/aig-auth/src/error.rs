//! What went wrong with a token, and what the caller can do about it.

use std::{borrow::Cow, error::Error as StdError, fmt, sync::Arc, time::Duration};

use crate::InvalidToken;

/// An error of this crate: opaque, by what the caller can do.
///
/// It never carries a response body or a URL with a query, so it can be logged as it is. Cheap to clone: callers that
/// waited for the same refresh share one cause.
#[derive(Debug, Clone)]
pub struct AuthError {
    kind: AuthErrorKind,
    recovery: Recovery,
    message: Cow<'static, str>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// What kind of failure it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuthErrorKind {
    /// There is no session, or it is over.
    NotSignedIn,
    /// The person, or the server's policy, said no.
    Denied,
    /// The sign-in was not finished in time.
    TimedOut,
    /// The authorization server could not be reached, or answered with a passing fault.
    Unavailable,
    /// The authorization server answered something that does not follow the protocol.
    Protocol,
    /// A token did not verify: signature, issuer, audience or expiry.
    Verification,
    /// The set-up is wrong: a missing client id, a bad URL, an empty environment variable.
    Configuration,
    /// An external source of tokens failed.
    Source,
    /// A session could not be read or written.
    Storage,
}

/// What the caller can do about an [`AuthError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Recovery {
    /// Try again, after this long if the server said so.
    Retry {
        /// The wait that the server asked for.
        after: Option<Duration>,
    },
    /// A person has to sign in.
    SignIn(SignInReason),
    /// Somebody has to change the configuration.
    FixSetup,
    /// Nothing here helps.
    Fail,
}

/// Why a person has to sign in (again).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignInReason {
    /// There never was a session here.
    NoSession,
    /// The session ran out.
    Expired,
    /// The server revoked the session, or saw its refresh token used twice.
    Revoked,
    /// The server refuses the refresh token that was given from outside: a new one is needed, or none, for a sign-in.
    GivenTokenRefused,
    /// A refresh was under way when the process ended, and its answer is lost.
    OutcomeUnknown,
    /// The caller asked for a new sign-in.
    Requested,
}

impl SignInReason {
    fn message(self) -> &'static str {
        match self {
            Self::NoSession => "not signed in: there is no session here",
            Self::Expired => "the session has expired: sign in again",
            Self::Revoked => "the server ended the session: sign in again",
            Self::GivenTokenRefused => {
                "the refresh token that was given is refused: give a new one, or none and sign in"
            }
            Self::OutcomeUnknown => "a refresh was cut short and the session with it: sign in again",
            Self::Requested => "a new sign-in was asked for",
        }
    }
}

impl AuthError {
    /// An error of `kind` with a message for people, lower case and without a trailing full stop.
    pub fn new(kind: AuthErrorKind, recovery: Recovery, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, recovery, message: message.into(), source: None }
    }

    /// The same error with its cause. The cause must hold no secret.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(Arc::from(source.into()));
        self
    }

    /// A person has to sign in, for this reason.
    pub fn sign_in(reason: SignInReason) -> Self {
        Self::new(AuthErrorKind::NotSignedIn, Recovery::SignIn(reason), reason.message())
    }

    /// The set-up is wrong; `message` says what to change.
    pub fn setup(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(AuthErrorKind::Configuration, Recovery::FixSetup, message)
    }

    #[cfg(feature = "interactive")]
    /// Whether somebody has to change the set-up, so that another way is worth a try meanwhile.
    pub(crate) fn is_setup(&self) -> bool {
        self.recovery == Recovery::FixSetup
    }

    /// What kind of failure it was.
    pub fn kind(&self) -> AuthErrorKind {
        self.kind
    }

    /// What the caller can do about it.
    pub fn recovery(&self) -> Recovery {
        self.recovery
    }
}

impl From<InvalidToken> for AuthError {
    fn from(error: InvalidToken) -> Self {
        Self::new(AuthErrorKind::Source, Recovery::FixSetup, error.to_string())
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for AuthError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
