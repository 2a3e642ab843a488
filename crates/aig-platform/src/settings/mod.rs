//! The configuration: every variable with its value, its origin and its range, all problems reported at once.

mod environment;
mod oauth;
mod problem;
mod profile;
mod reader;
mod sources;
mod variables;

use std::{path::PathBuf, time::Duration};

use aig_auth::Secret;
use url::Url;

pub use environment::EnvironmentName;
pub use oauth::OAuthSettings;
pub use problem::{Problem, SettingsError};
pub use reader::Reading;
pub use sources::{Origin, Sources};
pub use variables::Variables;

use environment::Endpoints;
use reader::Reader;

use crate::transport::ProxyFailure;

/// Everything that can be configured, checked.
///
/// ```
/// use aig_platform::settings::{Settings, Sources, Variables};
///
/// let variables = Variables::from_iter([("AIGNOSTICS_API_ROOT", "staging"), ("AIGNOSTICS_RUN_TIMEOUT", "60")]);
/// let settings = Settings::load(Sources::new(variables))?;
/// assert_eq!(settings.api_root.as_str(), "https://platform-staging.aignostics.com/");
/// assert_eq!(settings.run.timeout.as_secs(), 60);
/// # Ok::<(), aig_platform::settings::SettingsError>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Settings {
    /// The root of the API; operations are below its `/api/v1`.
    pub api_root: Url,
    /// Which of the known environments that is.
    pub environment: Option<EnvironmentName>,
    /// How to sign in. `None` for an API root of the user's own that names no authorization server: then a token
    /// provider has to be given.
    pub oauth: Option<OAuthSettings>,
    /// A refresh token to sign in with, for machines.
    pub refresh_token: Option<Secret>,
    /// Where sessions rest, when not in the cache directory of the system.
    pub cache_dir: Option<PathBuf>,
    /// Whether sessions outlive the process.
    pub session_storage: SessionStorage,
    /// The page that shows the state of the service.
    pub status_page_url: Option<String>,
    /// How the calls of the authorization server behave.
    pub auth: Family,
    /// How long signing keys are kept.
    pub auth_jwk_set_cache_ttl: Duration,
    /// How `me` behaves.
    pub me: Family,
    /// How calls about applications behave.
    pub application: Family,
    /// How calls about versions and their documents behave.
    pub application_version: Family,
    /// How calls about runs, items, artifacts, grants and share tokens behave.
    pub run: Family,
    /// The time allowed to cancel a run.
    pub run_cancel_timeout: Duration,
    /// The time allowed to delete the results of a run.
    pub run_delete_timeout: Duration,
    /// The time allowed to submit a run.
    pub run_submit_timeout: Duration,
    /// The time allowed for a health check.
    pub health_timeout: Duration,
    /// The organization's bucket.
    pub bucket: BucketSettings,
    /// Certificates to trust besides the system's and the built-in ones.
    pub ca_bundles: Vec<PathBuf>,
    /// What becomes of a request when the proxy of the environment cannot be used.
    pub proxy_failure: ProxyFailure,
    pub(crate) readings: Vec<Reading>,
    /// The job of continuous integration that this is.
    pub(crate) ci: Option<serde_json::Value>,
}

/// Where sessions rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SessionStorage {
    /// In files of the user.
    Files,
    /// In memory: they end with the process.
    Memory,
}

/// How a family of operations behaves.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Family {
    /// The time allowed for one attempt.
    pub timeout: Duration,
    /// How often a call is sent at most.
    pub retry_attempts: u32,
    /// The unit of the wait between two attempts.
    pub retry_wait_min: Duration,
    /// The longest wait between two attempts.
    pub retry_wait_max: Duration,
    /// How long an answer may be used again.
    pub cache_ttl: Duration,
}

/// Where the organization's bucket is, and how long signed links to it live.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BucketSettings {
    /// The S3 endpoint.
    pub endpoint: Url,
    /// The region that requests are signed for.
    pub region: String,
    /// How long a link for an upload lives.
    pub upload_expiry: Duration,
    /// How long a link for a download lives: the platform fetches slides with it.
    pub download_expiry: Duration,
}

impl Settings {
    /// The settings of this process: its environment, the user's files, the defaults.
    ///
    /// # Errors
    /// With every problem that was found.
    pub fn from_process() -> Result<Self, SettingsError> {
        Self::load(Sources::from_process())
    }

