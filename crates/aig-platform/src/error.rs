//! What went wrong, by what the caller can do about it.

use std::{borrow::Cow, error::Error as StdError, fmt, sync::Arc, time::Duration};

use aig_auth::{AuthError, AuthErrorKind, Recovery, SignInReason};
use serde_json::Value;

use crate::{sign_in, text::escaped};

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of this crate: opaque and cheap to clone.
///
/// Its text and its `Debug` hold no token, no signed URL and no body of a token endpoint; what a server wrote has its
/// control characters escaped. It can be logged as it is.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    operation: Option<&'static str>,
    status: Option<u16>,
    request_id: Option<String>,
    attempts: u32,
    retry_after: Option<Duration>,
    detail: Option<Value>,
    fields: Vec<FieldProblem>,
    hint: Option<Cow<'static, str>>,
    current: Option<CurrentMetadata>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// What kind of failure it was: by what the caller can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Nobody is signed in, or the server refuses the token even after a new one. Sign in.
    Unauthenticated,
    /// Signed in, and not allowed.
    Forbidden,
    /// There is no such thing, or not for this user.
    NotFound,
    /// It was there and was deleted.
    Gone,
    /// The state of the thing does not allow it.
    Conflict,
    /// It was changed by somebody else since it was read. Read again, decide again.
    PreconditionFailed,
    /// The request is wrong; [`Error::fields`] says where. Correct it.
    InvalidRequest,
    /// Too many requests, or a quota is used up. Wait.
    RateLimited,
    /// The service answered that it cannot serve now. Try again later.
    Unavailable,
    /// The service could not be reached: name, route, proxy, certificate.
    Network,
    /// It took longer than allowed.
    Timeout,
    /// A request that changes something may or may not have been carried out. Look before sending again.
    OutcomeUnknown,
    /// Data is not what its checksum or its size says.
    Integrity,
    /// The configuration is wrong; nothing was sent.
    Configuration,
    /// The server answered something outside the contract of the API.
    Protocol,
    /// A local file could not be read or written.
    Io,
}

/// The custom metadata that are there instead of those that the caller knew.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CurrentMetadata {
    /// The metadata.
    pub custom_metadata: Option<serde_json::Map<String, Value>>,
    /// Their checksum: what a further attempt has to name.
    pub checksum: Option<String>,
}

/// One thing that is wrong with an input.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldProblem {
    /// Where: a JSON pointer (RFC 6901) into the request.
    pub pointer: String,
    /// What is wrong there.
    pub message: String,
}

