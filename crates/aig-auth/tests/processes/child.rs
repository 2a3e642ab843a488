//! What the other processes do. In the test run itself, where nobody asked for anything, it is nothing.

use std::{env, path::Path, sync::Arc, time::Duration};

use aig_auth::{
    AccessToken, Clock as _, Secret, SystemClock, TokenProvider as _, TokenRequest,
    oauth::OAuthProvider,
    session::{Record, Session, SessionStore as _},
};

use crate::{control, world};

/// One process of the test: its job and its parameters come by the environment.
#[tokio::test]
async fn process() {
    let Some(job) = variable("AIG_AUTH_TEST_JOB") else { return };
    if variable("AIG_AUTH_TEST_TRACED").is_some() {
        println!("THREAD {}", thread_id());
        std::io::stdin().read_line(&mut String::new()).unwrap();
    }
    match job.as_str() {
        "token" => println!("TOKEN {}", token(&provider()).await),
        "token-unlocked" => println!("TOKEN {}", token(&control::unlocked_provider()).await),
        "save-once" => save(1),
        "save" => save(u32::MAX),
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
    OAuthProvider::builder(world::config()).store(Arc::new(world::store())).build().unwrap()
}

pub(crate) async fn token(provider: &OAuthProvider) -> String {
    match provider.token(&TokenRequest::new()).await {
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

/// A session whose parts belong together: a reader can tell a torn one.
pub(crate) fn session(number: u32) -> Session {
    let token = AccessToken::new(&format!("access-{number}-{}", "x".repeat(2_000))).unwrap();
    Session::new(token, SystemClock::new().now()).with_refresh_token(Secret::new(format!("refresh-{number}")))
}

/// Whether what is stored is a whole session, or nothing yet.
pub(crate) fn is_whole(directory: &Path) -> bool {
    let store = world::store_in(directory);
    if !store.path().exists() {
        return true;
    }
    let Some(session) = store.load().unwrap().session else { return false };
    let refresh_token = session.refresh_token.unwrap();
    let number = refresh_token.expose().trim_start_matches("refresh-");
    session.access_token.expose() == self::session(number.parse().unwrap()).access_token.expose()
}
