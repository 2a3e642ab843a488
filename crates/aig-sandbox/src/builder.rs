//! What a sandbox shall be, and how it starts.

use std::{
    io,
    sync::{Arc, Mutex, atomic::AtomicU64},
    time::Duration,
};

use aig_auth::testkit::{AuthorizationServer, Client, Dialect, Rotation, User};
use axum::{Router, extract::Request, middleware, routing::any};
use tokio::sync::watch;

use crate::{
    SandboxError,
    api::{self, Api},
    catalog,
    clock::Clock,
    console,
    control::{self, Control, about},
    engine::{Engine, SlideUse},
    faults::{self, Faults},
    guard,
    ids::{Ids, random_secret},
    oauth,
    plan::RunPlan,
    platform::{PICTURES_BUCKET, Platform, RESULTS_BUCKET},
    request_log::{self, Logging, RequestLog},
    sandbox::{AUDIENCE, CLIENT_ID_DEVICE, CLIENT_ID_INTERACTIVE, Sandbox},
    server::{self, Command},
    state::{People, World},
    storage::{Keyring, PLATFORM_KEY, PREFIX, Reach, Storage},
};

/// Starts sandboxes.
///
/// ```
/// use aig_sandbox::{RunPlan, Sandbox};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), aig_sandbox::SandboxError> {
/// let sandbox = Sandbox::builder().run_plan(RunPlan::Immediate).start().await?;
/// assert!(sandbox.url().starts_with("http://127.0.0.1:"));
/// assert_eq!(sandbox.environment().get("AIGNOSTICS_API_ROOT"), Some(sandbox.url()));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct SandboxBuilder {
    port: u16,
    seed: u64,
    run_plan: RunPlan,
    slides: SlideUse,
    url_lifetime: Duration,
}

impl Default for SandboxBuilder {
    fn default() -> Self {
        Self {
            port: 0,
            seed: 42,
            run_plan: RunPlan::default(),
            slides: SlideUse::Read,
            url_lifetime: Duration::from_secs(3600),
        }
    }
}

impl SandboxBuilder {
    /// On this port; 0, the default, is any free one.
    #[must_use]
    pub fn port(self, port: u16) -> Self {
        Self { port, ..self }
    }

    /// Identifiers follow from the seed: the same steps give the same ids. Secrets never do.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// How runs move.
    #[must_use]
    pub fn run_plan(self, run_plan: RunPlan) -> Self {
        Self { run_plan, ..self }
    }

    /// Whether submitted slides are looked at.
    #[must_use]
    pub fn slides(self, slides: SlideUse) -> Self {
        Self { slides, ..self }
    }

    /// How long the signed URLs of results stay good; an hour by default.
    #[must_use]
    pub fn url_lifetime(self, url_lifetime: Duration) -> Self {
        Self { url_lifetime, ..self }
    }

    /// Starts the sandbox; it takes requests when this returns.
    ///
    /// # Errors
    /// When the port is taken, or there is no place for objects.
    pub async fn start(self) -> Result<Sandbox, SandboxError> {
        let listener = server::bind(self.port).map_err(|source| bind_error(self.port, source))?;
        let address = listener.local_addr().map_err(|source| bind_error(self.port, source))?;
        let directory = tempfile::Builder::new().prefix("aig-sandbox-").tempdir();
        let directory = directory.map_err(|source| SandboxError::Storage { source })?;
        let clock = Clock::default();
        let people = People::seeded();
        let authorization = authorization(&people, &clock, &format!("http://{address}"));
        let platform = self.platform(people, clock, &directory)?;
        let faults = Arc::new(Faults::new(self.seed));
        let log = Arc::new(RequestLog::default());
        let control = Control { platform, faults, log, url: format!("http://{address}") };
        let router = router(&control, &authorization, address.port());
        let (command, receiver) = watch::channel(Command::Serve);
        let server = tokio::spawn(server::serve(listener, router, receiver));
        Ok(Sandbox::new(address, control, authorization, command, server, directory))
    }

