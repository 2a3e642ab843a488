//! `aig login`.

use clap::Args;

/// Sign in, and keep the session on this machine
///
/// Opens the browser where there is one, else shows a code to type in on another device. `BROWSER` is honoured.
/// Does nothing when a session is there that still works, unless `--relogin` is given.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  aig login
  aig login --device                         on a machine without a browser
  aig login --relogin                        as somebody else")]
pub(crate) struct LoginArgs {
    /// Show a code to type in on another device
    #[arg(long, conflicts_with = "browser")]
    pub(crate) device: bool,
    /// Open a browser on this machine
    #[arg(long)]
    pub(crate) browser: bool,
    /// Sign in anew, even when a session is there
    #[arg(long)]
    pub(crate) relogin: bool,
}
