//! Proxies of the environment, and what this crate pulls in.

use std::{
    path::Path,
    process::{Command, Output},
};

use aig_auth::testkit::{AuthorizationServer, GrantType};

use crate::{
    all_logs::{self, canary},
    authority::Authority,
    stampede::{expired_session, put_expired},
    world::{command, said},
};

/// A port that nobody listens on.
const PROXY: &str = "127.0.0.1:9";

/// A process that is told of a proxy that is not there, and asks for a token.
fn behind_proxy(directory: &Path, base: &str) -> Command {
    let mut child = command("token", directory, base);
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        child.env(name, format!("http://somebody:{}@{PROXY}", canary::PROXY_PASSWORD));
    }
    for name in ["NO_PROXY", "no_proxy"] {
        child.env_remove(name);
    }
    child.stderr(std::process::Stdio::piped());
    child
}

async fn output(mut child: Command) -> Output {
    tokio::task::spawn_blocking(move || child.output().unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_is_never_asked_for_loopback() {
    let server = AuthorizationServer::builder().serve().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    expired_session(&server, directory.path()).await;
    let answer = said(&output(behind_proxy(directory.path(), &server.base_url())).await);
    assert!(!answer.contains(' '), "{answer}");
    assert_eq!(server.token_requests(GrantType::RefreshToken), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_does_not_work_is_an_outage_and_its_password_is_not_shown() {
    let server = AuthorizationServer::builder().serve().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    expired_session(&server, directory.path()).await;
    let output = output(behind_proxy(directory.path(), "https://issuer.invalid")).await;
    let answer = said(&output);
    assert!(answer.contains("Retry") && answer.contains("issuer.invalid"), "{answer}");
    let all = [output.stdout, output.stderr].concat();
    assert!(!String::from_utf8_lossy(&all).contains(canary::PROXY_PASSWORD));
}

/// What a process behind a broken proxy says and logs, when the server itself can be reached.
#[cfg(unix)]
async fn past_the_proxy(more: &[(&str, &str)]) -> (String, String) {
    let (authority, directory) = (Authority::new("ours"), tempfile::tempdir().unwrap());
    put_expired(directory.path(), canary::REFRESH_TOKEN.into());
    let mut child = behind_proxy(directory.path(), &authority.serve().await);
    let log = directory.path().join("log");
    child.env("AIG_AUTH_TEST_BUNDLES", authority.bundle(directory.path())).env(all_logs::FILE, &log);
    child.envs(more.iter().copied());
    let answer = said(&output(child).await);
    (answer, std::fs::read_to_string(log).unwrap())
}

/// F17 (d).
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_proxy_is_gone_around_where_that_is_allowed_and_a_warning_says_so() {
    let (answer, log) = past_the_proxy(&[("AIG_AUTH_TEST_DIRECTLY", "1")]).await;
    assert_eq!(answer, canary::ACCESS_TOKEN);
    let warning = log.lines().find(|line| line.contains("connecting directly")).unwrap();
    assert!(warning.contains("WARN") && warning.contains(PROXY), "{warning}");
    assert!(!log.contains(canary::PROXY_PASSWORD));
}

/// F17 (d).
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn control_a_broken_proxy_is_an_error_that_names_it_where_going_around_is_not_allowed() {
    let (answer, log) = past_the_proxy(&[]).await;
    assert!(answer.contains(&format!("cannot reach 0.0.0.0 through the proxy {PROXY}")), "{answer}");
    assert!(!log.contains("connecting directly") && !log.contains(canary::PROXY_PASSWORD));
}

#[test]
fn without_features_there_is_no_http_client_no_server_and_no_command_line_parser() {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["tree", "--offline", "-p", "aig-auth", "--no-default-features", "-e", "normal", "--prefix", "none"]);
    let output = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    let tree = String::from_utf8(output.stdout).unwrap();
    let names: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(names.contains(&"tokio"), "{tree}");
    for unwanted in ["reqwest", "hyper", "rustls", "oauth2", "moka", "axum", "clap", "jsonwebtoken", "rsa"] {
        assert!(!names.contains(&unwanted), "{unwanted} is pulled in");
    }
}
