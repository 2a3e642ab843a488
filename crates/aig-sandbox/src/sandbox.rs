//! A running sandbox, in the hands of who started it.

use std::{fmt, net::SocketAddr, sync::Arc, time::Duration};

use aig_auth::testkit::{AuthorizationServer, Tokens};
use jiff::SignedDuration;
use tokio::{sync::watch, task::JoinHandle};
use uuid::Uuid;

use crate::{
    Environment, LoggedRequest, SandboxBuilder, SandboxError, SnapshotInfo,
    control::{Control, clock::forward},
    faults::{Fault, Scenario},
    server::Command,
    stage::{Beginning, Stage},
    storage::{self, Link},
};

pub(crate) const AUDIENCE: &str = "https://aignostics-platform-sandbox";
pub(crate) const CLIENT_ID_INTERACTIVE: &str = "sandbox-interactive";
pub(crate) const CLIENT_ID_DEVICE: &str = "sandbox-device";
/// For client credentials; a secret that everybody knows protects nothing, and there is nothing to protect.
pub(crate) const CLIENT_ID_MACHINE: &str = "sandbox-service";
pub(crate) const CLIENT_SECRET_MACHINE: &str = "sandbox-service-secret";

/// The platform on a port of 127.0.0.1. It ends when this is dropped.
pub struct Sandbox {
    address: SocketAddr,
    url: String,
    stage: Arc<Stage>,
    beginning: Beginning,
    command: watch::Sender<Command>,
    ended: watch::Receiver<Ended>,
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
        stage: Arc<Stage>,
        beginning: Beginning,
        command: watch::Sender<Command>,
        server: JoinHandle<()>,
    ) -> Self {
        let (ending, ended) = watch::channel(Ended::No);
        tokio::spawn(async move {
            drop(server.await);
            ending.send_replace(Ended::Yes);
        });
        let address = stage.address();
        Self { address, url: format!("http://{address}"), stage, beginning, command, ended }
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
        Environment::of(&self.url, &self.authorization())
    }

    /// Acts as the first user, who has typed the code of a device and agreed.
    ///
    /// # Errors
    /// When no device waits for this code.
    pub async fn approve_device(&self, user_code: &str) -> Result<(), SandboxError> {
        let approved = self.authorization().approve_device(user_code, &self.first_user());
        approved.map_err(|_| SandboxError::Device { user_code: user_code.to_owned() })
    }

    /// A bearer token of the first user, as if they had signed in. Not part of any flow: for tests and tools.
    ///
    /// # Errors
    /// When the authorization server gives none.
    pub async fn access_token(&self) -> Result<String, SandboxError> {
        self.access_token_of(&self.first_user()).await
    }

    /// A bearer token of this user: `auth0|sandbox-ada`, `auth0|sandbox-grace` or `auth0|sandbox-linus`.
    ///
    /// # Errors
    /// When there is no such user.
    pub async fn access_token_of(&self, user_id: &str) -> Result<String, SandboxError> {
        Ok(self.issue(user_id).await?.access_token.expose().to_owned())
    }

    /// A refresh token of the first user, for `AIGNOSTICS_REFRESH_TOKEN`.
    ///
    /// # Errors
    /// When the authorization server gives none.
    pub async fn refresh_token(&self) -> Result<String, SandboxError> {
        let issued = self.issue(&self.first_user()).await?;
        issued.refresh_token.map(|token| token.expose().to_owned()).ok_or(SandboxError::Token)
    }

    async fn issue(&self, user_id: &str) -> Result<Tokens, SandboxError> {
        let live = self.stage.live();
        let issued = live.authorization.issue(user_id, CLIENT_ID_INTERACTIVE, "offline_access").await;
        let kept = live.control.platform.keep_sessions(&live.authorization);
        kept.map_err(|source| SandboxError::Storage { source })?;
        issued.map_err(|_| SandboxError::Token)
    }

    /// The authorization server behind the sandbox's OAuth paths: its sessions, faults and counts. Loading a snapshot
    /// puts another one in its place.
    pub fn authorization(&self) -> AuthorizationServer {
        self.stage.live().authorization.clone()
    }

    /// Whether it goes on with what an earlier sandbox has left in its directory.
    pub fn is_resumed(&self) -> bool {
        self.beginning == Beginning::Resumed
    }

    /// Saves the whole state under a name: users, runs, results, objects, grants, sessions, the clock.
    ///
    /// # Errors
    /// When the name is taken or cannot be one, or the files cannot be written.
    pub fn snapshot(&self, name: &str) -> Result<SnapshotInfo, SandboxError> {
        Ok(self.stage.snapshot(name)?)
    }

    /// The snapshots that are there, the oldest first.
    ///
    /// # Errors
    /// When their directory cannot be read.
    pub fn snapshots(&self) -> Result<Vec<SnapshotInfo>, SandboxError> {
        Ok(self.stage.shelf().list()?)
    }

    /// Goes back to the state of a snapshot, in the place of all that is there now. The port stays; so do faults and
    /// the log of requests.
    ///
    /// # Errors
    /// When there is no such snapshot, or it cannot be read. Nothing has changed then.
    pub fn restore(&self, name: &str) -> Result<SnapshotInfo, SandboxError> {
        Ok(self.stage.restore(name)?)
    }

    /// Removes a snapshot.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn delete_snapshot(&self, name: &str) -> Result<(), SandboxError> {
        Ok(self.stage.shelf().delete(name)?)
    }

    /// Lets one more item of a run go through, with [`RunPlan::Manual`](crate::RunPlan::Manual).
    ///
    /// # Errors
    /// When the run does not wait for it.
    pub fn advance_run(&self, run_id: Uuid) -> Result<(), SandboxError> {
        if self.live().platform.engine.step(run_id) { Ok(()) } else { Err(SandboxError::NotWaiting { run_id }) }
    }

    /// Puts the sandbox's clock forward: tokens, signed URLs and timed runs age by it.
    ///
    /// # Errors
    /// When it would reach the year 3000, or a sandbox that is kept cannot write it down. The clock stays then.
    pub fn advance_clock(&self, by: Duration) -> Result<(), SandboxError> {
        let platform = self.live().platform;
        let by = SignedDuration::try_from(by).ok().and_then(|by| forward(by, platform.clock.now()));
        let by = by.ok_or(SandboxError::ClockEnds)?;
        platform.turn_clock(|clock| clock.advance(by)).map_err(|source| SandboxError::Storage { source })
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
        self.live().faults.add(fault)
    }

    /// Lets a whole set of things go wrong.
    pub fn play(&self, scenario: Scenario) {
        scenario.faults().into_iter().for_each(|fault| _ = self.live().faults.add(fault));
    }

    /// Nothing goes wrong any more.
    pub fn clear_faults(&self) {
        self.live().faults.clear();
    }

    /// The last requests, oldest first, without their secrets.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.live().log.after(0)
    }

    /// Signed URLs to put and to get an object of the first user's bucket, for clients that sign nothing themselves.
    pub fn links(&self, key: &str, lifetime: Duration) -> (String, String) {
        let platform = self.live().platform;
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
        self.live().log.end();
        self.live().platform.engine.stop();
    }

    /// Ends after the requests that are being answered, within five seconds.
    pub async fn shutdown(self) {
        self.live().log.end();
        self.command.send_replace(Command::Finish);
        self.closed().await;
    }

    /// Until the sandbox has ended.
    pub async fn closed(&self) {
        drop(self.ended.clone().wait_for(|ended| *ended == Ended::Yes).await);
    }

    #[cfg(test)]
    pub(crate) fn stage(&self) -> &Arc<Stage> {
        &self.stage
    }

    fn first_user(&self) -> String {
        self.live().platform.people.persons.first().map(|person| person.id.clone()).unwrap_or_default()
    }

    fn live(&self) -> Control {
        self.stage.live().control.clone()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stop();
        self.stage.leave();
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("url", &self.url).finish_non_exhaustive()
    }
}
