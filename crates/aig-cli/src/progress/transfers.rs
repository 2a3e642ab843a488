//! Uploads and downloads: a bar for each that is under way, a line for each that has ended.

use std::{collections::HashMap, sync::Mutex, time::Duration};

use aig_platform::transfer::{FileOutcome, Progress, TransferEvent};
use indicatif::ProgressBar;

use crate::{clock::Stopwatch, printer::Printer, text};

/// How often a transfer that takes long is mentioned where no bar can be drawn.
const MENTION_EVERY: Duration = Duration::from_secs(10);
const TEMPLATE: &str = "      {prefix:24!} [{bar:24}] {bytes:>9} of {total_bytes:9} {bytes_per_sec:>11}";

/// Shows the transfers of one batch.
#[derive(Debug)]
pub(crate) struct Transfers {
    printer: Printer,
    direction: Direction,
    stopwatch: Stopwatch,
    running: Mutex<HashMap<u64, Running>>,
}

/// Which way the files go.
#[derive(Debug, Clone, Copy)]
enum Direction {
    Up,
    Down,
}

#[derive(Debug)]
struct Running {
    name: String,
    size: Option<u64>,
    position: u64,
    mentioned_at: Duration,
    bar: Option<ProgressBar>,
}

impl Transfers {
    pub(crate) fn uploads(printer: &Printer) -> Self {
        Self::new(printer, Direction::Up)
    }

    pub(crate) fn downloads(printer: &Printer) -> Self {
        Self::new(printer, Direction::Down)
    }

    fn new(printer: &Printer, direction: Direction) -> Self {
        Self { printer: printer.clone(), direction, stopwatch: Stopwatch::start(), running: Mutex::default() }
    }

    /// What the file is called here: a key of the bucket is longer than anybody wants to read.
    fn name(&self, name: &str) -> String {
        match self.direction {
            Direction::Up => text::plain(name.rsplit('/').next().unwrap_or(name)),
            Direction::Down => text::plain(name),
        }
    }

    fn start(&self, name: &str, size: Option<u64>) -> Running {
        let name = self.name(name);
        let bar = self.printer.bars().map(|bars| {
            let bar = bars.add(super::bar(size.unwrap_or_default(), TEMPLATE));
            bar.set_prefix(name.clone());
            bar
        });
        Running { name, size, position: 0, mentioned_at: self.stopwatch.elapsed(), bar }
    }

    fn advance(&self, running: &mut Running, position: u64, size: Option<u64>) {
        running.position = position;
        running.size = size.or(running.size);
        if let Some(bar) = &running.bar {
            bar.set_length(running.size.unwrap_or(position));
            return bar.set_position(position);
        }
        let now = self.stopwatch.elapsed();
        if now.saturating_sub(running.mentioned_at) < MENTION_EVERY {
            return;
        }
        running.mentioned_at = now;
        self.printer.detail(format_args!("{}: {}", running.name, running.share()));
    }

    fn end(&self, running: &Running, outcome: FileOutcome) {
        if let Some(bar) = &running.bar {
            bar.finish_and_clear();
        }
        let done = match outcome {
            FileOutcome::Uploaded => "uploaded",
            FileOutcome::AlreadyThere => return self.printer.detail(format_args!("kept {}: intact", running.name)),
            // On a terminal the bar has shown it, and the table will.
            _ if running.bar.is_some() => return,
            _ => "downloaded",
        };
        let size = text::bytes(running.size.unwrap_or(running.position));
        self.printer.detail(format_args!("{done} {} ({size})", running.name));
    }

    fn fail(&self, running: &Running, error: &str) {
        if let Some(bar) = &running.bar {
            bar.finish_and_clear();
        }
        self.printer.warn(format_args!("{}: {error}", running.name));
    }
}

impl Running {
    fn share(&self) -> String {
        let position = text::bytes(self.position);
        match self.size {
            Some(size) => format!("{position} of {}", text::bytes(size)),
            None => position,
        }
    }
}

impl Progress for Transfers {
    fn report(&self, event: &TransferEvent) {
        let Ok(mut running) = self.running.lock() else { return };
        match event {
            TransferEvent::Started { id, name, size } => {
                running.insert(*id, self.start(name, *size));
            }
            TransferEvent::Advanced { id, position, size } => {
                if let Some(running) = running.get_mut(id) {
                    self.advance(running, *position, *size);
                }
            }
            TransferEvent::Retrying { id, reason } => {
                if let Some(running) = running.get(id) {
                    self.printer.detail(format_args!("{}: trying again: {reason}", running.name));
                }
            }
            TransferEvent::Finished { id, outcome } => {
                if let Some(running) = running.remove(id) {
                    self.end(&running, *outcome);
                }
            }
            TransferEvent::Failed { id, error } => {
                if let Some(running) = running.remove(id) {
                    self.fail(&running, error);
                }
            }
            _ => {}
        }
    }
}
