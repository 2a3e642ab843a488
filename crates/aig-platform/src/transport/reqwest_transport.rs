//! The one place of this crate that knows reqwest: its construction, and the meaning of its errors.

use std::{error::Error as StdError, fmt, path::PathBuf, sync::OnceLock, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use futures_core::Stream;
use futures_util::{StreamExt as _, stream};
use http::{HeaderValue, Method};
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{Client, ClientBuilder, redirect, tls};

use crate::{
    Error, ErrorKind, Result,
    settings::Settings,
    transport::{
        Body, ProxyFailure, Request, Response, Transport, TransportError, TransportErrorKind, is_loopback, peer::Peer,
        roots,
    },
};

/// What the HTTP client is built with.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HttpOptions {
    /// The time allowed for a connection, TLS included.
    pub connect_timeout: Duration,
    /// The longest silence between two pieces of an answer.
    pub stall_timeout: Duration,
    /// Certificates to trust besides the system's and the built-in ones: PEM files.
    pub ca_bundles: Vec<PathBuf>,
    /// What becomes of a request when the proxy of the environment cannot be used.
    pub proxy_failure: ProxyFailure,
    /// Who is calling.
    pub user_agent: String,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            stall_timeout: Duration::from_secs(30),
            ca_bundles: Vec::new(),
            proxy_failure: ProxyFailure::Fail,
            user_agent: crate::user_agent::base(),
        }
    }
}

/// What these settings ask for.
impl From<&Settings> for HttpOptions {
    fn from(settings: &Settings) -> Self {
        let (ca_bundles, proxy_failure) = (settings.ca_bundles.clone(), settings.proxy_failure);
        Self { ca_bundles, proxy_failure, ..Self::default() }
    }
}

/// Real HTTP. Built on first use: loading the system's certificates takes milliseconds that a cached answer need not
/// pay.
pub struct ReqwestTransport {
    options: HttpOptions,
    /// One for each [`Reach`].
    clients: [OnceLock<Result<Client>>; 3],
    proxies: OnceLock<Matcher>,
}

/// How a server is reached. Addresses of this machine are never reached through a proxy, whatever the environment says:
/// the bearer would travel to it in clear.
#[derive(Clone, Copy)]
enum Reach {
    /// `http` on loopback: the system's certificates are not read, so that it is ready at once.
    Plain,
    /// Past any proxy: `https` on loopback, and the way around a broken proxy where that is allowed.
    Direct,
    /// Through the proxy of the environment or the system, where there is one.
    Network,
}

impl Reach {
    fn of(url: &url::Url) -> Self {
        match (is_loopback(url), url.scheme()) {
            (true, "http") => Self::Plain,
            (true, _) => Self::Direct,
            (false, _) => Self::Network,
        }
    }
}

impl ReqwestTransport {
    /// A transport that connects when it is first used.
    pub fn new(options: HttpOptions) -> Self {
        Self { options, clients: Default::default(), proxies: OnceLock::new() }
    }

    /// Sends; once more without the proxy when that cannot be used and this is allowed. Nothing was sent then.
    async fn exchange(&self, request: Request) -> Result<(reqwest::Response, Peer), TransportError> {
        let reach = Reach::of(&request.url);
        let proxies = || self.proxies.get_or_init(Matcher::from_system);
        let peer = Peer::new(&request.url, matches!(reach, Reach::Network).then(proxies));
        let around = matches!(self.options.proxy_failure, ProxyFailure::ConnectDirectly) && peer.is_behind_proxy();
        let again = around.then(|| request.clone());
        match (self.send_by(reach, request, &peer).await, again) {
            (Err(fault), Some(request)) if fault.kind() == TransportErrorKind::Connect => {
                tracing::warn!(%fault, "connecting without the proxy");
                let peer = Peer::new(&request.url, None);
                self.send_by(Reach::Direct, request, &peer).await.map(|answer| (answer, peer))
            }
            (outcome, _) => outcome.map(|answer| (answer, peer)),
        }
    }

    async fn send_by(&self, reach: Reach, request: Request, peer: &Peer) -> Result<reqwest::Response, TransportError> {
        let client = self.clients[reach as usize].get_or_init(|| client(&self.options, reach)).as_ref();
        let client = client.map_err(|error| TransportError::new(TransportErrorKind::Request, error.to_string()))?;
        outgoing(client, request).send().await.map_err(|error| classified(error, peer))
    }
}

fn client(options: &HttpOptions, reach: Reach) -> Result<Client> {
    let roots = roots::certificates(options.ca_bundles.iter().map(PathBuf::as_path))?;
    let builder = builder(options);
    built(match reach {
        Reach::Plain => builder.no_proxy().tls_certs_only(roots),
        Reach::Direct => builder.no_proxy().tls_certs_merge(roots),
        Reach::Network => builder.tls_certs_merge(roots),
    })
}

fn built(builder: ClientBuilder) -> Result<Client> {
    builder.build().map_err(|error| {
        let message = format!("the HTTP client cannot be built: {}", innermost(&error.without_url()));
        Error::new(ErrorKind::Configuration, message).with_hint("check the proxy and certificate settings")
    })
}

