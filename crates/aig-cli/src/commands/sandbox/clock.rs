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
        ClockCommand::Set { time, at } => running(&at).await?.set_clock(time).await?,
        ClockCommand::Freeze { at } => running(&at).await?.freeze_clock().await?,
        ClockCommand::Unfreeze { at } => running(&at).await?.unfreeze_clock().await?,
    };
    print_one(printer, "aig.sandbox.clock/1", &reading, words)?;
    Ok(Exit::Done)
}

fn words(reading: &ClockReading) -> String {
    told(reading.now, reading.machine, reading.frozen)
}

/// A sandbox's time, how far it is from the machine's, and whether it stands still.
pub(super) fn told(now: Timestamp, machine: Timestamp, frozen: bool) -> String {
    let away = now.duration_since(machine);
    let side = if away.is_negative() { "behind" } else { "ahead" };
    // The two clocks are read one after the other: what is between them is not worth telling.
    let seconds = (away.unsigned_abs() + Duration::from_millis(500)).as_secs();
    let away = (seconds > 0).then(|| format!("{} {side}", text::duration(Duration::from_secs(seconds))));
    let still = frozen.then(|| "stands still".to_owned());
    [Some(text::time(now)), away, still].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_told_with_its_distance_and_whether_it_stands_still() {
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(told(at(0), at(0), false), "1970-01-01 00:00:00Z");
        assert_eq!(told(at(7200), at(0), false), "1970-01-01 02:00:00Z, 2 h ahead");
        assert_eq!(told(at(0), at(7200), true), "1970-01-01 00:00:00Z, 2 h behind, stands still");
    }
}
