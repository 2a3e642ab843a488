//! What a sandbox begins with, and outcomes by chance.

use aig_sandbox::{Outcomes, RunPlan, Sandbox, SandboxError, Seed, SlideUse, synthetic::SlideSpec};
use serde_json::{Value, json};

use crate::wire::{Wire, checksum, slideless_item, submit};

fn file(text: &str) -> (tempfile::TempDir, Seed) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("seed.toml");
    std::io::Write::write_all(&mut std::fs::File::create(&path).unwrap(), text.as_bytes()).unwrap();
    (directory, Seed::File(path))
}

#[tokio::test]
async fn the_demo_has_runs_that_ended_in_different_ways_with_real_results() {
    let sandbox = Sandbox::builder().seeded_with(Seed::Demo).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let runs = wire.get("/api/v1/runs?sort=submitted_at").await.body;
    let ends: Vec<&str> =
        runs.as_array().unwrap().iter().map(|run| run["termination_reason"].as_str().unwrap()).collect();
    assert_eq!(ends, ["ALL_ITEMS_PROCESSED", "ALL_ITEMS_PROCESSED", "ALL_ITEMS_PROCESSED", "CANCELED_BY_USER"]);
    let counts = &runs[1]["statistics"];
    assert_eq!((&counts["item_succeeded_count"], &counts["item_user_error_count"]), (&json!(2), &json!(1)));
    let time = |value: &Value| value.as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert!(time(&runs[0]["terminated_at"]) > time(&runs[0]["submitted_at"]));
    assert!(time(&runs[1]["submitted_at"]).duration_since(time(&runs[0]["submitted_at"])).as_hours() == 72);
    let run = runs[0]["run_id"].as_str().unwrap();
    let items = wire.get(&format!("/api/v1/runs/{run}/items")).await.body;
    let artifact = &items[0]["output_artifacts"][0];
    let id = artifact["output_artifact_id"].as_str().unwrap();
    let bytes = wire.download(&format!("/api/v1/runs/{run}/artifacts/{id}/file")).await;
    assert_eq!(artifact["metadata"]["checksum_base64_crc32c"], checksum(&bytes));
    let linus = Wire::of(&sandbox, "auth0|sandbox-linus").await;
    assert_eq!(linus.get("/api/v1/runs").await.body.as_array().unwrap().len(), 1);
    sandbox.advance_clock(std::time::Duration::from_secs(22 * 24 * 3600)).unwrap();
    let wire = Wire::new(&sandbox).await;
    let path = format!("/api/v1/runs/{run}/items");
    while wire.get(&path).await.body[0]["output_artifacts"][0]["output"] != "DELETED_BY_SYSTEM" {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_file_says_who_is_there_what_runs_and_what_has_run() {
    let (_directory, seed) = file(
        r#"
        version = 1
        [[organizations]]
        id = "org_lab"
        name = "lab"
        [[users]]
        id = "u1"
        email = "u1@lab.example"
        given_name = "Uma"
        family_name = "One"
        organization = "org_lab"
        role = "admin"
        [[applications]]
        id = "my-app"
        like = "test-app"
        versions = [{ number = "3.0.0" }, { number = "3.1.0" }]
        [[runs]]
        application = "my-app"
        age = "2h"
        items = [{ external_id = "a" }, { external_id = "b", outcome = "waiting" }]
        "#,
    );
    let sandbox = Sandbox::builder().seeded_with(seed).run_plan(RunPlan::Manual).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let me = wire.get("/api/v1/me").await.body;
    assert_eq!(
        (&me["user"]["id"], &me["organization"]["aignostics_bucket_name"]),
        (&json!("u1"), &json!("aignostics-platform-lab"))
    );
    assert_eq!(wire.get("/api/v1/applications").await.body[0]["latest_version"]["number"], "3.1.0");
    let run = wire.get("/api/v1/runs").await.body[0].clone();
    assert_eq!((&run["state"], &run["version_number"]), (&json!("PROCESSING"), &json!("3.1.0")));
    sandbox.stop();
}

#[tokio::test]
async fn a_file_that_makes_no_sense_is_refused_with_its_name_and_the_place() {
    let (_directory, seed) = file("version = 1\n[[runs]]\napplication = \"nope\"\nitems = []\n");
    let error = Sandbox::builder().seeded_with(seed).start().await.unwrap_err();
    assert!(matches!(error, SandboxError::Seed { .. }));
    let text = error.to_string();
    assert!(text.contains("seed.toml") && text.contains("/runs/0/application"), "{text}");
}

#[tokio::test]
async fn chance_has_the_same_items_fail_with_the_same_seed() {
    let outcome = async |seed: u64| {
        let outcomes = Outcomes::default().user_error(0.3).system_error(0.3);
        let builder = Sandbox::builder().seed(seed).outcomes(outcomes).slides(SlideUse::Ignore);
        let sandbox = builder.run_plan(RunPlan::Immediate).start().await.unwrap();
        let wire = Wire::new(&sandbox).await;
        let items = (0..12).map(|n| slideless_item(&format!("slide-{n}"), &SlideSpec::new(100, 100)));
        let run = submit(&wire, "test-app", items).await;
        wire.wait_for_end(&run).await;
        let items = wire.get(&format!("/api/v1/runs/{run}/items")).await.body;
        let reasons =
            items.as_array().unwrap().iter().map(|item| item["termination_reason"].as_str().unwrap().to_owned());
        reasons.collect::<Vec<_>>()
    };
    let first = outcome(7).await;
    assert_eq!(first, outcome(7).await);
    assert_ne!(first, outcome(8).await);
    assert!(first.iter().any(|reason| reason == "SUCCEEDED") && first.iter().any(|reason| reason != "SUCCEEDED"));
}
