//! The figures as a table for people or as JSON for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Output, cost::Cost, peers::Scenario};

/// What one peer cost in one scenario: medians.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Figures {
    pub(super) name: &'static str,
    pub(super) rounds: usize,
    pub(super) cost: Cost,
    /// Seconds without start and imports, where that differs.
    pub(super) without_start: Option<f64>,
}

/// All figures; the first of each scenario is ours.
#[derive(Debug)]
pub(super) struct Report {
    output: Output,
    scenarios: Vec<(Scenario, u64, Vec<Figures>)>,
}

impl Report {
    pub(super) fn new(output: Output) -> Self {
        Self { output, scenarios: Vec::new() }
    }

    pub(super) fn add(&mut self, scenario: Scenario, entries: u64, figures: Vec<Figures>) {
        self.scenarios.push((scenario, entries, figures));
    }

    pub(super) fn show(&self) -> String {
        match self.output {
            Output::Text => {
                self.scenarios.iter().map(|(scenario, entries, all)| table(*scenario, *entries, all)).collect()
            }
            Output::Json => {
                let scenarios: Vec<_> =
                    self.scenarios.iter().map(|(one, entries, all)| entry(*one, *entries, all)).collect();
                json!({ "schema": "aig.bench-platform/1", "scenarios": scenarios }).to_string()
            }
        }
    }
}

fn seconds_of_ours(all: &[Figures]) -> f64 {
    all.first().map_or(1.0, |first| first.cost.seconds)
}

fn cpu_of_ours(all: &[Figures]) -> Option<f64> {
    all.first()?.cost.cpu_seconds.filter(|cpu| *cpu > 0.0)
}

fn table(scenario: Scenario, entries: u64, all: &[Figures]) -> String {
    let title = format!("{} ({entries} entries)", scenario.name());
    let mut text =
        format!("{title:<36} {:>9} {:>7} {:>9} {:>7} {:>9} {:>7}\n", "seconds", "×", "CPU s", "×", "MiB", "rounds");
    for figures in all {
        let cost = figures.cost;
        let cpu_ratio = cost.cpu_seconds.zip(cpu_of_ours(all)).map(|(cpu, ours)| cpu / ours);
        let (time, ratio) = (cost.seconds, cost.seconds / seconds_of_ours(all));
        let (cpu, cpu_ratio) = (number(cost.cpu_seconds, 2), number(cpu_ratio, 1));
        let (peak, rounds) = (number(cost.peak_mib, 1), figures.rounds);
        let line =
            format!("  {:<34} {time:>9.3} {ratio:>7.1} {cpu:>9} {cpu_ratio:>7} {peak:>9} {rounds:>7}", figures.name);
        _ = writeln!(text, "{line}");
        if let Some(seconds) = figures.without_start {
            let ratio = seconds / seconds_of_ours(all);
            _ = writeln!(text, "  {:<34} {seconds:>9.3} {ratio:>7.1}", "  without its start and imports");
        }
    }
    text.push('\n');
    text
}

fn number(figure: Option<f64>, digits: usize) -> String {
    figure.map_or_else(|| "–".to_owned(), |figure| format!("{figure:.digits$}"))
}

fn entry(scenario: Scenario, entries: u64, all: &[Figures]) -> Value {
    let peer = |figures: &Figures| {
        json!({
            "name": figures.name,
            "rounds": figures.rounds,
            "seconds": figures.cost.seconds,
            "seconds_ratio": figures.cost.seconds / seconds_of_ours(all),
            "seconds_without_start": figures.without_start,
            "cpu_seconds": figures.cost.cpu_seconds,
            "cpu_ratio": figures.cost.cpu_seconds.zip(cpu_of_ours(all)).map(|(cpu, ours)| cpu / ours),
            "peak_mib": figures.cost.peak_mib,
        })
    };
    json!({ "scenario": scenario.name(), "entries": entries, "peers": all.iter().map(peer).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(output: Output) -> Report {
        let figures = |name, seconds, cpu_seconds| Figures {
            name,
            rounds: 5,
            cost: Cost { seconds, cpu_seconds, peak_mib: Some(20.0) },
            without_start: None,
        };
        let mut report = Report::new(output);
        report.add(Scenario::ListRuns, 100, vec![figures("ours", 0.5, Some(0.2)), figures("theirs", 1.5, None)]);
        report
    }

    #[test]
    fn others_are_told_as_multiples_of_ours() {
        let text = report(Output::Text).show();
        let theirs = text.lines().find(|line| line.contains("theirs")).unwrap();
        assert!(theirs.split_whitespace().eq(["theirs", "1.500", "3.0", "–", "–", "20.0", "5"]), "{text}");
    }

    #[test]
    fn a_program_reads_the_same_figures() {
        let json: Value = serde_json::from_str(&report(Output::Json).show()).unwrap();
        let theirs = &json["scenarios"][0]["peers"][1];
        assert_eq!((&theirs["seconds_ratio"], &theirs["cpu_ratio"]), (&json!(3.0), &Value::Null));
    }
}
