//! `cargo xtask bench`: what things cost here, beside what others cost on the same server. It prints figures and judges none:
//! machines differ.

mod auth;
mod cost;
mod data;
mod peers;
mod platform;
mod report;

use std::{path::Path, path::PathBuf};

use anyhow::Result;

/// Measure, in release builds.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// The hand-out of a token that is there, beside other crates.
    Auth {
        /// The form of the report.
        #[arg(long, value_enum, default_value_t = Output::Text)]
        output: Output,
    },
    /// Listings and single runs against a sandbox, beside curl and the Python SDK.
    Platform(PlatformArgs),
}

#[derive(Debug, clap::Args)]
struct PlatformArgs {
    /// How often each is measured; the median counts. The Python SDK, which takes long to start, is measured once.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// The form of the report.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    output: Output,
    /// An interpreter with `aignostics==1.6.0`; without it the Python SDK is left out.
    #[arg(long, default_value = "python3")]
    python: PathBuf,
    /// Runs to list.
    #[arg(long, default_value_t = 10_000)]
    runs: usize,
    /// Items to list, all of one run.
    #[arg(long, default_value_t = 10_000)]
    items: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Output {
    Text,
    Json,
}

/// Measures and prints.
///
/// # Errors
/// When something does not build, or what is measured fails.
pub(crate) fn run(root: &Path, args: &Args) -> Result<()> {
    match &args.what {
        What::Auth { output } => auth::measure(root, *output),
        What::Platform(args) => platform::measure(root, args),
    }
}