    /// The settings that `sources` give.
    ///
    /// # Errors
    /// With every problem that was found.
    pub fn load(sources: Sources) -> Result<Self, SettingsError> {
        let ci = crate::sdk_metadata::ci_job(sources.variables());
        let sources = sources.resolve();
        let mut reader = Reader::new(&sources);
        let settings = Self::read(&mut reader);
        let (readings, problems) = reader.finish();
        match settings {
            Some(settings) if problems.is_empty() => Ok(Self { readings, ci, ..settings }),
            _ => Err(SettingsError::new(problems)),
        }
    }

    /// Every variable: its value (secrets masked), where that came from, its default and its range.
    pub fn report(&self) -> &[Reading] {
        &self.readings
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let root = environment::read_api_root(reader);
        let environment = root.as_ref().and_then(EnvironmentName::of_root);
        let endpoints = environment.map(EnvironmentName::endpoints);
        let oauth = oauth::read(reader, environment, endpoints.as_ref());
        let request_timeout = reader.seconds(
            "AIGNOSTICS_REQUEST_TIMEOUT_SECONDS",
            30.0,
            0.1..=300.0,
            "time allowed for one attempt, where no more specific variable says otherwise",
        );
        let read = Self {
            api_root: root.clone().unwrap_or_else(|| EnvironmentName::Production.root()),
            environment,
            oauth,
            refresh_token: reader.secret("AIGNOSTICS_REFRESH_TOKEN", 10..=1000, "refresh token to sign in with"),
            cache_dir: reader.path("AIGNOSTICS_CACHE_DIR", "directory of stored sessions"),
            session_storage: read_session_storage(reader),
            status_page_url: read_status_page(reader, endpoints.as_ref()),
            auth: read_auth(reader, request_timeout),
            auth_jwk_set_cache_ttl: ttl(reader, "AIGNOSTICS_AUTH_JWK_SET_CACHE_TTL", 86_400.0, "signing keys"),
            me: read_family(reader, "ME", request_timeout, 300.0),
            application: read_family(reader, "APPLICATION", request_timeout, 300.0),
            application_version: read_family(reader, "APPLICATION_VERSION", request_timeout, 300.0),
            run: read_family(reader, "RUN", request_timeout, 15.0),
            run_cancel_timeout: timeout(reader, "AIGNOSTICS_RUN_CANCEL_TIMEOUT", request_timeout),
            run_delete_timeout: timeout(reader, "AIGNOSTICS_RUN_DELETE_TIMEOUT", request_timeout),
            run_submit_timeout: timeout(reader, "AIGNOSTICS_RUN_SUBMIT_TIMEOUT", request_timeout),
            health_timeout: timeout(reader, "AIGNOSTICS_HEALTH_TIMEOUT", request_timeout),
            bucket: read_bucket(reader)?,
            ca_bundles: CA_BUNDLES.into_iter().filter_map(|(name, meaning)| reader.path(name, meaning)).collect(),
            proxy_failure: read_proxy_fallback(reader),
            readings: Vec::new(),
            ci: None,
        };
        root.map(|_| read)
    }
}

fn read_session_storage(reader: &mut Reader<'_>) -> SessionStorage {
    let read = reader.parsed(
        "AIGNOSTICS_SESSION_STORAGE",
        "files",
        "files or memory",
        "where sessions rest: memory forgets them with the process",
        |text| match text.trim().to_ascii_lowercase().as_str() {
            "files" => Ok(SessionStorage::Files),
            "memory" => Ok(SessionStorage::Memory),
            _ => Err("must be files or memory".to_owned()),
        },
    );
    read.unwrap_or(SessionStorage::Files)
}

/// What is in these files is trusted together with the built-in certificates. The second is also a word to the store
/// of the system: where OpenSSL has one, it is read instead (<https://docs.openssl.org/3.0/man7/openssl-env/>).
const CA_BUNDLES: [(&str, &str); 2] = [
    ("REQUESTS_CA_BUNDLE", "certificates to trust besides the system's, as PEM"),
    ("SSL_CERT_FILE", "certificates to trust, as PEM; on Linux instead of the system's store, as OpenSSL has it"),
];

