//! How a failure is told: one message, its causes, one hint; the same facts as one JSON document.

use std::{error::Error as StdError, fmt, io};

use aig_auth::{AuthError, AuthErrorKind, Recovery, SignInReason};
use aig_platform::{ErrorKind, settings::SettingsError, sign_in::GIVEN_TOKEN_REFUSED, slide::SlideError};
use aig_sandbox::{KeepError, RemoteError, SandboxError};
use anyhow::Error;
use serde::Serialize;

use crate::{exit::Exit, stdout_closed::StdoutClosed};

/// An error of the command line itself, with the exit code that it stands for.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
    problems: Vec<Problem>,
    hint: Option<String>,
}

/// One of several things that are wrong. The names of the fields are those of the JSON document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Problem {
    /// What it is about: a variable, a field, a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<String>,
    pub(crate) message: String,
    /// The slides that it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) slides: Vec<String>,
}

/// Most slides that are named in a line.
const MOST_NAMES: usize = 3;

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(subject) = &self.subject {
            write!(f, "{subject}: ")?;
        }
        f.write_str(&self.message)?;
        let names: Vec<&str> = self.slides.iter().map(String::as_str).take(MOST_NAMES).collect();
        match (names.as_slice(), self.slides.len().saturating_sub(MOST_NAMES)) {
            ([], _) => Ok(()),
            (names, 0) => write!(f, " ({})", names.join(", ")),
            (names, more) => write!(f, " ({} and {more} more)", names.join(", ")),
        }
    }
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), problems: Vec::new(), hint: None }
    }

    /// With all that is wrong, a line each.
    pub(crate) fn with_problems(self, problems: Vec<Problem>) -> Self {
        Self { problems, ..self }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Whether a signal ended the job.
    pub(crate) fn is_stop(&self) -> bool {
        matches!(self.exit, Exit::Interrupted | Exit::Terminated)
    }

    pub(crate) fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Failure {}

/// A failure as it is told. The names of the fields are those of the JSON document.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    code: &'static str,
    pub(crate) message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) causes: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) problems: Vec<Problem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request_id: Option<String>,
    retryable: bool,
    exit_code: u8,
}

/// What the first error of a known type in a chain says about the whole.
struct Verdict {
    exit: Exit,
    hint: Option<String>,
    request_id: Option<String>,
    retryable: bool,
}

impl Verdict {
    fn new(exit: Exit, hint: Option<String>) -> Self {
        Self { exit, hint, request_id: None, retryable: false }
    }
}

impl Report {
    pub(crate) fn of(error: &Error) -> Self {
        let mut messages = distinct_messages(error);
        let message = if messages.is_empty() { String::new() } else { messages.remove(0) };
        let verdict = verdict(error);
        Self {
            code: verdict.exit.name(),
            message,
            causes: messages,
            problems: error.chain().map(problems).find(|found| !found.is_empty()).unwrap_or_default(),
            hint: verdict.hint,
            request_id: verdict.request_id,
            retryable: verdict.retryable,
            exit_code: verdict.exit.code(),
        }
    }
}

/// The exit code of a failure. A reader of stdout that has gone away is no failure: `aig run list | head` did its job.
pub(crate) fn exit_of(error: &Error) -> Exit {
    if error.chain().any(|cause| cause.is::<StdoutClosed>()) { Exit::Done } else { verdict(error).exit }
}

/// Messages of the chain, without those that only repeat what was said before.
fn distinct_messages(error: &Error) -> Vec<String> {
    let mut messages: Vec<String> = Vec::new();
    for text in error.chain().filter_map(words) {
        if !messages.iter().any(|said| said.contains(&text)) {
            messages.push(text);
        }
    }
    messages
}

