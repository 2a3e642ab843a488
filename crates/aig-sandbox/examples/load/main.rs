//! Measures a sandbox on this machine, beside the plainest server there can be:
//! `cargo run --release -p aig-sandbox --example load`, with `-- bulk` the large object alone.

mod bulk;
mod raw;
mod small;

use std::{io::Write, time::Instant};

use aig_sandbox::{RunPlan, Sandbox};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let begun = now();
    let sandbox = Sandbox::builder().run_plan(RunPlan::Immediate).start().await?;
    let ready = begun.elapsed();
    let token = sandbox.access_token().await?;
    let mut out = std::io::stdout();
    writeln!(out, "ready after {ready:.1?}, first token after {:.1?}", begun.elapsed())?;
    if std::env::args().nth(1).as_deref() != Some("bulk") {
        for path in ["/health", "/api/v1/me", "/api/v1/runs?page_size=5", "/api/v1/applications/he-tme/versions/1.1.0"]
        {
            let rate = small::requests_a_second(sandbox.address(), path, &token).await?;
            writeln!(out, "{rate:>8.0} requests a second  GET {path}")?;
        }
    }
    for (what, sandbox, raw) in bulk::costs(&sandbox).await? {
        let share = 100.0 * sandbox.rate() / raw.rate();
        writeln!(out, "{what} of 1 GiB: {sandbox}; a bare loop {raw}, so {share:.0} % of it")?;
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
fn now() -> Instant {
    Instant::now()
}
