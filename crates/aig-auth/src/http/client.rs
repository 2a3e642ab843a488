//! The HTTP client for authorization servers and token endpoints: made in one place, late, and wary.

use std::{
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use ::http::{HeaderMap, Request, Response, StatusCode, header};
use jiff::SignedDuration;
use url::Url;

use super::{
    HttpSettings, ProxyFailure,
    address::{is_loopback, is_secure},
    fault::HttpFault,
    proxy::Proxies,
    retry_after, roots,
};
use crate::{AuthError, Clock as _, SystemClock, random};

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
    /// One for each [`Reach`].
    clients: [Mutex<Option<reqwest::Client>>; 3],
    proxies: OnceLock<Proxies>,
}

/// An answer of an authorization server is a few KiB.
const LARGEST_ANSWER: usize = 1024 * 1024;

impl HttpClient {
    /// A client with these settings. Nothing is loaded yet.
    pub fn new(settings: HttpSettings) -> Self {
        Self { inner: Arc::new(Inner { settings, ..Inner::default() }) }
    }

    /// Sends `request` and reads the whole answer, whatever its status.
    pub(crate) async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, HttpFault> {
        let settings = &self.inner.settings;
        let mut tries = 1;
        loop {
            match self.send_once(&request).await {
                Err(fault) if fault.sent_nothing() && tries < settings.connects => {
                    tokio::time::sleep(pause(settings, tries)).await;
                }
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
        let answer = match once(&self.client(Reach::of(&url))?, &url, request).await {
            Err(HttpFault::Connect { host }) => self.past_the_proxy(host, &url, request).await,
            outcome => outcome,
        }?;
        self.look_at_clock(answer.headers());
        Ok(answer)
    }

    /// What comes of a connection that was not made: the fault of a proxy, if there is one, can be gone around.
    async fn past_the_proxy(
        &self,
        host: String,
        url: &Url,
        request: &Request<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, HttpFault> {
        let proxies = self.inner.proxies.get_or_init(Proxies::of_the_system);
        let Some(proxy) = proxies.proxy_for(url).filter(|_| !is_loopback(url)) else {
            return Err(HttpFault::Connect { host });
        };
        match self.inner.settings.proxy_failure {
            ProxyFailure::Fail => Err(HttpFault::Proxy { host, proxy }),
            ProxyFailure::ConnectDirectly => {
                tracing::warn!(host, proxy, "the proxy cannot be used: connecting directly, as the settings allow");
                once(&self.client(Reach::Direct)?, url, request).await
            }
        }
    }

    /// The document at `url`.
    #[cfg(any(feature = "oauth", feature = "jwt"))]
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

    fn client(&self, reach: Reach) -> Result<reqwest::Client, HttpFault> {
        let mut slot = self.inner.clients[reach as usize].lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = &*slot {
            return Ok(client.clone());
        }
        Ok(slot.insert(build(&self.inner.settings, reach)?).clone())
    }
}

fn pause(settings: &HttpSettings, tries: u32) -> Duration {
    let doublings = 1 << tries.saturating_sub(1).min(16);
    let wait = settings.connect_waits.start().saturating_mul(doublings).min(*settings.connect_waits.end());
    wait.mul_f64(0.5 + random::fraction() / 2.0)
}

/// How a server is reached. Each way has a client of its own, made when it is first needed.
#[derive(Clone, Copy)]
enum Reach {
    /// `http` on loopback: the bundles are read, so that one that cannot be used is noticed early, and nothing else.
    Plain,
    /// `https`, past any proxy.
    Direct,
    /// `https`, through the proxy of the environment or the system, where there is one.
    Network,
}

impl Reach {
    fn of(url: &Url) -> Self {
        match (is_loopback(url), url.scheme()) {
            (true, "http") => Self::Plain,
            (true, _) => Self::Direct,
            (false, _) => Self::Network,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place of the crate that makes HTTP clients")]
fn build(settings: &HttpSettings, reach: Reach) -> Result<reqwest::Client, HttpFault> {
    // Fails when a provider is installed already: then that one is used.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder()
        .timeout(settings.timeout)
        .connect_timeout(settings.connect_timeout)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        // Token requests are rare, and one sent on a connection that the server just closed cannot be repeated.
        .pool_max_idle_per_host(0)
        .http1_only()
        .user_agent(settings.user_agent.as_deref().unwrap_or(concat!("aig-auth/", env!("CARGO_PKG_VERSION"))));
    let builder = match reach {
        Reach::Plain => builder.no_proxy().tls_certs_only(roots::of_bundles(settings)?),
        Reach::Direct => builder.no_proxy().tls_certs_merge(roots::beside_the_system(settings)?),
        Reach::Network => builder.tls_certs_merge(roots::beside_the_system(settings)?),
    };
    builder.build().map_err(|_| HttpFault::Setup("the TLS settings cannot be used: check the CA bundle".into()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_between_connects_are_those_of_the_settings() {
        let waits = Duration::from_millis(100)..=Duration::from_secs(1);
        let settings = HttpSettings::default().with_connects(0, waits);
        assert_eq!(settings.connects, 1, "a server is asked at least once");
        for (tries, longest) in [(1, 100), (2, 200), (3, 400), (5, 1_000), (u32::MAX, 1_000)] {
            let wait = pause(&settings, tries).as_millis();
            assert!((longest / 2..=longest).contains(&wait), "{tries}: {wait} ms");
        }
    }
}
