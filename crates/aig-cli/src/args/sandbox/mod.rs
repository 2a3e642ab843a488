//! `aig sandbox`.

mod fault;
mod sign_in;

use std::{ffi::OsString, path::PathBuf, str::FromStr};

use aig_sandbox::{RequestFilter, RunPlan, Seed};
use clap::{Args, Subcommand, ValueEnum, ValueHint};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

pub(crate) use fault::{AddFaultArgs, FaultsCommand};
use sign_in::SignInOptions;

/// The platform on loopback, with synthetic data
#[derive(Debug, Subcommand)]
pub(crate) enum SandboxCommand {
    Up(UpArgs),
    Exec(ExecArgs),
    Status(StatusArgs),
    #[command(subcommand)]
    Faults(FaultsCommand),
    #[command(subcommand)]
    Clock(ClockCommand),
    Requests(RequestsArgs),
    #[command(subcommand)]
    Snapshot(SnapshotCommand),
}

/// What a sandbox shall be.
#[derive(Debug, Args)]
pub(crate) struct SandboxOptions {
    /// Port on 127.0.0.1; 0 takes any free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub(crate) port: u16,
    /// How runs move: `immediate`, `timed` (one item after the other, a second each), or `manual` (nothing moves until
    /// `POST /_sandbox/runs/{id}/advance`)
    #[arg(long, value_name = "PLAN", default_value_t = RunPlan::default())]
    pub(crate) run_plan: RunPlan,
    /// Whether submitted slides are fetched and analysed, or results come from small slides of the sandbox's own
    #[arg(long, value_enum, value_name = "USE", default_value_t = Slides::Read)]
    pub(crate) slides: Slides,
    /// What is there at the beginning: `empty` (users and applications), `demo` (also runs that have ended), or a TOML or
    /// JSON file
    #[arg(long, value_name = "SEED", default_value_t = Seed::default(), value_hint = ValueHint::FilePath)]
    pub(crate) seed: Seed,
    /// Keep everything in DIR, and go on with what is in it; without it, everything is in memory
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) persist: Option<PathBuf>,
    /// Keep snapshots in DIR, for other sandboxes to load
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) snapshots: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) sign_in: SignInOptions,
}

/// What becomes of submitted slides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Slides {
    Read,
    None,
}

/// Where a running sandbox is.
#[derive(Debug, Args)]
pub(crate) struct At {
    /// Address of the sandbox; else AIGNOSTICS_API_ROOT says it
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) url: Option<String>,
}

/// Start the sandbox and keep it running until Ctrl-C
///
/// Prints the environment variables that point `aig`, and the Python SDK, at it. When it ends, runs and sessions are
/// gone, unless `--persist` keeps them. Ctrl-C and SIGTERM are the ways to end it, with exit code 0.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  aig sandbox up                             in one terminal; copy the lines it prints into another
  aig sandbox up --port 8181 --run-plan immediate
  aig sandbox up --persist ~/sandbox --seed demo
  aig sandbox up --auto-approve              `aig login` and browsers are let in unasked
  aig sandbox up --output json               one document: `ready`, `url`, `endpoints`, `environment`")]
pub(crate) struct UpArgs {
    #[command(flatten)]
    pub(crate) options: SandboxOptions,
}

/// All of [`SandboxOptions`]: they are for a sandbox that starts.
const OPTIONS: [&str; 6] = ["port", "run_plan", "slides", "seed", "persist", "snapshots"];

/// Run one command with a sandbox, signed in
///
/// Starts a sandbox for as long as the command runs, or takes a running one with `--url`. The command gets the variables
/// that point `aig` and the Python SDK at it, a refresh token of its first user, and a cache directory of its own: the
/// sessions and settings of your account are neither used nor touched.
///
/// Ctrl-C and SIGTERM are passed on to the command.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  aig sandbox exec -- aig run list
  aig sandbox exec --run-plan immediate -- pytest tests/
  aig sandbox exec --url http://127.0.0.1:8181 -- aignostics user whoami
  aig sandbox exec -- sh -c 'aig run submit --application test-app slides && aig run list'