/// The one constructor. Redirects are answers, not instructions; a referer would carry the signature of a URL.
#[expect(clippy::disallowed_methods, reason = "the one constructor of this crate")]
fn builder(options: &HttpOptions) -> ClientBuilder {
    install_crypto_provider();
    let user_agent =
        HeaderValue::from_str(&options.user_agent).unwrap_or_else(|_| HeaderValue::from_static("aig-platform"));
    Client::builder()
        .connect_timeout(options.connect_timeout)
        .redirect(redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .tls_version_min(tls::Version::TLS_1_2)
        .user_agent(user_agent)
}

/// The provider is a choice of the process; who chose before us keeps it.
pub(crate) fn install_crypto_provider() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}

impl fmt::Debug for ReqwestTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestTransport").field("options", &self.options).finish_non_exhaustive()
    }
}

#[async_trait]
impl Transport for ReqwestTransport {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let stall = self.options.stall_timeout;
        let patience = request.timeout.unwrap_or_else(|| stall.saturating_add(time_to_send(&request)));
        let answer = tokio::time::timeout(patience, self.exchange(request)).await.map_err(|_| stalled(patience))?;
        let (mut answer, peer) = answer?;
        let (status, headers) = (answer.status(), std::mem::take(answer.headers_mut()));
        Ok(Response::new(status, headers, Body::from_stream(watched(answer.bytes_stream(), stall, peer))))
    }
}

fn outgoing(client: &Client, request: Request) -> reqwest::RequestBuilder {
    let sends = matches!(request.method, Method::POST | Method::PUT | Method::PATCH);
    let mut outgoing = client.request(request.method, request.url).headers(request.headers);
    if !request.body.is_empty() {
        outgoing = outgoing.body(request.body);
    } else if sends {
        // Some servers refuse a POST that does not say how long it is (RFC 9110, section 8.6).
        outgoing = outgoing.header(http::header::CONTENT_LENGTH, 0);
    }
    match request.timeout {
        Some(timeout) => outgoing.timeout(timeout),
        None => outgoing,
    }
}

/// The slowest upload that is not given up: a poor mobile connection.
const SLOWEST_BYTES_PER_SECOND: u64 = 32 << 10;

fn time_to_send(request: &Request) -> Duration {
    Duration::from_secs(request.body.len() as u64 / SLOWEST_BYTES_PER_SECOND)
}

/// The pieces of a body; a silence that is too long ends it.
fn watched(
    pieces: impl Stream<Item = reqwest::Result<Bytes>> + Send + 'static,
    stall: Duration,
    peer: Peer,
) -> impl Stream<Item = Result<Bytes, TransportError>> + Send {
    stream::unfold((Box::pin(pieces), peer), move |(mut pieces, peer)| async move {
        let piece = match tokio::time::timeout(stall, pieces.next()).await {
            Ok(piece) => piece?.map_err(|error| classified(error, &peer)),
            Err(_) => Err(stalled(stall)),
        };
        Some((piece, (pieces, peer)))
    })
}

fn stalled(after: Duration) -> TransportError {
    TransportError::new(TransportErrorKind::Timeout, format!("nothing came for {} s", after.as_secs_f64()))
}

/// What failed, with the peer: scheme, host and port, and never a path or a query.
fn classified(error: reqwest::Error, peer: &Peer) -> TransportError {
    let error = error.without_url();
    let kind = if is_tls(&error) {
        TransportErrorKind::Tls
    } else if error.is_connect() {
        TransportErrorKind::Connect
    } else if error.is_timeout() {
        TransportErrorKind::Timeout
    } else if error.is_builder() {
        TransportErrorKind::Request
    } else {
        TransportErrorKind::Interrupted
    };
    let what = match kind {
        TransportErrorKind::Connect => format!("cannot reach {peer}"),
        TransportErrorKind::Tls => format!("cannot trust {peer}"),
        TransportErrorKind::Timeout => format!("{peer} took too long"),
        _ => format!("the exchange with {peer} broke off"),
    };
    TransportError::new(kind, format!("{what}: {}", innermost(&error)))
}

/// A connection that was refused for want of trust: a certificate, or a version of TLS. Trying again changes nothing.
fn is_tls(error: &reqwest::Error) -> bool {
    error.is_connect() && causes(error).any(is_of_rustls)
}

/// An error of the operating system's type may hold others, which are not among its sources.
fn is_of_rustls(cause: &(dyn StdError + 'static)) -> bool {
    let held = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    cause.is::<rustls::Error>() || held.is_some_and(|held| causes(held).any(is_of_rustls))
}

/// The innermost cause: those around it say which library noticed.
fn innermost(error: &reqwest::Error) -> String {
    let text = causes(error).last().map(ToString::to_string).unwrap_or_default();
    // The number of the operating system's error says nothing that its text does not.
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

fn causes<'e>(error: &'e (dyn StdError + 'static)) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}
