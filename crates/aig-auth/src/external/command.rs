//! Tokens from a program: what other tools call a credential helper.

use std::{ffi::OsString, fmt, sync::Arc, time::Duration};

use async_trait::async_trait;

use super::{
    answer::Question,
    process::{Ending, LARGEST_OUTPUT, Printed, ProcessFault, Program},
};
use crate::{
    AccessToken, AuthError, AuthErrorKind, Clock, Identity, Recovery, RefreshPolicy, RefreshingProvider, Secret,
    SystemClock, TokenSource, Want,
};

/// A program that prints a token: run without a shell, without input, for a limited time.
///
/// It prints one of
/// - the token,
/// - a JSON document with `token` or `access_token`, and `expires_at` (RFC 3339, or seconds since 1970) or `expires_in`
///   (seconds),
/// - a Kubernetes `ExecCredential`, so that any such plugin can be used (one that wants `KUBERNETES_EXEC_INFO` gets it by
///   [`with_environment`](Self::with_environment)).
///
/// Exit code 0 means that there is a token, 75 (`EX_TEMPFAIL` of sysexits.h) that trying again may help, every other
/// that somebody has to look. What the program says on standard error becomes part of the error; what it prints on
/// standard output never appears anywhere. When its time is over it is killed; on Unix its children, too.
///
/// ```no_run
/// use aig_auth::{TokenProvider, TokenRequest, external::CommandToken};
///
/// # async fn run() -> Result<(), aig_auth::AuthError> {
/// let provider = CommandToken::new("gcloud").with_arguments(["auth", "print-identity-token"]).into_provider();
/// let token = provider.token(&TokenRequest::new()).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct CommandToken {
    program: Program,
    time_limit: Duration,
    clock: Arc<dyn Clock>,
    identity: Option<Identity>,
}

impl CommandToken {
    /// The program at this path or, for a bare name, on the `PATH`. It is looked for when a token is needed.
    pub fn new(program: impl Into<OsString>) -> Self {
        Self {
            program: Program { path: program.into(), arguments: Vec::new(), environment: Vec::new() },
            time_limit: Duration::from_secs(30),
            clock: Arc::new(SystemClock::new()),
            identity: None,
        }
    }

    /// With these arguments, which arrive as they are.
    #[must_use]
    pub fn with_arguments<A: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.program.arguments = arguments.into_iter().map(Into::into).collect();
        self
    }

    /// With this variable beside those of this process.
    #[must_use]
    pub fn with_environment(mut self, name: impl Into<OsString>, value: impl Into<Secret>) -> Self {
        self.program.environment.push((name.into(), value.into()));
        self
    }

    /// With this much time, instead of 30 s.
    #[must_use]
    pub fn with_time_limit(mut self, time_limit: Duration) -> Self {
        self.time_limit = time_limit;
        self
    }

    /// On this clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The tokens are for this user or client.
    #[must_use]
    pub fn with_identity(mut self, identity: Identity) -> Self {
        self.identity = Some(identity);
        self
    }

    /// A provider that runs the program when a token is needed, and ahead of that where its end is known.
    pub fn into_provider(self) -> RefreshingProvider<Self> {
        let clock = self.clock.clone();
        RefreshingProvider::with(self, clock, RefreshPolicy::external())
    }

    fn origin(&self) -> String {
        format!("the command {:?}", self.program.path)
    }

    fn not_in_time(&self) -> AuthError {
        let seconds = self.time_limit.as_secs_f64();
        let message = format!("{} did not end within {seconds} s: it was killed", self.origin());
        AuthError::new(AuthErrorKind::TimedOut, Recovery::Retry { after: None }, message)
    }

    fn failed(&self, fault: ProcessFault) -> AuthError {
        let origin = self.origin();
        match fault {
            ProcessFault::NotStarted(error) => {
                let message = format!("{origin} cannot be started: {error}");
                AuthError::new(AuthErrorKind::Configuration, Recovery::FixSetup, message)
            }
            ProcessFault::TooMuch => {
                let message =
                    format!("{origin} printed more than {} KiB where a token was expected", LARGEST_OUTPUT / 1024);
                AuthError::new(AuthErrorKind::Source, Recovery::FixSetup, message)
            }
            ProcessFault::Broken(error) => {
                let message = format!("{origin} could not be listened to: {error}");
                AuthError::new(AuthErrorKind::Source, Recovery::Retry { after: None }, message)
            }
        }
    }

    /// A program that said nothing of why it failed is still named with how.
    fn unsuccessful(&self, printed: &Printed) -> Result<(), AuthError> {
        /// `EX_TEMPFAIL` of sysexits.h: "temporary failure; user is invited to retry".
        const TRY_AGAIN: i32 = 75;
        let (how, recovery) = match printed.ending {
            Ending::Success => return Ok(()),
            Ending::Code(TRY_AGAIN) => ("failed for now".to_owned(), Recovery::Retry { after: None }),
            Ending::Code(code) => (format!("failed with exit code {code}"), Recovery::FixSetup),
            Ending::Killed => ("was killed by a signal".to_owned(), Recovery::Retry { after: None }),
        };
        let why = if printed.stderr.is_empty() { "" } else { ": " };
        let message = format!("{} {how}{why}{}", self.origin(), printed.stderr);
        Err(AuthError::new(AuthErrorKind::Source, recovery, message))
    }
}

#[async_trait]
impl TokenSource for CommandToken {
    async fn fetch(&self, _: &Want) -> Result<AccessToken, AuthError> {
        let (origin, asked_at) = (self.origin(), self.clock.now());
        let printed = tokio::select! {
            printed = self.program.run() => printed.map_err(|fault| self.failed(fault))?,
            () = self.clock.sleep(self.time_limit) => return Err(self.not_in_time()),
        };
        self.unsuccessful(&printed)?;
        let question = Question { origin: &origin, asked_at };
        question.plain_or_document(&printed.stdout).map_err(|fault| fault.into_error(&origin))
    }

    fn identity(&self) -> Option<Identity> {
        self.identity.clone()
    }
}

impl fmt::Debug for CommandToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommandToken")
            .field("program", &self.program)
            .field("time_limit", &self.time_limit)
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}
