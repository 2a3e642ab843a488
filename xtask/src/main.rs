//! The maintainer's tools of the workspace: `cargo xtask --help`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "tools for the terminal")]

mod advisories;
mod ci;
mod codegen;
mod command;
mod test;
mod tidy;

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Parser;

/// The maintainer's tools of the workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
enum Task {
    Codegen(codegen::CodegenArgs),
    /// Check the rules of the workspace that a machine can check.
    Tidy,
    /// Run every test.
    Test {
        /// Only tests whose names contain one of these.
        filters: Vec<String>,
    },
    /// Run what continuous integration runs, in order.
    Ci,
}

fn main() -> Result<()> {
    let root = root();
    match Task::parse() {
        Task::Codegen(args) => codegen::run(&root, &args),
        Task::Tidy => tidy::run(&root),
        Task::Test { filters } => test::all(&root, &filters),
        Task::Ci => ci::all(&root),
    }
}

/// The workspace.
fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_path_buf()
}
