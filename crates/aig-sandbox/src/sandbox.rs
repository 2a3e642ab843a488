//! A running sandbox, in the hands of who started it.

use std::{fmt, net::SocketAddr, time::Duration};

use aig_auth::testkit::AuthorizationServer;
use jiff::SignedDuration;
use tempfile::TempDir;
use tokio::{sync::watch, task::JoinHandle};
use uuid::Uuid;

use crate::{
    Environment, LoggedRequest, SandboxBuilder, SandboxError,
    control::Control,
    faults::{Fault, Scenario},
    server::Command,
    storage::{self, Link},
};

pub(crate) const AUDIENCE: &str = "https://aignostics-platform-sandbox";
pub(crate) const CLIENT_ID_INTERACTIVE: &str = "sandbox-interactive";
pub(crate) const CLIENT_ID_DEVICE: &str = "sandbox-device";

/// The platform on a port of 127.0.0.1. It ends when this is dropped.
pub struct Sandbox {
    address: SocketAddr,
    url: String,
    control: Control,
    authorization: AuthorizationServer,
    command: watch::Sender<Command>,
    ended: watch::Receiver<Ended>,
    _directory: TempDir,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    No,
    Yes,
}

impl Sandbox {
    /// Says what the sandbox shall be.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::default()
    }

    pub(crate) fn new(
        address: SocketAddr,
        control: Control,
        authorization: AuthorizationServer,
        command: watch::Sender<Command>,
        server: JoinHandle<()>,
        directory: TempDir,
    ) -> Self {
        let (ending, ended) = watch::channel(Ended::No);
        tokio::spawn(async move {
            drop(server.await);
            ending.send_replace(Ended::Yes);
        });
        let url = format!("http://{address}");
        Self { address, url, control, authorization, command, ended, _directory: directory }
    }

    /// `http://127.0.0.1:PORT`: the root of the API, without a slash at its end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The S3 endpoint, path style: `http://127.0.0.1:PORT/storage`.
    pub fn storage_endpoint(&self) -> String {
        format!("{}{}", self.url, storage::PREFIX)
    }

    /// The variables by which `aig`, this workspace's libraries and the Python SDK find the sandbox.
    pub fn environment(&self) -> Environment {
        Environment::of(&self.url, &self.authorization)
    }

    /// Acts as the first user, who has typed the code of a device and agreed.
    ///
    /// # Errors
    /// When no device waits for this code.
    pub async fn approve_device(&self, user_code: &str) -> Result<(), SandboxError> {
        let approved = self.authorization.approve_device(user_code, self.first_user());
        approved.map_err(|_| SandboxError::Device { user_code: user_code.to_owned() })
    }

    /// A bearer token of the first user, as if they had signed in. Not part of any flow: for tests and tools.
    ///
    /// # Errors
    /// When the authorization server gives none.
    pub async fn access_token(&self) -> Result<String, SandboxError> {
        let user = self.first_user().to_owned();
        self.access_token_of(&user).await
    }

    /// A bearer token of this user: `auth0|sandbox-ada`, `auth0|sandbox-grace` or `auth0|sandbox-linus`.
    ///
    /// # Errors
    /// When there is no such user.
    pub async fn access_token_of(&self, user_id: &str) -> Result<String, SandboxError> {
        let issued = self.authorization.issue(user_id, CLIENT_ID_INTERACTIVE, "offline_access").await;
        issued.map(|tokens| tokens.access_token.expose().to_owned()).map_err(|_| SandboxError::Token)
    }

    /// A refresh token of the first user, for `AIGNOSTICS_REFRESH_TOKEN`.
    ///
    /// # Errors
    /// When the authorization server gives none.
    pub async fn refresh_token(&self) -> Result<String, SandboxError> {
        let issued = self.authorization.issue(self.first_user(), CLIENT_ID_INTERACTIVE, "offline_access").await;
        let token = issued.ok().and_then(|tokens| tokens.refresh_token);
        token.map(|token| token.expose().to_owned()).ok_or(SandboxError::Token)
    }

    /// The authorization server behind the sandbox's OAuth paths: its sessions, faults and counts.
    pub fn authorization(&self) -> &AuthorizationServer {
        &self.authorization
    }

    /// Lets one more item of a run go through, with [`RunPlan::Manual`](crate::RunPlan::Manual).
    ///
    /// # Errors
    /// When the run does not wait for it.
    pub fn advance_run(&self, run_id: Uuid) -> Result<(), SandboxError> {
        if self.control.platform.engine.step(run_id) { Ok(()) } else { Err(SandboxError::NotWaiting { run_id }) }
    }

    /// Puts the sandbox's clock forward: tokens, signed URLs and timed runs age by it.
    pub fn advance_clock(&self, by: Duration) {
        self.control.platform.clock.advance(SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX));
    }

    /// Lets something go wrong from now on. The number is that of the rule.
    ///
    /// ```
    /// # use aig_sandbox::{Sandbox, faults::{Effect, Fault}};
    /// # async fn example(sandbox: &Sandbox) {
    /// sandbox.inject(Fault::new(Effect::status(503).retry_after("1")).on_operation("get_run").times(2));
    /// # }
    /// ```
    pub fn inject(&self, fault: Fault) -> u64 {
        self.control.faults.add(fault)
    }

    /// Lets a whole set of things go wrong.
    pub fn play(&self, scenario: Scenario) {
        scenario.faults().into_iter().for_each(|fault| _ = self.control.faults.add(fault));
    }

    /// Nothing goes wrong any more.
    pub fn clear_faults(&self) {
        self.control.faults.clear();
    }

    /// The last requests, oldest first, without their secrets.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.control.log.after(0)
    }

    /// Signed URLs to put and to get an object of the first user's bucket, for clients that sign nothing themselves.
    pub fn links(&self, key: &str, lifetime: Duration) -> (String, String) {
        let platform = &self.control.platform;
        let bucket = platform.people.organizations.first().map_or("", |organization| organization.bucket.as_str());
        let host = self.address.to_string();
        let sign = |method| {
            let lifetime = SignedDuration::try_from(lifetime).unwrap_or(SignedDuration::from_hours(1));
            platform.storage.sign(Link { method, host: &host, bucket, key, lifetime, disposition: None })
        };
        (sign("PUT").unwrap_or_default(), sign("GET").unwrap_or_default())
    }

    /// Ends at once, in the middle of whatever is going on.
    pub fn stop(&self) {
        self.command.send_replace(Command::Abort);
        self.control.platform.engine.stop();
    }

    /// Ends after the requests that are being answered, within five seconds.
    pub async fn shutdown(self) {
        self.command.send_replace(Command::Finish);
        self.closed().await;
    }

    /// Until the sandbox has ended.
    pub async fn closed(&self) {
        drop(self.ended.clone().wait_for(|ended| *ended == Ended::Yes).await);
    }

    fn first_user(&self) -> &str {
        self.control.platform.people.persons.first().map_or("", |person| person.id)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stop();
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("url", &self.url).finish_non_exhaustive()
    }
}
