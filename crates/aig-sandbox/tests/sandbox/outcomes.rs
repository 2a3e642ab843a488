//! How items end: as asked for, by deadline, by age; and without slides at all.

use std::time::Duration;

use aig_sandbox::{RunPlan, Sandbox, SlideUse, synthetic::SlideSpec};
use serde_json::{Value, json};

use crate::wire::{Wire, slideless_item, submit, submit_with};

const CASE: &str = "__aignx_validation_case:";

fn item(name: &str) -> Value {
    slideless_item(name, &SlideSpec::new(100, 100))
}

fn tagged(name: &str, case: &str) -> Value {
    let mut item = item(name);
    item["custom_metadata"] = json!({"sdk": {"tags": [format!("{CASE}{case}")]}});
    item
}

#[tokio::test]
async fn tags_and_external_ids_decide_how_items_end() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Immediate).slides(SlideUse::Ignore).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let by_id = format!("x/{CASE}send_user_error.tiff");
    let items = [
        tagged("SUCCEEDED", "send_succeeded"),
        tagged("USER_ERROR", "send_user_error"),
        tagged("SYSTEM_ERROR", "send_system_error"),
        tagged("SUCCEEDED-2", "send_recoverable_error"),
        item("SUCCEEDED-3"),
        item(&by_id),
    ];
    let run = submit(&wire, "test-app", items.clone()).await;
    wire.wait_for_end(&run).await;
    let ended = wire.get(&format!("/api/v1/runs/{run}/items")).await.body;
    for item in ended.as_array().unwrap() {
        let name = item["external_id"].as_str().unwrap();
        let expected = if name == by_id { "USER_ERROR" } else { name.split('-').next().unwrap() };
        assert_eq!(item["termination_reason"], expected, "{item}");
        assert_eq!(item["output"] == "FULL", expected == "SUCCEEDED");
    }
    let tags = json!({"sdk": {"tags": [format!("{CASE}send_system_error")]}});
    let run = submit_with(&wire, "test-app", [item("a"), tagged("b", "send_succeeded")], tags).await;
    let run = wire.wait_for_end(&run).await;
    assert_eq!(run["statistics"]["item_system_error_count"], 1);
    assert_eq!(run["output"], "PARTIAL");
}

#[tokio::test]
async fn an_item_that_hangs_ends_with_the_run() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Immediate).slides(SlideUse::Ignore).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let run = submit(&wire, "test-app", [tagged("a", "do_nothing"), item("b")]).await;
    let path = format!("/api/v1/runs/{run}");
    while wire.get(&path).await.body["statistics"]["item_succeeded_count"] != 1 {
        tokio::task::yield_now().await;
    }
    let stuck = wire.get(&path).await.body;
    assert_eq!((&stuck["state"], &stuck["statistics"]["item_processing_count"]), (&json!("PROCESSING"), &json!(1)));
    assert_eq!(wire.send("POST", &format!("{path}/cancel"), None).await.status, 202);
    let run = wire.wait_for_end(&run).await;
    assert_eq!(run["statistics"]["item_skipped_count"], 1);
    assert_eq!(run["output"], "PARTIAL");
}

#[tokio::test]
async fn a_run_that_misses_its_deadline_is_canceled_by_the_system() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Manual).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let now: Value = serde_json::from_str(
        &wire.client.get(format!("{}/_sandbox/clock", sandbox.url())).send().await.unwrap().text().await.unwrap(),
    )
    .unwrap();
    let deadline = now["now"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap() + Duration::from_secs(3600);
    let request = json!({
        "application_id": "test-app", "items": [item("a")], "scheduling": {"deadline": deadline.to_string()},
    });
    let answer = wire.post("/api/v1/runs", &request).await;
    let run = answer.body["run_id"].as_str().unwrap().to_owned();
    sandbox.advance_clock(Duration::from_secs(3601));
    let run = wire.wait_for_end(&run).await;
    assert_eq!(run["termination_reason"], "CANCELED_BY_SYSTEM");
    assert!(run["scheduling"]["deadline"].is_string());
}

#[tokio::test]
async fn results_are_gone_after_thirty_days() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Immediate).slides(SlideUse::Ignore).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let run = submit(&wire, "test-app", [item("a")]).await;
    wire.wait_for_end(&run).await;
    let items = format!("/api/v1/runs/{run}/items");
    let artifact =
        wire.get(&items).await.body[0]["output_artifacts"][0]["output_artifact_id"].as_str().unwrap().to_owned();
    let file = format!("/api/v1/runs/{run}/artifacts/{artifact}/file");
    assert_eq!(wire.get(&file).await.status, 307);
    sandbox.advance_clock(Duration::from_secs(31 * 24 * 3600));
    let wire = Wire::new(&sandbox).await;
    while wire.get(&file).await.status != 410 {
        tokio::task::yield_now().await;
    }
    assert_eq!(wire.get(&items).await.body[0]["output_artifacts"][0]["output"], "DELETED_BY_SYSTEM");
}

#[tokio::test]
async fn deleted_results_are_gone() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Immediate).slides(SlideUse::Ignore).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let run = submit(&wire, "test-app", [item("a")]).await;
    wire.wait_for_end(&run).await;
    let items = wire.get(&format!("/api/v1/runs/{run}/items")).await.body;
    let artifact = items[0]["output_artifacts"][0]["output_artifact_id"].as_str().unwrap().to_owned();
    let file = format!("/api/v1/runs/{run}/artifacts/{artifact}/file");
    let link = wire.get(&file).await.headers["location"].to_str().unwrap().to_owned();
    assert_eq!(wire.delete(&format!("/api/v1/runs/{run}/artifacts")).await.status, 200);
    assert_eq!(wire.get(&file).await.status, 410);
    assert_eq!(wire.client.get(link).send().await.unwrap().status(), 404);
    assert_eq!(wire.get(&format!("/api/v1/runs/{run}")).await.body["output"], "NONE");
}
