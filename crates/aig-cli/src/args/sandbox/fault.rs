//! `aig sandbox faults`: a fault as it is typed.

use std::time::Duration;

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
    Add(Box<AddFaultArgs>),
    /// Take back the faults with these numbers
    #[command(after_long_help = "Examples:\n  aig sandbox faults remove 3 4")]
    Remove {
        /// Numbers of faults, as `list` shows them
        #[arg(value_name = "ID", required = true)]
        ids: Vec<u64>,
        #[command(flatten)]
        at: At,
    },
    /// Take back all faults: nothing goes wrong any more
    #[command(after_long_help = "Examples:\n  aig sandbox faults clear")]
    Clear {
        #[command(flatten)]
        at: At,
    },
    /// List the scenarios: names, what they do, and the faults that they add
    #[command(
        after_long_help = "Examples:\n  aig sandbox faults scenarios\n  aig sandbox faults scenarios --output json"
    )]
    Scenarios,
    /// Add the faults of a scenario
    #[command(after_long_help = "\
Examples:
  aig sandbox faults play flaky-network
  aig sandbox faults scenarios               what there is")]
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
/// (nothing more comes after so many bytes), `corrupt=3` (that byte is another), `wrong-checksum`, `expired-url` (a signed
/// URL whose time is over), `replaced` (another entity tag, and no ranges). Or the JSON of a fault, or of a list of them.
///
/// A fault strikes requests of the API, of sign-in and of storage, never of the sandbox's own pages. Of several faults, the
/// first one that strikes does.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  aig sandbox faults add status=503 --operation get_run --retry-after 1 --times 3
  aig sandbox faults add corrupt=100 --path /storage/ --method GET --probability 0.2 --seed 7
  aig sandbox faults add expired-url --path /storage/ --skip 2 --times 1
  aig sandbox faults add status=400 --path /oauth/token --body '{\"error\": \"invalid_grant\"}'
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
    /// The `Retry-After` of an answer: with status=CODE
    #[arg(long, value_name = "VALUE")]
    retry_after: Option<String>,
    /// The body of an answer, in place of a sentence: with status=CODE
    #[arg(long, value_name = "TEXT")]
    body: Option<String>,
    /// Late by so many milliseconds, whatever happens then
    #[arg(long, value_name = "MS")]
    latency: Option<u64>,
    /// How probable it is, 0 to 1
    #[arg(long, value_name = "P", value_parser = probability)]
    probability: Option<f64>,
    /// Dice of its own: which of the matching requests it strikes is the same each time
    #[arg(long, value_name = "N", requires = "probability")]
    seed: Option<u64>,
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
        let texts = [&self.operation, &self.path, &self.method, &self.retry_after, &self.body];
        let numbers = [self.latency, self.seed, self.times];
        let is_bare = texts.into_iter().flatten().next().is_none()
            && numbers.into_iter().flatten().next().is_none()
            && self.probability.is_none()
            && self.skip == 0;
        matches!(self.what, What::Json(_)) && !is_bare
    }

    /// Whether something is said of an answer that there will not be.
    pub(crate) fn has_no_answer(&self) -> bool {
        let is_answer = matches!(self.what, What::Effect(Effect::Answer { .. }) | What::Json(_));
        !is_answer && (self.retry_after.is_some() || self.body.is_some())
    }

    fn rule(&self, effect: Effect) -> Fault {
        let mut effect = effect;
        if let Some(value) = &self.retry_after {
            effect = effect.retry_after(value);
        }
        if let Some(body) = &self.body {
            effect = effect.body(body);
        }
        self.often(self.about(Fault::new(effect)))
    }

    /// Which requests.
    fn about(&self, mut fault: Fault) -> Fault {
        if let Some(id) = &self.operation {
            fault = fault.on_operation(id);
        }
        if let Some(prefix) = &self.path {
            fault = fault.on_path(prefix);
        }
        if let Some(method) = &self.method {
            fault = fault.on_method(method);
        }
        fault
    }

    /// How often, and how late.
    fn often(&self, fault: Fault) -> Fault {
        let mut fault = fault.after(self.skip);
        if let Some(latency) = self.latency {
            fault = fault.with_latency(Duration::from_millis(latency));
        }
        if let Some(probability) = self.probability {
            fault = fault.with_probability(probability);
        }
        if let Some(seed) = self.seed {
            fault = fault.with_seed(seed);
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
        "expired-url" => Effect::ExpiredUrl,
        "replaced" => Effect::Replaced,
        _ => return Err(UNKNOWN.to_owned()),
    };
    Ok(What::Effect(effect))
}

const UNKNOWN: &str = "an effect is status=CODE, delay=MS, drop, lose, cut=BYTES, stall=BYTES, corrupt=BYTE, \
                       wrong-checksum, expired-url or replaced";

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
            Command::Sandbox(SandboxCommand::Faults(FaultsCommand::Add(args))) => Ok(*args),
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
            ("expired-url", json!("expired_url")),
            ("replaced", json!("replaced")),
        ] {
            assert_eq!(typed(&[text]).unwrap().fault().unwrap()["effect"], effect, "{text}");
        }
    }

    #[test]
    fn every_member_of_a_fault_has_a_flag() {
        let flags = ["status=429", "--body", "{}", "--path", "/api/", "--method", "GET", "--latency", "40"];
        let dice = ["--probability", "0.5", "--seed", "7"];
        let expected = json!({
            "path": "/api/", "method": "GET", "effect": {"answer": {"status": 429, "body": "{}"}},
            "latency": 40, "probability": 0.5, "seed": 7, "skip": 0,
        });
        assert_eq!(typed(&[&flags[..], &dice].concat()).unwrap().fault().unwrap(), expected);
        assert!(typed(&["drop", "--body", "x"]).unwrap().has_no_answer());
        assert!(typed(&["delay=1", "--retry-after", "1"]).unwrap().has_no_answer());
        assert!(!typed(&["status=503", "--retry-after", "1"]).unwrap().has_no_answer());
        assert!(typed(&["drop", "--seed", "7"]).is_err(), "dice that nobody rolls");
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
