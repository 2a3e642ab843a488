//! The HTTP client for authorization servers: made in one place, late, and wary.

use std::{
    fmt, fs,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use oauth2::http::{HeaderMap, Request, Response, StatusCode, header};
use url::Url;

use super::{
    config::{is_loopback, is_secure},
    fault::HttpFault,
    retry_after,
};
use crate::{AuthError, Clock as _, SystemClock, random};
use jiff::SignedDuration;

/// How to reach authorization servers.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HttpSettings {
    /// The longest time for a whole exchange: 30 s.
    pub timeout: Duration,
    /// The longest time to connect: 10 s.
    pub connect_timeout: Duration,
    /// Certificates to trust beside those of the system and the common ones: a PEM file.
    pub ca_bundle: Option<PathBuf>,
    /// What to call ourselves.
    pub user_agent: Option<String>,
}

impl Default for HttpSettings {
    fn default() -> Self {
        let (timeout, connect_timeout) = (Duration::from_secs(30), Duration::from_secs(10));
        Self { timeout, connect_timeout, ca_bundle: None, user_agent: None }
    }
}

impl HttpSettings {
    /// Trusting the certificates in this PEM file, too.
    #[must_use]
    pub fn with_ca_bundle(mut self, path: impl Into<PathBuf>) -> Self {
        self.ca_bundle = Some(path.into());
        self
    }

    /// With this `User-Agent`.
    #[must_use]
    pub fn with_user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = Some(user_agent.into());
        self
    }

    /// With this time for a whole exchange.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}

/// A client for authorization servers: follows no redirects, sends no referer, keeps to `https` except on loopback, and
/// never asks a proxy for loopback. Certificates are loaded at the first request. Cheap to clone.
#[derive(Clone, Default)]
pub struct HttpClient {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    settings: HttpSettings,
    /// What the last answer showed of the server's clock: seconds that ours is ahead.
    clock_ahead: Mutex<Option<SignedDuration>>,
    /// For loopback, and for everything else.
    clients: [Mutex<Option<reqwest::Client>>; 2],
}

/// An answer of an authorization server is a few KiB.
const LARGEST_ANSWER: usize = 1024 * 1024;

/// Tries to connect. A connection that was never made has sent nothing, so trying again is always safe.
const CONNECTS: u32 = 3;

impl HttpClient {
    /// A client with these settings. Nothing is loaded yet.
    pub fn new(settings: HttpSettings) -> Self {
        Self { inner: Arc::new(Inner { settings, ..Inner::default() }) }
    }

    /// Sends `request` and reads the whole answer, whatever its status.
    pub(crate) async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, HttpFault> {
        let mut tries = 1;
        loop {
            match self.send_once(&request).await {
                Err(HttpFault::Connect { .. }) if tries < CONNECTS => tokio::time::sleep(pause(tries)).await,
                outcome => return outcome,
            }
            tries += 1;
        }
    }

    /// The same with one try to connect, for callers who have a back-off of their own.
    pub(crate) async fn send_once(&self, request: &Request<Vec<u8>>) -> Result<Response<Vec<u8>>, HttpFault> {
        let url = Url::parse(&request.uri().to_string()).map_err(|_| HttpFault::NotSecure)?;
        if !is_secure(&url) {
            return Err(HttpFault::NotSecure);
        }
        let answer = once(&self.client(&url)?, &url, request).await?;
        self.look_at_clock(answer.headers());
        Ok(answer)
    }

    /// The document at `url`.
    pub(crate) async fn get(&self, url: &Url) -> Result<Response<Vec<u8>>, HttpFault> {
        let request = Request::get(url.as_str())
            .header(header::ACCEPT, "application/json")
            .body(Vec::new())
            .map_err(|_| HttpFault::NotSecure)?;
        let response = self.send(request).await?;
        match response.status() {
            StatusCode::OK => Ok(response),
            status => Err(HttpFault::status(status, response.headers())),
        }
    }

    /// How this client was set up.
    pub fn settings(&self) -> &HttpSettings {
        &self.inner.settings
    }

