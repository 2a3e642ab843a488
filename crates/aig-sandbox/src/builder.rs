//! What a sandbox shall be.

use std::{path::PathBuf, time::Duration};

use tokio::sync::watch;

use crate::{
    Outcomes, RefreshTokenRotation, SandboxError, Seed,
    clock::Clock,
    engine::SlideUse,
    ids::random_secret,
    oauth::{Approver, SignInRules},
    persist::{Head, Secret},
    plan::RunPlan,
    sandbox::Sandbox,
    seed::{SeedDocument, plant},
    server::{self, Command},
    stage::{Beginning, Stage},
};

/// Starts sandboxes.
///
/// ```
/// use aig_sandbox::{RunPlan, Sandbox};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), aig_sandbox::SandboxError> {
/// let sandbox = Sandbox::builder().run_plan(RunPlan::Immediate).start().await?;
/// assert!(sandbox.url().starts_with("http://127.0.0.1:"));
/// assert_eq!(sandbox.environment().get("AIGNOSTICS_API_ROOT"), Some(sandbox.url()));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct SandboxBuilder {
    pub(crate) port: u16,
    pub(crate) seed: u64,
    pub(crate) run_plan: RunPlan,
    pub(crate) slides: SlideUse,
    pub(crate) outcomes: Option<Outcomes>,
    pub(crate) url_lifetime: Duration,
    pub(crate) persist: Option<PathBuf>,
    pub(crate) snapshots: Option<PathBuf>,
    pub(crate) seeded_with: Seed,
    pub(crate) sign_in: SignInRules,
}

impl Default for SandboxBuilder {
    fn default() -> Self {
        Self {
            port: 0,
            seed: 42,
            run_plan: RunPlan::default(),
            slides: SlideUse::Read,
            outcomes: None,
            url_lifetime: Duration::from_secs(3600),
            persist: None,
            snapshots: None,
            seeded_with: Seed::default(),
            sign_in: SignInRules::default(),
        }
    }
}

impl SandboxBuilder {
    /// On this port; 0, the default, is any free one. With [`SandboxBuilder::persist`], 0 is the port of the last time
    /// as long as that is free: access tokens and signed URLs name it.
    #[must_use]
    pub fn port(self, port: u16) -> Self {
        Self { port, ..self }
    }

    /// Identifiers follow from the seed: the same steps give the same ids. Secrets never do.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// How runs move.
    #[must_use]
    pub fn run_plan(self, run_plan: RunPlan) -> Self {
        Self { run_plan, ..self }
    }

    /// Whether submitted slides are looked at.
    #[must_use]
    pub fn slides(self, slides: SlideUse) -> Self {
        Self { slides, ..self }
    }

    /// How probable it is that an item fails whose submission does not say how it ends; never by default.
    #[must_use]
    pub fn outcomes(self, outcomes: Outcomes) -> Self {
        Self { outcomes: Some(outcomes), ..self }
    }

    /// How long the signed URLs of results stay good; an hour by default.
    #[must_use]
    pub fn url_lifetime(self, url_lifetime: Duration) -> Self {
        Self { url_lifetime, ..self }
    }

    /// Keeps everything in this directory, which is made if it is not there: users, runs, results, uploaded objects,
    /// grants, sessions, the clock. Each change is written before it is acknowledged, so a sandbox that is killed has
    /// lost nothing that it had confirmed; items that were in work begin anew. What cannot be written is answered with
    /// 500 and has not happened. The disk is not waited for: after a power cut the last seconds may be missing. Faults
    /// and the log of requests are not kept. One sandbox at a time uses a directory.
    #[must_use]
    pub fn persist(self, directory: impl Into<PathBuf>) -> Self {
        Self { persist: Some(directory.into()), ..self }
    }

    /// Keeps snapshots in this directory, for other sandboxes to load; by default they are the sandbox's own.
    #[must_use]
    pub fn snapshots_in(self, directory: impl Into<PathBuf>) -> Self {
        Self { snapshots: Some(directory.into()), ..self }
    }

    /// What is there at the beginning. A directory that has been used before goes on with what is in it.
    #[must_use]
    pub fn seeded_with(self, seed: Seed) -> Self {
        Self { seeded_with: seed, ..self }
    }

    /// The authorization server asks nobody: whoever comes is this user, named by id or e-mail address, and agrees.
    #[must_use]
    pub fn auto_approve(mut self, user: impl Into<String>) -> Self {
        self.sign_in.approver = Some(Approver::Named(user.into()));
        self
    }

    /// The same with the first user, whoever that is.
    #[must_use]
    pub fn auto_approve_first_user(mut self) -> Self {
        self.sign_in.approver = Some(Approver::First);
        self
    }

    /// How long access tokens live; a day by default.
    #[must_use]
    pub fn access_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.sign_in.access_lifetime = Some(lifetime);
        self
    }

    /// How long refresh tokens continue a session; thirty days by default.
    #[must_use]
    pub fn refresh_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.sign_in.refresh_lifetime = Some(lifetime);
        self
    }

    /// Whose refresh tokens are replaced with every use; those of the device client by default.
    #[must_use]
    pub fn refresh_token_rotation(mut self, rotation: RefreshTokenRotation) -> Self {
        self.sign_in.rotation = rotation;
        self
    }

    /// How long after its first use a refresh token that was replaced is answered once more; not at all by default.
    #[must_use]
    pub fn refresh_token_reuse_interval(mut self, interval: Duration) -> Self {
        self.sign_in.reuse_interval = interval;
        self
    }

    /// Starts the sandbox; it takes requests when this returns.
    ///
    /// # Errors
    /// When the port is taken, there is no place for objects, the directory to keep things in cannot be used, the seed is
    /// not one, or nobody is there by the name that shall agree to everything.
    pub async fn start(self) -> Result<Sandbox, SandboxError> {
        let document = self.seeded_with.document()?;
        let (stage, listener, beginning) = Stage::open(self, &document)?;
        if beginning == Beginning::New {
            let planted = plant(&document, &stage.live().control.platform).await;
            planted.inspect_err(|_| stage.abandon())?;
        }
        let (command, receiver) = watch::channel(Command::Serve);
        let server = tokio::spawn(server::serve(listener, stage.router(), receiver));
        Ok(Sandbox::new(stage, beginning, command, server))
    }

    /// The unchanging part of a state that begins.
    pub(crate) fn head(&self, document: &SeedDocument) -> Head {
        Head {
            created_at: Clock::default().now(),
            port: 0,
            seed: self.seed,
            epoch: 0,
            people: document.people(),
            applications: document.applications(),
            outcomes: self.outcomes.unwrap_or(document.outcomes),
            platform_secret: Secret(random_secret()),
        }
    }
}