/// What an error says of itself; nothing for one that only repeats its source behind a prefix.
fn words(error: &(dyn StdError + 'static)) -> Option<String> {
    if error.is::<SettingsError>() {
        return Some("the configuration cannot be used".to_owned());
    }
    let is_sign_in = error.is::<aig_platform::Error>() && error.source().is_some_and(|source| source.is::<AuthError>());
    (!is_sign_in).then(|| error.to_string())
}

/// All that an error has to say, where that is more than one thing.
fn problems(error: &(dyn StdError + 'static)) -> Vec<Problem> {
    if let Some(failure) = error.downcast_ref::<Failure>() {
        return failure.problems.clone();
    }
    let settings = error.downcast_ref::<SettingsError>().into_iter().flat_map(SettingsError::problems);
    let problem = |problem: &aig_platform::settings::Problem| Problem {
        subject: Some(problem.variable.clone()),
        message: format!("{} (from: {})", problem.message, problem.origin),
        slides: Vec::new(),
    };
    settings.map(problem).collect()
}

fn verdict(error: &Error) -> Verdict {
    error.chain().find_map(judge).unwrap_or(Verdict::new(Exit::Failed, None))
}

fn judge(cause: &(dyn StdError + 'static)) -> Option<Verdict> {
    if let Some(failure) = cause.downcast_ref::<Failure>() {
        return Some(Verdict::new(failure.exit, failure.hint.clone()));
    }
    if let Some(error) = cause.downcast_ref::<aig_platform::Error>() {
        return Some(Verdict {
            exit: error.kind().into(),
            hint: platform_hint(error),
            request_id: error.request_id().map(str::to_owned),
            retryable: error.is_retryable(),
        });
    }
    if let Some(error) = cause.downcast_ref::<AuthError>() {
        let retryable = matches!(error.recovery(), Recovery::Retry { .. });
        return Some(Verdict { retryable, ..Verdict::new(error.into(), auth_hint(error)) });
    }
    if let Some(error) = cause.downcast_ref::<SlideError>() {
        return Some(Verdict::new(error.into(), slide_hint(error)));
    }
    if let Some(error) = cause.downcast_ref::<SandboxError>() {
        return Some(Verdict::new(error.into(), sandbox_hint(error)));
    }
    if let Some(error) = cause.downcast_ref::<RemoteError>() {
        return Some(Verdict::new(error.into(), remote_hint(error)));
    }
    if cause.is::<SettingsError>() {
        return Some(Verdict::new(Exit::Usage, Some("correct the variables that are named".to_owned())));
    }
    cause.downcast_ref::<io::Error>().map(|error| Verdict::new(Exit::Failed, io_hint(error)))
}

fn platform_hint(error: &aig_platform::Error) -> Option<String> {
    match error.kind() {
        ErrorKind::Unauthenticated if error.hint() != Some(GIVEN_TOKEN_REFUSED) => {
            Some("sign in with `aig login`".to_owned())
        }
        _ => error.hint().map(str::to_owned),
    }
}

fn auth_hint(error: &AuthError) -> Option<String> {
    let text = match error.recovery() {
        _ if error.kind() == AuthErrorKind::Unavailable => "check the network, the proxy and the certificates",
        Recovery::SignIn(SignInReason::GivenTokenRefused) => GIVEN_TOKEN_REFUSED,
        Recovery::SignIn(_) => "sign in with `aig login`",
        Recovery::Retry { .. } => "try again in a moment",
        Recovery::FixSetup => "check the AIGNOSTICS_* environment variables",
        _ => return None,
    };
    Some(text.to_owned())
}

pub(crate) fn slide_hint(error: &SlideError) -> Option<String> {
    let text = match error {
        SlideError::Unreadable { source, .. } => return io_hint(source),
        SlideError::NotASlide { .. } => "slides are TIFF or SVS files; name only those",
        SlideError::Truncated { .. } => "copy the file again: the last copy stopped half way",
        SlideError::Damaged { .. } => "open the file in a viewer; export it again if that fails too",
        SlideError::NoResolution { .. } | SlideError::ImplausibleResolution { .. } => {
            "give the resolution yourself, if you know it: `--set resolution_mpp=0.25`"
        }
        SlideError::UnequalResolution { .. } => "resample the slide to square pixels",
        _ => return None,
    };
    Some(text.to_owned())
}

fn sandbox_hint(error: &SandboxError) -> Option<String> {
    match error {
        SandboxError::PortInUse { .. } => {
            Some("choose another port, or leave out `--port` and any free one is taken".to_owned())
        }
        SandboxError::Bind { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
            Some("ports below 1024 are the system's: choose a greater one, or leave out `--port`".to_owned())
        }
        SandboxError::Bind { source, .. } | SandboxError::Storage { source } => io_hint(source),
        SandboxError::Kept { problem: KeepError::File(error), .. } => io_hint(error),
        SandboxError::Kept { .. } => Some("name another directory with `--persist`".to_owned()),
        SandboxError::Seed { .. } => Some("`--seed` takes demo, empty, or a TOML or JSON file".to_owned()),
        SandboxError::NoSuchUser { .. } => {
            Some("name one of them, or leave out the value of `--auto-approve` and it is the first".to_owned())
        }
        _ => None,
    }
}

fn remote_hint(error: &RemoteError) -> Option<String> {
    let text = match error {
        RemoteError::Address { .. } | RemoteError::NotASandbox { .. } => {
            "name one that runs: `--url http://127.0.0.1:PORT`, as `aig sandbox up` prints it"
        }
        RemoteError::Unreachable { .. } => "start one with `aig sandbox up`, and run the lines that it prints",
        RemoteError::Protocol { .. } => "start the sandbox with this version of `aig`",
        RemoteError::Taken { .. } => "`aig sandbox snapshot delete NAME` makes room",
        _ => return None,
    };
    Some(text.to_owned())
}

fn io_hint(error: &io::Error) -> Option<String> {
    let text = match error.kind() {
        io::ErrorKind::NotFound => "check the path",
        io::ErrorKind::PermissionDenied => "check the permissions of the path, or choose another one",
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            "something else is in the way: choose another folder"
        }
        io::ErrorKind::ReadOnlyFilesystem => "choose a place that can be written to",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space, or choose another place",
        _ => return None,
    };
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    fn report(error: impl Into<Error>) -> Report {
        Report::of(&error.into())
    }

    #[test]
    fn the_first_known_error_of_the_chain_decides() {
        let inner = Error::new(Failure::new(Exit::TimedOut, "too long").with_hint("wait more"));
        let report = report(inner.context("cannot watch the run"));
        assert_eq!((report.code, report.exit_code), ("timed_out", 9));
        assert_eq!(report.message, "cannot watch the run");
        assert_eq!(report.causes, ["too long"]);
        assert_eq!(report.hint.as_deref(), Some("wait more"));
    }

    #[test]
    fn nothing_is_said_twice() {
        let error = anyhow!("disk full").context("cannot write `a`: disk full").context("download failed");
        assert_eq!(report(error).causes, ["cannot write `a`: disk full"]);
    }

    #[test]
    fn an_unknown_error_is_a_plain_failure() {
        let report = report(anyhow!("odd"));
        assert_eq!((report.code, report.exit_code, report.hint), ("failed", 1, None));
    }

    #[test]
    fn a_closed_stdout_is_no_failure() {
        let error = Error::new(StdoutClosed).context("cannot print");
        assert_eq!(exit_of(&error), Exit::Done);
    }

    #[test]
    fn a_refused_refresh_token_of_the_environment_is_told_by_the_name_of_its_variable() {
        let refused = AuthError::sign_in(SignInReason::GivenTokenRefused);
        for report in [report(refused.clone()), report(aig_platform::Error::from(refused))] {
            assert!(report.hint.as_ref().unwrap().contains("AIGNOSTICS_REFRESH_TOKEN"), "{report:?}");
            assert_eq!(report.exit_code, 4);
        }
        let ended = aig_platform::Error::from(AuthError::sign_in(SignInReason::Revoked));
        assert_eq!(report(ended).hint.as_deref(), Some("sign in with `aig login`"));
    }

    #[test]
    fn wrong_settings_are_told_one_by_one() {
        let variables = [("AIGNOSTICS_API_ROOT", "ftp://x"), ("AIGNOSTICS_RUN_TIMEOUT", "soon")];
        let sources = aig_platform::settings::Sources::new(variables.into_iter().collect());
        let error = aig_platform::settings::Settings::load(sources).unwrap_err();
        let report = report(error);
        assert_eq!((report.exit_code, report.message.as_str()), (2, "the configuration cannot be used"));
        let subjects: Vec<_> = report.problems.iter().filter_map(|problem| problem.subject.as_deref()).collect();
        assert!(subjects.contains(&"AIGNOSTICS_API_ROOT") && subjects.contains(&"AIGNOSTICS_RUN_TIMEOUT"));
        assert!(report.problems.iter().all(|problem| problem.message.ends_with("(from: environment)")), "{report:?}");
    }

    #[test]
    fn a_problem_names_a_few_slides_and_counts_the_rest() {
        let told = |names: &[&str]| {
            let slides = names.iter().map(ToString::to_string).collect();
            Problem { subject: Some("tissue".into()), message: "missing".into(), slides }.to_string()
        };
        assert_eq!(told(&[]), "tissue: missing");
        assert_eq!(told(&["a", "b", "c"]), "tissue: missing (a, b, c)");
        assert_eq!(told(&["a", "b", "c", "d", "e"]), "tissue: missing (a, b, c and 2 more)");
    }

    #[test]
    fn that_nobody_is_signed_in_is_said_once() {
        let error = aig_platform::Error::from(AuthError::sign_in(SignInReason::NoSession));
        let report = report(error);
        assert!(report.message.starts_with("not signed in"), "{report:?}");
        assert!(report.causes.is_empty(), "{report:?}");
    }

    #[test]
    fn every_slide_error_is_bad_input_with_a_hint() {
        let path = std::path::PathBuf::from("a.svs");
        for error in [
            SlideError::NotASlide { path: path.clone() },
            SlideError::Truncated { path: path.clone(), length: 5 },
            SlideError::NoResolution { path: path.clone() },
            SlideError::Unreadable { path, source: io::ErrorKind::PermissionDenied.into() },
        ] {
            let report = report(error);
            assert_eq!(report.exit_code, 2, "{report:?}");
            assert!(report.hint.is_some(), "{report:?}");
        }
    }
}