    /// How far this machine's clock is ahead of the server's, as the last answer showed it.
    pub fn clock_ahead(&self) -> Option<SignedDuration> {
        *self.inner.clock_ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look_at_clock(&self, headers: &HeaderMap) {
        if let Some(server) = retry_after::server_time(headers) {
            let ahead = SystemClock::new().now().duration_since(server);
            *self.inner.clock_ahead.lock().unwrap_or_else(PoisonError::into_inner) = Some(ahead);
        }
    }

    fn client(&self, url: &Url) -> Result<reqwest::Client, HttpFault> {
        let loopback = is_loopback(url);
        let slot = &self.inner.clients[usize::from(loopback)];
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = &*slot {
            return Ok(client.clone());
        }
        let client = build(&self.inner.settings, if loopback { Reach::Loopback } else { Reach::Network })?;
        Ok(slot.insert(client).clone())
    }
}

fn pause(tries: u32) -> Duration {
    Duration::from_millis(100 << tries.min(8)).mul_f64(0.5 + random::fraction() / 2.0)
}

#[derive(Clone, Copy, PartialEq)]
enum Reach {
    Loopback,
    Network,
}

#[expect(clippy::disallowed_methods, reason = "this is the one place of the crate that makes HTTP clients")]
fn build(settings: &HttpSettings, reach: Reach) -> Result<reqwest::Client, HttpFault> {
    // Fails when a provider is installed already: then that one is used.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .timeout(settings.timeout)
        .connect_timeout(settings.connect_timeout)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        // Token requests are rare, and one sent on a connection that the server just closed cannot be repeated.
        .pool_max_idle_per_host(0)
        .http1_only()
        .user_agent(settings.user_agent.as_deref().unwrap_or(concat!("aig-auth/", env!("CARGO_PKG_VERSION"))));
    builder = match reach {
        Reach::Loopback => builder.no_proxy().tls_certs_only(extra_roots(settings)?),
        Reach::Network => builder.tls_certs_merge(common_roots()?).tls_certs_merge(extra_roots(settings)?),
    };
    builder.build().map_err(|_| HttpFault::Setup("the TLS settings cannot be used: check the CA bundle".into()))
}

/// The roots that browsers trust, so that a machine without a certificate store can sign in.
fn common_roots() -> Result<Vec<reqwest::Certificate>, HttpFault> {
    webpki_root_certs::TLS_SERVER_ROOT_CERTS
        .iter()
        .map(|root| reqwest::Certificate::from_der(root))
        .collect::<Result<_, _>>()
        .map_err(|_| HttpFault::Setup("the built-in certificates cannot be read".into()))
}

fn extra_roots(settings: &HttpSettings) -> Result<Vec<reqwest::Certificate>, HttpFault> {
    let Some(path) = &settings.ca_bundle else { return Ok(Vec::new()) };
    let unusable = |why: &str| HttpFault::Setup(format!("the CA bundle {} {why}", path.display()));
    let pem = fs::read(path).map_err(|error| unusable(&format!("cannot be read: {error}")))?;
    let roots = reqwest::Certificate::from_pem_bundle(&pem).map_err(|_| unusable("is not in PEM form"))?;
    if roots.is_empty() {
        return Err(unusable("has no certificate"));
    }
    Ok(roots)
}

async fn once(client: &reqwest::Client, url: &Url, request: &Request<Vec<u8>>) -> Result<Response<Vec<u8>>, HttpFault> {
    let sent = client
        .request(request.method().clone(), url.clone())
        .headers(sensitive(request.headers()))
        .body(request.body().clone())
        .send()
        .await;
    let mut answer = sent.map_err(|error| HttpFault::of(&error, url))?;
    let mut response = Response::new(Vec::new());
    *response.status_mut() = answer.status();
    *response.headers_mut() = std::mem::take(answer.headers_mut());
    while let Some(chunk) = answer.chunk().await.map_err(|error| HttpFault::of(&error, url).after_sending())? {
        if response.body().len() + chunk.len() > LARGEST_ANSWER {
            return Err(HttpFault::TooLarge);
        }
        response.body_mut().extend_from_slice(&chunk);
    }
    Ok(response)
}

fn sensitive(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    if let Some(value) = headers.get_mut(header::AUTHORIZATION) {
        value.set_sensitive(true);
    }
    headers
}

impl HttpFault {
    pub(crate) fn status(status: StatusCode, headers: &HeaderMap) -> Self {
        if status.is_redirection() {
            return Self::Redirected;
        }
        Self::Status { status: status.as_u16(), retry_after: retry_after::of(headers) }
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").field("settings", &self.inner.settings).finish_non_exhaustive()
    }
}

impl From<HttpFault> for AuthError {
    fn from(fault: HttpFault) -> Self {
        fault.into_error()
    }
}
