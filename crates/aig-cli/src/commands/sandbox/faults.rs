//! `aig sandbox faults`.

use aig_sandbox::{Remote, Rule, faults::Scenario};
use serde::Serialize;
use serde_json::Value;

use super::found::running;
use crate::{
    args::{AddFaultArgs, At, FaultsCommand},
    exit::Exit,
    failure::Failure,
    output::{Column, Listing, print_one, refuse_csv},
    printer::Printer,
    text,
};

pub(super) async fn run(printer: &Printer, command: FaultsCommand) -> anyhow::Result<Exit> {
    match command {
        FaultsCommand::List { at } => list(printer, &running(&at).await?).await?,
        FaultsCommand::Add(args) => add(printer, &args).await?,
        FaultsCommand::Remove { ids, at } => remove(printer, &at, &ids).await?,
        FaultsCommand::Clear { at } => clear(printer, &at).await?,
        FaultsCommand::Scenarios => scenarios(printer)?,
        FaultsCommand::Play { scenario, at } => {
            refuse_csv(printer.format())?;
            tell_added(printer, &running(&at).await?.play(&scenario).await?)?;
        }
    }
    Ok(Exit::Done)
}

const COLUMNS: &[Column<Rule>] = &[
    Column { title: "id", cell: |rule| rule.id.to_string() },
    Column { title: "effect", cell: |rule| effect(&rule.fault) },
    Column { title: "requests", cell: |rule| requests(&rule.fault) },
    Column { title: "probability", cell: |rule| probability(&rule.fault) },
    Column { title: "times left", cell: |rule| member(&rule.fault, "times").unwrap_or_default() },
];

/// The members of the JSON; the effect stays JSON.
const CSV: &[Column<Rule>] = &[
    Column { title: "id", cell: |rule| rule.id.to_string() },
    Column { title: "effect", cell: |rule| member(&rule.fault, "effect").unwrap_or_default() },
    Column { title: "operation", cell: |rule| member(&rule.fault, "operation").unwrap_or_default() },
    Column { title: "path", cell: |rule| member(&rule.fault, "path").unwrap_or_default() },
    Column { title: "method", cell: |rule| member(&rule.fault, "method").unwrap_or_default() },
    Column { title: "probability", cell: |rule| member(&rule.fault, "probability").unwrap_or_default() },
    Column { title: "seed", cell: |rule| member(&rule.fault, "seed").unwrap_or_default() },
    Column { title: "latency", cell: |rule| member(&rule.fault, "latency").unwrap_or_default() },
    Column { title: "skip", cell: |rule| member(&rule.fault, "skip").unwrap_or_default() },
    Column { title: "times", cell: |rule| member(&rule.fault, "times").unwrap_or_default() },
];

async fn list(printer: &Printer, remote: &Remote) -> anyhow::Result<()> {
    let rules = remote.faults().await?;
    let listing = Listing {
        schema: "aig.sandbox.faults/1",
        line_schema: "aig.sandbox.fault/1",
        member: "faults",
        items: &rules,
        columns: COLUMNS,
        csv: CSV,
    };
    listing.print(printer)?;
    if rules.is_empty() {
        printer.note("no faults are in force; `aig sandbox faults add --help` shows what there is");
    }
    Ok(())
}

async fn add(printer: &Printer, args: &AddFaultArgs) -> anyhow::Result<()> {
    refuse_csv(printer.format())?;
    if args.contradicts_itself() {
        let mixed = Failure::usage("a fault as JSON takes no other flags");
        return Err(mixed.with_hint("say it all in the JSON, or all with flags").into());
    }
    if args.has_no_answer() {
        let lost = Failure::usage("`--retry-after` and `--body` are of an answer, and this effect gives none");
        return Err(lost.with_hint("use them with `status=CODE`").into());
    }
    let ids = running(&args.at).await?.inject(&args.fault()?).await?;
    tell_added(printer, &ids)
}

fn tell_added(printer: &Printer, ids: &[u64]) -> anyhow::Result<()> {
    let added = serde_json::json!({ "ids": ids });
    print_one(printer, "aig.sandbox.faults.added/1", &added, |_| {
        let numbers: Vec<String> = ids.iter().map(u64::to_string).collect();
        format!("added {}; `aig sandbox faults remove {}` takes back", numbered(&numbers), numbers.join(" "))
    })
}

fn numbered(numbers: &[String]) -> String {
    let noun = if numbers.len() == 1 { "fault" } else { "faults" };
    format!("{noun} {}", numbers.join(", "))
}

async fn clear(printer: &Printer, at: &At) -> anyhow::Result<()> {
    refuse_csv(printer.format())?;
    let remote = running(at).await?;
    remote.clear_faults().await?;
    tell_left(printer, &remote).await
}

async fn remove(printer: &Printer, at: &At, ids: &[u64]) -> anyhow::Result<()> {
    refuse_csv(printer.format())?;
    let remote = running(at).await?;
    for id in ids {
        remote.remove_fault(*id).await.map_err(|error| unknown(*id, error))?;
    }
    tell_left(printer, &remote).await
}

