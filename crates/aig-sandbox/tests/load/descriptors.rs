//! A process without a file descriptor left: new connections wait, nothing spins, and it goes on when there are some again.

use std::{net::SocketAddr, process::Command, time::Duration};

use aig_sandbox::Sandbox;
use tokio::net::TcpStream;

use crate::{
    alone,
    naive::{self, Fault},
    wire::Wire,
};

/// Set for the process that is to run out of them.
const STARVED: &str = "AIG_TEST_STARVED";
const SERVED: &str = "served afterwards: ";

/// Takes every descriptor there is by connecting, lets go, and says how it went.
async fn starve(address: SocketAddr) -> String {
    let mut held = Vec::new();
    while let Ok(stream) = TcpStream::connect(address).await {
        held.push(stream);
        // The other end takes one as well.
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let before = processor_ticks();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let spent = processor_ticks() - before;
    let connections = held.len();
    drop(held);
    let request = async { Wire::open(address).await.send("GET /health", "", "").await };
    let served = tokio::time::timeout(Duration::from_secs(5), request).await;
    assert!(spent < 25, "{spent} of 50 ticks: it spins");
    format!("{connections} connections, {spent} ticks in half a second, {SERVED}{}", served == Ok(200))
}

/// Of 10 ms each; 0 where the system does not tell.
fn processor_ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11);
    fields.take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum()
}

#[expect(clippy::disallowed_methods, reason = "a test talks to itself in another process")]
fn is_starved() -> bool {
    std::env::var_os(STARVED).is_some()
}

/// Runs a test of this file again, in a process with 64 descriptors; what it said. `None` without a shell that can do so.
fn starved(test: &str) -> Option<String> {
    let program = std::env::current_exe().ok()?;
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 64 || exit 77; exec \"$0\" \"$@\""]).arg(program);
    let output = command.args(["--exact", test, "--nocapture", "--test-threads=1"]).env(STARVED, "1").output().ok()?;
    (output.status.code() != Some(77)).then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[tokio::test]
async fn a_sandbox_without_descriptors_waits_and_goes_on() {
    if is_starved() {
        let sandbox = Sandbox::builder().start().await.unwrap();
        println!("{}", starve(sandbox.address()).await);
        return;
    }
    let _alone = alone().await;
    let Some(said) = starved("descriptors::a_sandbox_without_descriptors_waits_and_goes_on") else {
        println!("skipped: no shell that limits descriptors");
        return;
    };
    println!("{said}");
    assert!(said.contains(&format!("{SERVED}true")), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}

#[tokio::test]
async fn the_check_of_descriptors_sees_a_server_that_dies_of_them() {
    if is_starved() {
        println!("{}", starve(naive::serve(Fault::Copies).await).await);
        return;
    }
    let _alone = alone().await;
    let Some(said) = starved("descriptors::the_check_of_descriptors_sees_a_server_that_dies_of_them") else { return };
    assert!(!said.contains(&format!("{SERVED}true")), "{said}");
}
