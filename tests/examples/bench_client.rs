//! What `cargo xtask bench platform` measures of `aig-platform`: `bench_client SCENARIO`, with the line of `bench_server` on
//! its standard input. It prints how many entries it got.
#![expect(clippy::print_stdout, reason = "whoever started it reads the count")]

use std::error::Error;

use aig_platform::{Client, operations::ListRuns};
use futures_util::future::try_join_all;
use serde_json::Value;
use uuid::Uuid;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let scenario = std::env::args().nth(1).ok_or("usage: bench_client SCENARIO")?;
    let plan: Value = serde_json::from_reader(std::io::stdin())?;
    let text = |name: &str| plan[name].as_str().ok_or_else(|| format!("the plan has no {name}"));
    let client = Client::builder().api_root(text("root")?).token(text("token")?).build()?;
    let asked = plan["asked"].as_array().ok_or("the plan asks for nothing")?;
    let ids = asked.iter().filter_map(Value::as_str).map(str::parse).collect::<Result<Vec<Uuid>, _>>()?;
    let count = match scenario.as_str() {
        "list-runs" => client.runs().list(ListRuns::new()).all().await?.len(),
        "list-items" => client.run(text("large_run")?.parse()?).items().all().await?.len(),
        "get-sequential" => one_by_one(&client, &ids).await?,
        "get-concurrent" => all_at_once(&client, &ids).await?,
        other => return Err(format!("{other} is no scenario").into()),
    };
    println!("{count}");
    Ok(())
}

async fn one_by_one(client: &Client, ids: &[Uuid]) -> aig_platform::Result<usize> {
    for id in ids {
        client.run(*id).get().await?;
    }
    Ok(ids.len())
}

async fn all_at_once(client: &Client, ids: &[Uuid]) -> aig_platform::Result<usize> {
    let get = async |id: &Uuid| client.run(*id).get().await;
    Ok(try_join_all(ids.iter().map(get)).await?.len())
}
