//! Tells the steps of the demo as they happen, and remembers how long each took.

use std::fmt;

use owo_colors::OwoColorize;
use serde::Serialize;

use crate::{clock::Stopwatch, printer::Printer, progress::Busy, text};

/// A step that has been taken.
#[derive(Debug, Serialize)]
pub(super) struct Step {
    name: &'static str,
    duration_ms: u128,
}

pub(super) struct Scribe {
    printer: Printer,
    planned: usize,
    taken: Vec<Step>,
    running: Option<(&'static str, Stopwatch)>,
}

impl Scribe {
    pub(super) fn new(printer: &Printer, planned: usize) -> Self {
        Self { printer: printer.clone(), planned, taken: Vec::new(), running: None }
    }

    pub(super) fn printer(&self) -> &Printer {
        &self.printer
    }

    /// The next step begins; the one before has ended.
    pub(super) fn step(&mut self, name: &'static str, title: &str) {
        self.end_step();
        let number = format!("[{}/{}]", self.taken.len() + 1, self.planned);
        self.printer.note(format_args!("{} {}", number.cyan(), title.bold()));
        self.running = Some((name, Stopwatch::start()));
    }

    /// Something worth knowing about the step.
    pub(super) fn say(&self, text: impl fmt::Display) {
        self.printer.detail(text);
    }

    /// Something that takes a while, without a measure of how far it is.
    pub(super) fn busy(&self, with: &'static str) -> Busy {
        Busy::new(&self.printer, with)
    }

    pub(super) fn into_steps(mut self) -> Vec<Step> {
        self.end_step();
        self.taken
    }

    fn end_step(&mut self) {
        let Some((name, stopwatch)) = self.running.take() else { return };
        let duration = stopwatch.elapsed();
        self.say(format!("done in {}", text::duration(duration)).dimmed());
        self.taken.push(Step { name, duration_ms: duration.as_millis() });
    }
}
