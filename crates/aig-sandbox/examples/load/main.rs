//! Measures a sandbox on this machine, beside the plainest server there can be:
//! `cargo run --release -p aig-sandbox --example load`, with `-- bulk` or `-- ready` one part alone.

mod bulk;
mod raw;
mod ready;
mod small;

use std::{
    env::args,
    error::Error,
    io::{self, Write},
    time::Instant,
};

use aig_sandbox::{RunPlan, Sandbox};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout();
    match args().nth(1).as_deref() {
        Some("once") => Ok(ready::once(&args().nth(2).unwrap_or_default(), args().nth(3).map(Into::into)).await?),
        Some("ready") => ready::all(&mut out),
        Some("bulk") => bulk(&start().await?, &mut out).await,
        _ => {
            ready::all(&mut out)?;
            let sandbox = start().await?;
            small(&sandbox, &mut out).await?;
            bulk(&sandbox, &mut out).await
        }
    }
}

async fn start() -> Result<Sandbox, Box<dyn Error>> {
    Ok(Sandbox::builder().run_plan(RunPlan::Immediate).start().await?)
}

async fn small(sandbox: &Sandbox, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let token = sandbox.access_token().await?;
    for path in ["/health", "/api/v1/me", "/api/v1/runs?page_size=5", "/api/v1/applications/he-tme/versions/1.1.0"] {
        let rate = small::requests_a_second(sandbox.address(), path, &token).await?;
        writeln!(out, "{rate:>8.0} requests a second  GET {path}")?;
    }
    Ok(())
}

async fn bulk(sandbox: &Sandbox, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    for (what, sandbox, raw) in bulk::costs(sandbox).await? {
        let share = 100.0 * sandbox.rate() / raw.rate();
        writeln!(out, "{what} of 1 GiB: {sandbox}; a bare loop {raw}, so {share:.0} % of it")?;
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
fn now() -> Instant {
    Instant::now()
}