async fn tell_left(printer: &Printer, remote: &Remote) -> anyhow::Result<()> {
    let left = remote.faults().await?.len();
    let cleared = serde_json::json!({ "faults_left": left });
    print_one(printer, "aig.sandbox.faults.cleared/1", &cleared, |_| match left {
        0 => "no faults are in force any more".to_owned(),
        some => format!("{} still in force", text::count(some, "fault")),
    })
}

/// A scenario as it is listed.
#[derive(Debug, Serialize)]
struct Listed {
    name: &'static str,
    about: &'static str,
    faults: Vec<Value>,
}

const SCENARIO_COLUMNS: &[Column<Listed>] = &[
    Column { title: "name", cell: |scenario| scenario.name.to_owned() },
    Column { title: "about", cell: |scenario| scenario.about.to_owned() },
];

/// The same in every sandbox of this version, so none has to run.
fn scenarios(printer: &Printer) -> anyhow::Result<()> {
    let listed = |scenario: Scenario| {
        let faults = scenario.faults().iter().map(serde_json::to_value).collect::<serde_json::Result<_>>()?;
        anyhow::Ok(Listed { name: scenario.name(), about: scenario.about(), faults })
    };
    let all = Scenario::ALL.into_iter().map(listed).collect::<anyhow::Result<Vec<_>>>()?;
    let listing = Listing {
        schema: "aig.sandbox.scenarios/1",
        line_schema: "aig.sandbox.scenario/1",
        member: "scenarios",
        items: &all,
        columns: SCENARIO_COLUMNS,
        csv: SCENARIO_COLUMNS,
    };
    listing.print(printer)
}

fn unknown(id: u64, error: aig_sandbox::RemoteError) -> anyhow::Error {
    match error {
        aig_sandbox::RemoteError::Missing { .. } => Failure::new(Exit::NotFound, format!("there is no fault {id}"))
            .with_hint("`aig sandbox faults list` shows them; one that has struck often enough is gone")
            .into(),
        other => other.into(),
    }
}

/// `delay 300`, `status 503, Retry-After 1, 40 ms late`.
fn effect(fault: &Value) -> String {
    let (name, value) = match fault.get("effect") {
        Some(Value::String(name)) => (name.as_str(), None),
        Some(Value::Object(effect)) => {
            effect.iter().next().map_or(("?", None), |(name, value)| (name.as_str(), Some(value)))
        }
        _ => ("?", None),
    };
    let what = match value {
        Some(Value::Object(answer)) => {
            let wait = answer.get("retry_after").and_then(Value::as_str).map(|wait| format!(", Retry-After {wait}"));
            let body = answer.get("body").map_or("", |_| ", a body of its own");
            format!("status {}{}{body}", answer.get("status").unwrap_or(&Value::Null), wait.unwrap_or_default())
        }
        Some(value) => format!("{name} {value}"),
        None => name.replace('_', "-"),
    };
    let late = member(fault, "latency").map(|late| format!(", {late} ms late")).unwrap_or_default();
    text::plain(&format!("{what}{late}"))
}

/// `0.5`, `0.5, dice 7`.
fn probability(fault: &Value) -> String {
    let dice = member(fault, "seed").map(|seed| format!(", dice {seed}")).unwrap_or_default();
    format!("{}{dice}", fault.get("probability").and_then(Value::as_f64).unwrap_or(1.0))
}

/// Which requests it is about.
fn requests(fault: &Value) -> String {
    let parts = ["method", "operation", "path"].into_iter().filter_map(|name| member(fault, name));
    let parts: Vec<String> = parts.collect();
    let which = if parts.is_empty() { "all".to_owned() } else { parts.join(" ") };
    match fault.get("skip").and_then(Value::as_u64).unwrap_or_default() {
        0 => which,
        skip => format!("{which}, after {skip} more"),
    }
}

fn member(fault: &Value, name: &str) -> Option<String> {
    match fault.get(name)? {
        Value::Null => None,
        Value::String(text) => Some(text::plain(text)),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_rule_is_told_in_words() {
        for (fault, words) in [
            (json!({"effect": "wrong_checksum"}), ("wrong-checksum", "all")),
            (
                json!({"effect": {"delay": 300}, "path": "/api/", "method": "GET", "skip": 2}),
                ("delay 300", "GET /api/, after 2 more"),
            ),
            (
                json!({"effect": {"answer": {"status": 503, "retry_after": "1"}}, "operation": "get_run"}),
                ("status 503, Retry-After 1", "get_run"),
            ),
            (
                json!({"effect": {"answer": {"status": 400, "body": "{}"}}, "latency": 40}),
                ("status 400, a body of its own, 40 ms late", "all"),
            ),
        ] {
            assert_eq!((effect(&fault).as_str(), requests(&fault).as_str()), words);
        }
        assert_eq!(probability(&json!({"probability": 0.5, "seed": 7})), "0.5, dice 7");
        assert_eq!(probability(&json!({})), "1");
    }
}
