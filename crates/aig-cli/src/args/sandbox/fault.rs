//! `aig sandbox faults`: a fault as it is typed.

use aig_sandbox::faults::{Effect, Fault, Scenario};
use clap::{Args, Subcommand};
use serde_json::Value;

use super::At;

/// What goes wrong in a running sandbox
#[derive(Debug, Subcommand)]
pub(crate) enum FaultsCommand {
    /// List the faults in force
    #[command(after_long_help = "Examples:\n  aig sandbox faults list\n  aig sandbox faults list --output json")]
    List {
        #[command(flatten)]
        at: At,
    },
    Add(AddFaultArgs),
    /// Let nothing go wrong any more, or take back the faults with these numbers
    #[command(after_long_help = "Examples:\n  aig sandbox faults clear\n  aig sandbox faults clear 3 4")]
    Clear {
        /// Numbers of faults, as `list` shows them; all of them if left out
        #[arg(value_name = "ID")]
        ids: Vec<u64>,
        #[command(flatten)]
        at: At,
    },
    /// Add the faults of a scenario
    ///
    /// `flaky-network`: answers are late, and some break off. `overloaded`: one request in five is refused for a second.
    /// `outage`: the API fails. `expired-urls`: every second download finds its URL expired. `bad-storage`: some downloads
    /// have a wrong byte in them.
    #[command(after_long_help = "Examples:\n  aig sandbox faults play flaky-network")]
    Play {
        /// flaky-network, overloaded, outage, expired-urls or bad-storage
        #[arg(value_parser = scenario)]
        scenario: String,
        #[command(flatten)]
        at: At,
    },
}

/// Add a fault
///
/// Effects: `status=503` (answered so, and not done), `delay=300` (late by so many milliseconds), `drop` (not done, no
/// answer), `lose` (done, no answer), `cut=100` (the connection closes after so many bytes of the body), `stall=100`
/// (nothing more comes after so many bytes), `corrupt=3` (that byte is another), `wrong-checksum`, `replaced` (another
/// entity tag). Or the JSON of a fault, or of a list of them.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  aig sandbox faults add status=503 --operation get_run --retry-after 1 --times 3
  aig sandbox faults add corrupt=100 --path /storage/ --method GET --probability 0.2
  aig sandbox faults add '{\"path\": \"/api/\", \"effect\": \"drop\", \"times\": 1}'")]
pub(crate) struct AddFaultArgs {
    /// What happens, or a fault as JSON
    #[arg(value_name = "EFFECT|JSON", value_parser = what)]
    what: What,
    /// Only requests of this operation, by its id: get_run, list_runs, …
    #[arg(long, value_name = "ID")]
    operation: Option<String>,
    /// Only requests whose path begins so
    #[arg(long, value_name = "PREFIX")]
    path: Option<String>,
    /// Only requests of this HTTP method
    #[arg(long, value_name = "METHOD")]
    method: Option<String>,
    /// The `Retry-After` of an answer
    #[arg(long, value_name = "VALUE")]
    retry_after: Option<String>,
    /// How probable it is, 0 to 1
    #[arg(long, value_name = "P", value_parser = probability)]
    probability: Option<f64>,
    /// Let so many matching requests pass first
    #[arg(long, value_name = "N", default_value_t = 0)]
    skip: u64,
    /// Strike so many times; for ever if left out
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    times: Option<u64>,
    #[command(flatten)]
    pub(crate) at: At,
}

#[derive(Debug, Clone)]
enum What {
    Effect(Effect),
    Json(Value),
}

impl AddFaultArgs {
    /// The JSON for the sandbox: what was typed as JSON is taken as it is.
    pub(crate) fn fault(&self) -> serde_json::Result<Value> {
        match &self.what {
            What::Json(fault) => Ok(fault.clone()),
            What::Effect(effect) => serde_json::to_value(self.rule(effect.clone())),
        }
    }

    /// Whether there are both: JSON, and flags that it would have to be merged with.
    pub(crate) fn contradicts_itself(&self) -> bool {
        let flags = [&self.operation, &self.path, &self.method, &self.retry_after].into_iter().flatten().count();
        let is_bare = flags == 0 && self.probability.is_none() && self.skip == 0 && self.times.is_none();
        matches!(self.what, What::Json(_)) && !is_bare
    }

