//! What the processes of a test share: a directory, a server, and how another process is started.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use aig_auth::{
    oauth::OAuthConfig,
    session::{FileSessionStore, StoreSettings},
};

use crate::child::variable;

const DIRECTORY: &str = "AIG_AUTH_TEST_DIRECTORY";
const BASE: &str = "AIG_AUTH_TEST_BASE";

pub(crate) fn config() -> OAuthConfig {
    config_at(&base())
}

/// Where the server of this process is.
pub(crate) fn base() -> String {
    variable(BASE).unwrap_or_default()
}

/// Where this process keeps what is not a session of a person.
pub(crate) fn settings() -> StoreSettings {
    StoreSettings::new("test").with_directory(PathBuf::from(variable(DIRECTORY).unwrap()))
}

pub(crate) fn config_at(base: &str) -> OAuthConfig {
    let token_endpoint = format!("{base}/oauth/token");
    OAuthConfig::new(format!("{base}/"), &token_endpoint, "native").unwrap().with_scopes(["offline_access"])
}

/// The store of this process.
pub(crate) fn store() -> FileSessionStore {
    store_in(&PathBuf::from(variable(DIRECTORY).unwrap()))
}

/// The store in `directory`; the file has the same name whatever the port of the server.
pub(crate) fn store_in(directory: &Path) -> FileSessionStore {
    FileSessionStore::new(directory, &config_at("http://127.0.0.1:1").session_key("default"))
}

/// Another process with this job.
pub(crate) fn command(job: &str, directory: &Path, base: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    with_job(&mut command, job, directory, base);
    command
}

pub(crate) fn with_job(command: &mut Command, job: &str, directory: &Path, base: &str) {
    command
        .args(["child::process", "--exact", "--nocapture", "--test-threads=1"])
        .env("AIG_AUTH_TEST_JOB", job)
        .env(DIRECTORY, directory)
        .env(BASE, base)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
}

/// How often something is done: more often when the variable says so.
pub(crate) fn times(name: &str, usually: u32) -> u32 {
    variable(name).and_then(|text| text.parse().ok()).unwrap_or(usually)
}

/// What the process said behind the word.
pub(crate) fn said(output: &std::process::Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find_map(|line| line.split_once("TOKEN ")).map(|(_, rest)| rest.to_owned());
    line.unwrap_or_else(|| format!("NOTHING {text}"))
}