impl FieldProblem {
    /// A problem at `pointer`.
    pub fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), message: message.into() }
    }
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Arc::new(Inner {
            kind,
            message: message.into(),
            operation: None,
            status: None,
            request_id: None,
            attempts: 0,
            retry_after: None,
            detail: None,
            fields: Vec::new(),
            hint: None,
            current: None,
            source: None,
        }))
    }

    /// What the caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The HTTP status of the last answer, if there was one.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The id under which the service knows the request: what its support asks for.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How often the request was sent. Zero: it never left.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The operation of the API, by its id in the OpenAPI document.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// The wait that the server asked for.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The service's own `detail`: a string, a list or an object, as it came.
    ///
    /// It is not part of [`Display`](fmt::Display) beyond a short, escaped excerpt.
    pub fn detail(&self) -> Option<&Value> {
        self.0.detail.as_ref()
    }

    /// What is wrong with the input, field by field.
    pub fn fields(&self) -> &[FieldProblem] {
        &self.0.fields
    }

    /// What is there instead, after [`ErrorKind::PreconditionFailed`] on custom metadata.
    pub fn current_metadata(&self) -> Option<&CurrentMetadata> {
        self.0.current.as_ref()
    }

    /// What to do next, in words.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref().or_else(|| self.0.kind.hint())
    }

    /// Whether the same call, later, may succeed without anybody changing anything, and does no harm when repeated.
    pub fn is_retryable(&self) -> bool {
        matches!(self.kind(), ErrorKind::RateLimited | ErrorKind::Unavailable | ErrorKind::Network | ErrorKind::Timeout)
    }

    fn change(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }

    pub(crate) fn with_operation(self, operation: &'static str) -> Self {
        self.change(|inner| inner.operation = Some(operation))
    }

    pub(crate) fn with_status(self, status: u16) -> Self {
        self.change(|inner| inner.status = Some(status))
    }

    pub(crate) fn with_request_id(self, request_id: Option<String>) -> Self {
        self.change(|inner| inner.request_id = request_id)
    }

    pub(crate) fn with_attempts(self, attempts: u32) -> Self {
        self.change(|inner| inner.attempts = attempts)
    }

    pub(crate) fn with_retry_after(self, retry_after: Option<Duration>) -> Self {
        self.change(|inner| inner.retry_after = retry_after)
    }

    pub(crate) fn with_detail(self, detail: Option<Value>) -> Self {
        self.change(|inner| inner.detail = detail)
    }

    pub(crate) fn with_fields(self, fields: Vec<FieldProblem>) -> Self {
        self.change(|inner| inner.fields = fields)
    }

    pub(crate) fn with_current(
        self,
        custom_metadata: Option<serde_json::Map<String, Value>>,
        checksum: Option<String>,
    ) -> Self {
        self.change(|inner| inner.current = Some(CurrentMetadata { custom_metadata, checksum }))
    }

    pub(crate) fn with_hint(self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.change(|inner| inner.hint = Some(hint.into()))
    }

    /// The cause. It must hold no secret: it is shown.
    pub(crate) fn with_source(self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.change(|inner| inner.source = Some(Arc::from(source.into())))
    }

    pub(crate) fn with_kind(self, kind: ErrorKind) -> Self {
        self.change(|inner| inner.kind = kind)
    }

    /// The same with something more to say.
    pub(crate) fn with_note(self, note: &str) -> Self {
        self.change(|inner| inner.message = format!("{}; {note}", inner.message).into())
    }

    /// Whether nothing more can be written to the disk, whatever the file.
    pub(crate) fn is_disk_full(&self) -> bool {
        use std::io::ErrorKind as Io;
        let cause = self.source().and_then(|source| source.downcast_ref::<std::io::Error>());
        cause.is_some_and(|cause| matches!(cause.kind(), Io::StorageFull | Io::QuotaExceeded | Io::ReadOnlyFilesystem))
    }

    /// A local file and what could not be done with it.
    pub(crate) fn io(what: &str, path: &std::path::Path, error: std::io::Error) -> Self {
        let hint = io_hint(error.kind());
        let message = format!("cannot {what} {}: {error}", escaped(&path.display().to_string()));
        let io = Self::new(ErrorKind::Io, message).with_source(error);
        match hint {
            Some(hint) => io.with_hint(hint),
            None => io,
        }
    }
}

fn io_hint(kind: std::io::ErrorKind) -> Option<&'static str> {
    use std::io::ErrorKind as Io;
    match kind {
        Io::StorageFull | Io::QuotaExceeded => Some("free some space, or choose another directory, and start again"),
        Io::PermissionDenied | Io::ReadOnlyFilesystem => Some("choose a directory that you may write to"),
        Io::NotADirectory | Io::AlreadyExists => Some("something else is in the way: choose another directory"),
        Io::NotFound => Some("check the path"),
        _ => None,
    }
}

impl ErrorKind {
    /// Every kind, in the order of the reference.
    pub const ALL: [Self; 16] = [
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::Gone,
        Self::Conflict,
        Self::PreconditionFailed,
        Self::InvalidRequest,
        Self::RateLimited,
        Self::Unavailable,
        Self::Network,
        Self::Timeout,
        Self::OutcomeUnknown,
        Self::Integrity,
        Self::Configuration,
        Self::Protocol,
        Self::Io,
    ];

