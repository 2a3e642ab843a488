//! `aig demo`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

/// Do the whole job on this machine: sign in, submit slides, watch, download results
///
/// Starts the sandbox in this process, on loopback only, and does against it what a user does against the live
/// platform, over HTTP and with the same code: signs in, uploads slides, submits a run, watches it, downloads the
/// results and verifies them. No account and no network are needed. Everything is synthetic.
///
/// Four slides are written and used unless `--slides` names a folder with your own. One of the four is blank on purpose:
/// its item ends as a user error, as such a slide would on the platform.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  aig demo
  aig demo --slides ~/slides
  aig demo --dir /tmp/try --output json

Exit code 0 when the default slides end as planned: three succeed and one is a user error.
With `--slides`, exit code 7 when any item fails.")]
pub(crate) struct DemoArgs {
    /// Folder with your own TIFF or SVS files, at any depth
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) slides: Option<PathBuf>,
    /// Folder for slides and results
    #[arg(long, value_name = "DIR", default_value = "aig-demo", value_hint = ValueHint::DirPath)]
    pub(crate) dir: PathBuf,
}
