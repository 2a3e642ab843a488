//! How the platform is, in two layers: without and with a token.

use aig_auth::{AccessToken, TokenRequest};
use aig_codegen::{HEALTH_PATH, Health as Statement, HealthStatus as Word};
use http::{HeaderValue, Method, header};
use url::Url;

use crate::{Client, text::escaped, transport::Request};

/// How the platform is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// Without a token: is the service there?
    pub api_public: ComponentHealth,
    /// With a token: can this user work?
    pub api_authenticated: ComponentHealth,
}

/// How one part is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ComponentHealth {
    /// The state.
    pub status: HealthStatus,
    /// Why it is not up.
    pub reason: Option<String>,
}

/// A state; the worse is the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HealthStatus {
    /// Everything works.
    Up,
    /// It works, with something missing.
    Degraded,
    /// It does not work.
    Down,
}

impl Health {
    /// The state of the whole: that of its worst part.
    pub fn status(&self) -> HealthStatus {
        self.api_public.status.max(self.api_authenticated.status)
    }
}

impl ComponentHealth {
    fn new(status: HealthStatus, reason: Option<String>) -> Self {
        Self { status, reason: reason.map(|reason| escaped(&reason)) }
    }

    fn down(reason: impl Into<String>) -> Self {
        Self::new(HealthStatus::Down, Some(reason.into()))
    }
}

/// Asks both ways at once. A token is taken from the provider as any call takes it: nobody is asked to sign in.
pub(crate) async fn check(client: &Client) -> Health {
    let authenticated = async {
        match client.inner().wire.tokens.token(&TokenRequest::new()).await {
            Ok(token) => ask(client, Some(token)).await,
            Err(error) => ComponentHealth::down(format!("no token: {error}")),
        }
    };
    let (api_public, api_authenticated) = futures_util::join!(ask(client, None), authenticated);
    Health { api_public, api_authenticated }
}

/// The most that a statement of health may hold.
const LARGEST: usize = 64 << 10;

async fn ask(client: &Client, token: Option<AccessToken>) -> ComponentHealth {
    let root = client.api_root().as_str().trim_end_matches('/');
    let Ok(url) = Url::parse(&format!("{root}{HEALTH_PATH}")) else { return ComponentHealth::down("bad API root") };
    let mut request = Request::new(Method::GET, url);
    request.timeout = Some(client.settings().health_timeout);
    request.headers.insert(header::USER_AGENT, client.inner().wire.user_agent.clone());
    if let Some(mut bearer) = token.and_then(|token| HeaderValue::from_str(&format!("Bearer {}", token.expose())).ok())
    {
        bearer.set_sensitive(true);
        request.headers.insert(header::AUTHORIZATION, bearer);
    }
    let exchange = async {
        let response = client.inner().wire.transport.send(request).await?;
        Ok((response.status.as_u16(), response.body.bytes(LARGEST).await?))
    };
    match tokio::time::timeout(client.settings().health_timeout, exchange).await {
        Err(_) => ComponentHealth::down("no answer in time"),
        Ok(Err(fault)) => ComponentHealth::down(crate::transport::TransportError::to_string(&fault)),
        Ok(Ok((200, body))) => judge(&body),
        Ok(Ok((status, _))) => ComponentHealth::down(format!("the service answered {status}")),
    }
}

fn judge(body: &[u8]) -> ComponentHealth {
    match serde_json::from_slice::<Statement>(body) {
        Ok(Statement { status: Word::Up, reason, .. }) => ComponentHealth::new(HealthStatus::Up, reason),
        Ok(Statement { status: Word::Degraded, reason, .. }) => ComponentHealth::new(HealthStatus::Degraded, reason),
        Ok(Statement { status, .. }) => ComponentHealth::down(format!("the service calls itself {}", status.as_str())),
        Err(_) => ComponentHealth::down("the answer is no statement of health"),
    }
}
