//! Building a server: everything has a default that a test can live with.

use std::{fmt, io, sync::Arc, time::Duration};

use jiff::Timestamp;

use super::{
    AuthorizationServer, Client, Dialect, Rotation, User,
    core::{Core, Dials},
    keys::{self, Keys},
    listener::Listener,
    settings::{ReadClock, Settings},
    snapshot::Snapshot,
};
use crate::{Clock, SystemClock, clock::after};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How a server is to behave. See [`AuthorizationServer::builder`].
pub struct Builder {
    users: Vec<User>,
    clients: Vec<Client>,
    audiences: Vec<String>,
    settings: Settings,
    base: String,
    latency: Duration,
    keys: Keys,
    sessions: Option<Snapshot>,
}

impl Builder {
    pub(super) fn new() -> Self {
        let settings = Settings {
            users: Vec::new(),
            clients: Vec::new(),
            audiences: Vec::new(),
            access_token_lifetime: DAY,
            session_lifetime: 30 * DAY,
            code_lifetime: Duration::from_secs(60),
            device_lifetime: Duration::from_secs(15 * 60),
            device_interval: Duration::from_secs(5),
            rotation: Rotation::STRICT,
            auto_approve: None,
            dialect: Dialect::default(),
            banner: None,
            clock: tokio_time(),
        };
        Self {
            users: Vec::new(),
            clients: Vec::new(),
            audiences: Vec::new(),
            settings,
            base: "http://127.0.0.1".into(),
            latency: Duration::ZERO,
            keys: Keys::shared(),
            sessions: None,
        }
    }

    /// Adds somebody who can sign in. Without any: [`User::seeded`].
    #[must_use]
    pub fn user(mut self, user: User) -> Self {
        self.users.push(user);
        self
    }

    /// Adds an application. Without any: the public client `native`, and the confidential client `service` with the
    /// secret `service-secret`.
    #[must_use]
    pub fn client(mut self, client: Client) -> Self {
        self.clients.push(client);
        self
    }

    /// Adds something that tokens may be good for; the first is the default. Without any: `https://api.example.test`.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// How long access tokens and ID tokens live. Without it: a day.
    #[must_use]
    pub fn access_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.access_token_lifetime = lifetime;
        self
    }

    /// How long refresh tokens continue a session, counted from the sign-in. Without it: 30 days.
    #[must_use]
    pub fn refresh_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.session_lifetime = lifetime;
        self
    }

    /// How long an authorization code lives. Without it: a minute.
    #[must_use]
    pub fn code_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.code_lifetime = lifetime;
        self
    }

    /// How long a device may wait for its person. Without it: 15 minutes.
    #[must_use]
    pub fn device_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.device_lifetime = lifetime;
        self
    }

    /// How long a device waits between two polls, in whole seconds. Without it: 5 seconds.
    #[must_use]
    pub fn device_interval(mut self, interval: Duration) -> Self {
        self.settings.device_interval = interval;
        self
    }

    /// What happens to refresh tokens that were used. Without it: [`Rotation::STRICT`].
    #[must_use]
    pub fn rotation(mut self, rotation: Rotation) -> Self {
        self.settings.rotation = rotation;
        self
    }

    /// Asks nobody: this user is signed in, and allows everything.
    #[must_use]
    pub fn auto_approve(mut self, user_id: impl Into<String>) -> Self {
        self.settings.auto_approve = Some(user_id.into());
        self
    }

    /// The statuses of error answers.
    #[must_use]
    pub fn dialect(mut self, dialect: Dialect) -> Self {
        self.settings.dialect = dialect;
        self
    }

    /// The time. Without it: the time of tokio, which stands still where a test pauses it. Either way,
    /// [`AuthorizationServer::advance`] comes on top.
    #[must_use]
    pub fn clock(mut self, now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        self.settings.clock = Box::new(now);
        self
    }

    /// How long every answer takes, in the time of tokio.
    #[must_use]
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// A line at the top of every page.
    #[must_use]
    pub fn banner(mut self, text: impl Into<String>) -> Self {
        self.settings.banner = Some(text.into());
        self
    }

    /// Signs with a key of its own, in place of the one that the servers of a process share.
    #[must_use]
    pub fn own_key(mut self) -> Self {
        self.keys = Keys::own();
        self
    }

    /// Goes on with the sessions of an earlier server.
    #[must_use]
    pub fn resume(mut self, sessions: Snapshot) -> Self {
        self.sessions = Some(sessions);
        self
    }

    /// Where the server is mounted, for [`Builder::build`].
    #[must_use]
    pub fn base_url(mut self, base: impl AsRef<str>) -> Self {
        self.base = base.as_ref().trim_end_matches('/').to_owned();
        self
    }

    /// A server without a transport: hand it requests with [`AuthorizationServer::handle`].
    pub fn build(self) -> AuthorizationServer {
        keys::warm_up();
        AuthorizationServer { core: Arc::new(self.core()), listener: None }
    }

    /// A server on a port of `127.0.0.1` that the system chooses. It ends when the last clone is dropped.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn serve(self) -> io::Result<AuthorizationServer> {
        let (socket, base) = Listener::bind().await?;
        let server = self.base_url(base).build();
        let listener = Listener::serve(socket, server.core.clone());
        Ok(AuthorizationServer { listener: Some(Arc::new(listener)), ..server })
    }

    fn core(self) -> Core {
        let settings = Settings {
            users: or(self.users, User::seeded),
            clients: or(self.clients, || vec![Client::native("native"), Client::machine("service", "service-secret")]),
            audiences: or(self.audiences, || vec!["https://api.example.test".into()]),
            ..self.settings
        };
        let dials = Dials { base: self.base, latency: self.latency, ahead: Duration::ZERO };
        Core::new(settings, self.keys, dials, self.sessions.unwrap_or_else(Snapshot::blank))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("base", &self.base).finish_non_exhaustive()
    }
}

fn or<T>(given: Vec<T>, default: impl FnOnce() -> Vec<T>) -> Vec<T> {
    if given.is_empty() { default() } else { given }
}

/// Wall time that runs as fast as tokio's.
fn tokio_time() -> ReadClock {
    let (start, begin) = (SystemClock::new().now(), tokio::time::Instant::now());
    Box::new(move || after(start, begin.elapsed()))
}
