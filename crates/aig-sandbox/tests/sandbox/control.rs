//! The sandbox's own pages.

use aig_sandbox::{RunPlan, Sandbox, SlideUse, synthetic::SlideSpec};
use serde_json::{Value, json};

use crate::wire::{Wire, slideless_item, submit};

#[tokio::test]
async fn the_clock_is_read_and_put_forward_over_http() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let before = wire.get("/_sandbox/clock").await.body;
    let after = wire.post("/_sandbox/clock", &json!({"advance": "30d"})).await.body;
    let time = |value: &Value| value["now"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert!(time(&after).duration_since(time(&before)).as_hours() >= 720);
    for advance in ["yesterday", "-1h", ""] {
        assert_eq!(wire.post("/_sandbox/clock", &json!({"advance": advance})).await.status, 422, "{advance}");
    }
    assert_eq!(wire.get("/api/v1/me").await.status, 401, "tokens age");
}

#[tokio::test]
async fn faults_are_set_listed_and_taken_back_over_http() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let rule = json!({"operation": "get_me", "effect": {"answer": {"status": 500}}, "times": 3});
    let made = wire.post("/_sandbox/faults", &rule).await;
    assert_eq!((made.status, made.body), (201, json!({"ids": [1]})));
    assert_eq!(wire.get("/api/v1/me").await.status, 500);
    assert_eq!(wire.get("/_sandbox/faults").await.body[0]["fault"]["times"], 2);
    assert_eq!(wire.delete("/_sandbox/faults/1").await.status, 204);
    assert_eq!(wire.delete("/_sandbox/faults/1").await.status, 404);
    assert_eq!(wire.get("/api/v1/me").await.status, 200);
    let wrong = wire.post("/_sandbox/faults", &json!({"effect": {"explode": 1}})).await;
    assert_eq!(wrong.status, 422);
    assert_eq!(wire.send("POST", "/_sandbox/scenarios/outage", None).await.status, 201);
    assert_eq!(wire.get("/api/v1/me").await.status, 503);
    assert_eq!(wire.delete("/_sandbox/faults").await.status, 204);
    assert_eq!(wire.send("POST", "/_sandbox/scenarios/none", None).await.status, 422);
}

#[tokio::test]
async fn requests_are_logged_without_secrets_and_can_be_repeated_with_curl() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    wire.get("/api/v1/runs?page_size=5&custom_metadata=$.canary&sort=state").await;
    wire.get("/api/v1/runs/6f2a3f0e-0f8b-4a63-9a52-7d7c1f2f4a10?share_token=canary").await;
    let log = wire.client.get(format!("{}/_sandbox/requests?status=404", sandbox.url())).send().await.unwrap();
    let lines = log.text().await.unwrap();
    let entries: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0]["operation"], "get_run");
    assert!(
        entries[0]["curl"].as_str().unwrap().starts_with("curl -X GET -H \"Authorization: Bearer $TOKEN\" 'http://")
    );
    let archive = wire.get("/_sandbox/requests.har").await.body;
    assert_eq!(archive["log"]["entries"].as_array().unwrap().len(), 2);
    for text in [lines, archive.to_string(), format!("{:?}", sandbox.requests())] {
        assert!(!text.contains("canary") && !text.contains(&wire.token), "{text}");
    }
    let newer = wire.client.get(format!("{}/_sandbox/requests?after=2", sandbox.url())).send().await.unwrap();
    assert_eq!(newer.text().await.unwrap(), "");
    assert_eq!(wire.delete("/_sandbox/requests").await.status, 204);
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn a_waiting_run_is_moved_on_and_the_console_shows_it() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Manual).slides(SlideUse::Ignore).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let run = submit(&wire, "test-app", [slideless_item("<script>alert(1)</script>", &SlideSpec::new(9, 9))]).await;
    assert_eq!(wire.send("POST", &format!("/_sandbox/runs/{run}/advance"), None).await.status, 204);
    wire.wait_for_end(&run).await;
    for path in ["/_sandbox", "/_sandbox/"] {
        let page = wire.client.get(format!("{}{path}", sandbox.url())).send().await.unwrap().text().await.unwrap();
        assert!(page.contains(&run) && page.contains("SANDBOX"), "{path}: {page}");
        assert!(!page.contains("<script>alert"));
    }
    assert_eq!(wire.get("/_sandbox/healthz").await.body, json!({"ready": true}));
}
