//! `cargo xtask bench platform`: every peer does every scenario on the same server, round by round.

use std::path::Path;

use anyhow::{Context, Result};

use super::{
    PlatformArgs,
    cost::{self, Cost},
    data::{Programs, Server},
    peers::{self, Peer, Scenario},
    report::{Figures, Report},
};

pub(super) fn measure(root: &Path, args: &PlatformArgs) -> Result<()> {
    let programs = Programs::build(root)?;
    eprintln!("filling a sandbox with {} runs and {} items", args.runs, args.items);
    let server = Server::start(&programs, args)?;
    let folder = tempfile::tempdir().context("no folder for temporary files")?;
    peers::write(&folder.path().join("plan.json"), &server.line)?;
    let peers = Peer::all(&programs, &args.python);
    let mut report = Report::new(args.output);
    for scenario in Scenario::ALL {
        eprintln!("measuring {}", scenario.name());
        report.add(
            scenario,
            scenario.entries(&server),
            figures(&peers, scenario, &server, folder.path(), args.rounds)?,
        );
    }
    println!("{}", report.show());
    Ok(())
}

/// Everybody has a turn in each round, so that what else the machine does hits all alike.
fn figures(peers: &[Peer], scenario: Scenario, server: &Server, folder: &Path, rounds: usize) -> Result<Vec<Figures>> {
    let mut measured: Vec<Vec<(Cost, Option<f64>)>> = vec![Vec::new(); peers.len()];
    for round in 0..rounds.max(1) {
        for (peer, costs) in peers.iter().zip(&mut measured) {
            if round < peer.rounds(rounds) {
                costs.push(peer.round(scenario, server, folder)?);
            }
        }
    }
    let figures = |(peer, costs): (&Peer, &Vec<(Cost, Option<f64>)>)| Figures {
        name: peer.name(scenario),
        rounds: costs.len(),
        cost: cost::median(&costs.iter().map(|(cost, _)| *cost).collect::<Vec<_>>()),
        without_start: costs.iter().find_map(|(_, seconds)| *seconds),
    };
    Ok(peers.iter().zip(&measured).map(figures).collect())
}
