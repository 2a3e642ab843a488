//! The maintainer's tools of the workspace: `cargo xtask --help`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "tools for the terminal")]

mod advisories;
mod api_diff;
mod bench;
mod chromium;
mod ci;
mod codegen;
mod command;
mod test;
mod tidy;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Result;
use clap::Parser;

/// The maintainer's tools of the workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
enum Task {
    Codegen(codegen::CodegenArgs),
    ApiDiff(api_diff::Args),
    /// Check the rules of the workspace that a machine can check.
    Tidy,
    Bench(bench::Args),
    /// Run every test.
    Test {
        /// Only tests whose names contain one of these.
        filters: Vec<String>,
    },
    /// Run what continuous integration runs, in order.
    Ci,
}

fn main() -> ExitCode {
    run().unwrap_or_else(|error| {
        // One cause a line, and never a backtrace: what is wrong is in a document or in the tree.
        let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
        eprintln!("error: {}", causes.join(":\n  "));
        ExitCode::FAILURE
    })
}

fn run() -> Result<ExitCode> {
    let root = root();
    match Task::try_parse() {
        Ok(Task::Codegen(args)) => codegen::run(&root, &args)?,
        Ok(Task::ApiDiff(args)) => return Ok(api_diff::run(&args)),
        Ok(Task::Tidy) => tidy::run(&root)?,
        Ok(Task::Bench(args)) => bench::run(&root, &args)?,
        Ok(Task::Test { filters }) => test::all(&root, &filters)?,
        Ok(Task::Ci) => ci::all(&root)?,
        Err(error) => return usage(&error),
    }
    Ok(ExitCode::SUCCESS)
}

/// `EX_USAGE` of sysexits.h: 2, which clap would take, is what `api-diff` says of a breaking change.
const USAGE: u8 = 64;

/// Prints the help that was asked for, or what is wrong with the command line.
fn usage(error: &clap::Error) -> Result<ExitCode> {
    error.print()?;
    Ok(if error.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS })
}

/// The workspace.
fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_path_buf()
}
