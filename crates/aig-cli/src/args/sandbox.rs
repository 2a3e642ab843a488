//! `aig sandbox`.

use clap::{Args, Subcommand};

/// The platform on loopback, with synthetic data
#[derive(Debug, Subcommand)]
pub(crate) enum SandboxCommand {
    Up(UpArgs),
}

/// Start the sandbox and keep it running until Ctrl-C
///
/// Prints the environment variables that point `aig`, and the Python SDK, at it. It keeps everything in memory: when it
/// ends, runs and sessions are gone. Ctrl-C and SIGTERM are the ways to end it, with exit code 0.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  aig sandbox up                             in one terminal; copy the lines it prints into another
  aig sandbox up --port 8181
  aig sandbox up --output json               one document with `ready`, `url` and `environment`")]
pub(crate) struct UpArgs {
    /// Port on 127.0.0.1; 0 takes any free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub(crate) port: u16,
}