    fn rule(&self, effect: Effect) -> Fault {
        let effect = match &self.retry_after {
            Some(value) => effect.retry_after(value),
            None => effect,
        };
        let mut fault = Fault::new(effect).after(self.skip);
        if let Some(id) = &self.operation {
            fault = fault.on_operation(id);
        }
        if let Some(prefix) = &self.path {
            fault = fault.on_path(prefix);
        }
        if let Some(method) = &self.method {
            fault = fault.on_method(method);
        }
        if let Some(probability) = self.probability {
            fault = fault.with_probability(probability);
        }
        match self.times {
            Some(times) => fault.times(times),
            None => fault,
        }
    }
}

fn what(text: &str) -> Result<What, String> {
    if text.trim_start().starts_with(['{', '[']) {
        return serde_json::from_str(text).map(What::Json).map_err(|error| format!("this is no JSON: {error}"));
    }
    let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
    let number = || {
        let value = value.ok_or_else(|| format!("write it with a number: {name}=N"))?;
        value.parse::<u64>().map_err(|_| format!("`{value}` is not a number"))
    };
    let effect = match name {
        "status" => Effect::status(status(number()?)?),
        "delay" => Effect::Delay(number()?),
        "cut" => Effect::Cut(number()?),
        "stall" => Effect::Stall(number()?),
        "corrupt" => Effect::Corrupt(number()?),
        _ if value.is_some() => return Err(UNKNOWN.to_owned()),
        "drop" => Effect::Drop,
        "lose" => Effect::Lose,
        "wrong-checksum" => Effect::WrongChecksum,
        "replaced" => Effect::Replaced,
        _ => return Err(UNKNOWN.to_owned()),
    };
    Ok(What::Effect(effect))
}

const UNKNOWN: &str = "an effect is status=CODE, delay=MS, drop, lose, cut=BYTES, stall=BYTES, corrupt=BYTE, \
                       wrong-checksum or replaced";

fn status(number: u64) -> Result<u16, String> {
    u16::try_from(number)
        .ok()
        .filter(|code| (200..=599).contains(code))
        .ok_or_else(|| format!("{number} is not an HTTP status"))
}

fn probability(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|p| (0.0..=1.0).contains(p)).ok_or_else(|| "this is not between 0 and 1".to_owned())
}

fn scenario(text: &str) -> Result<String, String> {
    text.parse::<Scenario>().map(|_| text.to_owned()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use serde_json::json;

    use super::*;
    use crate::args::{Cli, Command, SandboxCommand};

    fn typed(arguments: &[&str]) -> Result<AddFaultArgs, clap::Error> {
        let cli = Cli::try_parse_from(["aig", "sandbox", "faults", "add"].iter().chain(arguments))?;
        match cli.command {
            Command::Sandbox(SandboxCommand::Faults(FaultsCommand::Add(args))) => Ok(args),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_fault_is_what_was_typed() {
        let flags = ["status=503", "--operation", "get_run", "--retry-after", "1", "--times", "3", "--skip", "2"];
        let expected = json!({
            "operation": "get_run", "skip": 2, "times": 3, "effect": {"answer": {"status": 503, "retry_after": "1"}},
        });
        assert_eq!(typed(&flags).unwrap().fault().unwrap(), expected);
        for (text, effect) in [
            ("delay=300", json!({"delay": 300})),
            ("drop", json!("drop")),
            ("lose", json!("lose")),
            ("cut=7", json!({"cut": 7})),
            ("stall=7", json!({"stall": 7})),
            ("corrupt=7", json!({"corrupt": 7})),
            ("wrong-checksum", json!("wrong_checksum")),
            ("replaced", json!("replaced")),
        ] {
            assert_eq!(typed(&[text]).unwrap().fault().unwrap()["effect"], effect, "{text}");
        }
    }

    #[test]
    fn json_is_taken_as_it_is_and_not_mixed_with_flags() {
        let json = r#"[{"effect": "drop"}]"#;
        assert_eq!(typed(&[json]).unwrap().fault().unwrap(), json!([{"effect": "drop"}]));
        assert!(!typed(&[json]).unwrap().contradicts_itself());
        assert!(typed(&[json, "--times", "1"]).unwrap().contradicts_itself());
    }

    #[test]
    fn what_is_no_fault_is_refused() {
        for wrong in ["", "status", "status=99", "status=ok", "drop=1", "explode", "{"] {
            assert!(typed(&[wrong]).is_err(), "{wrong}");
        }
        assert!(typed(&["drop", "--probability", "2"]).is_err());
    }
}
