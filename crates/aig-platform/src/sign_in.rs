//! From settings to a provider of tokens: flow, session file and verification, put together.

use std::sync::Arc;

use aig_auth::{
    Clock, SystemClock,
    jwt::{JwtRules, JwtVerifier},
    oauth::{
        Browser, Flow, HttpClient, HttpSettings, NoBrowser, OAuthConfig, OAuthProvider, SignInPrompt, SilentPrompt,
        SystemBrowser,
    },
    session::{MemorySessionStore, SessionStore, StoreSettings},
};

use crate::{
    Error, ErrorKind, Result,
    settings::{OAuthSettings, SessionStorage, Settings},
    user_agent,
};

/// The name of the session when no other is chosen.
const PROFILE: &str = "default";

/// The directory below the cache directory of the system.
const APPLICATION: &str = "aignostics";

/// What helps when the refresh token of the settings is refused.
pub const GIVEN_TOKEN_REFUSED: &str = "set AIGNOSTICS_REFRESH_TOKEN to a new refresh token, or unset it and sign in";

/// How to sign in, by these settings.
///
/// ```
/// use aig_platform::{settings::{Settings, Sources, Variables}, sign_in::SignIn};
///
/// let settings = Settings::load(Sources::new(Variables::default()))?;
/// let provider = SignIn::new(&settings).build()?;
/// # let _ = provider;
/// # Ok::<(), aig_platform::Error>(())
/// ```
#[derive(Debug)]
#[must_use]
pub struct SignIn<'a> {
    settings: &'a Settings,
    flow: Flow,
    prompt: Arc<dyn SignInPrompt>,
    browser: Arc<dyn Browser>,
    clock: Arc<dyn Clock>,
    profile: String,
    store: Option<Arc<dyn SessionStore>>,
}

impl<'a> SignIn<'a> {
    /// The flow that the surroundings allow; nothing is shown to anybody until a prompt is given.
    pub fn new(settings: &'a Settings) -> Self {
        Self {
            settings,
            flow: Flow::Auto,
            prompt: Arc::new(SilentPrompt),
            browser: Arc::new(NoBrowser),
            clock: Arc::new(SystemClock::new()),
            profile: PROFILE.to_owned(),
            store: None,
        }
    }

    /// Signs in this way and no other.
    pub fn flow(self, flow: Flow) -> Self {
        Self { flow, ..self }
    }

    /// Shows a person what to do, and opens pages in the browser of the system.
    pub fn prompt(self, prompt: Arc<dyn SignInPrompt>) -> Self {
        Self { prompt, browser: Arc::new(SystemBrowser), ..self }
    }

    /// Opens pages here. Give it after the prompt.
    pub fn browser(self, browser: Arc<dyn Browser>) -> Self {
        Self { browser, ..self }
    }

    /// Tells time by this clock.
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Keeps a session of its own under this name.
    pub fn profile(self, profile: impl Into<String>) -> Self {
        Self { profile: profile.into(), ..self }
    }

    /// Keeps the session here.
    pub fn store(self, store: Arc<dyn SessionStore>) -> Self {
        Self { store: Some(store), ..self }
    }

    /// The provider. Nothing is read or sent yet.
    ///
    /// New tokens are verified against the keys of the issuer before they are kept.
    ///
    /// # Errors
    /// When the settings name no authorization server, or one that cannot be used.
    pub fn build(self) -> Result<OAuthProvider> {
        let oauth = self.oauth()?;
        let config = config(oauth)?;
        let store = self.store.clone().unwrap_or_else(|| self.open_store(&config));
        let http = http(self.settings);
        let verifier = verifier(oauth, self.settings, http.clone(), Arc::clone(&self.clock))?;
        let mut builder = OAuthProvider::builder(config)
            .store(store)
            .http(http)
            .clock(self.clock)
            .flow(self.flow)
            .prompt(self.prompt)
            .browser(self.browser)
            .verifier(Arc::new(verifier));
        if let Some(token) = &self.settings.refresh_token {
            builder = builder.refresh_token(token.clone());
        }
        Ok(builder.build()?)
    }

    /// What holds tokens against the keys of the issuer.
    ///
    /// # Errors
    /// When the settings name no authorization server.
    pub fn verifier(&self) -> Result<JwtVerifier> {
        verifier(self.oauth()?, self.settings, http(self.settings), Arc::clone(&self.clock))
    }

    fn oauth(&self) -> Result<&'a OAuthSettings> {
        self.settings.oauth.as_ref().ok_or_else(|| {
            let root = &self.settings.api_root;
            let message = format!("there is no way to sign in to {root}: its authorization server is not configured");
            Error::new(ErrorKind::Configuration, message).with_hint(
                "set AIGNOSTICS_AUDIENCE, AIGNOSTICS_AUTHORIZATION_BASE_URL, AIGNOSTICS_TOKEN_URL, AIGNOSTICS_DEVICE_URL, \
                 AIGNOSTICS_JWS_JSON_URL and AIGNOSTICS_CLIENT_ID_INTERACTIVE, or give a token provider",
            )
        })
    }

    fn open_store(&self, config: &OAuthConfig) -> Arc<dyn SessionStore> {
        if self.settings.session_storage == SessionStorage::Memory {
            return Arc::new(MemorySessionStore::new());
        }
        let store = StoreSettings::new(APPLICATION);
        let store = match &self.settings.cache_dir {
            Some(directory) => store.with_directory(directory),
            None => store,
        };
        store.open(&config.session_key(&self.profile))
    }
}

fn config(oauth: &OAuthSettings) -> Result<OAuthConfig> {
    let config = OAuthConfig::new(oauth.issuer(), oauth.token_url.as_str(), &oauth.client_id_interactive)?
        .with_authorization_endpoint(oauth.authorization_base_url.as_str())?
        .with_device_endpoint(oauth.device_url.as_str())?
        .with_redirect_uri(oauth.redirect_uri.as_str())?
        .with_scopes(oauth.scopes.iter().cloned())
        .with_audience(&oauth.audience);
    let config = match &oauth.client_id_device {
        Some(client) => config.with_device_client_id(client.expose()),
        None => config,
    };
    Ok(match &oauth.organization_id {
        Some(organization) => config.with_organization(organization),
        None => config,
    })
}

fn http(settings: &Settings) -> HttpClient {
    let auth = &settings.auth;
    let http = HttpSettings::default()
        .with_timeout(auth.timeout)
        .with_user_agent(user_agent::base())
        .with_proxy_failure(settings.proxy_failure)
        .with_connects(auth.retry_attempts, auth.retry_wait_min..=auth.retry_wait_max);
    HttpClient::new(settings.ca_bundles.iter().fold(http, HttpSettings::with_ca_bundle))
}

fn verifier(
    oauth: &OAuthSettings,
    settings: &Settings,
    http: HttpClient,
    clock: Arc<dyn Clock>,
) -> Result<JwtVerifier> {
    let rules = JwtRules::new(oauth.issuer(), &oauth.audience, oauth.jws_json_url.as_str())
        .with_keys_lifetime(settings.auth_jwk_set_cache_ttl);
    Ok(JwtVerifier::with_clock(rules, http, clock)?)
}
