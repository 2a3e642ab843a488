//! The reference pages about errors and settings, written from the code that they describe.

use std::fmt::Write as _;

use crate::{
    ErrorKind,
    settings::{Settings, Sources, Variables},
};

/// The page about errors, in Markdown.
pub fn errors() -> String {
    let mut page = String::from(
        "# Errors\n\nWritten by `cargo run -q -p aig-platform --example reference -- errors`. Do not edit.\n\n\
         Every call of `aig-platform` fails with one `Error`. Its `kind()` says what the caller can do; `status()`, \
         `request_id()`, `attempts()`, `operation()`, `detail()` and `fields()` say what happened. No error holds a \
         token, a signed URL or the body of a token endpoint.\n\n\
         | kind | what it means | what to do | repeating it may help |\n|---|---|---|---|\n",
    );
    for kind in ErrorKind::ALL {
        let again = if crate::Error::new(kind, "").is_retryable() { "yes" } else { "no" };
        let advice = kind.advice().unwrap_or("-");
        let _ = writeln!(page, "| `{kind:?}` | {} | {advice} | {again} |", kind.meaning());
    }
    page
}

/// The page about settings, in Markdown.
pub fn environment() -> String {
    let mut page = String::from(
        "# Settings\n\nWritten by `cargo run -q -p aig-platform --example reference -- environment`. Do not edit.\n\n\
         A value comes from the first of: the command line or the program; the environment; a `.env` file, where one \
         is asked for; the file that `AIGNOSTICS_ENV_FILE` names, else `~/.aignostics/.env`; the profile of \
         `aignostics/config.toml` in the configuration directory that `AIGNOSTICS_PROFILE` or the file itself names; \
         the environment of the platform; the default. A blank value counts as unset. In a profile, `run_timeout` \
         stands for `AIGNOSTICS_RUN_TIMEOUT`. The `.env` of the current directory is not read by itself.\n\n\
         The defaults are those of the production environment.\n\n\
         | variable | meaning | default | values |\n|---|---|---|---|\n",
    );
    let Ok(defaults) = Settings::load(Sources::new(Variables::default())) else { return page };
    let mut readings = defaults.report().to_vec();
    readings.sort_by(|a, b| a.name.cmp(&b.name));
    for reading in readings {
        let default = reading.default.map_or_else(|| "-".to_owned(), |default| format!("`{default}`"));
        let _ = writeln!(page, "| `{}` | {} | {default} | {} |", reading.name, reading.meaning, reading.range);
    }
    page
}
