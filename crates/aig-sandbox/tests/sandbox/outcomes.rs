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
    sandbox.advance_clock(Duration::from_secs(3601)).unwrap();
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
    sandbox.advance_clock(Duration::from_secs(31 * 24 * 3600)).unwrap();
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

#[tokio::test]
async fn a_deadline_also_ends_a_run_whose_last_item_hangs() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Immediate).slides(SlideUse::Ignore).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let clock = wire.get("/_sandbox/clock").await.body;
    let deadline = clock["now"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap() + Duration::from_secs(60);
    let scheduling = json!({"deadline": deadline.to_string()});
    let items = [item("a"), tagged("b", "do_nothing")];
    let request = json!({"application_id": "test-app", "items": items, "scheduling": scheduling});
    let run = wire.post("/api/v1/runs", &request).await.body["run_id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/runs/{run}");
    while wire.get(&path).await.body["statistics"]["item_succeeded_count"] != 1 {
        tokio::task::yield_now().await;
    }
    sandbox.advance_clock(Duration::from_secs(61)).unwrap();
    assert_eq!(wire.wait_for_end(&run).await["termination_reason"], "CANCELED_BY_SYSTEM");
}

/// A host that takes requests for slides and never sends one.
async fn silent_host() -> (String, tokio::task::JoinHandle<()>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/slide.tiff", listener.local_addr().unwrap());
    let task = tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            open.push(stream);
        }
    });
    (url, task)
}

#[tokio::test]
async fn a_canceled_run_lets_go_of_the_slides_that_it_waits_for() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Immediate).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let (url, host) = silent_host().await;
    let slow = (0..64).map(|number| {
        let mut item = item(&format!("{number}"));
        item["input_artifacts"][0]["download_url"] = json!(url);
        item
    });
    let stuck = submit(&wire, "test-app", slow).await;
    let path = format!("/api/v1/runs/{stuck}");
    while wire.get(&path).await.body["state"] != "PROCESSING" {
        tokio::task::yield_now().await;
    }
    assert_eq!(wire.send("POST", &format!("{path}/cancel"), None).await.status, 202);
    // Every place of work was taken; this one ends because they are free again.
    let next = submit(&wire, "test-app", [item("no such slide")]).await;
    let ended = tokio::time::timeout(Duration::from_secs(20), wire.wait_for_end(&next)).await.unwrap();
    assert_eq!(ended["statistics"]["item_user_error_count"], 1);
    host.abort();
}

#[tokio::test]
async fn a_thousand_items_end_each_as_it_should() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Immediate).slides(SlideUse::Ignore).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let items = (0..1000).map(|number| match number % 50 {
        0 => item(&format!("{number}")),
        1..25 => tagged(&format!("{number}"), "send_system_error"),
        _ => tagged(&format!("{number}"), "send_user_error"),
    });
    let run = submit(&wire, "test-app", items).await;
    let ended = wire.wait_for_end(&run).await;
    let count = |name: &str| ended["statistics"][format!("item_{name}_count")].as_u64().unwrap();
    assert_eq!([count("succeeded"), count("system_error"), count("user_error")], [20, 480, 500]);
    assert_eq!((&ended["output"], &ended["termination_reason"]), (&json!("PARTIAL"), &json!("ALL_ITEMS_PROCESSED")));
    let mut names = std::collections::BTreeSet::new();
    for page in 1..=10 {
        let page = wire.get(&format!("/api/v1/runs/{run}/items?page_size=100&page={page}")).await.body;
        names.extend(page.as_array().unwrap().iter().map(|item| item["item_id"].as_str().unwrap().to_owned()));
    }
    assert_eq!(names.len(), 1000);
}

#[tokio::test]
async fn results_are_deleted_once_or_twice_and_a_run_in_motion_is_canceled_by_it() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Manual).slides(SlideUse::Ignore).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let run = submit(&wire, "test-app", [item("a"), item("b")]).await;
    let path = format!("/api/v1/runs/{run}");
    sandbox.advance_run(run.parse().unwrap()).unwrap();
    while wire.get(&path).await.body["statistics"]["item_succeeded_count"] != 1 {
        tokio::task::yield_now().await;
    }
    for _ in 0..2 {
        assert_eq!(wire.delete(&format!("{path}/artifacts")).await.status, 200);
        let view = wire.get(&path).await.body;
        assert_eq!((&view["termination_reason"], &view["output"]), (&json!("CANCELED_BY_USER"), &json!("NONE")));
    }
    let items = wire.get(&format!("{path}/items")).await.body;
    let outputs = |index: usize| items[index]["output_artifacts"][0]["output"].clone();
    assert_eq!((outputs(0), outputs(1)), (json!("DELETED_BY_USER"), json!("NONE")));
    assert_eq!((&items[0]["termination_reason"], &items[0]["output"]), (&json!("SUCCEEDED"), &json!("NONE")));
    assert_eq!(items[1]["termination_reason"], "SKIPPED");
    assert!(items[0]["output_artifacts"][0]["metadata"]["checksum_base64_crc32c"].is_string());
}
