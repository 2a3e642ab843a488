//! The server that is measured against: a sandbox in a process of its own, filled, and ended with this one.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::PlatformArgs;
use crate::command::{cargo, run};

/// Where the release builds of the two programs are.
#[derive(Debug)]
pub(super) struct Programs {
    server: PathBuf,
    pub(super) client: PathBuf,
}

impl Programs {
    pub(super) fn build(root: &Path) -> Result<Self> {
        let examples = ["--example", "bench_server", "--example", "bench_client"];
        run(cargo(root).args(["build", "--release", "--quiet", "--package", "aig-tests"]).args(examples))?;
        let folder = target(root)?.join("release/examples");
        let program = |name: &str| folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        Ok(Self { server: program("bench_server"), client: program("bench_client") })
    }
}

/// As cargo sees it: configuration and environment can move it.
fn target(root: &Path) -> Result<PathBuf> {
    let told = cargo(root).args(["metadata", "--no-deps", "--offline", "--format-version", "1"]).output()?;
    ensure!(told.status.success(), "cargo metadata failed: {}", String::from_utf8_lossy(&told.stderr).trim());
    let told: Value = serde_json::from_slice(&told.stdout)?;
    Ok(told["target_directory"].as_str().context("cargo metadata names no target directory")?.into())
}

/// A filled sandbox. It ends when its standard input does, which is when this is dropped.
#[derive(Debug)]
pub(super) struct Server {
    process: Child,
    /// Its own words: see `tests/examples/bench_server.rs`.
    pub(super) line: String,
    pub(super) plan: Value,
}

impl Server {
    pub(super) fn start(programs: &Programs, args: &PlatformArgs) -> Result<Self> {
        let mut command = Command::new(&programs.server);
        command.args([args.runs.to_string(), args.items.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().context("the server does not start")?;
        let mut line = String::new();
        if let Some(stdout) = process.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let plan = serde_json::from_str(&line).context("the server ended before it was ready")?;
        Ok(Self { process, line, plan })
    }

    pub(super) fn text(&self, name: &str) -> &str {
        self.plan[name].as_str().unwrap_or_default()
    }

    /// The runs that are asked for one by one.
    pub(super) fn asked(&self) -> impl Iterator<Item = &str> {
        self.plan["asked"].as_array().into_iter().flatten().filter_map(Value::as_str)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        _ = self.process.wait();
    }
}
