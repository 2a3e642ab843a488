//! The loop of attempts: send, judge, wait, send again.

use std::{sync::Arc, time::Duration};

use aig_auth::{AccessToken, Clock, Rejection, TokenProvider, TokenRequest};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use tokio::{sync::Semaphore, time::Instant};
use url::Url;

use crate::{
    Error, ErrorKind, Result,
    call::{
        Behaviour, MissingThing, Quota, Repeat,
        attempt::Attempt,
        failure,
        quota::{Permit, RetryCause},
        redaction::Redaction,
        retry_after::retry_after,
        verdict::{self, Verdict},
    },
    random,
    transport::{Transport, TransportError, TransportErrorKind, is_loopback},
};

/// What to do when nothing listens on this machine.
const NOBODY_HOME: &str = "nothing listens there: is the sandbox still up?";

/// How long a thing that was made a moment ago may be missing.
const APPEARS_WITHIN: Duration = Duration::from_secs(5);

/// How many requests of a client are on their way together; the others wait their turn. More connections than this slow
/// one another down: a thousand gets at once took three times as long as over fifty (`cargo xtask bench platform`).
pub(crate) const LANES: usize = 64;

/// Everything that a request needs on its way.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) tokens: Arc<dyn TokenProvider>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) quota: Quota,
    /// Never closed.
    pub(crate) lanes: Semaphore,
    pub(crate) user_agent: HeaderValue,
}

/// A request of one operation, ready but for its credentials.
#[derive(Clone)]
pub(crate) struct Prepared {
    pub(crate) operation: &'static str,
    /// The thing that it is about, in words.
    pub(crate) subject: Option<String>,
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) content_type: Option<HeaderValue>,
    pub(crate) body: Bytes,
    pub(crate) repeat: Repeat,
    pub(crate) wanted: Wanted,
    /// Parameters that must not be shown, should the service repeat them.
    pub(crate) secrets: Vec<String>,
}

/// What answer is a success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The thing itself.
    Content,
    /// Where the thing is.
    Redirect,
}

impl Wanted {
    fn is_success(self, status: StatusCode) -> bool {
        match self {
            Self::Content => status.is_success(),
            Self::Redirect => status.is_redirection(),
        }
    }
}

/// An answer that is a success.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) attempts: u32,
}

/// Where one call stands.
struct Progress {
    begun: Instant,
    attempts: u32,
    permit: Option<Permit>,
    token_refused: bool,
    /// What must not be shown, should the service repeat it.
    secrets: Vec<String>,
}

/// What follows an attempt that did not succeed.
enum Next {
    Wait(Duration),
    Fail(Error),
}

impl Wire {
    /// Sends the request until it succeeds, fails for good, or its attempts, its time or the quota are used up.
    pub(crate) async fn send(&self, request: &Prepared, behaviour: &Behaviour) -> Result<Answer> {
        let secrets = request.secrets.clone();
        let mut progress = Progress { begun: Instant::now(), attempts: 0, permit: None, token_refused: false, secrets };
        let outcome = self.attempts(request, behaviour, &mut progress).await;
        let outcome = outcome.map_err(|error| error.with_operation(request.operation).with_attempts(progress.attempts));
        log(request.operation, &outcome, &progress);
        outcome
    }

    async fn attempts(&self, request: &Prepared, behaviour: &Behaviour, progress: &mut Progress) -> Result<Answer> {
        loop {
            let token = self.token().await?;
            progress.attempts += 1;
            progress.secrets.push(token.expose().to_owned());
            let next = match self.attempt(request, behaviour, progress, &token).await {
                Ok(answer) if request.wanted.is_success(answer.status) => {
                    self.quota.succeeded(progress.permit);
                    return Ok(Answer { attempts: progress.attempts, ..answer });
                }
                Ok(answer) => self.after_answer(request, behaviour, progress, &token, answer).await,
                Err(fault) => self.after_fault(request, behaviour, progress, &fault),
            };
            match next {
                Next::Wait(wait) => tokio::time::sleep(wait).await,
                Next::Fail(error) => return Err(error),
            }
        }
    }

    /// One attempt, when there is a place for it. The wait for the place is no part of the call's time; while the call
    /// waits for its next attempt, others have the place.
    async fn attempt(
        &self,
        request: &Prepared,
        behaviour: &Behaviour,
        progress: &mut Progress,
        token: &AccessToken,
    ) -> Result<Answer, TransportError> {
        let asked = Instant::now();
        let _lane = self.lanes.acquire().await;
        progress.begun += asked.elapsed();
        let left = behaviour.deadline.saturating_sub(progress.begun.elapsed());
        Attempt { request, token, timeout: behaviour.timeout.min(left) }.run(self).await
    }