fn read_proxy_fallback(reader: &mut Reader<'_>) -> ProxyFailure {
    let read = reader.parsed(
        "AIGNOSTICS_PROXY_FALLBACK",
        "never",
        "never or direct",
        "what to do when the proxy of the environment cannot be used: fail, or connect without it",
        |text| match text.trim().to_ascii_lowercase().as_str() {
            "never" => Ok(ProxyFailure::Fail),
            "direct" => Ok(ProxyFailure::ConnectDirectly),
            _ => Err("must be never or direct".to_owned()),
        },
    );
    read.unwrap_or_default()
}

fn read_auth(reader: &mut Reader<'_>, request_timeout: Duration) -> Family {
    let unit = reader.optional_seconds(
        "AIGNOSTICS_AUTHORIZATION_BACKOFF_SECONDS",
        0.0..=600.0,
        "unit of the wait between attempts at the authorization server; default of AIGNOSTICS_AUTH_RETRY_WAIT_MIN",
    );
    Family { cache_ttl: Duration::ZERO, ..read_retries(reader, "AUTH", request_timeout, unit) }
}

fn read_family(reader: &mut Reader<'_>, name: &str, request_timeout: Duration, cache_ttl: f64) -> Family {
    let retries = read_retries(reader, name, request_timeout, None);
    let cache_ttl = ttl(reader, &format!("AIGNOSTICS_{name}_CACHE_TTL"), cache_ttl, "answers");
    Family { cache_ttl, ..retries }
}

fn read_retries(reader: &mut Reader<'_>, name: &str, request_timeout: Duration, unit: Option<Duration>) -> Family {
    let attempts = match name {
        "AUTH" => "how often a connection to the authorization server is tried at most",
        _ => "how often a call is sent at most",
    };
    let wait_min = format!("AIGNOSTICS_{name}_RETRY_WAIT_MIN");
    let wait_max = format!("AIGNOSTICS_{name}_RETRY_WAIT_MAX");
    let family = Family {
        timeout: timeout(reader, &format!("AIGNOSTICS_{name}_TIMEOUT"), request_timeout),
        retry_attempts: reader.count(&format!("AIGNOSTICS_{name}_RETRY_ATTEMPTS"), 4, 0..=10, attempts),
        retry_wait_min: reader.seconds(
            &wait_min,
            unit.map_or(0.1, |unit| unit.as_secs_f64()),
            0.0..=600.0,
            "unit of the wait between attempts",
        ),
        retry_wait_max: reader.seconds(&wait_max, 60.0, 0.0..=600.0, "longest wait between attempts"),
        cache_ttl: Duration::ZERO,
    };
    if family.retry_wait_min > family.retry_wait_max {
        reader.refuse(&wait_min, format!("must not be greater than {wait_max}"));
    }
    family
}

fn timeout(reader: &mut Reader<'_>, name: &str, default: Duration) -> Duration {
    reader.seconds(name, default.as_secs_f64(), 0.1..=300.0, "time allowed for one attempt")
}

fn ttl(reader: &mut Reader<'_>, name: &str, default: f64, what: &str) -> Duration {
    reader.seconds(name, default, 0.0..=604_800.0, &format!("how long {what} may be used again"))
}

fn read_status_page(reader: &mut Reader<'_>, endpoints: Option<&Endpoints>) -> Option<String> {
    let default = endpoints.and_then(|endpoints| endpoints.status_page);
    reader.url("AIGNOSTICS_STATUS_PAGE_URL", default, "page that shows the state of the service").map(String::from)
}

fn read_bucket(reader: &mut Reader<'_>) -> Option<BucketSettings> {
    let endpoint = reader.url(
        "AIGNOSTICS_BUCKET_ENDPOINT",
        Some("https://storage.googleapis.com"),
        "S3 endpoint of the organization's bucket",
    );
    let region = reader.text("AIGNOSTICS_BUCKET_REGION_NAME", Some("EUROPE-WEST3"), 1..=100, "region of the bucket");
    let mut expiry =
        |name, default| reader.seconds(name, default, 60.0..=604_800.0, "how long a signed link to the bucket lives");
    let upload_expiry = expiry("AIGNOSTICS_BUCKET_UPLOAD_SIGNED_URL_EXPIRATION_SECONDS", 7_200.0);
    let download_expiry = expiry("AIGNOSTICS_BUCKET_DOWNLOAD_SIGNED_URL_EXPIRATION_SECONDS", 604_800.0);
    Some(BucketSettings { endpoint: endpoint?, region: region?, upload_expiry, download_expiry })
}

#[cfg(test)]
mod tests;
