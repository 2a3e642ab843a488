//! Tokens from an HTTP endpoint: a broker, a sidecar, a metadata service.

use std::{fmt, sync::Arc};

use ::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use async_trait::async_trait;
use url::Url;

use super::answer::Question;
use crate::{
    AccessToken, AuthError, AuthErrorKind, Clock, Identity, Recovery, RefreshPolicy, RefreshingProvider, Secret,
    SystemClock, TokenSource, Want,
    http::{HttpClient, HttpFault, endpoint},
};

/// An HTTP endpoint that answers `{"token": …, "expiresAt": …}`: a broker, a sidecar, a backend of the caller's.
///
/// `expiresAt` (or `expires_at`) is RFC 3339 or seconds since 1970, and may be missing; `access_token` and `expires_in`
/// are understood, too. `https` is needed except on loopback; redirects are not followed.
///
/// ```no_run
/// use aig_auth::{TokenProvider, TokenRequest, external::EndpointToken};
///
/// # async fn run(ticket: String) -> Result<(), aig_auth::AuthError> {
/// let provider = EndpointToken::new("https://broker.example.com/token")?
///     .with_header("authorization", format!("Bearer {ticket}"))?
///     .into_provider();
/// let token = provider.token(&TokenRequest::new()).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct EndpointToken {
    url: Url,
    method: Method,
    headers: HeaderMap,
    body: Secret,
    http: HttpClient,
    clock: Arc<dyn Clock>,
    identity: Option<Identity>,
}

impl EndpointToken {
    /// An endpoint that is asked with GET.
    ///
    /// # Errors
    /// When `url` is no `https` URL. `http` is accepted on loopback.
    pub fn new(url: &str) -> Result<Self, AuthError> {
        Ok(Self {
            url: endpoint("token endpoint", url)?,
            method: Method::GET,
            headers: HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static("application/json"))]),
            body: Secret::new(""),
            http: HttpClient::default(),
            clock: Arc::new(SystemClock::new()),
            identity: None,
        })
    }

    /// With this header. Its value is shown nowhere.
    ///
    /// # Errors
    /// When the name or the value cannot be in a header.
    pub fn with_header(mut self, name: &str, value: impl Into<Secret>) -> Result<Self, AuthError> {
        let name =
            HeaderName::try_from(name).map_err(|_| AuthError::setup("the header has a name that cannot be sent"))?;
        let mut value = HeaderValue::try_from(value.into().expose())
            .map_err(|_| AuthError::setup(format!("the header {name} has a value that cannot be sent")))?;
        value.set_sensitive(true);
        self.headers.insert(name, value);
        Ok(self)
    }

    /// Asked with POST and an empty body.
    #[must_use]
    pub fn with_post(self) -> Self {
        self.with_post_body(Secret::new(""))
    }

    /// Asked with POST and this body. Its `content-type` is a header as any other.
    #[must_use]
    pub fn with_post_body(mut self, body: impl Into<Secret>) -> Self {
        (self.method, self.body) = (Method::POST, body.into());
        self
    }

    /// Through this client.
    #[must_use]
    pub fn with_http(mut self, http: HttpClient) -> Self {
        self.http = http;
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

    /// A provider that asks the endpoint when a token is needed, and ahead of that where its end is known.
    pub fn into_provider(self) -> RefreshingProvider<Self> {
        let clock = self.clock.clone();
        RefreshingProvider::with(self, clock, RefreshPolicy::external())
    }

    fn origin(&self) -> String {
        format!("the token endpoint {}", without_query(&self.url))
    }

    fn request(&self) -> Result<Request<Vec<u8>>, AuthError> {
        let mut request = Request::new(self.body.expose().as_bytes().to_vec());
        *request.uri_mut() = self
            .url
            .as_str()
            .parse()
            .map_err(|_| AuthError::setup("the token endpoint has a URL that cannot be sent"))?;
        *request.method_mut() = self.method.clone();
        *request.headers_mut() = self.headers.clone();
        Ok(request)
    }

    fn accepted(&self, response: Response<Vec<u8>>) -> Result<Vec<u8>, AuthError> {
        match response.status() {
            StatusCode::OK | StatusCode::CREATED => Ok(response.into_body()),
            status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => Err(self.refused(status)),
            status => Err(at(&self.origin(), HttpFault::status(status, response.headers()))),
        }
    }

    fn refused(&self, status: StatusCode) -> AuthError {
        let message =
            format!("{} refused the request with status {}: check its headers", self.origin(), status.as_u16());
        AuthError::new(AuthErrorKind::Denied, Recovery::FixSetup, message)
    }
}

/// The error of `fault`, saying where.
pub(crate) fn at(origin: &str, fault: HttpFault) -> AuthError {
    let error = AuthError::from(fault);
    AuthError::new(error.kind(), error.recovery(), format!("{origin}: {error}"))
}

/// A query may hold secrets.
pub(crate) fn without_query(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_query(None);
    url
}

#[async_trait]
impl TokenSource for EndpointToken {
    async fn fetch(&self, _: &Want) -> Result<AccessToken, AuthError> {
        let (origin, asked_at) = (self.origin(), self.clock.now());
        let response = self.http.send(self.request()?).await.map_err(|fault| at(&origin, fault))?;
        let question = Question { origin: &origin, asked_at };
        question.document(&self.accepted(response)?).map_err(|fault| fault.into_error(&origin))
    }

    fn identity(&self) -> Option<Identity> {
        self.identity.clone()
    }
}

impl fmt::Debug for EndpointToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointToken")
            .field("url", &without_query(&self.url).as_str())
            .field("method", &self.method)
            .field("headers", &self.headers)
            .field("http", &self.http)
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}
