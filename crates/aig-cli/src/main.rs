//! `aig`: the command line of the Aignostics Platform.
//!
//! # Invariant
//! This crate parses arguments and prints, and is the only one of the workspace that does either; what it knows of the
//! platform it knows from `aig-platform`.

mod args;
mod clock;
mod commands;
mod descriptors;
mod draft;
mod exit;
mod failure;
mod folder;
mod format;
mod interrupt;
mod logging;
mod output;
mod printer;
mod progress;
mod session;
mod stdout_closed;
mod submission;
mod table;
mod text;
mod usage;
mod views;
mod watching;

use std::{process::ExitCode, time::Duration};

use anyhow::Context as _;
use clap::Parser;

use crate::{args::Cli, exit::Exit, failure::Report, printer::Printer};

/// How long blocking work may go on after the job has ended: a slide that is being written is finished and renamed.
const LAST_WORK: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(refusal) => return usage::tell(&refusal, std::env::args_os()),
    };
    logging::init(cli.global.verbose);
    let printer = Printer::new(&cli.global);
    let outcome = run(cli, printer.clone());
    outcome.unwrap_or_else(|error| tell(&printer, &error)).into()
}

fn run(cli: Cli, printer: Printer) -> anyhow::Result<Exit> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    let outcome = runtime.block_on(commands::run(cli.command, printer));
    runtime.shutdown_timeout(LAST_WORK);
    outcome
}

fn tell(printer: &Printer, error: &anyhow::Error) -> Exit {
    let exit = failure::exit_of(error);
    if exit != Exit::Done {
        printer.failure(&Report::of(error));
    }
    exit
}
