//! Putting a client together.

use std::sync::Arc;

use aig_auth::{AccessToken, Clock, SystemClock, TokenProvider, external::FixedToken};
use aig_cache::{MokaCache, NoCache, OperationCache};
use http::HeaderValue;
use tokio::sync::Semaphore;

use crate::{
    Client, Error, ErrorKind, Result,
    call::{LANES, Quota, Wire},
    client::{FreshRuns, Inner},
    sdk_metadata::{Initiator, Interface, NameUser, Writer},
    settings::{EnvironmentName, Settings, Sources, Variables},
    sign_in::SignIn,
    transport::{HttpOptions, ReqwestTransport, Transport},
    user_agent,
};

/// The parts of a client. What is not given has a default.
///
/// ```
/// use std::sync::Arc;
/// use aig_platform::{Client, transport::{RecordingTransport, Reply}};
///
/// let transport = RecordingTransport::new().fallback(|_| Reply::status(503));
/// let client = Client::builder()
///     .api_root("https://platform.example")
///     .token("a-token")
///     .transport(Arc::new(transport))
///     .build()?;
/// assert_eq!(client.api_root().host_str(), Some("platform.example"));
/// # Ok::<(), aig_platform::Error>(())
/// ```
#[derive(Debug, Default)]
#[must_use]
pub struct ClientBuilder {
    settings: Option<Settings>,
    api_root: Option<String>,
    tokens: Option<Tokens>,
    cache: Option<Arc<dyn OperationCache>>,
    transport: Option<Arc<dyn Transport>>,
    clock: Option<Arc<dyn Clock>>,
    user_agent: Option<String>,
    writer: Writer,
}

#[derive(Debug)]
enum Tokens {
    Provider(Arc<dyn TokenProvider>),
    Fixed(aig_auth::Secret),
}

impl ClientBuilder {
    /// Uses these settings; an API root given besides wins.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = Some(settings);
        self
    }

    /// The root of the API, or the name of an environment.
    pub fn api_root(mut self, api_root: impl Into<String>) -> Self {
        self.api_root = Some(api_root.into());
        self
    }

    /// One of the platform's environments.
    pub fn environment(self, environment: EnvironmentName) -> Self {
        self.api_root(environment.to_string())
    }

    /// Where tokens come from: one of `aig_auth`'s providers, or one of your own. Used for every call.
    pub fn token_provider(mut self, provider: Arc<dyn TokenProvider>) -> Self {
        self.tokens = Some(Tokens::Provider(provider));
        self
    }

    /// A token that is used as it is.
    pub fn token(mut self, token: impl Into<aig_auth::Secret>) -> Self {
        self.tokens = Some(Tokens::Fixed(token.into()));
        self
    }

    /// Where answers are kept. Clients of several users may share one.
    pub fn cache(mut self, cache: Arc<dyn OperationCache>) -> Self {
        self.cache = Some(cache);
        self
    }

    /// Keeps no answers.
    pub fn no_cache(self) -> Self {
        self.cache(Arc::new(NoCache::new()))
    }

    /// How requests travel.
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// What time it is.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Names the program in the user agent: `NAME/VERSION`.
    pub fn user_agent(mut self, program: impl Into<String>) -> Self {
        self.user_agent = Some(program.into());
        self
    }

    /// Says in the SDK metadata of runs which kind of program submits them.
    pub fn interface(mut self, interface: Interface) -> Self {
        self.writer.interface = interface;
        self
    }

    /// Says in the SDK metadata of runs on whose behalf they are submitted.
    pub fn initiator(mut self, initiator: Initiator) -> Self {
        self.writer.initiator = initiator;
        self
    }

    /// Names the user in the SDK metadata of runs, e-mail included, or does not, which is the default.
    pub fn name_user(mut self, name_user: NameUser) -> Self {
        self.writer.name_user = name_user;
        self
    }

    /// The client. Nothing is sent.
    ///
    /// # Errors
    /// When the configuration cannot be used: a bad API root, or no way to get tokens for it.
    pub fn build(self) -> Result<Client> {
        let settings = settings(self.settings, self.api_root)?;
        let tokens = tokens(self.tokens, &settings)?;
        let user_agent = match self.user_agent {
            Some(program) => format!("{program} {}", user_agent::base()),
            None => user_agent::base(),
        };
        let header = HeaderValue::from_str(&user_agent)
            .map_err(|_| Error::new(ErrorKind::Configuration, "the user agent cannot be sent in a header"))?;
        let writer = Writer { user_agent: user_agent.clone(), ci: settings.ci.clone(), ..self.writer };
        let transport = self.transport.unwrap_or_else(|| {
            Arc::new(ReqwestTransport::new(HttpOptions { user_agent, ..HttpOptions::from(&settings) }))
        });
        let wire = Wire {
            transport,
            tokens,
            clock: self.clock.unwrap_or_else(|| Arc::new(SystemClock::new())),
            quota: Quota::default(),
            lanes: Semaphore::new(LANES),
            user_agent: header,
        };
        let cache = self.cache.unwrap_or_else(|| Arc::new(MokaCache::default()));
        Ok(Client { inner: Arc::new(Inner { settings, wire, cache, fresh: FreshRuns::default(), writer }) })
    }
}

/// An API root given by the program is a configuration of its own: the environment of the process has no say in it.
fn settings(settings: Option<Settings>, api_root: Option<String>) -> Result<Settings> {
    let named = |root: String| {
        let sources = Sources::new(Variables::default()).overrides([("AIGNOSTICS_API_ROOT", root)]);
        Ok(Settings::load(sources)?)
    };
    match (settings, api_root) {
        (Some(settings), None) => Ok(settings),
        (None, Some(root)) => named(root),
        (None, None) => named(EnvironmentName::Production.to_string()),
        (Some(settings), Some(root)) => {
            let named: Settings = named(root)?;
            let (api_root, environment, oauth) = (named.api_root, named.environment, named.oauth);
            Ok(Settings { api_root, environment, oauth, ..settings })
        }
    }
}

fn tokens(tokens: Option<Tokens>, settings: &Settings) -> Result<Arc<dyn TokenProvider>> {
    match tokens {
        Some(Tokens::Provider(provider)) => Ok(provider),
        Some(Tokens::Fixed(token)) => {
            let token = AccessToken::new(token.expose())
                .map_err(|error| Error::new(ErrorKind::Configuration, error.to_string()))?;
            Ok(Arc::new(FixedToken::new(token)))
        }
        None => Ok(Arc::new(SignIn::new(settings).build()?)),
    }
}
