//! Jobs that need a process of their own: its environment, its memory, its log.

use std::process::Command;

use aig_platform::settings::Variables;

use crate::{canaries, floods, proxies, tls};

/// What a job left behind.
pub(crate) struct Finished {
    /// Everything that it said, on both streams.
    pub(crate) said: String,
}

impl Finished {
    /// The value that the job named so.
    pub(crate) fn value(&self, name: &str) -> &str {
        let prefix = format!("{name}=");
        let found = self.said.lines().find_map(|line| line.trim().strip_prefix(&prefix));
        found.unwrap_or_else(|| panic!("the job names no {name}: {}", self.said))
    }
}

/// Runs `job` in a process with this environment and no other.
pub(crate) async fn run(job: &'static str, variables: Vec<(&'static str, String)>) -> Finished {
    let work = move || {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["child::process", "--exact", "--nocapture"]).env_clear().env("AIG_TEST_JOB", job);
        command.envs(variables).output().unwrap()
    };
    let output = tokio::task::spawn_blocking(work).await.unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(output.status.success(), "{job} failed: {said}");
    Finished { said }
}

/// What names a deployment at `host`, and somebody who is signed in there as long as the process lives.
pub(crate) fn deployment(host: &str, refresh_token: &str) -> Vec<(&'static str, String)> {
    let addresses = [
        ("AIGNOSTICS_API_ROOT", ""),
        ("AIGNOSTICS_AUTHORIZATION_BASE_URL", "/authorize"),
        ("AIGNOSTICS_TOKEN_URL", "/oauth/token"),
        ("AIGNOSTICS_DEVICE_URL", "/oauth/device/code"),
        ("AIGNOSTICS_JWS_JSON_URL", "/jwks.json"),
    ];
    let others = [
        ("AIGNOSTICS_AUDIENCE", "https://audience.example"),
        ("AIGNOSTICS_CLIENT_ID_INTERACTIVE", "client"),
        ("AIGNOSTICS_REFRESH_TOKEN", refresh_token),
        ("AIGNOSTICS_SESSION_STORAGE", "memory"),
    ];
    let addresses = addresses.map(|(name, path)| (name, format!("https://{host}{path}")));
    addresses.into_iter().chain(others.map(|(name, value)| (name, value.to_owned()))).collect()
}

/// One process of a test. In the test run itself, where nobody asked for anything, it is nothing.
#[tokio::test(flavor = "multi_thread")]
async fn process() {
    let variables = Variables::from_process();
    match variables.get("AIG_TEST_JOB") {
        None => {}
        Some("trust") => tls::trust(&variables).await,
        Some("near") => tls::near(&variables).await,
        Some("proxied") => proxies::proxied(&variables).await,
        Some("flood") => floods::read(&variables).await,
        Some("canaries") => canaries::operations(&variables).await,
        Some(other) => panic!("there is no job {other}"),
    }
}
