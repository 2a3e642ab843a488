//! The command line as it is typed: commands, flags, and help that ends with examples.

mod application;
mod demo;
mod global;
mod login;
mod run;
mod sandbox;

use clap::{
    Parser, Subcommand,
    builder::styling::{AnsiColor, Styles},
};

pub(crate) use application::{ApplicationCommand, SchemaArgs};
pub(crate) use demo::DemoArgs;
pub(crate) use global::{Color, GlobalArgs};
pub(crate) use login::LoginArgs;
pub(crate) use run::{DownloadArgs, ListArgs, RunCommand, Setting, SubmitArgs, WatchArgs};
pub(crate) use sandbox::{
    AddFaultArgs, At, ClockCommand, ExecArgs, FaultsCommand, NamedSnapshot, RequestsArgs, SandboxCommand,
    SandboxOptions, Slides, SnapshotCommand, UpArgs,
};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// The Aignostics Platform on the command line: sign in, submit slides, watch, download verified results.
#[derive(Debug, Parser)]
#[command(
    name = "aig",
    version,
    max_term_width = 100,
    styles = STYLES,
    after_help = "Start with `aig demo`: the whole job on this machine, without an account.",
    after_long_help = "\
Examples:
  aig demo                                  the whole job on this machine, without an account
  aig login                                 sign in; the session is kept
  aig run submit --application he-tme *.svs
  aig run watch RUN
  aig run download RUN --dest results

Exit codes:
    0  done                        6  forbidden, or the quota is used up
    1  failed                      7  the run ended with failed items
    2  usage, or bad input         8  a checksum did not match
    3  conflict                    9  timed out
    4  sign-in needed             10  network or service unavailable
    5  not found, or gone        130  interrupted (143 terminated)"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Demo(DemoArgs),
    #[command(subcommand)]
    Sandbox(SandboxCommand),
    Login(LoginArgs),
    /// Sign out: end the session at the sign-in service and remove it from this machine
    #[command(after_long_help = "Examples:\n  aig logout")]
    Logout,
    /// Show who is signed in
    #[command(after_long_help = "Examples:\n  aig whoami\n  aig whoami --output json")]
    Whoami,
    #[command(subcommand, visible_alias = "app")]
    Application(ApplicationCommand),
    #[command(subcommand)]
    Run(RunCommand),
    /// Show whether the platform can be reached, and whether the sign-in is accepted
    #[command(
        after_long_help = "Examples:\n  aig health\n  aig health --output json\n\nExit code 10 when the platform is \
                                 down, 4 when it is up and a sign-in is needed."
    )]
    Health,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_ends_its_long_help_with_examples() {
        fn check(command: &clap::Command, path: &str) {
            for child in command.get_subcommands().filter(|child| child.get_name() != "help") {
                let path = format!("{path} {}", child.get_name());
                if child.has_subcommands() {
                    check(child, &path);
                    continue;
                }
                let help = child.get_after_long_help().map(ToString::to_string).unwrap_or_default();
                assert!(help.starts_with("Examples:\n"), "{path}: {help:?}");
                assert!(help.contains(path.trim()), "{path}: an example names the command itself");
            }
        }
        check(&Cli::command(), "aig");
    }
}
