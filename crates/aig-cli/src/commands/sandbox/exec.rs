//! `aig sandbox exec`: one command, with a sandbox around it.

use std::{collections::BTreeMap, ffi::OsString, io, path::Path};

use aig_platform::settings::Variables;
use aig_sandbox::{Remote, Sandbox};
use anyhow::Context as _;
use futures_util::FutureExt as _;
use tempfile::TempDir;
use tokio::process::Command;

use super::{
    as_asked,
    child::{self, Signals},
};
use crate::{args::ExecArgs, descriptors::Descriptors, exit::Exit, printer::Printer};

/// What the caller's environment may hold that would send the command elsewhere, or as somebody else.
const FOREIGN: [&str; 7] = [
    "AIGNOSTICS_PROFILE",
    "AIGNOSTICS_ORGANIZATION_ID",
    "AIGNOSTICS_SCOPE",
    "AIGNOSTICS_SESSION_STORAGE",
    "AIGNOSTICS_STATUS_PAGE_URL",
    "AIGNOSTICS_BASE_URL",
    "AIGNOSTICS_SYSTEM_TOKEN",
];
/// Both spellings are in use; programs differ in which one they read first.
const NO_PROXY: [&str; 2] = ["NO_PROXY", "no_proxy"];
const LOOPBACK: &str = "127.0.0.1,localhost";

pub(crate) async fn exec(printer: &Printer, args: &ExecArgs) -> anyhow::Result<Exit> {
    // Heard from now on: one that comes while the sandbox starts is passed on as well.
    let signals = Signals::open().context("cannot listen for signals")?;
    let descriptors = Descriptors::raised();
    let place = Place::find(args).await?;
    let home = home()?;
    let mut command = command(&args.command, &place.variables().await?, home.path())?;
    let child = descriptors.as_before(|| child::start(&mut command))?;
    let exit = child::wait(child, signals).await?;
    if place.has_ended() {
        printer.warn("the sandbox ended before the command did");
    }
    place.leave().await;
    Ok(exit)
}

/// The sandbox that the command gets.
enum Place {
    Own(Box<Sandbox>),
    Running(Remote),
}

impl Place {
    async fn find(args: &ExecArgs) -> anyhow::Result<Self> {
        Ok(match &args.url {
            Some(url) => Self::Running(Remote::connect(url).await?),
            None => Self::Own(Box::new(as_asked(&args.options).start().await?)),
        })
    }

    /// The variables of the sandbox, and the token of somebody who is signed in.
    async fn variables(&self) -> anyhow::Result<BTreeMap<String, String>> {
        let (mut variables, token): (BTreeMap<_, _>, _) = match self {
            Self::Own(sandbox) => (
                sandbox.environment().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
                sandbox.refresh_token().await?,
            ),
            Self::Running(remote) => (remote.environment().await?, remote.refresh_token().await?),
        };
        variables.insert("AIGNOSTICS_REFRESH_TOKEN".to_owned(), token);
        Ok(variables)
    }

    fn has_ended(&self) -> bool {
        matches!(self, Self::Own(sandbox) if sandbox.closed().now_or_never().is_some())
    }

    async fn leave(self) {
        if let Self::Own(sandbox) = self {
            sandbox.shutdown().await;
        }
    }
}

/// A place for sessions that goes when the command has ended, and an empty file of variables in place of the user's own.
fn home() -> anyhow::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("aig-sandbox-exec-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    let home = builder.tempdir().context("cannot make a temporary directory for the command's sessions")?;
    let made = std::fs::create_dir(cache(home.path())).and_then(|()| std::fs::File::create_new(env_file(home.path())));
    made.context("cannot write to the temporary directory of the command's sessions")?;
    Ok(home)
}

fn cache(home: &Path) -> std::path::PathBuf {
    home.join("cache")
}

fn env_file(home: &Path) -> std::path::PathBuf {
    home.join("env")
}

fn command(words: &[OsString], variables: &BTreeMap<String, String>, home: &Path) -> anyhow::Result<Command> {
    let (program, arguments) = words.split_first().ok_or(io::Error::from(io::ErrorKind::InvalidInput))?;
    let mut command = Command::new(program);
    command.args(arguments).kill_on_drop(true);
    FOREIGN.into_iter().for_each(|name| _ = command.env_remove(name));
    let process = Variables::from_process();
    command.envs(NO_PROXY.map(|name| (name, without_proxy(process.get(name)))));
    command.envs(variables).env("AIGNOSTICS_CACHE_DIR", cache(home)).env("AIGNOSTICS_ENV_FILE", env_file(home));
    Ok(command)
}

/// Loopback never goes through a proxy; what went past it before still does.
fn without_proxy(given: Option<&str>) -> String {
    given.map_or_else(|| LOOPBACK.to_owned(), |given| format!("{given},{LOOPBACK}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_added_to_what_goes_past_the_proxy() {
        assert_eq!(without_proxy(None), "127.0.0.1,localhost");
        assert_eq!(without_proxy(Some("intranet.example")), "intranet.example,127.0.0.1,localhost");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_reads_the_sessions_of_a_command() {
        use std::os::unix::fs::PermissionsExt;
        let home = home().unwrap();
        assert_eq!(std::fs::metadata(home.path()).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
