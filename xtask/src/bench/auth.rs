//! `cargo xtask bench auth`: the hand-out of a token that is there, beside other crates.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::Output;
use crate::command::cargo;

/// A package of its own, so that the workspace does not build the other crates.
const PEERS: &str = "crates/aig-auth/benches/peers/Cargo.toml";

/// One line of the benchmark: `NAME<TAB>NANOSECONDS`.
#[derive(Debug, PartialEq)]
struct Candidate {
    name: String,
    nanoseconds: f64,
}

pub(super) fn measure(root: &Path, output: Output) -> Result<()> {
    let mut command = cargo(root);
    command.args(["run", "--release", "--quiet", "--locked", "--manifest-path", PEERS]);
    let done = command.stderr(std::process::Stdio::inherit()).output().context("cannot start cargo")?;
    ensure!(done.status.success(), "the benchmark failed: {}", done.status);
    let candidates = read(&String::from_utf8(done.stdout)?)?;
    println!("{}", show(&candidates, output));
    Ok(())
}

fn read(printed: &str) -> Result<Vec<Candidate>> {
    let lines = printed.lines().filter_map(|line| line.split_once('\t'));
    let candidate = |(name, nanoseconds): (&str, &str)| -> Result<Candidate> {
        let nanoseconds = nanoseconds.trim().parse().with_context(|| format!("{name}: no number"))?;
        Ok(Candidate { name: name.to_owned(), nanoseconds })
    };
    let candidates = lines.map(candidate).collect::<Result<Vec<_>>>()?;
    ensure!(!candidates.is_empty(), "the benchmark printed no candidate");
    Ok(candidates)
}

/// The first candidate is ours: the others are told as multiples of it.
fn show(candidates: &[Candidate], output: Output) -> String {
    let ours = candidates.first().map_or(1.0, |first| first.nanoseconds);
    let ratio = |candidate: &Candidate| candidate.nanoseconds / ours;
    if output == Output::Json {
        let entry = |one: &Candidate| json!({ "name": one.name, "nanoseconds": one.nanoseconds, "ratio": ratio(one) });
        let entries: Vec<_> = candidates.iter().map(entry).collect();
        return json!({ "schema": "aig.bench-auth/1", "candidates": entries }).to_string();
    }
    let line = |one: &Candidate| format!("{:<58} {:>9.1} ns {:>7.1} ×", one.name, one.nanoseconds, ratio(one));
    candidates.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_are_read_and_told_as_multiples_of_the_first() {
        let candidates = read("building\nours\t50.0\ntheirs\t125\n").unwrap();
        let text = show(&candidates, Output::Text);
        assert!(text.lines().nth(1).unwrap().ends_with("125.0 ns     2.5 ×"), "{text}");
        let json: serde_json::Value = serde_json::from_str(&show(&candidates, Output::Json)).unwrap();
        assert_eq!(json["candidates"][1]["ratio"], 2.5);
    }

    #[test]
    fn a_benchmark_without_figures_is_an_error() {
        assert!(read("building\n").is_err());
        assert!(read("ours\tfast\n").is_err());
    }
}
