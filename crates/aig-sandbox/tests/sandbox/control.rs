//! The sandbox's own pages for programs: clock, faults, waiting runs.

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
    for advance in ["yesterday", "-1h", "", "9000000d", "9223372036854775807s"] {
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
    let scenarios = wire.get("/_sandbox/scenarios").await.body;
    for scenario in scenarios.as_array().unwrap() {
        let played = format!("/_sandbox/scenarios/{}", scenario["name"].as_str().unwrap());
        let ids = wire.send("POST", &played, None).await.body["ids"].as_array().unwrap().len();
        assert_eq!(ids, scenario["faults"].as_array().unwrap().len(), "{scenario}");
        assert!(scenario["about"].is_string());
    }
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

#[tokio::test]
async fn the_clock_is_set_stopped_and_lets_go() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let set = wire.post("/_sandbox/clock", &json!({"set": "2099-01-01T00:00:00Z"})).await;
    assert!(set.body["now"].as_str().unwrap().starts_with("2099-01-01T00:00:0"), "{set:?}");
    assert_eq!(wire.post("/_sandbox/clock", &json!({"set": "2098-01-01T00:00:00Z"})).await.status, 422);
    let frozen = wire.post("/_sandbox/clock", &json!({"freeze": true})).await.body;
    assert_eq!(frozen["frozen"], true);
    assert_eq!(wire.get("/_sandbox/clock").await.body["now"], frozen["now"]);
    let moved = wire.post("/_sandbox/clock", &json!({"advance": "1h"})).await.body;
    let time = |value: &Value| value["now"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert_eq!(time(&moved).duration_since(time(&frozen)).as_mins(), 60);
    assert_eq!(wire.post("/_sandbox/clock", &json!({"freeze": false})).await.body["frozen"], false);
    for wrong in [json!({}), json!({"turn": 1}), json!({"advance": "1h", "freeze": true}), json!("1h")] {
        assert_eq!(wire.post("/_sandbox/clock", &wrong).await.status, 422, "{wrong}");
    }
}

#[tokio::test]
async fn faults_that_cannot_be_are_refused_with_what_can() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let table = [
        (json!({"effect": "explode"}), "wrong_checksum"),
        (json!({"effect": "drop", "operation": "get_runs"}), "list_runs"),
        (json!({"effect": "drop", "path": "storage"}), "`/`"),
        (json!({"effect": "drop", "method": "FETCH"}), "GET"),
        (json!({"effect": "drop", "probability": 1.5}), "between 0 and 1"),
        (json!({"effect": {"answer": {"status": 42}}}), "between 200 and 599"),
        (json!({"effect": "drop", "colour": 1}), "probability"),
        (json!({"effect": "drop", "times": 0}), "at least 1"),
        (json!([{"effect": "drop"}, {"effect": "drop", "probability": 7}]), "number 2"),
    ];
    for (rule, hint) in table {
        let answer = wire.post("/_sandbox/faults", &rule).await;
        assert_eq!(answer.status, 422, "{rule}");
        assert!(answer.body["detail"].as_str().unwrap().contains(hint), "{answer:?}");
    }
    assert_eq!(wire.get("/_sandbox/faults").await.body, json!([]), "all of a list, or none");
}

#[tokio::test]
async fn a_rule_with_its_own_dice_strikes_the_same_requests_again() {
    let struck = async || {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let wire = Wire::new(&sandbox).await;
        let rule = json!({"operation": "get_me", "effect": {"answer": {"status": 503}}, "probability": 0.5, "seed": 5});
        assert_eq!(wire.post("/_sandbox/faults", &rule).await.status, 201);
        let mut struck = Vec::new();
        for _ in 0..12 {
            // Other requests roll no dice of this rule.
            wire.get("/api/v1/runs").await;
            struck.push(wire.get("/api/v1/me").await.status == 503);
        }
        struck
    };
    let first = struck().await;
    assert_eq!(first, struck().await);
    assert!(first.contains(&true) && first.contains(&false));
}

#[tokio::test]
async fn an_expired_url_is_ordered_and_a_late_answer_is_late() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    wire.post("/_sandbox/faults", &json!({"path": "/storage/", "effect": "expired_url"})).await;
    let path = "/api/v1/applications/he-tme/versions/1.1.0/documents/release-notes.md/content";
    let link = wire.get(path).await.headers["location"].to_str().unwrap().to_owned();
    let answer = wire.client.get(link).send().await.unwrap();
    assert_eq!(answer.status(), 403);
    assert!(answer.text().await.unwrap().contains("<Code>ExpiredToken</Code>"));
    let late = json!({"operation": "get_me", "effect": {"answer": {"status": 503}}, "latency": 40});
    wire.post("/_sandbox/faults", &late).await;
    assert_eq!(wire.get("/api/v1/me").await.status, 503);
    assert!(sandbox.requests().last().unwrap().duration_ms >= 40.0);
}
