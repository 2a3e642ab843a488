//! Requests as they are on the wire: no models, no retries, nothing followed.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use aig_codegen::SERVER_PREFIX;
use aig_platform::transport::{HttpOptions, Request, ReqwestTransport, Transport};
use http::{HeaderMap, HeaderValue, Method, header};
use serde_json::Value;

/// More than any answer of the API has.
const LARGEST: usize = 64 << 20;

/// A plain client of one API root, with or without a bearer token.
#[derive(Debug, Clone)]
pub struct Wire {
    transport: Arc<dyn Transport>,
    root: String,
    token: Option<HeaderValue>,
    record: Arc<Record>,
}

/// What was sent by a client and by all that were made from it.
#[derive(Debug, Default)]
pub struct Record {
    only_reads: AtomicBool,
    sent: Mutex<Vec<Sent>>,
}

/// A request that was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The method.
    pub method: Method,
    /// The path below the root of the deployment.
    pub path: String,
    /// The status of the answer.
    pub status: u16,
}

impl Record {
    /// From now on nothing but GET and HEAD is let through.
    pub fn forbid_writes(&self) {
        self.only_reads.store(true, Ordering::Relaxed);
    }

    /// From now on everything is let through, as at the beginning.
    pub fn allow_writes(&self) {
        self.only_reads.store(false, Ordering::Relaxed);
    }

    /// Everything up to now.
    pub fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn lets_through(&self, method: &Method) -> bool {
        method.is_safe() || !self.only_reads.load(Ordering::Relaxed)
    }

    fn add(&self, sent: Sent) {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(sent);
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub bytes: Vec<u8>,
    /// The body as JSON; null when it is none.
    pub body: Value,
}

impl Answer {
    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl Wire {
    /// A client of `root` that says who it is with `token`.
    pub fn new(root: &str, token: Option<&str>) -> Self {
        Self::over(Arc::new(ReqwestTransport::new(HttpOptions::default())), root, token)
    }

    /// The same over a transport of the caller's.
    pub fn over(transport: Arc<dyn Transport>, root: &str, token: Option<&str>) -> Self {
        let wire = Self { transport, root: root.trim_end_matches('/').to_owned(), token: None, record: Arc::default() };
        wire.with_token(token)
    }

    /// The same for somebody else, or for nobody.
    #[must_use]
    pub fn with_token(&self, token: Option<&str>) -> Self {
        let token = token.and_then(|token| HeaderValue::from_str(&format!("Bearer {token}")).ok());
        Self { token, ..self.clone() }
    }

    /// What was sent by this client and by all that were made from it.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Of the root: empty, unless the deployment lives below one.
    fn path(&self) -> String {
        let root = self.root.parse::<url::Url>();
        root.map(|root| root.path().trim_end_matches('/').to_owned()).unwrap_or_default()
    }

    /// Sends a request to a path of the API.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn api(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer, String> {
        self.send(method, &format!("{}{SERVER_PREFIX}{path}", self.root), body).await
    }

    /// Sends a request to a path below the root, outside the API.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn root(&self, path: &str) -> Result<Answer, String> {
        self.send("GET", &format!("{}{path}", self.root), None).await
    }

    /// Sends a request to any address.
    ///
    /// # Errors
    /// When there is no answer. The address is not told: it can be signed.
    pub async fn send(&self, method: &str, url: &str, body: Option<&Value>) -> Result<Answer, String> {
        let method: Method = method.parse().map_err(|_| format!("{method} is no method"))?;
        if !self.record.lets_through(&method) {
            return Err(format!("{method} was not sent: only reads are allowed"));
        }
        let mut request = Request::new(method.clone(), url.parse().map_err(|error| format!("no address: {error}"))?);
        if let Some(token) = &self.token {
            request.headers.insert(header::AUTHORIZATION, token.clone());
        }
        if let Some(body) = body {
            request.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            request.body = body.to_string().into();
        }
        let path = request.url.path().to_owned();
        let response = self.transport.send(request).await.map_err(|error| error.to_string())?;
        let (status, headers) = (response.status.as_u16(), response.headers);
        self.record.add(Sent { method, path: path.strip_prefix(&self.path()).unwrap_or(&path).to_owned(), status });
        let bytes = response.body.bytes(LARGEST).await.map_err(|error| error.to_string())?.to_vec();
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        Ok(Answer { status, headers, bytes, body })
    }
}
