//! Work that says nothing until it is done: a line that moves on a terminal, nothing in a pipe.

use std::time::Duration;

use indicatif::ProgressBar;

use crate::printer::Printer;

/// Shown until it is dropped.
pub(crate) struct Busy(Option<ProgressBar>);

impl Busy {
    pub(crate) fn new(printer: &Printer, with: &'static str) -> Self {
        let Some(bars) = printer.bars() else { return Self(None) };
        let line = bars.add(super::bar(1, "      {spinner} {msg} ({elapsed})"));
        line.set_message(with);
        line.enable_steady_tick(Duration::from_millis(120));
        Self(Some(line))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        if let Some(line) = &self.0 {
            line.finish_and_clear();
        }
    }
}
