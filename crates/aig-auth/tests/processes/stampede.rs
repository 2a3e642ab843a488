//! Many processes find the same expired session, where refresh tokens rotate and reuse ends the session.

use std::{path::Path, process::Child, time::Duration};

use aig_auth::{
    AccessToken, Secret,
    session::{Record, Session, SessionStore as _},
    testkit::{AuthorizationServer, Fault, GrantType, Rotation},
};

use crate::world::{command, said, store_in, times};

const PROCESSES: usize = 32;

/// Puts a session there whose access token has expired.
pub(crate) async fn expired_session(server: &AuthorizationServer, directory: &Path) {
    let issued = server.issue("auth0|ada", "native", "offline_access").await.unwrap();
    put_expired(directory, issued.refresh_token.unwrap());
}

pub(crate) fn put_expired(directory: &Path, refresh_token: Secret) {
    let long_ago = "2020-01-01T00:00:00Z".parse().unwrap();
    let token = AccessToken::new("expired").unwrap().with_expiry("2020-01-01T01:00:00Z".parse().unwrap());
    let session = Session::new(token, long_ago).with_refresh_token(refresh_token);
    store_in(directory).begin(Duration::ZERO).unwrap().write(Record::default().with_session(session)).unwrap();
}

/// Expires what is there, keeping its refresh token.
fn expire(directory: &Path) {
    let record = store_in(directory).load().unwrap();
    put_expired(directory, record.session.unwrap().refresh_token.unwrap());
}

pub(crate) async fn all(children: Vec<Child>) -> Vec<String> {
    let outputs = children.into_iter().map(|child| child.wait_with_output().unwrap());
    let answers = tokio::task::spawn_blocking(move || outputs.map(|output| said(&output)).collect());
    answers.await.unwrap()
}

fn start(job: &str, directory: &Path, server: &AuthorizationServer) -> Vec<Child> {
    (0..PROCESSES).map(|_| command(job, directory, &server.base_url()).spawn().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thirty_two_processes_refresh_once_and_all_have_a_token() {
    let rounds = times("AIG_AUTH_STAMPEDE_ROUNDS", 2);
    let server = AuthorizationServer::builder().serve().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    expired_session(&server, directory.path()).await;
    let mut failures = 0;
    for _ in 0..rounds {
        let answers = all(start("token", directory.path(), &server)).await;
        failures += answers.iter().filter(|answer| **answer != answers[0] || answer.contains(' ')).count();
        expire(directory.path());
    }
    let requests = server.token_requests(GrantType::RefreshToken);
    let lost = server.sessions().iter().filter(|session| session.ended.is_some()).count();
    let a_round = requests as f64 / f64::from(rounds);
    println!(
        "stampede: {PROCESSES} processes x {rounds} rounds, {a_round:.2} requests a round, {lost} sessions lost, {failures} failures"
    );
    assert_eq!((requests, lost, failures), (u64::from(rounds), 0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn control_without_the_lock_the_session_is_lost() {
    let server = AuthorizationServer::builder().latency(Duration::from_millis(100)).serve().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    expired_session(&server, directory.path()).await;
    all(start("token-unlocked", directory.path(), &server)).await;
    let requests = server.token_requests(GrantType::RefreshToken);
    assert!(requests > 1 && server.sessions()[0].ended.is_some(), "{requests} requests");
}

/// A process that is killed when the server has rotated and before the answer is stored.
async fn killed_in_between(server: &AuthorizationServer, directory: &Path) {
    expired_session(server, directory).await;
    let slow = Fault::none().delay_answer(Duration::from_secs(60)).on_grant(GrantType::RefreshToken);
    server.inject(slow);
    let mut child = command("token", directory, &server.base_url()).spawn().unwrap();
    while server.token_requests(GrantType::RefreshToken) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    child.kill().unwrap();
    child.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_between_rotation_and_write_costs_one_more_request_and_a_clean_sign_in() {
    let server = AuthorizationServer::builder().serve().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    killed_in_between(&server, directory.path()).await;
    let answers = all(start("token", directory.path(), &server)).await;
    assert!(answers.iter().all(|answer| answer.contains("SignIn(OutcomeUnknown)")), "{answers:?}");
    let more = server.token_requests(GrantType::RefreshToken) - 1;
    println!("killed between rotation and write: {more} more requests by {PROCESSES} processes");
    assert!(more <= 2, "{more}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_between_rotation_and_write_recovers_where_the_server_allows_reuse() {
    let minute = Rotation::On { reuse_interval: Duration::from_secs(60) };
    let server = AuthorizationServer::builder().rotation(minute).serve().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    killed_in_between(&server, directory.path()).await;
    let answers = all(start("token", directory.path(), &server)).await;
    assert!(answers.iter().all(|answer| *answer == answers[0] && !answer.contains(' ')), "{answers:?}");
    assert_eq!(server.token_requests(GrantType::RefreshToken), 2);
}
