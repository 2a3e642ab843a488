//! What is done when a part of the surroundings is missing: no browser, no sign-in service, no port, no health.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use aig_auth::{
    AccessToken, AuthError, Clock, Interaction, ManualClock, TokenProvider, TokenRequest,
    oauth::{Browser, Flow, NoBrowser, OAuthProvider, SignInPrompt, SignInStep},
    session::{MemorySessionStore, SessionStore},
    testkit::{AuthorizationServer, Fault},
};
use aig_platform::{
    Client, ErrorKind, HealthStatus,
    settings::{Settings, Sources, Variables},
    sign_in::SignIn,
    transport::{RecordingTransport, Reply, TransportErrorKind},
};
use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::json;
use tokio::net::TcpListener;

const AUDIENCE: &str = "https://api.example.test";
const USER: &str = "auth0|ada";

/// A clock that leaps to the end of every sleep.
#[derive(Debug)]
struct Leaping(ManualClock);

#[async_trait]
impl Clock for Leaping {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn ticks(&self) -> Duration {
        self.0.ticks()
    }

    async fn sleep(&self, duration: Duration) {
        match duration < Duration::from_secs(60) {
            true => self.0.advance(duration),
            false => self.0.sleep(duration).await,
        }
        tokio::task::yield_now().await;
    }
}

/// A person who enters every code that is shown.
#[derive(Debug)]
struct Person {
    server: AuthorizationServer,
    shown: Mutex<Vec<String>>,
}

impl SignInPrompt for Person {
    fn show(&self, step: &SignInStep) {
        let shown = match step {
            SignInStep::EnterCode { user_code, .. } => {
                self.server.approve_device(user_code, USER).unwrap();
                "code".to_owned()
            }
            SignInStep::Fallback { reason, .. } => format!("fallback: {reason}"),
            _ => "page".to_owned(),
        };
        self.shown.lock().unwrap().push(shown);
    }
}

/// A browser that nobody looks at.
#[derive(Debug)]
struct Unwatched;

impl Browser for Unwatched {
    fn open(&self, _url: &str) -> io::Result<()> {
        Ok(())
    }
}

/// An authorization server, what tells its time, and where sessions rest.
struct World {
    server: AuthorizationServer,
    clock: Arc<Leaping>,
    store: Arc<dyn SessionStore>,
    person: Arc<Person>,
}

impl World {
    async fn new() -> Self {
        let clock = Arc::new(Leaping(ManualClock::new("2026-01-01T00:00:00Z".parse().unwrap())));
        let shared = Arc::clone(&clock);
        let builder = AuthorizationServer::builder().access_token_lifetime(Duration::from_secs(3_600));
        let server = builder.clock(move || shared.now()).serve().await.unwrap();
        let person = Arc::new(Person { server: server.clone(), shown: Mutex::default() });
        Self { server, clock, store: Arc::new(MemorySessionStore::new()), person }
    }

    fn settings(&self, more: &[(&str, &str)]) -> Settings {
        let endpoints = self.server.endpoints();
        let theirs = [
            ("AIGNOSTICS_API_ROOT", "http://127.0.0.1:1"),
            ("AIGNOSTICS_AUDIENCE", AUDIENCE),
            ("AIGNOSTICS_AUTHORIZATION_BASE_URL", &endpoints.authorization),
            ("AIGNOSTICS_TOKEN_URL", &endpoints.token),
            ("AIGNOSTICS_DEVICE_URL", &endpoints.device_authorization),
            ("AIGNOSTICS_JWS_JSON_URL", &endpoints.jwks),
            ("AIGNOSTICS_CLIENT_ID_INTERACTIVE", "native"),
            ("AIGNOSTICS_AUTH_RETRY_WAIT_MIN", "0"),
        ];
        let sources = Sources::new(Variables::from_iter(theirs)).overrides(more.iter().copied());
        Settings::load(sources).unwrap()
    }

    fn provider(&self, flow: Flow, browser: Arc<dyn Browser>, more: &[(&str, &str)]) -> OAuthProvider {
        let settings = self.settings(more);
        let sign_in = SignIn::new(&settings).flow(flow).prompt(Arc::clone(&self.person) as _).browser(browser);
        sign_in.clock(Arc::clone(&self.clock) as _).store(Arc::clone(&self.store)).build().unwrap()
    }

