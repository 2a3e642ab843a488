//! The platform that requests meet now. Loading a snapshot puts another in its place, on the same port.

mod assembly;

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, PoisonError, RwLock, Weak},
};

use aig_auth::testkit::AuthorizationServer;
use axum::{Router, extract::Request, response::Response};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;

use crate::{
    KeepError, SandboxBuilder, SandboxError, SnapshotError, SnapshotInfo,
    control::Control,
    engine::Engine,
    faults::Faults,
    persist::{Home, Journal, Shelf, State},
    request_log::RequestLog,
    seed::SeedDocument,
    server,
    storage::google,
};

/// What stays while platforms come and go.
#[derive(Debug)]
pub(crate) struct Stage {
    settings: SandboxBuilder,
    address: SocketAddr,
    home: Home,
    faults: Arc<Faults>,
    log: Arc<RequestLog>,
    live: RwLock<Arc<Live>>,
}

/// A platform with everything around it.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) control: Control,
    pub(crate) authorization: AuthorizationServer,
    router: Router,
}

/// Whether a sandbox began anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beginning {
    New,
    Resumed,
}

impl Stage {
    pub(crate) fn open(
        settings: SandboxBuilder,
        seed: &SeedDocument,
    ) -> Result<(Arc<Self>, TcpListener, Beginning), SandboxError> {
        let home = home(&settings)?;
        let kept =
            if home.is_kept() { State::read(home.root()).map_err(|error| unusable(&home, error))? } else { None };
        let beginning = if kept.is_some() { Beginning::Resumed } else { Beginning::New };
        let listener = bind(settings.port, kept.as_ref())?;
        let address = listener.local_addr().map_err(|source| SandboxError::Bind { port: settings.port, source })?;
        let mut state = match kept {
            Some(state) => state,
            None => State::new(settings.head(seed)),
        };
        settings.sign_in.check(&state.head.people)?;
        state.head.port = address.port();
        state.head.outcomes = settings.outcomes.unwrap_or(state.head.outcomes);
        let journal = begin(&home, &state).map_err(|source| SandboxError::Storage { source })?;
        home.sweep_objects(&state.stored.names());
        let (faults, log) = (Arc::new(Faults::new(state.head.seed)), Arc::default());
        let stage = Arc::new_cyclic(|stage| {
            let parts = Parts { settings: &settings, address, home: &home, faults: &faults, log: &log, stage };
            let live = RwLock::new(Arc::new(parts.live(&state, journal)));
            Self { settings, address, home, faults, log, live }
        });
        Engine::go_on(&stage.live().control.platform);
        Ok((stage, listener, beginning))
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What is on stage now.
    pub(crate) fn live(&self) -> Arc<Live> {
        Arc::clone(&self.live.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Hands each request to what is on stage when it comes.
    pub(crate) fn router(self: &Arc<Self>) -> Router {
        let stage = Arc::clone(self);
        Router::new().fallback(move |request: Request| {
            let router = stage.live().router.clone();
            async move { pass(router, google::brought_here(request)).await }
        })
    }

    pub(crate) fn shelf(&self) -> Shelf {
        Shelf(self.settings.snapshots.clone().unwrap_or_else(|| self.home.snapshots()))
    }

    /// Saves the state of this moment under a name.
    pub(crate) fn snapshot(&self, name: &str) -> Result<SnapshotInfo, SnapshotError> {
        let live = self.live();
        let platform = &live.control.platform;
        self.shelf().save(name, &platform.still(&live.authorization), platform.clock.now())
    }

    /// Puts the state of a snapshot in the place of what is there. When that fails, everything stays as it was.
    pub(crate) fn restore(self: &Arc<Self>, name: &str) -> Result<SnapshotInfo, SnapshotError> {
        let shelf = self.shelf();
        let mut place = self.live.write().unwrap_or_else(PoisonError::into_inner);
        let old = &place.control.platform;
        let mut state = shelf.load(name, &self.home.objects(), old.head.epoch)?;
        state.head.port = self.address.port();
        // The journal of the new state is in its place from here on; the old one is written no more.
        let journal = begin(&self.home, &state)?;
        old.journal.close();
        old.engine.stop();
        let stage = Arc::downgrade(self);
        let parts = Parts {
            settings: &self.settings,
            address: self.address,
            home: &self.home,
            faults: &self.faults,
            log: &self.log,
            stage: &stage,
        };
        *place = Arc::new(parts.live(&state, journal));
        Engine::go_on(&place.control.platform);
        shelf.info(name)
    }

    /// Leaves, and what has begun here has not: the next one begins anew.
    pub(crate) fn abandon(&self) {
        self.home.forget();
        self.leave();
    }

    /// Ends what is on stage, and lets others have the directory.
    pub(crate) fn leave(&self) {
        let live = self.live();
        live.control.platform.engine.stop();
        live.control.platform.journal.end();
        self.home.unlock();
    }
}

/// What a platform is put together from.
struct Parts<'a> {
    settings: &'a SandboxBuilder,
    address: SocketAddr,
    home: &'a Home,
    faults: &'a Arc<Faults>,
    log: &'a Arc<RequestLog>,
    stage: &'a Weak<Stage>,
}

async fn pass(router: Router, request: Request) -> Response {
    match TowerToHyperService::new(router).call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

fn home(settings: &SandboxBuilder) -> Result<Home, SandboxError> {
    match &settings.persist {
        None => Home::temporary().map_err(|source| SandboxError::Storage { source }),
        Some(directory) => {
            Home::keep(directory).map_err(|problem| SandboxError::Kept { directory: directory.clone(), problem })
        }
    }
}

fn unusable(home: &Home, problem: KeepError) -> SandboxError {
    SandboxError::Kept { directory: home.root().to_owned(), problem }
}

fn begin(home: &Home, state: &State) -> io::Result<Journal> {
    if home.is_kept() { Journal::begin(home.root(), &state.entries()) } else { Ok(Journal::default()) }
}

/// The port asked for; else the one of the last time, so that tokens and links go on, or any when that is taken.
fn bind(port: u16, kept: Option<&State>) -> Result<TcpListener, SandboxError> {
    let last = kept.map(|state| state.head.port).filter(|_| port == 0);
    if let Some(listener) = last.and_then(|last| server::bind(last).ok()) {
        return Ok(listener);
    }
    server::bind(port).map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => SandboxError::PortInUse { port },
        _ => SandboxError::Bind { port, source },
    })
}
