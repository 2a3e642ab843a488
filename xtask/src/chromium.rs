//! Chromium, in which the pages of the sandbox are tested: installed where that can be done, else the reason is told.

use std::process::{Command, Stdio};

use anyhow::{Result, bail, ensure};

use crate::command::run;

/// What the program is called by the systems that package it; the tests look for the same.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/// Installs it if it is not there. Without it the tests go on and leave the browser out.
pub(crate) fn provide() {
    if NAMES.iter().any(|name| starts(name, "--version")) {
        return;
    }
    if let Err(reason) = install() {
        eprintln!("tests of pages in a browser are skipped: no Chromium is installed, and {reason}");
    }
}

fn install() -> Result<()> {
    ensure!(starts("apt-get", "--version"), "there is no apt-get to install it with");
    if !is_root()? {
        bail!("only root may install it (`apt-get install chromium`)");
    }
    run(Command::new("apt-get").args(["update", "--quiet"]))?;
    run(Command::new("apt-get").args(["install", "--yes", "--quiet", "--no-install-recommends", "chromium"]))
}

fn starts(program: &str, argument: &str) -> bool {
    let status = Command::new(program).arg(argument).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

fn is_root() -> Result<bool> {
    Ok(Command::new("id").arg("-u").output()?.stdout.trim_ascii() == b"0")
}
