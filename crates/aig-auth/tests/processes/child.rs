//! What the other processes do. In the test run itself, where nobody asked for anything, it is nothing.

use std::{
    env,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use aig_auth::{
    AccessToken, BlockingProvider, Clock as _, Secret, SystemClock, TokenProvider, TokenRequest,
    api_key::ApiKeyExchange,
    external::EnvironmentToken,
    http::{HttpClient, HttpSettings, ProxyFailure},
    oauth::OAuthProvider,
    session::{Record, Session, SessionStore as _, default_directory},
};

use crate::{
    all_logs::{self, canary},
    control, world,
};

/// One process of the test: its job and its parameters come by the environment.
#[tokio::test]
async fn process() {
    let Some(job) = variable("AIG_AUTH_TEST_JOB") else { return };
    all_logs::begin();
    if variable("AIG_AUTH_TEST_TRACED").is_some() {
        println!("THREAD {}", thread_id());
        std::io::stdin().read_line(&mut String::new()).unwrap();
    }
    match job.as_str() {
        "token" => println!("TOKEN {}", token(&provider()).await),
        "token-blocking" => println!("TOKEN {}", token_blocking(provider())),
        "api-key" => {
            println!("TOKEN {}", token(&exchange().with_cache(world::settings()).provider(canary::API_KEY)).await)
        }
        "api-key-uncached" => println!("TOKEN {}", token(&exchange().provider(canary::API_KEY)).await),
        "variable" => println!("TOKEN {}", token(&EnvironmentToken::new("AIG_AUTH_TEST_TOKEN").into_provider()).await),
        "directory" => {
            println!("TOKEN {}", default_directory("app", Some("AIG_AUTH_TEST_SESSIONS")).unwrap().display());
        }
        "token-unlocked" => println!("TOKEN {}", token(&control::unlocked_provider()).await),
        "save-once" => save(1),
        "save" => save(u32::MAX),
        "try-to-save" => try_to_save(),
        "save-naively" => control::save_naively(u32::MAX),
        "save-naively-once" => control::save_naively(1),
        other => println!("UNKNOWN JOB {other}"),
    }
}

/// What the system calls this thread.
fn thread_id() -> String {
    std::fs::read_link("/proc/thread-self").unwrap().file_name().unwrap().to_string_lossy().into_owned()
}

#[expect(clippy::disallowed_methods, reason = "a process of the test is told what to do by its environment")]
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

fn provider() -> OAuthProvider {
    OAuthProvider::builder(world::config()).store(Arc::new(world::store())).http(http()).build().unwrap()
}

/// A client with the bundles of the environment, and leave to go around a proxy if the environment gives it.
fn http() -> HttpClient {
    let bundles = variable("AIG_AUTH_TEST_BUNDLES").unwrap_or_default();
    let bundles: Vec<PathBuf> = env::split_paths(&bundles).filter(|path| path.is_absolute()).collect();
    let settings = bundles.into_iter().fold(HttpSettings::default(), HttpSettings::with_ca_bundle);
    HttpClient::new(match variable("AIG_AUTH_TEST_DIRECTLY") {
        Some(_) => settings.with_proxy_failure(ProxyFailure::ConnectDirectly),
        None => settings,
    })
}

fn exchange() -> ApiKeyExchange {
    ApiKeyExchange::new("https://api.example", &format!("{}/token", world::base())).unwrap()
}

pub(crate) async fn token(provider: &dyn TokenProvider) -> String {
    said(provider.token(&TokenRequest::new()).await)
}

fn token_blocking(provider: OAuthProvider) -> String {
    let provider = BlockingProvider::new(Arc::new(provider));
    std::thread::spawn(move || said(provider.token(&TokenRequest::new()))).join().unwrap()
}

fn said(outcome: Result<AccessToken, aig_auth::AuthError>) -> String {
    match outcome {
        Ok(token) => token.expose().to_owned(),
        Err(error) => format!("FAILED {:?} {error}", error.recovery()),
    }
}

/// Writes sessions, one after the other, as a refresh does.
fn save(times: u32) {
    let store = world::store();
    for number in 0..times {
        let mut transaction = store.begin(Duration::from_secs(10)).unwrap();
        transaction.write(Record::default().with_session(session(number))).unwrap();
    }
}

/// Saves a session where something fails, and goes on.
fn try_to_save() {
    let hold = world::store().begin(Duration::from_secs(10));
    let _ = hold.and_then(|mut hold| hold.write(Record::default().with_session(session(1))));
}

/// A session whose parts belong together: a reader can tell a torn one.
pub(crate) fn session(number: u32) -> Session {
    let token = AccessToken::new(&format!("{}-{number}-{}", canary::ACCESS_TOKEN, "x".repeat(2_000))).unwrap();
    let refresh_token = Secret::new(format!("{}-{number}", canary::REFRESH_TOKEN));
    Session::new(token, SystemClock::new().now()).with_refresh_token(refresh_token)
}

/// Whether what is stored is a whole session, or nothing yet.
pub(crate) fn is_whole(directory: &Path) -> bool {
    let store = world::store_in(directory);
    if !store.path().exists() {
        return true;
    }
    let Some(session) = store.load().unwrap().session else { return false };
    let refresh_token = session.refresh_token.unwrap();
    let (_, number) = refresh_token.expose().rsplit_once('-').unwrap();
    session.access_token.expose() == self::session(number.parse().unwrap()).access_token.expose()
}