The exit code is that of the command; 128 and the number of the signal when one ended it,
127 when there is no such command, 126 when it cannot be run.")]
pub(crate) struct ExecArgs {
    #[command(flatten)]
    pub(crate) options: SandboxOptions,
    /// A running sandbox, in place of one of its own
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url, conflicts_with_all = OPTIONS, conflicts_with_all = sign_in::OPTIONS)]
    pub(crate) url: Option<String>,
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, value_name = "COMMAND", value_hint = ValueHint::CommandWithArguments)]
    pub(crate) command: Vec<OsString>,
}

/// Show how a running sandbox stands
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  aig sandbox status
  aig sandbox status --url http://127.0.0.1:8181 --output json

Exit code 10 when no sandbox answers.")]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    pub(crate) at: At,
}

/// The clock of a running sandbox: tokens, signed URLs, deadlines and results age by it
#[derive(Debug, Subcommand)]
pub(crate) enum ClockCommand {
    /// Show the sandbox's time
    #[command(after_long_help = "Examples:\n  aig sandbox clock show")]
    Show {
        #[command(flatten)]
        at: At,
    },
    /// Put the sandbox's clock forward
    #[command(after_long_help = "\
Examples:
  aig sandbox clock advance 2h               every token has expired
  aig sandbox clock advance 30d              the results of runs are deleted")]
    Advance {
        /// How far: 90s, 2h, 30d, '1h 30m'
        span: String,
        #[command(flatten)]
        at: At,
    },
    /// Put the sandbox's clock forward to a time
    #[command(after_long_help = "\
Examples:
  aig sandbox clock set 2027-01-01T00:00:00Z
  aig sandbox clock set 2027-01-01           the same")]
    Set {
        /// A time to come, in UTC where it says no offset
        #[arg(value_parser = time)]
        time: Timestamp,
        #[command(flatten)]
        at: At,
    },
    /// Stop the sandbox's clock: only `advance` and `set` move it
    ///
    /// Runs that take their time stop with it.
    #[command(after_long_help = "Examples:\n  aig sandbox clock freeze")]
    Freeze {
        #[command(flatten)]
        at: At,
    },
    /// Let a stopped clock go on from where it stands
    #[command(after_long_help = "Examples:\n  aig sandbox clock unfreeze")]
    Unfreeze {
        #[command(flatten)]
        at: At,
    },
}

/// A timestamp, or a date and time without an offset.
fn time(text: &str) -> Result<Timestamp, String> {
    let local = || text.parse::<DateTime>().and_then(|local| TimeZone::UTC.to_timestamp(local));
    let read = text.parse().or_else(|_| local());
    read.map_err(|_| "write it as 2027-01-01T00:00:00Z or 2027-01-01".to_owned())
}

/// Show the requests that a running sandbox got
///
/// The last 10,000, oldest first, without their secrets: tokens, signatures and free text read REDACTED.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  aig sandbox requests --filter status=5xx
  aig sandbox requests --filter since=2026-11-22T10:00:00Z
  aig sandbox requests --filter operation=get_run --curl
  aig sandbox requests --follow --output jsonl
  aig sandbox requests --har requests.har")]
pub(crate) struct RequestsArgs {
    /// Only such requests: `operation=ID`, `status=503` or `status=5xx`, `method=GET`, `path=PART`, `since=TIME` of the
    /// sandbox's clock; more than one must all hold
    #[arg(long = "filter", value_name = "KEY=VALUE")]
    pub(crate) filters: Vec<Criterion>,
    /// Go on with each new one until Ctrl-C, or until the sandbox ends
    #[arg(long, short)]
    pub(crate) follow: bool,
    /// As commands for a shell; the token stays a variable
    #[arg(long)]
    pub(crate) curl: bool,
    /// Write them to FILE as an HTTP archive (HAR 1.2)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["follow", "curl"])]
    pub(crate) har: Option<PathBuf>,
    /// Forget them all; numbers go on
    #[arg(long, conflicts_with_all = ["filters", "follow", "curl", "har"])]
    pub(crate) clear: bool,
    #[command(flatten)]
    pub(crate) at: At,
}

