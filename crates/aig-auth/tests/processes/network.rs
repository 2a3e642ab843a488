//! Proxies of the environment, and what this crate pulls in.

use std::{path::Path, process::Command};

use aig_auth::testkit::{AuthorizationServer, GrantType};

use crate::{
    stampede::expired_session,
    world::{command, said},
};

const PROXY: &str = "http://somebody:PROXY-CANARY@127.0.0.1:9";

async fn behind_proxy(directory: &Path, base: &str) -> std::process::Output {
    let mut child = command("token", directory, base);
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        child.env(name, PROXY);
    }
    for name in ["NO_PROXY", "no_proxy"] {
        child.env_remove(name);
    }
    child.stderr(std::process::Stdio::piped());
    tokio::task::spawn_blocking(move || child.output().unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_is_never_asked_for_loopback() {
    let server = AuthorizationServer::builder().serve().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    expired_session(&server, directory.path()).await;
    let answer = said(&behind_proxy(directory.path(), &server.base_url()).await);
    assert!(!answer.contains(' '), "{answer}");
    assert_eq!(server.token_requests(GrantType::RefreshToken), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_that_does_not_work_is_an_outage_and_its_password_is_not_shown() {
    let server = AuthorizationServer::builder().serve().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    expired_session(&server, directory.path()).await;
    let output = behind_proxy(directory.path(), "https://issuer.invalid").await;
    let answer = said(&output);
    assert!(answer.contains("Retry") && answer.contains("issuer.invalid"), "{answer}");
    let all = [output.stdout, output.stderr].concat();
    assert!(!String::from_utf8_lossy(&all).contains("PROXY-CANARY"));
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
