//! What the sandbox takes of memory when many, slow or large requests come: one after the other, in a process of their own.
//! Small rounds by default; the full ones with `AIG_SLOW_TESTS=1`.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod descriptors;
mod large_bodies;
mod million;
mod naive;
mod slow_clients;
mod wire;

use tokio::sync::{Mutex, MutexGuard};

static ALONE: Mutex<()> = Mutex::const_new(());

/// Memory is that of the process, so the tests wait for one another.
async fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().await
}

#[expect(clippy::disallowed_methods, reason = "whoever runs the tests chooses the tier by it")]
fn by_tier<T>(small: T, full: T) -> T {
    if std::env::var_os("AIG_SLOW_TESTS").is_some() { full } else { small }
}

/// Why a test cannot say anything of memory.
const UNTOLD: &str = "this system does not tell how much memory a process has";

/// Resident memory of this process in bytes; `None` where the system does not tell.
fn resident() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<i64>().ok()? << 10)
}

/// How much memory has grown since, in MiB.
fn grown_since(before: Option<i64>) -> Option<i64> {
    resident().zip(before).map(|(now, before)| (now - before) >> 20)
}
