//! Progress on stderr: bars on a terminal, plain lines in a pipe, nothing with `--quiet`.

mod busy;
mod items;
mod transfers;

pub(crate) use busy::Busy;
pub(crate) use items::{Items, line};
pub(crate) use transfers::Transfers;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar in the style of `template`; a template that does not parse gives the plain style.
fn bar(length: u64, template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(length).with_style(style.progress_chars("=> "))
}
