//! What the demo plays on: a sandbox in this process, a client that knows only its address, and a folder.

use std::{
    future::Future,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use aig_auth::oauth::Flow;
use aig_platform::settings::{Settings, SettingsError, Sources, Variables};
use aig_sandbox::Sandbox;
use tokio::sync::{Mutex, mpsc};
use uuid::Uuid;

use super::{
    announcer::{Announced, Announcer},
    painting::Studio,
    sandbox_died,
    scribe::Scribe,
};
use crate::{args::DemoArgs, commands::sandbox, descriptors::Descriptors, folder::Folder, session::Platform};

/// The one variable of the process that the demo heeds: where sessions rest.
const CACHE_DIR: &str = "AIGNOSTICS_CACHE_DIR";

/// How the story came to its end.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ending {
    Complete,
    CutShort,
}

pub(super) struct Stage {
    pub(super) sandbox: Sandbox,
    pub(super) platform: Platform,
    /// Below `folder`, and so before it: both go when nothing came to lie in them.
    slides: OnceLock<Folder>,
    pub(super) folder: Folder,
    /// Codes that the sign-in shows to the person.
    pub(super) announced: Mutex<mpsc::UnboundedReceiver<Announced>>,
    pub(super) studio: Studio,
    run: OnceLock<Uuid>,
}

impl Stage {
    pub(super) async fn set(scribe: &mut Scribe, args: &DemoArgs) -> anyhow::Result<Self> {
        let folder = Folder::open(&args.dir)?;
        scribe.step("sandbox", "Sandbox: the platform in this process, on loopback, with synthetic data");
        Descriptors::raised();
        let sandbox = sandbox::builder().start().await?;
        scribe.say(sandbox.url());
        let (announcer, announced) = Announcer::new();
        let settings = settings(&sandbox)?;
        let platform = Platform::open(settings, Flow::Device, Arc::new(announcer))?;
        let (announced, run) = (Mutex::new(announced), OnceLock::new());
        Ok(Self { sandbox, platform, slides: OnceLock::new(), folder, announced, studio: Studio::new(), run })
    }

    /// The folder of the demo's own slides.
    pub(super) fn slides(&self) -> anyhow::Result<PathBuf> {
        let folder = Folder::open(&self.folder.path().join("slides"))?;
        let path = folder.path().to_owned();
        // It is asked for once a demo.
        let _ = self.slides.set(folder);
        Ok(path)
    }

    /// Runs `job` for as long as the sandbox is there.
    pub(super) async fn while_it_lives<T>(&self, job: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
        tokio::select! {
            outcome = job => outcome,
            () = self.sandbox.closed() => Err(sandbox_died().into()),
        }
    }

    pub(super) fn remember_run(&self, run: Uuid) {
        // There is one run a demo; a second one would be a mistake of this crate and is of no harm here.
        let _ = self.run.set(run);
    }

    /// Leaves no dead session and no half of a file behind.
    pub(super) async fn strike(self, scribe: &mut Scribe, ending: Ending) {
        self.studio.close().await;
        match (ending, self.run.get()) {
            (Ending::Complete, _) => scribe.step("sign_out", "Sign-out"),
            (Ending::CutShort, Some(run)) => self.folder.remove_partial(*run),
            (Ending::CutShort, None) => {}
        }
        match (self.platform.session.sign_out().await, ending) {
            (Ok(_), Ending::Complete) => scribe.say("the session is over: without this sandbox it is of no use"),
            (Ok(_), Ending::CutShort) => {}
            (Err(error), _) => scribe.printer().warn(format_args!("the session could not be removed: {error}")),
        }
        // Locks stay for as long as others may hold them. Nobody else has sessions of this issuer: its port is ours, still.
        let _ = std::fs::remove_file(Path::new(&self.platform.session.location()).with_extension("lock"));
        self.sandbox.shutdown().await;
    }
}

/// As if the variables of the sandbox were those of the process; those of the process point elsewhere, at the live
/// platform perhaps.
fn settings(sandbox: &Sandbox) -> Result<Settings, SettingsError> {
    let process = Variables::from_process();
    let cache_dir = process.get(CACHE_DIR).map(|value| (CACHE_DIR, value));
    let variables = Variables::from_iter(sandbox.environment().iter().chain(cache_dir));
    Settings::load(Sources::new(variables))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::{args::Cli, exit::Exit, failure::exit_of, printer::Printer};

    #[tokio::test]
    async fn a_sandbox_that_dies_in_mid_run_ends_the_demo() {
        let home = tempfile::tempdir().unwrap();
        let cli = Cli::parse_from(["aig", "demo", "--quiet"]);
        let mut scribe = Scribe::new(&Printer::new(&cli.global), 1);
        let args = DemoArgs { slides: None, dir: home.path().join("demo") };
        let stage = Stage::set(&mut scribe, &args).await.unwrap();
        assert_eq!(stage.while_it_lives(async { Ok(7) }).await.unwrap(), 7, "the control");
        stage.sandbox.stop();
        let error = stage.while_it_lives(std::future::pending::<anyhow::Result<()>>()).await.unwrap_err();
        assert_eq!(exit_of(&error), Exit::Unavailable);
        drop(stage);
        assert!(!args.dir.exists(), "nothing came to lie in it");
    }
}
