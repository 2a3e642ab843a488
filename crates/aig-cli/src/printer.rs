//! The only module that prints: data goes to stdout, everything else to stderr.

use std::{
    fmt,
    io::{self, IsTerminal, Write},
};

use anstream::{AutoStream, ColorChoice};
use indicatif::MultiProgress;
use owo_colors::OwoColorize;
use serde::Serialize;

use crate::{
    args::{Color, GlobalArgs},
    failure::Report,
    format::Format,
    stdout_closed::StdoutClosed,
    text,
};

/// Details stand under the title of their step.
const DETAIL_INDENT: usize = 6;

/// Where words go, how many of them, and whether they are coloured.
#[derive(Debug, Clone)]
pub(crate) struct Printer {
    format: Format,
    notes: Notes,
    stdout: ColorChoice,
    stderr: ColorChoice,
    bars: Option<MultiProgress>,
}

/// How much is said beside the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Notes {
    Shown,
    WarningsOnly,
}

impl Printer {
    pub(crate) fn new(args: &GlobalArgs) -> Self {
        let choice = match args.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        let resolve = |auto: ColorChoice| if choice == ColorChoice::Auto { auto } else { choice };
        let stderr = resolve(AutoStream::choice(&io::stderr()));
        let wants_bars = !args.quiet && !args.no_progress && args.verbose == 0;
        let draws = wants_bars && io::stderr().is_terminal() && !is_dumb_terminal();
        Self {
            format: args.output,
            notes: if args.quiet { Notes::WarningsOnly } else { Notes::Shown },
            stdout: resolve(AutoStream::choice(&io::stdout())),
            stderr,
            bars: draws.then(MultiProgress::new),
        }
    }

    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// The same, for a part of a job that has data of its own: no line of it goes to stdout.
    pub(crate) fn without_data(&self) -> Self {
        Self { format: Format::Text, ..self.clone() }
    }

    /// Where progress bars are drawn; none in a pipe, with `--quiet`, `--verbose` or `--no-progress`.
    pub(crate) fn bars(&self) -> Option<&MultiProgress> {
        self.bars.as_ref()
    }

    /// Columns that a table may take: those of the terminal, or no limit in a pipe, where nothing is cut off.
    pub(crate) fn table_width(&self) -> Option<u16> {
        let (width, _) = terminal_size::terminal_size_of(io::stdout())?;
        Some(width.0)
    }

    /// Data: what the command was asked for. A line break is added.
    pub(crate) fn data(&self, text: impl fmt::Display) -> anyhow::Result<()> {
        self.above_bars(|| {
            let mut stdout = AutoStream::new(io::stdout().lock(), self.stdout);
            writeln!(stdout, "{text}").and_then(|()| stdout.flush())
        })
        .map_err(stdout_failure)
    }

    /// One JSON document: pretty for `--output json`, one line for `--output jsonl`.
    pub(crate) fn json(&self, document: &impl Serialize) -> anyhow::Result<()> {
        let text = match self.format {
            Format::Jsonl => serde_json::to_string(document)?,
            _ => serde_json::to_string_pretty(document)?,
        };
        self.data(text)
    }

    /// Something worth knowing on the way. Not with `--quiet`.
    pub(crate) fn note(&self, text: impl fmt::Display) {
        if self.notes == Notes::Shown {
            self.say(text);
        }
    }

    /// A detail of a step: indented, and broken between words on a terminal.
    pub(crate) fn detail(&self, text: impl fmt::Display) {
        let width = terminal_size::terminal_size_of(io::stderr()).map_or(usize::MAX, |(width, _)| usize::from(width.0));
        self.note(text::wrapped(&text.to_string(), DETAIL_INDENT, width));
    }

    /// Something that the person should act on, while the job goes on.
    pub(crate) fn warn(&self, text: impl fmt::Display) {
        self.say(format_args!("{} {text}", "warning:".yellow().bold()));
    }

    /// Something that the person is asked to do: never left out.
    pub(crate) fn prompt(&self, text: impl fmt::Display) {
        self.say(text);
    }

    /// Why the command failed.
    pub(crate) fn failure(&self, report: &Report) {
        if matches!(self.format, Format::Json | Format::Jsonl) {
            let document = serde_json::json!({ "schema": "aig.error/1", "error": report });
            return self.say(document);
        }
        self.say(format_args!("{} {}", "error:".red().bold(), report.message));
        for problem in &report.problems {
            self.say(format_args!("  {}", text::plain(&problem.to_string())));
        }
        for cause in &report.causes {
            self.say(format_args!("  {} {cause}", "caused by:".red()));
        }
        if let Some(request_id) = &report.request_id {
            self.say(format_args!("  request id: {request_id}"));
        }
        if let Some(hint) = &report.hint {
            self.say(format_args!("{} {hint}", "hint:".cyan().bold()));
        }
    }

    fn say(&self, text: impl fmt::Display) {
        self.above_bars(|| {
            let mut stderr = AutoStream::new(io::stderr().lock(), self.stderr);
            // Nobody is left to be told when stderr is closed.
            let _ = writeln!(stderr, "{text}");
        });
    }

    fn above_bars<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.bars {
            Some(bars) => bars.suspend(write),
            None => write(),
        }
    }
}

/// A terminal that cannot move its cursor: bars would be written again and again.
#[expect(clippy::disallowed_methods, reason = "the one variable that is not about the platform, read once")]
fn is_dumb_terminal() -> bool {
    std::env::var_os("TERM").is_some_and(|name| name == "dumb")
}

fn stdout_failure(error: io::Error) -> anyhow::Error {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return anyhow::Error::new(StdoutClosed);
    }
    anyhow::Error::new(error).context("cannot write to stdout")
}