    /// A token: the one at hand, where there is one.
    pub(crate) async fn token(&self) -> Result<AccessToken> {
        let wanted = TokenRequest::new();
        match self.tokens.ready(&wanted) {
            Some(token) => Ok(token),
            None => Ok(self.tokens.token(&wanted).await?),
        }
    }

    async fn after_answer(
        &self,
        request: &Prepared,
        behaviour: &Behaviour,
        progress: &mut Progress,
        token: &AccessToken,
        answer: Answer,
    ) -> Next {
        let asked = retry_after(&answer.headers, self.clock.now());
        let verdict = verdict::on_status(answer.status, request.repeat);
        let about = failure::About { operation: request.operation, subject: request.subject.as_deref() };
        let redaction = Redaction::new(progress.secrets.iter().map(String::as_str));
        let failed = |kind| {
            failure::of_answer(kind, about, answer.status, &answer.body, &redaction)
                .with_request_id(failure::request_id(&answer.headers))
                .with_retry_after(asked)
        };
        match verdict {
            Verdict::TokenRefused => {
                self.tokens.reject(token, Rejection::Unauthorized).await;
                if std::mem::replace(&mut progress.token_refused, true) {
                    return Next::Fail(failed(ErrorKind::Unauthenticated));
                }
                Next::Wait(Duration::ZERO)
            }
            Verdict::Again(cause, kind) => self.again(behaviour, progress, cause, asked, failed(kind)),
            Verdict::Failed(ErrorKind::NotFound) if behaviour.missing == MissingThing::MayAppear => {
                appearing(progress, failed(ErrorKind::NotFound))
            }
            Verdict::Failed(kind) => Next::Fail(failed(kind)),
        }
    }

    fn after_fault(
        &self,
        request: &Prepared,
        behaviour: &Behaviour,
        progress: &mut Progress,
        fault: &TransportError,
    ) -> Next {
        let failed = |kind: ErrorKind| {
            let error = Error::new(kind, fault_message(request.operation, kind, fault));
            match fault.kind() {
                TransportErrorKind::Connect if is_loopback(&request.url) => error.with_hint(NOBODY_HOME),
                _ => error,
            }
        };
        match verdict::on_fault(fault, request.repeat) {
            Verdict::Again(cause, kind) => self.again(behaviour, progress, cause, None, failed(kind)),
            Verdict::Failed(kind) => Next::Fail(failed(kind)),
            Verdict::TokenRefused => Next::Fail(failed(ErrorKind::Unauthenticated)),
        }
    }

    /// One more attempt, if attempts, time and quota allow it.
    fn again(
        &self,
        behaviour: &Behaviour,
        progress: &mut Progress,
        cause: RetryCause,
        asked: Option<Duration>,
        error: Error,
    ) -> Next {
        // The 401 that was answered with a new token is no attempt of its own.
        let counted = progress.attempts - u32::from(progress.token_refused);
        let wait = behaviour.wait(counted, random::fraction()).max(asked.unwrap_or_default());
        let in_time = progress.begun.elapsed().saturating_add(wait) < behaviour.deadline;
        if counted >= behaviour.attempts || !in_time {
            return Next::Fail(error);
        }
        match self.quota.take(cause) {
            Some(permit) => {
                progress.permit = Some(permit);
                Next::Wait(wait)
            }
            None => Next::Fail(error),
        }
    }
}

/// A thing that was made a moment ago is asked for again, a little later each time.
fn appearing(progress: &Progress, error: Error) -> Next {
    let wait = Duration::from_millis(100).saturating_mul(1 << progress.attempts.min(5));
    match progress.begun.elapsed().saturating_add(wait) <= APPEARS_WITHIN {
        true => Next::Wait(wait),
        false => Next::Fail(error),
    }
}

fn fault_message(operation: &str, kind: ErrorKind, fault: &TransportError) -> String {
    match kind {
        ErrorKind::OutcomeUnknown => format!("{operation} may or may not have been carried out: {fault}"),
        ErrorKind::Timeout => format!("{operation} was not answered in time: {fault}"),
        // It names the peer; which operation met it first is no matter.
        ErrorKind::Network => fault.to_string(),
        _ => format!("{operation} has no answer that can be used: {fault}"),
    }
}

fn log(operation: &str, outcome: &Result<Answer>, progress: &Progress) {
    let milliseconds = progress.begun.elapsed().as_millis() as u64;
    let attempts = progress.attempts;
    match outcome {
        Ok(answer) => {
            let (status, request_id) = (answer.status.as_u16(), failure::request_id(&answer.headers));
            tracing::debug!(operation, status, attempts, milliseconds, request_id, "request");
        }
        Err(error) => {
            let (status, kind, request_id) = (error.status(), error.kind(), error.request_id());
            tracing::debug!(operation, status, ?kind, attempts, milliseconds, request_id, "request failed");
        }
    }
}
