//! Many processes with one API key, and callers that block beside callers that await.

use std::path::Path;

use serde_json::json;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use aig_auth::testkit::{AuthorizationServer, GrantType};

use crate::{
    stampede::{all, expired_session},
    world::command,
};

const PROCESSES: usize = 16;

async fn ask(jobs: &[&str], directory: &Path, base: &str) -> Vec<String> {
    let job = |number: usize| jobs[number % jobs.len()];
    all((0..PROCESSES).map(|number| command(job(number), directory, base).spawn().unwrap()).collect()).await
}

/// A token endpoint that gives another token each time, after a moment.
async fn endpoint() -> MockServer {
    let (server, count) = (MockServer::start().await, std::sync::atomic::AtomicUsize::new(0));
    let answer = move |_: &wiremock::Request| {
        let number = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let body = json!({"access_token": format!("token-{number}"), "expires_in": 3600});
        ResponseTemplate::new(200).set_body_json(body).set_delay(std::time::Duration::from_millis(100))
    };
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

/// C8, P3.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_processes_with_one_api_key_cause_one_exchange() {
    let (server, directory) = (endpoint().await, tempfile::tempdir().unwrap());
    let answers = ask(&["api-key"], directory.path(), &server.uri()).await;
    assert!(answers.iter().all(|answer| answer == "token-0"), "{answers:?}");
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn control_without_the_cache_every_process_exchanges_the_key() {
    let (server, directory) = (endpoint().await, tempfile::tempdir().unwrap());
    ask(&["api-key-uncached"], directory.path(), &server.uri()).await;
    assert_eq!(server.received_requests().await.unwrap().len(), PROCESSES);
}

/// C8.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_that_block_share_the_session_file_with_callers_that_await() {
    let server = AuthorizationServer::builder().serve().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    expired_session(&server, directory.path()).await;
    let answers = ask(&["token", "token-blocking"], directory.path(), &server.base_url()).await;
    assert!(answers.iter().all(|answer| *answer == answers[0] && !answer.contains(' ')), "{answers:?}");
    assert_eq!(server.token_requests(GrantType::RefreshToken), 1);
}