    /// A provider that somebody signed in with.
    async fn signed_in(&self) -> OAuthProvider {
        let provider = self.provider(Flow::Auto, Arc::new(NoBrowser), &[]);
        provider.sign_in().await.unwrap();
        provider
    }

    fn shown(&self) -> Vec<String> {
        std::mem::take(&mut self.person.shown.lock().unwrap())
    }
}

/// A platform that knows everybody, under the settings' API root.
fn platform() -> Arc<RecordingTransport> {
    let me = json!({ "user": { "id": "ada" }, "organization": { "id": "org", "aignostics_bucket_name": "b",
        "aignostics_bucket_hmac_access_key_id": "k", "aignostics_bucket_hmac_secret_access_key": "s",
        "aignostics_bucket_protocol": "gs", "aignostics_logfire_token": "l", "aignostics_sentry_dsn": "d" } });
    Arc::new(RecordingTransport::new().fallback(move |_| Reply::json(200, &me)))
}

fn client(world: &World, provider: impl TokenProvider + 'static) -> Client {
    let builder = Client::builder().settings(world.settings(&[])).token_provider(Arc::new(provider));
    builder.transport(platform()).no_cache().build().unwrap()
}

#[tokio::test]
async fn without_a_browser_the_device_flow_is_taken() {
    let world = World::new().await;
    let provider = world.signed_in().await;
    assert!(world.shown().contains(&"code".to_owned()));
    assert!(client(&world, provider).me().await.is_ok());
}

/// A redirect address whose port somebody else has.
async fn taken() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://localhost:{}/", listener.local_addr().unwrap().port());
    (listener, address)
}

#[tokio::test]
async fn a_taken_callback_port_means_the_device_flow() {
    let (world, (_listener, address)) = (World::new().await, taken().await);
    let provider = world.provider(Flow::Auto, Arc::new(Unwatched), &[("AIGNOSTICS_REDIRECT_URI", &address)]);
    provider.sign_in().await.unwrap();
    let shown = world.shown();
    assert!(
        shown.iter().any(|step| step.starts_with("fallback: ")),
        "why it is not the browser is not said: {shown:?}"
    );
    assert!(shown.contains(&"code".to_owned()), "{shown:?}");
}

#[tokio::test]
async fn a_forced_flow_is_the_only_one() {
    let (world, (_listener, address)) = (World::new().await, taken().await);
    let provider = world.provider(Flow::Browser, Arc::new(Unwatched), &[("AIGNOSTICS_REDIRECT_URI", &address)]);
    assert!(provider.sign_in().await.is_err());
    assert!(!world.shown().contains(&"code".to_owned()));
    world.provider(Flow::Device, Arc::new(Unwatched), &[]).sign_in().await.unwrap();
    assert_eq!(world.shown(), ["code"]);
}

#[tokio::test]
async fn a_sign_in_service_that_is_down_leaves_the_token_that_lives() {
    let world = World::new().await;
    let client = client(&world, world.signed_in().await);
    world.server.inject(Fault::unavailable(503).always());
    // A quarter of its life is left: a refresh is due, and fails.
    world.clock.0.advance(Duration::from_secs(2_700));
    assert!(client.me().await.is_ok());
    world.clock.0.advance(Duration::from_secs(900));
    let error = client.me().await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Unavailable, true), "{error}");
    world.server.clear_faults();
    world.clock.0.advance(Duration::from_secs(900));
    assert!(client.me().await.is_ok(), "the session outlives the outage");
}

#[tokio::test]
async fn a_refresh_that_is_refused_becomes_a_new_sign_in_that_says_why() {
    let world = World::new().await;
    let provider = world.signed_in().await;
    world.server.revoke_sessions_of(USER);
    world.clock.0.advance(Duration::from_secs(3_600));
    let error = client(&world, provider.clone()).me().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Unauthenticated, 0));
    assert!(error.to_string().contains("the server ended the session"), "{error}");
    world.shown();
    let asking = TokenRequest::new().with_interaction(Interaction::Allowed);
    provider.token(&asking).await.unwrap();
    assert!(world.shown().contains(&"code".to_owned()), "nobody was asked");
    assert!(client(&world, provider).me().await.is_ok());
}

