//! The platform that `cargo xtask bench platform` measures against: `bench_server RUNS ITEMS`. It fills a sandbox, prints one line
//! of JSON that says where everything is, and ends with its standard input.
#![expect(clippy::print_stdout, reason = "whoever started it reads the line")]

use std::{error::Error, io::Read};

use aig_codegen::{
    Operation, SERVER_PREFIX,
    operations::{CancelRun, CreateRun, ListRunItems},
};
use aig_sandbox::{RunPlan, Sandbox};
use aig_tests::Wire;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};

/// Runs that are asked for one by one.
const ASKED: usize = 1_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<usize>());
    let (Some(runs), Some(items)) = (arguments.next().transpose()?, arguments.next().transpose()?) else {
        return Err("usage: bench_server RUNS ITEMS".into());
    };
    let sandbox = Sandbox::builder().run_plan(RunPlan::Manual).start().await?;
    let token = sandbox.access_token().await?;
    let wire = Wire::new(sandbox.url(), Some(&token));
    let large = submit(&wire, items).await?;
    let submitted = stream::iter(1..runs).map(|_| submit(&wire, 1)).buffer_unordered(16);
    let ids: Vec<String> = submitted.try_collect().await?;
    let environment: serde_json::Map<_, _> =
        sandbox.environment().iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
    let url = |path: &str| format!("{}{SERVER_PREFIX}{}", sandbox.url(), path.replace("{run_id}", &large));
    let asked: Vec<_> = ids.iter().take(ASKED).collect();
    let refresh_token = sandbox.refresh_token().await?;
    let ready = json!({ "root": sandbox.url(), "token": token, "refresh_token": refresh_token,
        "runs_url": url(CreateRun::INFO.path), "items_url": url(ListRunItems::INFO.path), "environment": environment,
        "runs": runs, "items": items, "large_run": large, "asked": asked });
    println!("{ready}");
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    Ok(())
}

/// A run that has ended without work: the server has nothing to do but answer.
async fn submit(wire: &Wire, items: usize) -> Result<String, String> {
    let facts = json!({ "checksum_base64_crc32c": "AAAAAA==", "width_px": 512, "height_px": 384,
        "resolution_mpp": 0.5, "media_type": "image/tiff" });
    let artifact = json!({ "name": "whole_slide_image", "download_url": "http://127.0.0.1:9/a", "metadata": facts });
    let item = |number| json!({ "external_id": format!("slide-{number:05}"), "input_artifacts": [artifact] });
    let items: Vec<_> = (0..items).map(item).collect();
    let body = json!({ "application_id": "test-app", "items": items });
    let answer = wire.api("POST", CreateRun::INFO.path, Some(&body)).await?;
    let run = answer.body["run_id"].as_str().ok_or_else(|| format!("no run: {} {}", answer.status, answer.body))?;
    let cancel = CancelRun::INFO.path.replace("{run_id}", run);
    let canceled = wire.api("POST", &cancel, None).await?;
    if canceled.status == 202 { Ok(run.to_owned()) } else { Err(format!("not canceled: {}", canceled.status)) }
}
