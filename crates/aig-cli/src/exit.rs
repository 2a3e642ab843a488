//! The exit codes that are published, and which failure ends with which of them.

use std::{io, process::ExitCode};

use aig_auth::{AuthError, AuthErrorKind, Recovery};
use aig_platform::{ErrorKind, slide::SlideError};
use aig_sandbox::{RemoteError, SandboxError};

/// How a command ended. The numbers are a published contract: scripts branch on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Done,
    Failed,
    Usage,
    Conflict,
    SignIn,
    NotFound,
    Forbidden,
    ItemsFailed,
    Integrity,
    TimedOut,
    Unavailable,
    Interrupted,
    Terminated,
    /// As another program ended, which was ours to run.
    Command(u8),
}

impl Exit {
    /// The name of the outcome in JSON errors.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::Conflict => "conflict",
            Self::SignIn => "sign_in_needed",
            Self::NotFound => "not_found",
            Self::Forbidden => "forbidden",
            Self::ItemsFailed => "items_failed",
            Self::Integrity => "integrity",
            Self::TimedOut => "timed_out",
            Self::Unavailable => "unavailable",
            Self::Interrupted => "interrupted",
            Self::Terminated => "terminated",
            Self::Command(_) => "command",
        }
    }

    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Conflict => 3,
            Self::SignIn => 4,
            Self::NotFound => 5,
            Self::Forbidden => 6,
            Self::ItemsFailed => 7,
            Self::Integrity => 8,
            Self::TimedOut => 9,
            Self::Unavailable => 10,
            Self::Interrupted => 130,
            Self::Terminated => 143,
            Self::Command(code) => code,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

impl From<ErrorKind> for Exit {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::InvalidRequest | ErrorKind::Configuration => Self::Usage,
            ErrorKind::PreconditionFailed | ErrorKind::Conflict => Self::Conflict,
            ErrorKind::Unauthenticated => Self::SignIn,
            ErrorKind::NotFound | ErrorKind::Gone => Self::NotFound,
            ErrorKind::Forbidden | ErrorKind::RateLimited => Self::Forbidden,
            ErrorKind::Integrity => Self::Integrity,
            ErrorKind::Timeout => Self::TimedOut,
            ErrorKind::Network | ErrorKind::Unavailable | ErrorKind::OutcomeUnknown => Self::Unavailable,
            _ => Self::Failed,
        }
    }
}

impl From<&AuthError> for Exit {
    fn from(error: &AuthError) -> Self {
        match (error.recovery(), error.kind()) {
            (Recovery::SignIn(_), _) | (_, AuthErrorKind::NotSignedIn | AuthErrorKind::Denied) => Self::SignIn,
            (_, AuthErrorKind::TimedOut) => Self::TimedOut,
            (_, AuthErrorKind::Unavailable) => Self::Unavailable,
            (_, AuthErrorKind::Configuration) | (Recovery::FixSetup, _) => Self::Usage,
            _ => Self::Failed,
        }
    }
}

impl From<&SlideError> for Exit {
    fn from(_: &SlideError) -> Self {
        Self::Usage
    }
}

impl From<&SandboxError> for Exit {
    fn from(error: &SandboxError) -> Self {
        match error {
            SandboxError::PortInUse { .. } | SandboxError::Kept { .. } => Self::Usage,
            SandboxError::Seed { .. } | SandboxError::NoSuchUser { .. } => Self::Usage,
            SandboxError::Bind { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => Self::Usage,
            _ => Self::Failed,
        }
    }
}

impl From<&RemoteError> for Exit {
    fn from(error: &RemoteError) -> Self {
        match error {
            RemoteError::Missing { .. } => Self::NotFound,
            RemoteError::Taken { .. } => Self::Conflict,
            RemoteError::Address { .. } | RemoteError::NotASandbox { .. } | RemoteError::Refused { .. } => Self::Usage,
            RemoteError::Unreachable { .. } => Self::Unavailable,
            _ => Self::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_platform_have_published_codes() {
        for (kind, code) in [
            (ErrorKind::InvalidRequest, 2),
            (ErrorKind::Configuration, 2),
            (ErrorKind::Conflict, 3),
            (ErrorKind::PreconditionFailed, 3),
            (ErrorKind::Unauthenticated, 4),
            (ErrorKind::NotFound, 5),
            (ErrorKind::Gone, 5),
            (ErrorKind::Forbidden, 6),
            (ErrorKind::RateLimited, 6),
            (ErrorKind::Integrity, 8),
            (ErrorKind::Timeout, 9),
            (ErrorKind::Network, 10),
            (ErrorKind::Unavailable, 10),
            (ErrorKind::OutcomeUnknown, 10),
            (ErrorKind::Io, 1),
            (ErrorKind::Protocol, 1),
        ] {
            assert_eq!(Exit::from(kind).code(), code, "{kind:?}");
        }
    }

    #[test]
    fn errors_of_the_sign_in_have_published_codes() {
        let code = |kind, recovery| Exit::from(&AuthError::new(kind, recovery, "")).code();
        let sign_in = Recovery::SignIn(aig_auth::SignInReason::Expired);
        assert_eq!(code(AuthErrorKind::NotSignedIn, sign_in), 4);
        assert_eq!(code(AuthErrorKind::Denied, Recovery::Fail), 4);
        assert_eq!(code(AuthErrorKind::TimedOut, Recovery::Fail), 9);
        assert_eq!(code(AuthErrorKind::Unavailable, Recovery::Retry { after: None }), 10);
        assert_eq!(code(AuthErrorKind::Configuration, Recovery::FixSetup), 2);
        assert_eq!(code(AuthErrorKind::Storage, Recovery::Fail), 1);
    }
}
