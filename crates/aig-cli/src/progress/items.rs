//! The items of a run while it is watched: a line each on a terminal, a line for each change in a pipe.

use std::{collections::HashMap, time::Duration};

use indicatif::ProgressBar;
use owo_colors::OwoColorize;

use crate::{
    printer::Printer,
    text,
    views::{ItemView, RunView},
};

/// Most items that get a line of their own on a terminal: more would scroll it.
const MOST_LINES: usize = 20;
const LINE: &str = "      {spinner} {prefix:24!} {msg}";
const TOTAL: &str = "      [{bar:24}] {pos} of {len} items ended";

/// Shows the items of one run.
#[derive(Debug)]
pub(crate) struct Items {
    printer: Printer,
    lines: HashMap<String, ProgressBar>,
    total: Option<ProgressBar>,
}

impl Items {
    pub(crate) fn new(printer: &Printer) -> Self {
        Self { printer: printer.clone(), lines: HashMap::new(), total: None }
    }

    /// The run as a whole has moved. In a pipe this stands for the items that wait, which may be hundreds.
    pub(crate) fn run_moved(&self, run: &RunView) {
        if self.printer.bars().is_none() && run.state != "TERMINATED" {
            self.printer.detail(format_args!("run {}: {}", run.run_id, text::state(&run.state)));
        }
    }

    /// An item that is new, or has moved.
    pub(crate) fn moved(&mut self, item: &ItemView) {
        let Some(bars) = self.printer.bars() else {
            if item.state == "PENDING" {
                return;
            }
            return self.printer.detail(line(item));
        };
        let name = text::plain(&item.external_id);
        if self.lines.len() < MOST_LINES && !self.lines.contains_key(&name) {
            let line = bars.add(super::bar(1, LINE));
            line.set_prefix(name.clone());
            line.enable_steady_tick(Duration::from_millis(120));
            self.lines.insert(name.clone(), line);
        }
        let Some(line) = self.lines.get(&name) else { return };
        line.set_message(told(item));
        if item.termination_reason.is_some() {
            line.disable_steady_tick();
        }
    }

    /// How many items have ended, of how many.
    pub(crate) fn counted(&mut self, ended: u64, all: u64) {
        let Some(bars) = self.printer.bars() else { return };
        let total = self.total.get_or_insert_with(|| bars.add(super::bar(all, TOTAL)));
        total.set_length(all);
        total.set_position(ended);
    }

    /// Takes the lines off the terminal, so that what is printed next stands in their place.
    pub(crate) fn clear(&mut self) {
        for (_, line) in self.lines.drain() {
            line.finish_and_clear();
        }
        if let Some(total) = self.total.take() {
            total.finish_and_clear();
        }
    }
}

impl Drop for Items {
    fn drop(&mut self) {
        self.clear();
    }
}

/// An item in a line.
pub(crate) fn line(item: &ItemView) -> String {
    format!("{}: {}", text::plain(&item.external_id), painted(item))
}

/// How an item stands, with its error.
fn told(item: &ItemView) -> String {
    match item.error() {
        Some(error) => format!("{}: {error}", item.standing()),
        None => item.standing(),
    }
}

/// The same in colour, which never says anything that the words do not.
fn painted(item: &ItemView) -> String {
    match item.termination_reason.as_deref() {
        Some("SUCCEEDED") => told(item).green().to_string(),
        Some(_) => told(item).red().to_string(),
        None => told(item),
    }
}
