//! `aig sandbox clock`.

use std::time::Duration;

use aig_sandbox::ClockReading;
use jiff::Timestamp;

use super::found::running;
use crate::{
    args::ClockCommand,
    exit::Exit,
    output::{print_one, refuse_csv},
    printer::Printer,
    text,
};

pub(super) async fn run(printer: &Printer, command: ClockCommand) -> anyhow::Result<Exit> {
    refuse_csv(printer.format())?;
    let reading = match command {
        ClockCommand::Show { at } => running(&at).await?.clock().await?,
        ClockCommand::Advance { span, at } => running(&at).await?.advance_clock(&span).await?,
    };
    print_one(printer, "aig.sandbox.clock/1", &reading, words)?;
    Ok(Exit::Done)
}

fn words(reading: &ClockReading) -> String {
    told(reading.now, reading.machine)
}

/// A sandbox's time, and how far it is ahead.
pub(super) fn told(now: Timestamp, machine: Timestamp) -> String {
    let ahead = Duration::try_from(now.duration_since(machine)).unwrap_or_default();
    // The two clocks are read one after the other: what is between them is not worth telling.
    let seconds = (ahead + Duration::from_millis(500)).as_secs();
    match seconds {
        0 => text::time(now),
        _ => format!("{}, {} ahead", text::time(now), text::duration(Duration::from_secs(seconds))),
    }
}