#[tokio::test]
async fn a_new_token_that_its_issuer_did_not_sign_is_not_kept() {
    let world = World::new().await;
    let stranger = AuthorizationServer::builder().own_key().serve().await.unwrap();
    let keys = stranger.endpoints().jwks;
    let provider = world.provider(Flow::Device, Arc::new(NoBrowser), &[("AIGNOSTICS_JWS_JSON_URL", &keys)]);
    assert!(provider.sign_in().await.is_err());
    assert!(provider.stored().await.unwrap().session.is_none(), "it was kept");
}

#[tokio::test(start_paused = true)]
async fn a_platform_that_is_unwell_is_reported_as_degraded_and_work_goes_on() {
    let statement = json!({ "status": "DEGRADED", "reason": "a queue is long" });
    for (health, expected) in [
        (Reply::json(200, &statement), HealthStatus::Degraded),
        (Reply::status(503), HealthStatus::Down),
        (Reply::failure(TransportErrorKind::Connect), HealthStatus::Down),
    ] {
        let answer = health.clone();
        let transport = Arc::new(RecordingTransport::new().fallback(move |request| match request.path.as_str() {
            "/health" => answer.clone(),
            _ => Reply::json(200, &json!([])),
        }));
        let builder = Client::builder().api_root("https://platform.example").token("t");
        let client = builder.transport(transport).build().unwrap();
        let health = client.health().await;
        assert_eq!((health.status(), health.api_public.status), (expected, expected));
        assert!(health.api_public.reason.is_some_and(|reason| !reason.is_empty()), "{expected:?} without a reason");
        assert!(client.applications().list().all().await.is_ok(), "work stopped");
    }
}

#[tokio::test]
async fn an_authorization_server_that_is_not_there_is_tried_as_often_as_the_settings_say() {
    let world = World::new().await;
    for (attempts, connects) in [("0", 1), ("1", 1), ("3", 3)] {
        // It hangs up in the handshake of TLS, before anything could be sent: so the tries can be counted.
        let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let token_url = format!("https://localhost:{}/oauth/token", nobody.local_addr().unwrap().port());
        let count = Arc::new(Mutex::new(0));
        let counted = Arc::clone(&count);
        tokio::spawn(async move {
            while let Ok((stream, _)) = nobody.accept().await {
                *counted.lock().unwrap() += 1;
                drop(stream);
            }
        });
        let more = [
            ("AIGNOSTICS_TOKEN_URL", token_url.as_str()),
            ("AIGNOSTICS_AUTH_RETRY_ATTEMPTS", attempts),
            ("AIGNOSTICS_AUTH_RETRY_WAIT_MAX", "0"),
            ("AIGNOSTICS_REFRESH_TOKEN", "a-refresh-token"),
        ];
        let provider = world.provider(Flow::Auto, Arc::new(NoBrowser), &more);
        assert!(provider.token(&TokenRequest::new()).await.is_err());
        assert_eq!(*count.lock().unwrap(), connects, "AIGNOSTICS_AUTH_RETRY_ATTEMPTS={attempts}");
    }
}

/// Notes how it is asked for tokens.
#[derive(Debug, Default)]
struct Noting(Arc<Mutex<Vec<Interaction>>>);

#[async_trait]
impl TokenProvider for Noting {
    async fn token(&self, request: &TokenRequest) -> Result<AccessToken, AuthError> {
        self.0.lock().unwrap().push(request.interaction);
        Err(AuthError::sign_in(aig_auth::SignInReason::NoSession))
    }
}

#[tokio::test(start_paused = true)]
async fn health_never_starts_a_sign_in() {
    let asked = Arc::default();
    let transport = RecordingTransport::new().fallback(|_| Reply::json(200, &json!({ "status": "UP" })));
    let builder = Client::builder().api_root("https://platform.example");
    let builder = builder.token_provider(Arc::new(Noting(Arc::clone(&asked)))).transport(Arc::new(transport));
    let health = builder.build().unwrap().health().await;
    assert_eq!((health.api_public.status, health.api_authenticated.status), (HealthStatus::Up, HealthStatus::Down));
    assert!(asked.lock().unwrap().iter().all(|interaction| *interaction == Interaction::Never));
}