    fn platform(
        &self,
        people: People,
        clock: Clock,
        directory: &tempfile::TempDir,
    ) -> Result<Arc<Platform>, SandboxError> {
        let (objects, scratch) = (directory.path().join("objects"), directory.path().join("scratch"));
        for path in [&objects, &scratch] {
            std::fs::create_dir(path).map_err(|source| SandboxError::Storage { source })?;
        }
        let storage = Storage::new(objects, keys(&people), clock.clone());
        people.organizations.iter().for_each(|organization| storage.create_bucket(&organization.bucket));
        storage.create_bucket(RESULTS_BUCKET);
        storage.create_bucket(PICTURES_BUCKET);
        Ok(Arc::new(Platform {
            people,
            applications: catalog::applications(),
            clock,
            ids: Ids::new(self.seed),
            storage: Arc::new(storage),
            engine: Engine::new(self.run_plan.clone(), self.slides),
            url_lifetime: self.url_lifetime,
            scratch,
            scratch_names: AtomicU64::new(0),
            world: Mutex::new(World::default()),
        }))
    }
}

fn bind_error(port: u16, source: io::Error) -> SandboxError {
    match source.kind() {
        io::ErrorKind::AddrInUse => SandboxError::PortInUse { port },
        _ => SandboxError::Bind { port, source },
    }
}

fn keys(people: &People) -> Keyring {
    let mut keys = Keyring::default();
    keys.add(PLATFORM_KEY, random_secret(), Reach::Every);
    for organization in &people.organizations {
        let reach = Reach::Bucket(organization.bucket.clone());
        keys.add(organization.key_id.as_str(), organization.key_secret.as_str(), reach);
    }
    keys
}

fn authorization(people: &People, clock: &Clock, base: &str) -> AuthorizationServer {
    let clock = clock.clone();
    let builder = AuthorizationServer::builder()
        .base_url(base)
        .audience(AUDIENCE)
        // The Python SDK never takes a rotated refresh token, so those of its client stay.
        .client(Client::native(CLIENT_ID_INTERACTIVE).named("Aignostics tools").with_rotation(Rotation::Off))
        .client(Client::native(CLIENT_ID_DEVICE).named("Aignostics tools on a device"))
        .dialect(Dialect::Auth0)
        .banner("SANDBOX: synthetic, not for clinical use")
        .device_interval(Duration::from_secs(1))
        .clock(move || clock.now());
    let user = |person: &crate::state::Person| {
        let name = people.organization(person.organization).map_or("", |organization| organization.display_name);
        User::new(person.id, person.email)
            .named(person.name())
            .in_organization(person.organization, name)
            .with_role(person.role)
    };
    people.persons.iter().map(user).fold(builder, |builder, user| builder.user(user)).build()
}

fn router(control: &Control, authorization: &AuthorizationServer, port: u16) -> Router {
    let platform = &control.platform;
    let storage = Arc::clone(&platform.storage);
    let stored = any(move |request: Request| async move { storage.serve(request).await });
    let api = Api { platform: Arc::clone(platform), authorization: authorization.clone() };
    let operations = Router::new()
        .route(&format!("{}/{{*path}}", aig_codegen::SERVER_PREFIX), any(api::serve))
        .route(aig_codegen::HEALTH_PATH, any(api::health))
        .with_state(api);
    let logging = Logging { log: Arc::clone(&control.log), clock: platform.clock.clone() };
    Router::new()
        .merge(operations)
        .merge(oauth::router(authorization.clone()))
        .route(&format!("{PREFIX}/{{*path}}"), stored)
        .merge(control::router(control.clone()))
        .merge(about::router(control.clone(), authorization.clone()))
        .merge(console::router(control.clone(), authorization.clone()))
        .fallback(api::nothing_here)
        .layer(middleware::from_fn_with_state(Arc::clone(&control.faults), faults::layer))
        .layer(middleware::from_fn_with_state(logging, request_log::layer))
        .layer(middleware::from_fn_with_state(port, guard::guard))
}