/// One `--filter key=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Criterion {
    Operation(String),
    Status(String),
    Method(String),
    Path(String),
    Since(Timestamp),
}

impl FromStr for Criterion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            Some(("operation", id)) => Ok(Self::Operation(id.to_owned())),
            Some(("path", part)) => Ok(Self::Path(part.to_owned())),
            Some(("since", text)) => time(text).map(Self::Since),
            Some(("method", name)) => Ok(Self::Method(name.to_owned())),
            Some(("status", code)) if is_status(code) => Ok(Self::Status(code.to_owned())),
            Some(("status", code)) => Err(format!("`{code}` is not a status such as 503, or a class such as 5xx")),
            _ => Err("write it as operation=ID, status=CODE, method=NAME, path=PART or since=TIME".to_owned()),
        }
    }
}

fn is_status(text: &str) -> bool {
    match text.as_bytes() {
        [b'1'..=b'5', b'x', b'x'] => true,
        code => code.len() == 3 && code.iter().all(u8::is_ascii_digit),
    }
}

/// States of a running sandbox by name: users, runs, results, uploads, sessions, the clock
#[derive(Debug, Subcommand)]
pub(crate) enum SnapshotCommand {
    /// Keep the state under a name
    #[command(after_long_help = "Examples:\n  aig sandbox snapshot save before")]
    Save(NamedSnapshot),
    /// Put a kept state in the place of what is there
    #[command(after_long_help = "Examples:\n  aig sandbox snapshot load before")]
    Load(NamedSnapshot),
    /// List the kept states
    #[command(after_long_help = "Examples:\n  aig sandbox snapshot list")]
    List {
        #[command(flatten)]
        at: At,
    },
    /// Forget a kept state
    #[command(after_long_help = "Examples:\n  aig sandbox snapshot delete before")]
    Delete(NamedSnapshot),
}

/// A snapshot of a running sandbox.
#[derive(Debug, Args)]
pub(crate) struct NamedSnapshot {
    /// Name of the snapshot
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) at: At,
}

impl RequestsArgs {
    pub(crate) fn filter(&self) -> RequestFilter {
        let mut filter = RequestFilter::default();
        for criterion in &self.filters {
            match criterion {
                Criterion::Operation(id) => filter.operation = Some(id.clone()),
                Criterion::Status(code) => filter.status = Some(code.clone()),
                Criterion::Method(name) => filter.method = Some(name.clone()),
                Criterion::Path(part) => filter.path = Some(part.clone()),
                Criterion::Since(time) => filter.since = Some(*time),
            }
        }
        filter
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_chosen_by_what_they_are() {
        assert_eq!("status=503".parse(), Ok(Criterion::Status("503".into())));
        assert_eq!("status=5xx".parse(), Ok(Criterion::Status("5xx".into())));
        assert_eq!("path=/storage/a=b".parse(), Ok(Criterion::Path("/storage/a=b".into())));
        let midnight = Criterion::Since(Timestamp::from_second(1_798_761_600).unwrap());
        for text in ["since=2027-01-01", "since=2027-01-01T00:00:00Z", "since=2027-01-01T02:00+02:00"] {
            assert_eq!(text.parse().as_ref(), Ok(&midnight), "{text}");
        }
        for wrong in ["", "status", "status=ok", "status=9xx", "status=50", "verb=GET", "since=noon"] {
            assert!(wrong.parse::<Criterion>().is_err(), "{wrong}");
        }
    }
}
