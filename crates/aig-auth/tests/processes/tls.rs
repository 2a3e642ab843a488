//! Certificates of an enterprise network, with real handshakes: bundles, the system's store, and neither.
#![cfg(unix)]

use std::path::{Path, PathBuf};

use crate::{
    all_logs::canary,
    authority::Authority,
    stampede::put_expired,
    world::{command, said},
};

/// What a process says that trusts these bundles beside the system's store, and asks the endpoint for a token.
async fn ask(endpoint: &str, bundles: &[&PathBuf], system: &Path) -> String {
    let directory = tempfile::tempdir().unwrap();
    put_expired(directory.path(), canary::REFRESH_TOKEN.into());
    let mut child = command("token", directory.path(), endpoint);
    child.env("AIG_AUTH_TEST_BUNDLES", std::env::join_paths(bundles).unwrap());
    // What the operating system trusts, as its TLS libraries are told.
    child.env("SSL_CERT_FILE", system).env_remove("SSL_CERT_DIR").env("NO_PROXY", "*");
    said(&tokio::task::spawn_blocking(move || child.output().unwrap()).await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_bundle_and_the_system_are_trusted_together() {
    let directory = tempfile::tempdir().unwrap();
    let authorities = ["first", "second", "system"].map(Authority::new);
    let [first, second, system] = [0, 1, 2].map(|number: usize| authorities[number].bundle(directory.path()));
    for authority in &authorities {
        let endpoint = authority.serve().await;
        assert_eq!(ask(&endpoint, &[&first, &second], &system).await, canary::ACCESS_TOKEN);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_bundle_a_server_is_not_trusted_and_the_error_says_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let [ours, other] = ["ours", "other"].map(Authority::new);
    let endpoint = ours.serve().await;
    let other = other.bundle(directory.path());
    for bundles in [[].as_slice(), &[&other]] {
        let answer = ask(&endpoint, bundles, &other).await;
        let what_to_do = "the certificate of 0.0.0.0 is not trusted: name the CA bundle of your network";
        assert!(answer.starts_with("FAILED FixSetup") && answer.contains(what_to_do), "{answer}");
    }
}
