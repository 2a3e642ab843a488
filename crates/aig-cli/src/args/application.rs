//! `aig application`.

use clap::{Args, Subcommand};

/// The applications that can be run
#[derive(Debug, Subcommand)]
pub(crate) enum ApplicationCommand {
    /// List the applications
    #[command(after_long_help = "Examples:\n  aig application list\n  aig application list --output csv")]
    List,
    /// Show one application and its versions
    #[command(
        visible_alias = "describe",
        after_long_help = "Examples:\n  aig application show he-tme\n  aig application show he-tme --output json"
    )]
    Show {
        /// Id of the application
        application: String,
    },
    Schema(SchemaArgs),
}

/// Show what one version of an application takes and gives: the JSON Schemas of its artifacts
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  aig application schema he-tme
  aig application schema he-tme --version 1.0.0 --output json")]
pub(crate) struct SchemaArgs {
    /// Id of the application
    pub(crate) application: String,
    /// Version of the application; the latest one if left out
    #[arg(long = "version", value_name = "VERSION")]
    pub(crate) version_number: Option<String>,
}
