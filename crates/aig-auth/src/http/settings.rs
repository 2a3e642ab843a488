//! How servers are reached: times, names, certificates, and what a broken proxy means.

use std::{ops::RangeInclusive, path::PathBuf, time::Duration};

/// How to reach authorization servers and token endpoints.
///
/// ```
/// use aig_auth::http::{HttpClient, HttpSettings, ProxyFailure};
///
/// let settings = HttpSettings::default()
///     .with_ca_bundle("/etc/ssl/certs/company.pem")
///     .with_proxy_failure(ProxyFailure::ConnectDirectly);
/// let http = HttpClient::new(settings);
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HttpSettings {
    /// The longest time for a whole exchange: 30 s.
    pub timeout: Duration,
    /// The longest time to connect: 10 s.
    pub connect_timeout: Duration,
    /// Certificates to trust beside those of the system and the common ones: PEM files.
    pub ca_bundles: Vec<PathBuf>,
    /// What to call ourselves.
    pub user_agent: Option<String>,
    /// What to do when the proxy of the environment cannot be used.
    pub proxy_failure: ProxyFailure,
    /// How often a connection is tried: three times.
    pub connects: u32,
    /// The waits between two tries: the first, and the longest. They double, and are random within their upper half.
    pub connect_waits: RangeInclusive<Duration>,
}

/// What to do when the proxy that the environment or the system names cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ProxyFailure {
    /// Fail, with an error that names the proxy: a network that has one may mean it.
    #[default]
    Fail,
    /// Log a warning and connect to the server directly.
    ConnectDirectly,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            ca_bundles: Vec::new(),
            user_agent: None,
            proxy_failure: ProxyFailure::default(),
            connects: 3,
            connect_waits: Duration::from_millis(200)..=Duration::from_secs(25),
        }
    }
}

impl HttpSettings {
    /// Trusting the certificates in this PEM file, too. Each call adds one file.
    #[must_use]
    pub fn with_ca_bundle(mut self, path: impl Into<PathBuf>) -> Self {
        self.ca_bundles.push(path.into());
        self
    }

    /// With this `User-Agent`.
    #[must_use]
    pub fn with_user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = Some(user_agent.into());
        self
    }

    /// With this time for a whole exchange.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// With this many tries to connect, at least one, and these waits between them. A connection that was never made has
    /// sent nothing, so trying again is always safe; nothing else is tried again here.
    #[must_use]
    pub fn with_connects(mut self, connects: u32, waits: RangeInclusive<Duration>) -> Self {
        self.connects = connects.max(1);
        self.connect_waits = waits;
        self
    }

    /// With this way out when the proxy cannot be used.
    #[must_use]
    pub fn with_proxy_failure(mut self, proxy_failure: ProxyFailure) -> Self {
        self.proxy_failure = proxy_failure;
        self
    }
}
