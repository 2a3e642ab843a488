//! A transport for tests: answers from a script, and remembers what was asked.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

use crate::transport::{Body, Request, Response, Transport, TransportError, TransportErrorKind};

/// Answers without a network. Replies are taken in order; when they run out, the fallback answers.
///
/// ```
/// use aig_platform::transport::{RecordingTransport, Reply};
///
/// let transport = RecordingTransport::new()
///     .reply(Reply::status(503))
///     .fallback(|request| Reply::json(200, &serde_json::json!({ "path": request.path })));
/// # let _ = transport;
/// ```
#[derive(Default)]
pub struct RecordingTransport {
    script: Mutex<VecDeque<Reply>>,
    fallback: Option<Answer>,
    requests: Mutex<Vec<RecordedRequest>>,
}

type Answer = Box<dyn Fn(&RecordedRequest) -> Reply + Send + Sync>;

/// What was asked. `Debug` shows neither query nor credentials.
#[derive(Clone)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The method, upper case.
    pub method: String,
    /// Scheme, host and port.
    pub origin: String,
    /// The path, percent-encoded as it was sent.
    pub path: String,
    /// The query, decoded, in order.
    pub query: Vec<(String, String)>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl RecordedRequest {
    fn of(request: &Request) -> Self {
        Self {
            method: request.method.to_string(),
            origin: request.url.origin().ascii_serialization(),
            path: request.url.path().to_owned(),
            query: request.url.query_pairs().into_owned().collect(),
            headers: request.headers.clone(),
            body: request.body.clone(),
        }
    }

    /// The first value of a query parameter.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The bearer token that was sent.
    pub fn bearer(&self) -> Option<&str> {
        self.headers.get(http::header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
    }

    /// The body as JSON; null when it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

impl fmt::Debug for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.method, self.origin, self.path)
    }
}

/// One answer, or the lack of one.
#[derive(Debug, Clone)]
pub struct Reply(Result<Scripted, TransportErrorKind>);

#[derive(Debug, Clone, Default)]
struct Scripted {
    status: StatusCode,
    headers: HeaderMap,
    chunks: Vec<Bytes>,
    /// How the body breaks off, when it does.
    break_off: Option<TransportErrorKind>,
}

impl Reply {
    /// An answer without a body.
    pub fn status(status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self(Ok(Scripted { status, ..Scripted::default() }))
    }

    /// An answer in JSON.
    pub fn json(status: u16, body: &impl Serialize) -> Self {
        Self::status(status).with_body(serde_json::to_vec(body).unwrap_or_default())
    }

    /// No answer.
    pub fn failure(kind: TransportErrorKind) -> Self {
        Self(Err(kind))
    }

    /// The same answer with this body.
    #[must_use]
    pub fn with_body(self, body: impl Into<Bytes>) -> Self {
        self.change(|scripted| scripted.chunks.push(body.into()))
    }

    /// The same answer, broken off after the body so far.
    #[must_use]
    pub fn cut(self) -> Self {
        self.change(|scripted| scripted.break_off = Some(TransportErrorKind::Interrupted))
    }

    /// The same answer with a header more. A header that cannot be is left out.
    #[must_use]
    pub fn with_header(self, name: &str, value: &str) -> Self {
        match (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
            (Ok(name), Ok(value)) => self.change(|scripted| {
                scripted.headers.append(name, value);
            }),
            _ => self,
        }
    }

    fn change(self, change: impl FnOnce(&mut Scripted)) -> Self {
        Self(self.0.map(|mut scripted| {
            change(&mut scripted);
            scripted
        }))
    }
}

impl RecordingTransport {
    /// A transport that answers 404 to everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers with `reply` when its turn comes.
    #[must_use]
    pub fn reply(self, reply: Reply) -> Self {
        lock(&self.script).push_back(reply);
        self
    }

    /// Answers with what `answer` says, when no reply is left.
    #[must_use]
    pub fn fallback(mut self, answer: impl Fn(&RecordedRequest) -> Reply + Send + Sync + 'static) -> Self {
        self.fallback = Some(Box::new(answer));
        self
    }

    /// Adds a reply while the transport is in use.
    pub fn push(&self, reply: Reply) {
        lock(&self.script).push_back(reply);
    }

    /// What was asked so far.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        lock(&self.requests).clone()
    }

    fn answer(&self, request: &RecordedRequest) -> Reply {
        let scripted = lock(&self.script).pop_front();
        scripted.unwrap_or_else(|| match &self.fallback {
            Some(answer) => answer(request),
            None => Reply::json(404, &serde_json::json!({ "detail": "no reply was scripted" })),
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for RecordingTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordingTransport").field("requests", &self.requests()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Transport for RecordingTransport {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let recorded = RecordedRequest::of(&request);
        let reply = self.answer(&recorded);
        lock(&self.requests).push(recorded);
        let scripted = |kind| TransportError::new(kind, "as scripted");
        let Scripted { status, headers, chunks, break_off } = reply.0.map_err(scripted)?;
        let end = break_off.map(|kind| Err(scripted(kind)));
        let pieces: Vec<_> = chunks.into_iter().map(Ok).chain(end).collect();
        Ok(Response::new(status, headers, Body::from_stream(futures_util::stream::iter(pieces))))
    }
}
