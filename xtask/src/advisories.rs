//! The check of the dependencies against the RustSec advisories, from a dated snapshot where one lies beside the checkout.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use crate::command::{cargo, run};

/// Where a snapshot of the advisory database may lie, relative to the workspace.
const SNAPSHOT: &str = "../shared/data/rustsec-advisory-db.tar.gz";
/// The folder that cargo-deny looks for below its database path: the name carries a hash of the database's address.
const FOLDER: &str = "advisory-db-3157b0e258782691";

/// Checks the advisories: offline against the snapshot, else against what cargo-deny fetches.
///
/// # Errors
/// When an advisory applies, or the snapshot cannot be unpacked.
pub(crate) fn check(root: &Path) -> Result<()> {
    let snapshot = root.join(SNAPSHOT);
    if !snapshot.is_file() {
        return run(cargo(root).args(["deny", "check", "--hide-inclusion-graph", "advisories"]));
    }
    let databases = root.join("target/advisories");
    unpack(&snapshot, &databases.join(FOLDER))?;
    let config = config_for(root, &databases)?;
    eprintln!("advisories: a snapshot, newest entry of {}", newest(&databases.join(FOLDER).join("crates"))?);
    let deny = ["deny", "--offline", "--config"];
    run(cargo(root).args(deny).arg(config).args(["check", "--hide-inclusion-graph", "advisories"]))
}

/// cargo-deny reads the database from a git repository and nothing else.
fn unpack(snapshot: &Path, folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    let identity = ["-c", "user.name=ci", "-c", "user.email=ci@localhost"];
    step(Command::new("tar").arg("xzf").arg(snapshot).arg("-C").arg(folder))?;
    step(Command::new("git").args(["init", "--quiet"]).current_dir(folder))?;
    step(Command::new("git").args(["add", "--all"]).current_dir(folder))?;
    step(Command::new("git").args(identity).args(["commit", "--quiet", "-m", "snapshot"]).current_dir(folder))
}

fn step(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {:?}", command.get_program()))?;
    ensure!(status.success(), "{command:?} failed: {status}");
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a scratch file below target/, written anew by every run")]
fn config_for(root: &Path, databases: &Path) -> Result<PathBuf> {
    let policy = fs::read_to_string(root.join("deny.toml"))?;
    let section = format!("[advisories]\ndb-path = {:?}\n", databases.display().to_string());
    let config = databases.join("deny.toml");
    fs::write(&config, policy.replacen("[advisories]\n", &section, 1))?;
    Ok(config)
}

/// The date of the newest advisory, which is how old the snapshot is.
fn newest(folder: &Path) -> Result<String> {
    let mut newest = String::from("no date");
    for package in fs::read_dir(folder).with_context(|| format!("no {}", folder.display()))? {
        for advisory in fs::read_dir(package?.path())? {
            let text = fs::read_to_string(advisory?.path())?;
            let dates = text.lines().filter_map(|line| line.strip_prefix("date = ")).map(|date| date.trim_matches('"'));
            newest = dates.fold(
                newest,
                |newest, date| if newest == "no date" || *date > *newest { date.to_owned() } else { newest },
            );
        }
    }
    Ok(newest)
}
