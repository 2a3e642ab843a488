//! Puts a platform together: people, keys, storage, the authorization server, and the routes to all of it.

use std::{
    sync::{Arc, Mutex, atomic::AtomicU64},
    time::Duration,
};

use aig_auth::testkit::{AuthorizationServer, Client, Dialect, Refused, User};
use axum::{Router, extract::Request, middleware, routing::any};

use super::{Live, Parts};
use crate::{
    SandboxBuilder,
    api::{self, Api},
    clock::Clock,
    console,
    control::{self, Control, about},
    engine::Engine,
    faults, guard,
    ids::Ids,
    oauth,
    persist::{Head, Journal, State},
    platform::{Memory, PICTURES_BUCKET, Platform, RESULTS_BUCKET},
    request_log::{self, Logging},
    sandbox::{AUDIENCE, CLIENT_ID_MACHINE, CLIENT_SECRET_MACHINE},
    state::{People, Person},
    storage::{self, Buckets, Keyring, PLATFORM_KEY, PREFIX, Reach, Storage},
};

/// Numbers of objects begin anew with each opening, above all that were given out before.
const NUMBERS_AN_EPOCH: u32 = 40;

impl Parts<'_> {
    pub(super) fn live(&self, state: &State, journal: Journal) -> Live {
        let url = format!("http://{}", self.address);
        let platform = Arc::new(self.platform(state, journal));
        let authorization = authorization(self.settings, state, &platform.clock, &url);
        let control = Control {
            platform,
            faults: Arc::clone(self.faults),
            log: Arc::clone(self.log),
            url,
            stage: self.stage.clone(),
        };
        let router = router(&control, &authorization, self.address.port());
        Live { control, authorization, router }
    }

    fn platform(&self, state: &State, journal: Journal) -> Platform {
        let (head, journal) = (&state.head, Arc::new(journal));
        let clock = Clock::at(state.clock);
        let first = (u64::from(head.epoch) << NUMBERS_AN_EPOCH) + 1;
        let buckets = Buckets::new(self.home.objects(), &state.stored, first, Arc::clone(&journal));
        let storage = Storage::new(buckets, keys(head), clock.clone());
        head.people.organizations.iter().for_each(|organization| storage.create_bucket(&organization.bucket));
        storage.create_bucket(RESULTS_BUCKET);
        storage.create_bucket(PICTURES_BUCKET);
        let memory = Memory { world: state.world.clone(), sessions: state.sessions.clone(), journal_limit: 0 };
        Platform {
            head: head.clone(),
            people: head.people.clone(),
            applications: head.applications.clone(),
            clock,
            ids: Ids::new(head.seed, head.epoch),
            storage: Arc::new(storage),
            engine: Engine::new(self.settings.run_plan.clone(), self.settings.slides),
            url_lifetime: self.settings.url_lifetime,
            scratch: self.home.scratch(),
            scratch_names: AtomicU64::new(0),
            memory: Mutex::new(memory),
            journal,
        }
    }
}

fn keys(head: &Head) -> Keyring {
    let mut keys = Keyring::default();
    keys.add(PLATFORM_KEY, head.platform_secret.0.as_str(), Reach::Every);
    for organization in &head.people.organizations {
        let reach = Reach::Bucket(organization.bucket.clone());
        keys.add(organization.key_id.as_str(), organization.key_secret.as_str(), reach);
    }
    keys
}

fn authorization(settings: &SandboxBuilder, state: &State, clock: &Clock, base: &str) -> AuthorizationServer {
    let clock = clock.clone();
    let mut builder = AuthorizationServer::builder()
        .base_url(base)
        .audience(AUDIENCE)
        .client(Client::machine(CLIENT_ID_MACHINE, CLIENT_SECRET_MACHINE).named("A service"))
        .dialect(Dialect::Auth0)
        .banner("SANDBOX: synthetic, not for clinical use")
        .device_interval(Duration::from_secs(1))
        .clock(move || clock.now());
    for person in &state.head.people.persons {
        builder = builder.user(user(&state.head.people, person));
    }
    if let Some(sessions) = &state.sessions {
        builder = builder.resume(sessions.clone());
    }
    settings.sign_in.apply(builder, &state.head.people).build()
}

fn user(people: &People, person: &Person) -> User {
    let organization = people.organization(&person.organization);
    User::new(&person.id, &person.email)
        .named(person.name())
        .in_organization(
            &person.organization,
            organization.map_or("", |organization| organization.display_name.as_str()),
        )
        .with_role(&person.role)
}

fn router(control: &Control, authorization: &AuthorizationServer, port: u16) -> Router {
    let platform = &control.platform;
    let storage = Arc::clone(&platform.storage);
    let server = authorization.clone();
    let stored = any(move |request: Request| async move {
        match oauth::bearer(&server, request.headers()) {
            // Clients that follow a redirect of the API keep their token, since the host is the same.
            Ok(_) | Err(Refused::Missing) => storage.serve(request).await,
            Err(_) if !oauth::is_bearer(request.headers()) => storage.serve(request).await,
            Err(refused) => storage::access_denied(&format!("SANDBOX: {refused}; a signed request needs none")),
        }
    });
    let keeper = Arc::clone(platform);
    let keep: oauth::Keep = Arc::new(move |server| keeper.keep_sessions(server));
    let api = Api { platform: Arc::clone(platform), authorization: authorization.clone() };
    let operations = Router::new()
        .route(&format!("{}/{{*path}}", aig_codegen::SERVER_PREFIX), any(api::serve))
        .route(aig_codegen::HEALTH_PATH, any(api::health))
        .with_state(api);
    let logging = Logging { log: Arc::clone(&control.log), clock: platform.clock.clone() };
    Router::new()
        .merge(operations)
        .merge(oauth::router(authorization.clone(), keep))
        .route(PREFIX, stored.clone())
        .route(&format!("{PREFIX}/"), stored.clone())
        .route(&format!("{PREFIX}/{{*path}}"), stored)
        .merge(control::router(control.clone()))
        .merge(about::router(control.clone(), authorization.clone()))
        .merge(console::router(control.clone(), authorization.clone()))
        .fallback(api::nothing_here)
        .layer(middleware::from_fn_with_state(Arc::clone(&control.faults), faults::layer))
        .layer(middleware::from_fn_with_state(logging, request_log::layer))
        .layer(middleware::from_fn_with_state(port, guard::guard))
}
