//! A process without a file descriptor left: new connections wait, nothing spins, and it goes on when there are some again.

use std::{
    net::{SocketAddr, TcpStream},
    process::Command,
    time::Duration,
};

use aig_sandbox::Sandbox;

use crate::{
    alone,
    naive::{self, Fault},
    wire::is_served,
};

/// Set for the process that is to run out of them.
const STARVED: &str = "AIG_TEST_STARVED";
const SERVED: &str = "served afterwards: ";

/// Takes every descriptor there is by connecting, lets go, and says how it went.
async fn starve(address: SocketAddr) -> String {
    let mut held = Vec::new();
    // Nobody is accepted before all are taken: the server finds none for the first of them.
    while let Ok(stream) = TcpStream::connect(address) {
        held.push(stream);
    }
    let before = processor_ticks();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let spent = processor_ticks() - before;
    let connections = held.len();
    drop(held);
    let served = TcpStream::connect(address).is_ok() && is_served(address).await;
    assert!(spent < 25, "{spent} of 50 ticks: it spins");
    format!("{connections} connections, {spent} ticks in half a second, {SERVED}{served}")
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

/// What a process said on stdout, and on stderr.
struct Said {
    out: String,
    err: String,
}

/// Runs a test of this file again, in a process with 64 descriptors. `None` without a shell that can do so.
fn starved(test: &str) -> Option<Said> {
    let program = std::env::current_exe().ok()?;
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 64 || exit 77; exec \"$0\" \"$@\""]).arg(program);
    let output = command.args(["--exact", test, "--nocapture", "--test-threads=1"]).env(STARVED, "1").output().ok()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code() != Some(77)).then(|| Said { out: text(&output.stdout), err: text(&output.stderr) })
}

#[tokio::test]
async fn a_sandbox_without_descriptors_waits_and_goes_on() {
    if is_starved() {
        let sandbox = Sandbox::builder().start().await.unwrap();
        println!("{}", starve(sandbox.address()).await);
        return;
    }
    let _alone = alone().await;
    let Some(Said { out, err }) = starved("descriptors::a_sandbox_without_descriptors_waits_and_goes_on") else {
        println!("skipped: no shell that limits descriptors");
        return;
    };
    println!("{out}");
    assert!(out.contains(&format!("{SERVED}true")), "{out}{err}");
    assert!(out.contains("1 passed"), "{out}{err}");
}

#[tokio::test]
async fn the_check_of_descriptors_sees_a_server_that_dies_of_them() {
    if is_starved() {
        println!("{}", starve(naive::serve(Fault::Copies).await).await);
        return;
    }
    let _alone = alone().await;
    let Some(Said { out, err }) = starved("descriptors::the_check_of_descriptors_sees_a_server_that_dies_of_them")
    else {
        return;
    };
    // Its accept failed for want of a descriptor, and nothing else did: the process lived on and found nobody there.
    assert!(err.contains("naive.rs") && err.contains("Too many open files"), "{out}{err}");
    assert!(out.contains(&format!("{SERVED}false")), "{out}{err}");
    assert!(out.contains("1 passed"), "{out}{err}");
}