    /// What it means, in one sentence.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Unauthenticated => "nobody is signed in, or the token is refused even after a new one",
            Self::Forbidden => "signed in, and not allowed",
            Self::NotFound => "there is no such thing, or not for this user",
            Self::Gone => "it was there and was deleted",
            Self::Conflict => "the state of the thing does not allow it",
            Self::PreconditionFailed => "it was changed by somebody else since it was read",
            Self::InvalidRequest => "the request is wrong; its fields say where",
            Self::RateLimited => "too many requests, or a quota is used up",
            Self::Unavailable => "the service answered that it cannot serve now",
            Self::Network => "the service could not be reached: name, route, proxy, certificate",
            Self::Timeout => "it took longer than allowed",
            Self::OutcomeUnknown => "a request that changes something may or may not have been carried out",
            Self::Integrity => "data is not what its checksum or its size says",
            Self::Configuration => "the configuration is wrong; nothing was sent",
            Self::Protocol => "the server answered something outside the contract of the API",
            Self::Io => "a local file could not be read or written",
        }
    }

    /// What to do about it in general, where something can be said.
    pub fn advice(self) -> Option<&'static str> {
        self.hint()
    }

    fn hint(self) -> Option<&'static str> {
        match self {
            Self::Unauthenticated => Some("sign in again"),
            Self::Forbidden => Some("ask the owner, or the administrator of the organization, for access"),
            Self::NotFound => Some("check the id, and that it belongs to this environment and organization"),
            Self::PreconditionFailed => Some("read it again and repeat the change on what is there now"),
            Self::RateLimited => Some("wait a while, then try again with fewer calls at once"),
            Self::Unavailable => Some("try again later; the status page of the platform may say more"),
            Self::Network => Some("check the network, the proxy and the certificates"),
            Self::Timeout => Some("try again, or allow more time"),
            Self::OutcomeUnknown => Some("look whether it happened before doing it again"),
            Self::Integrity => Some("fetch it again; if it stays wrong, tell the support of the platform"),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        if let [first, rest @ ..] = self.fields() {
            write!(f, ": {} at {:?}", first.message, first.pointer)?;
            if !rest.is_empty() {
                write!(f, " and {} more", rest.len())?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        f.debug_struct("Error")
            .field("kind", &inner.kind)
            .field("message", &inner.message)
            .field("operation", &inner.operation)
            .field("status", &inner.status)
            .field("request_id", &inner.request_id)
            .field("attempts", &inner.attempts)
            .field("fields", &inner.fields)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

impl From<AuthError> for Error {
    fn from(error: AuthError) -> Self {
        let kind = match error.kind() {
            AuthErrorKind::TimedOut => ErrorKind::Timeout,
            AuthErrorKind::Unavailable => ErrorKind::Unavailable,
            AuthErrorKind::Configuration => ErrorKind::Configuration,
            AuthErrorKind::Storage => ErrorKind::Io,
            _ => ErrorKind::Unauthenticated,
        };
        let retry_after = match error.recovery() {
            Recovery::Retry { after } => after,
            _ => None,
        };
        let refused = error.recovery() == Recovery::SignIn(SignInReason::GivenTokenRefused);
        let message = format!("no token: {}", escaped(&error.to_string()));
        let told = Self::new(kind, message).with_retry_after(retry_after).with_source(error);
        if refused { told.with_hint(sign_in::GIVEN_TOKEN_REFUSED) } else { told }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_says_where_the_input_is_wrong() {
        let fields = vec![FieldProblem::new("/items/0/external_id", "is empty"), FieldProblem::new("/items/1", "?")];
        let error = Error::new(ErrorKind::InvalidRequest, "the run cannot be submitted").with_fields(fields);
        assert_eq!(error.to_string(), r#"the run cannot be submitted: is empty at "/items/0/external_id" and 1 more"#);
    }

    #[test]
    fn a_full_disk_says_what_to_do() {
        let error = Error::io("write", std::path::Path::new("/x\u{1b}[2J"), std::io::ErrorKind::StorageFull.into());
        assert!(error.hint().unwrap().contains("free some space"));
        assert!(!error.to_string().contains('\u{1b}'));
    }

    #[test]
    fn only_harmless_repetitions_are_retryable() {
        for (kind, retryable) in [
            (ErrorKind::Unavailable, true),
            (ErrorKind::RateLimited, true),
            (ErrorKind::OutcomeUnknown, false),
            (ErrorKind::Forbidden, false),
        ] {
            assert_eq!(Error::new(kind, "x").is_retryable(), retryable, "{kind:?}");
        }
    }
}
